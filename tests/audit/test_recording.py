"""The audited path, on both databases: what is recorded, what is sealed, and that nothing is answered without it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any

import orjson
import pytest

from boosterwatch import RecordError, evaluate
from boosterwatch.engine.audit.entry import near
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.recording import AuditedEngine, Recorded
from boosterwatch.engine.audit.trail import Trail
from boosterwatch.engine.chain.agree import EngineDisagreement
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.overlay import lay_over, read_overlay
from boosterwatch.engine.pack.review import Overdue, Review
from boosterwatch.engine.record.plain import canonical
from boosterwatch.tests.audit.trails import ACTOR, KEYS, default, quick, record

OVERLAY = b"""\
overlay: north-clinic
title: North clinic
pack: ketamine-maintenance
from: "1.0.0"
before: "2.0.0"
values:
  - {parameter: phq9.delta, value: 6, from: 2026-01-01, reason: Noise., by: role:director, date: 2026-01-02}
"""


def entry_of(trail: Trail, recorded: Recorded) -> dict[str, Any]:
    """Return what the entry of a decision says in public."""
    return trail.decision(recorded.receipt.id).entry


def sealed_with(trail: Trail, recorded: Recorded) -> dict[str, bytes]:
    """Return what is sealed with a decision."""
    return trail.open(trail.decision(recorded.receipt.id))


@cache
def laid_over() -> LoadedPack:
    """Return the default pack with the overlay above."""
    return LoadedPack(lay_over(default().ir, read_overlay(OVERLAY, "site.yaml")))


def test_the_decision_is_the_one_without_a_log(trail: Trail) -> None:
    recorded = AuditedEngine(trail).evaluate(quick(), record(), actor=ACTOR)
    plain = evaluate(quick(), record())
    assert recorded.decision == plain
    assert not recorded.repeated
    assert recorded.receipt.head.size == 1


def test_the_entry_says_what_was_decided_and_nothing_of_the_patient(trail: Trail) -> None:
    recorded = AuditedEngine(trail).evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    entry, decision = entry_of(trail, recorded), recorded.decision
    assert re.fullmatch("[0-9a-f-]{36}", entry.pop("id"))
    for key in ("salt", "previous", "sealed", "recorded"):
        entry.pop(key)
    assert entry == {
        "format": 1,
        "log": KEYS.log,
        "seq": 0,
        "kind": "decision",
        "tenant": "North clinic",
        "actor": ACTOR,
        "patient": KEYS.pseudonym("p-0001"),
        "request": KEYS.request("visit 17"),
        "pack": {"id": "quick-screen", "version": "1.0.0", "digest": quick().digest},
        "engine": orjson.loads(orjson.dumps(decision.engine)),
        "as_of": "2026-03-14",
        "record_digest": KEYS.record_digest(canonical(record())),
        "recommendation": decision.recommendation,
        "urgency": decision.urgency,
        "signs": {sign: state.state for sign, state in decision.signs.items()},
        "rules": [row.rule for row in decision.trace],
        "near": list(near(decision)),
        "flags": list(decision.flags),
        "holds": [],
    }
    body = trail.decision(recorded.receipt.id).stored.body
    assert not re.search(rb"p-0001|visit 17|2026-03-02|2026-01-05", body)
    assert sha256(body).hexdigest() == recorded.receipt.entry_sha256


def test_record_and_decision_are_sealed_byte_for_byte(trail: Trail) -> None:
    recorded = AuditedEngine(trail).evaluate(quick(), record(), actor=ACTOR)
    assert sealed_with(trail, recorded) == {
        "record": canonical(record()),
        "decision": to_json_bytes(evaluate(quick(), record())),
    }


def test_the_changes_of_a_site_are_sealed_too(trail: Trail) -> None:
    recorded = AuditedEngine(trail).evaluate(laid_over(), record(), actor=ACTOR, overlay=OVERLAY)
    assert sealed_with(trail, recorded)["overlay"] == OVERLAY
    assert entry_of(trail, recorded)["overlay"] == {"id": "north-clinic", "digest": sha256(OVERLAY).hexdigest()}


@pytest.mark.parametrize("text", [None, b"", OVERLAY + b"\n"])
def test_a_site_without_its_own_text_is_refused(trail: Trail, text: bytes | None) -> None:
    with pytest.raises(AuditError) as problem:
        AuditedEngine(trail).evaluate(laid_over(), record(), actor=ACTOR, overlay=text)
    assert str(problem.value) == (
        "BW553 the changes of the site `north-clinic` came without their own text\n"
        "  hint: hand over the bytes of the overlay that was laid over the pack: a replay needs them"
    )
    assert trail.log.size() == 0


def test_the_override_of_an_overdue_review_is_recorded(trail: Trail) -> None:
    from datetime import date

    overdue = Review(date(2026, 6, 30), -3, True, Overdue("The reviewer is away", "role:director"))
    recorded = AuditedEngine(trail).evaluate(replace(quick(), review=overdue), record(), actor=ACTOR)
    said = {"due": "2026-06-30", "overdue_reason": "The reviewer is away", "by": "role:director"}
    assert entry_of(trail, recorded)["review"] == said
    assert orjson.loads(sealed_with(trail, recorded)["decision"])["pack"]["review"] == said


def test_a_patient_without_an_id_has_a_key_for_this_decision_alone(trail: Trail) -> None:
    engine = AuditedEngine(trail)
    first, second = (engine.evaluate(quick(), record(None), actor=ACTOR) for _ in range(2))
    assert "patient" not in entry_of(trail, first)
    assert trail.vault.has(first.receipt.id)
    assert trail.vault.key_for(first.receipt.id) != trail.vault.key_for(second.receipt.id)
    assert sealed_with(trail, first) == sealed_with(trail, second)


def test_one_patient_has_one_key(trail: Trail) -> None:
    engine = AuditedEngine(trail)
    ids = [engine.evaluate(quick(), record(total=total), actor=ACTOR).receipt.id for total in (3, 9)]
    heads = {(trail.reader.sealed(trail.decision(id).stored.seq) or b"")[:17] for id in ids}
    assert len(heads) == 1


def test_a_digest_only_log_keeps_no_facts(trail: Trail) -> None:
    recorded = AuditedEngine(trail, store="digest-only").evaluate(quick(), record(), actor=ACTOR)
    assert "sealed" not in entry_of(trail, recorded)
    assert trail.reader.sealed(0) is None
    assert not trail.vault.has(KEYS.pseudonym("p-0001"))
    with pytest.raises(AuditError) as problem:
        sealed_with(trail, recorded)
    assert str(problem.value) == (
        f"BW554 the entry `{recorded.receipt.id}` holds digests only\n"
        "  hint: the log was told to keep digests only, so the record must come from elsewhere"
    )


def test_a_mapping_of_the_callers_own_kind_is_kept_as_plain_data(trail: Trail) -> None:
    from datetime import date

    recorded = AuditedEngine(trail).evaluate(quick(), record() | {"as_of": date(2026, 3, 14)}, actor=ACTOR)
    assert sealed_with(trail, recorded)["record"] == canonical(record())


def test_a_record_that_cannot_be_used_leaves_no_entry(trail: Trail) -> None:
    for bad in (record() | {"as_of": "2026-02-30"}, record() | {"as_of": object()}):
        with pytest.raises(RecordError):
            AuditedEngine(trail).evaluate(quick(), bad, actor=ACTOR)
    assert trail.log.size() == 0


@pytest.mark.parametrize(("what", "name"), [("actor", ""), ("actor", "a\nb"), ("request", " "), ("request", "x" * 201)])
def test_a_name_is_a_short_line(trail: Trail, what: str, name: str) -> None:
    names = {"actor": ACTOR, "request": "r"} | {what: name}
    with pytest.raises(AuditError) as problem:
        AuditedEngine(trail).evaluate(quick(), record(), **names)  # type: ignore[arg-type]
    said = {"actor": "the actor", "request": "the request key"}[what]
    assert str(problem.value).splitlines()[0] == f"BW557 {said} must be 1 to 200 characters on one line"
    assert trail.log.size() == 0


def test_evaluators_that_differ_are_recorded(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = LoadedPack(quick().ir)

    def differ(*_: object) -> Any:
        raise EngineDisagreement(True, False, (pack.ir.rules[0].id,))

    monkeypatch.setattr(type(pack.evaluators), "evaluate", differ)
    recorded = AuditedEngine(trail).evaluate(pack, record(), actor=ACTOR)
    entry = entry_of(trail, recorded)
    assert (entry["recommendation"], entry["error"], entry["rules"]) == ("none", "engine_disagreement", [])
    assert entry["engine"]["agreement"] is False
    sealed = orjson.loads(sealed_with(trail, recorded)["decision"])
    assert sealed["error"]["code"] == "engine_disagreement"
    assert recorded.decision.error is not None


# ---------------------------------------------------------------- near


def test_near_is_a_tenth_or_one_unit() -> None:
    from boosterwatch.engine.model import NotFired

    def row(rule: str, distance: float | None, threshold: object, truth: bool | None = False) -> NotFired:
        return NotFired(rule, "", truth, "", 1, threshold, None, distance, None, "")  # type: ignore[arg-type]

    rows = (
        row("one_point_of_five", 1, 5),
        row("two_points_of_five", 2, 5),
        row("a_tenth_of_35_days", 3, 35),
        row("over_a_tenth_of_35_days", 4, 35),
        row("a_whole_of_one", 1, 1),
        row("a_part_of_a_share", 0.05, 0.5),
        row("more_of_a_share", 0.06, 0.5),
        row("half_a_point", 0.4, 3),
        row("a_negative_threshold", 1, -4),
        row("unknown", 1, 5, None),
        row("no_distance", None, 5),
        row("a_word", 1, "probable"),
        row("a_truth", 1, True),
    )
    decision = replace(evaluate(quick(), record()), not_fired=rows)
    assert list(near(decision)) == [
        "one_point_of_five",
        "a_tenth_of_35_days",
        "a_part_of_a_share",
        "a_negative_threshold",
    ]

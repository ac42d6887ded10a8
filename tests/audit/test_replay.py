"""Replay: byte for byte the same, or told precisely why not; on both databases, and in a process of another kind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from boosterwatch import evaluate
from boosterwatch.engine.audit import replay as replay_module
from boosterwatch.engine.audit.difference import Difference
from boosterwatch.engine.audit.erase import erase
from boosterwatch.engine.audit.log.api import Draft
from boosterwatch.engine.audit.recording import AuditedEngine, given_from
from boosterwatch.engine.audit.replay import Replayed, replay, replay_range
from boosterwatch.engine.audit.replay_all import Source, replay_all
from boosterwatch.engine.audit.replay_packs import Packs
from boosterwatch.engine.audit.trail import Trail, open_reading
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack.review import Overdue, Review
from boosterwatch.tests.audit.test_recording import OVERLAY, laid_over
from boosterwatch.tests.audit.trails import (
    ACTOR,
    KEYS,
    Clock,
    default,
    fill,
    in_folder,
    noise,
    opened,
    packs,
    quick,
    record,
)

RULES = Path(__file__).parents[2] / "rules"


def replayed(trail: Trail, id: str, where: Packs | None = None) -> Replayed:
    """Return what becomes of one decision."""
    return replay(trail, where or packs(), trail.decision(id))


def recorded(trail: Trail, decision: Decision, body: Mapping[str, object] | None = None) -> str:
    """Record a decision that nobody made, or an entry that does not say what is sealed, and return its id."""
    engine = AuditedEngine(trail)
    draft = engine._draft(decision, given_from(record()), ACTOR, None, None)
    draft = Draft(draft.id, draft.kind, {**draft.body, **(body or {})}, draft.sealed)
    return trail.log.append([draft])[0].id


# ---------------------------------------------------------------- the same


def test_every_decision_comes_out_again(trail: Trail) -> None:
    fill(trail, 20)
    tally = replay_range(trail, packs(), 0, 20)
    assert (dict(tally.counts), tally.told, tally.good) == ({"same": 20}, [], True)


@pytest.mark.parametrize("load", [default, quick])
def test_of_every_built_in_pack(trail: Trail, load: Callable[[], LoadedPack]) -> None:
    id = AuditedEngine(trail).evaluate(load(), record(), actor=ACTOR).receipt.id
    assert replayed(trail, id) == Replayed(0, id, "same", f"{load().id}@{load().version}")


def test_with_the_changes_of_a_site(trail: Trail) -> None:
    id = AuditedEngine(trail).evaluate(laid_over(), record(), actor=ACTOR, overlay=OVERLAY).receipt.id
    assert replayed(trail, id).verdict == "same"


def test_under_the_override_of_an_overdue_review(trail: Trail) -> None:
    overdue = Review(date(2026, 6, 30), -3, True, Overdue("The reviewer is away", "role:director"))
    id = AuditedEngine(trail).evaluate(replace(quick(), review=overdue), record(), actor=ACTOR).receipt.id
    assert replayed(trail, id).verdict == "same"


def test_without_a_patient_and_without_a_fact(trail: Trail) -> None:
    id = AuditedEngine(trail).evaluate(quick(), {"as_of": "2026-03-14"}, actor=ACTOR).receipt.id
    assert replayed(trail, id).verdict == "same"


def test_other_entries_are_passed_over(trail: Trail) -> None:
    fill(trail, 2)
    erase(trail, KEYS.pseudonym("p-0001"), actor=ACTOR)
    fill(trail, 1)
    assert dict(replay_range(trail, packs(), 0, trail.log.size()).counts) == {"same": 2, "erased": 1}


# ---------------------------------------------------------------- not the same


def change(**changes: Any) -> Callable[[Decision], Decision]:
    """Return a function that changes a decision."""
    return lambda decision: replace(decision, prepared=None, **changes)


def moved(decision: Decision) -> Decision:
    """Return the decision with the value of one clause changed."""
    first = decision.trace[0]
    clause = replace(first.clauses[0], value=27)
    row = replace(first, clauses=(clause, *first.clauses[1:]))
    return replace(decision, trace=(row, *decision.trace[1:]), prepared=None)


@pytest.mark.parametrize(
    ("forge", "paths"),
    [
        (change(recommendation="continue"), ["recommendation"]),
        (change(holds=("a_hold",)), ["holds[0]"]),
        (change(measures={}), None),
        (moved, ["trace[0].clauses[0].value"]),
    ],
    ids=["recommendation", "holds", "measures", "one value"],
)
def test_a_decision_that_nobody_made_is_found(
    trail: Trail, forge: Callable[[Decision], Decision], paths: list[str] | None
) -> None:
    id = recorded(trail, forge(evaluate(quick(), record())))
    one = replayed(trail, id)
    assert one.verdict == "differs"
    found = [each.path for each in one.differences]
    assert found == paths if paths is not None else all(path.startswith("measures.") for path in found)
    assert len(found) <= replay_module.MOST_DIFFERENCES


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"recommendation": "continue"}, "entry.recommendation"),
        ({"patient": "a" * 32}, None),
        ({"record_digest": "0" * 64}, "entry.record_digest"),
        ({"rules": []}, "entry.rules[0]"),
        ({"holds": ["a_hold"]}, "entry.holds[0]"),
        ({"error": "engine_disagreement"}, "entry.error"),
        ({"as_of": "2026-03-15"}, "entry.as_of"),
    ],
    ids=str,
)
def test_an_entry_that_says_something_else_than_is_sealed_is_found(
    trail: Trail, said: dict[str, object], path: str | None
) -> None:
    one = replayed(trail, recorded(trail, evaluate(quick(), record()), said))
    if path is None:  # under another pseudonym there is no key for it
        assert one.verdict == "key lost"
    else:
        assert (one.verdict, one.differences[0].path) == ("differs", path)


def test_a_review_that_was_left_out_of_the_entry_is_found(trail: Trail) -> None:
    said = {"due": "2026-06-30", "overdue_reason": "None", "by": "role:director"}
    one = replayed(trail, recorded(trail, replace(evaluate(quick(), record()), review=said), {"review": None}))
    assert (one.verdict, one.differences[0].path) == ("differs", "pack.review")


def test_another_release_of_the_engine_is_told_as_such(trail: Trail) -> None:
    decision = evaluate(quick(), record())
    id = recorded(trail, replace(decision, engine={**decision.engine, "version": "0.9.0"}))
    one = replayed(trail, id)
    assert one.verdict == "other engine"
    assert one.differences == (Difference("engine.version", "0.9.0", "1.0.0"),)
    assert replay_range(trail, packs(), 0, 1).good


def test_a_record_that_is_refused_now_is_told_by_its_codes(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    id = fill(trail, 1)[0]
    monkeypatch.setattr(replay_module, "evaluate", lambda pack, _: evaluate(pack, {"as_of": "2026-13-01"}))
    one = replayed(trail, id)
    assert (one.verdict, one.why) == ("differs", "BW307")


# ---------------------------------------------------------------- cannot be replayed


def test_what_was_erased(trail: Trail) -> None:
    first, second = fill(trail, 2)
    erase(trail, KEYS.pseudonym("p-0000"), actor=ACTOR)
    assert [replayed(trail, id).verdict for id in (first, second)] == ["erased", "same"]
    assert replay_range(trail, packs(), 0, trail.log.size()).good


def test_a_key_that_is_gone_without_an_erasure_in_the_log_is_lost(trail: Trail) -> None:
    id = fill(trail, 1)[0]
    trail.vault.destroy(KEYS.pseudonym("p-0000"), "01932c07-9c1e-7a3b-8f00-0123456789ab")
    one = replayed(trail, id)
    assert (one.verdict, one.why) == ("key lost", f"the key that sealed the entry `{id}` is not in the vault")
    assert not replay_range(trail, packs(), 0, 1).good


def test_an_erasure_of_somebody_else_excuses_nothing(trail: Trail) -> None:
    id, _ = fill(trail, 2)
    other = erase(trail, KEYS.pseudonym("p-0001"), actor=ACTOR)
    trail.vault.destroy(KEYS.pseudonym("p-0000"), other.begun)
    assert replayed(trail, id).verdict == "key lost"


def test_what_was_sealed_again_after_an_erasure_is_read_and_the_old_is_not(trail: Trail) -> None:
    old = fill(trail, 1)[0]
    erase(trail, KEYS.pseudonym("p-0000"), actor=ACTOR)
    new = fill(trail, 1)[0]
    assert [replayed(trail, id).verdict for id in (old, new)] == ["erased", "same"]


def test_what_was_kept_as_a_digest(trail: Trail) -> None:
    id = AuditedEngine(trail, store="digest-only").evaluate(quick(), record(), actor=ACTOR).receipt.id
    assert replayed(trail, id).verdict == "digest only"
    assert replay_range(trail, packs(), 0, 1).good


def test_a_sealed_part_that_was_changed(trail_url: str) -> None:
    with opened(trail_url) as trail:
        fill(trail, 2)
    engine = create_engine(trail_url)
    with engine.begin() as connection:
        blob = bytearray(connection.execute(text("SELECT blob FROM sealed WHERE seq = 0")).scalar_one())
        blob[-1] ^= 1
        connection.execute(text("UPDATE sealed SET blob = :blob WHERE seq = 0"), {"blob": bytes(blob)})
    engine.dispose()
    with open_reading(trail_url, KEYS, Clock(), noise(5)) as reading:
        tally = replay_range(reading, packs(), 0, 2)
    assert (dict(tally.counts), tally.good) == ({"unreadable": 1, "same": 1}, False)


# ---------------------------------------------------------------- in other processes


def test_all_in_one_process_and_in_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.audit.replay_all.STRETCH", 20)
    url, keys = in_folder(tmp_path)
    seen: list[tuple[int, int]] = []
    assert replay_all(Source(url, keys)).counts.total() == 0
    with opened(url) as trail:
        fill(trail, 50)
        erase(trail, KEYS.pseudonym("p-0001"), actor=ACTOR)
    alone = replay_all(Source(url, keys), tell=lambda done, size: seen.append((done, size)))
    assert dict(alone.counts) == {"same": 33, "erased": 17}
    assert seen == [(20, 52), (40, 52), (52, 52)]
    together = replay_all(Source(url, keys), jobs=2)
    assert together == alone


def test_two_hundred_in_a_process_of_another_kind(tmp_path: Path) -> None:
    setting = {"PYTHONHASHSEED": "4242", "LC_ALL": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati"}
    url, keys = in_folder(tmp_path)
    with opened(url) as trail:
        fill(trail, 200)
    done = subprocess.run(
        [sys.executable, "-m", "boosterwatch.cli", "audit", "replay", url, "--all", "--keys", str(keys)],
        env={**os.environ, **setting},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = "200 decisions replayed.\n  the same, byte for byte  200\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")

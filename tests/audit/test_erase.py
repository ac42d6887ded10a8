"""Erasure: nothing readable remains, every proof holds, and a crash at any step leaves it to be finished."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.audit.erase import Erased, erase, lift_hold, put_hold
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log.api import Draft, Receipt
from boosterwatch.engine.audit.recording import AuditedEngine
from boosterwatch.engine.audit.replay import replay_range
from boosterwatch.engine.audit.trail import Trail
from boosterwatch.tests.audit.log.drafts import root_of
from boosterwatch.tests.audit.trails import (
    ACTOR,
    KEYS,
    default,
    fill,
    in_folder,
    opened,
    packs,
    quick,
    record,
    with_log,
)
from boosterwatch.tests.cli.runs import CASES

ANNA, BERTA = KEYS.pseudonym("p-0000"), KEYS.pseudonym("p-0001")
ID = "01932c07-9c1e-7a3b-8f00-0123456789ab"


def entries(trail: Trail, kind: str) -> list[dict[str, Any]]:
    """Return what the entries of a kind say, without what the log adds."""
    added = {"format", "log", "seq", "kind", "recorded", "salt", "previous"}
    found = [one.entry() for one in trail.reader.entries()]
    return [{key: value for key, value in one.items() if key not in added} for one in found if one["kind"] == kind]


def verdicts(trail: Trail) -> dict[str, int]:
    """Return what becomes of the decisions."""
    return {str(verdict): count for verdict, count in replay_range(trail, packs(), 0, trail.log.size()).counts.items()}


def test_the_log_says_that_it_begins_and_that_it_is_done(trail: Trail) -> None:
    fill(trail, 4)
    erased = erase(trail, ANNA, actor="role:keeper")
    common = {"tenant": "North clinic", "actor": "role:keeper", "patient": ANNA}
    assert entries(trail, "erasure") == [
        {**common, "id": erased.begun, "erasure": "begun"},
        {
            **common,
            "id": erased.done,
            "erasure": "done",
            "begun": erased.begun,
            "request": KEYS.request(f"erasure {erased.begun}"),
        },
    ]
    assert verdicts(trail) == {"erased": 2, "same": 2}


def test_every_hash_still_holds(trail: Trail) -> None:
    fill(trail, 5)
    before = [one.body for one in trail.reader.entries()]
    erase(trail, ANNA, actor=ACTOR)
    bodies = [one.body for one in trail.reader.entries()]
    assert bodies[:5] == before
    head = trail.log.head()
    assert (head.size, head.root, head.chain) == (7, root_of(bodies), hash_of_chain(bodies))


def hash_of_chain(bodies: list[bytes]) -> bytes:
    """Return the chain hash after these entries."""
    chain = sha256(b"\x03" + KEYS.log.encode()).digest()
    for one in bodies:
        chain = sha256(b"\x02" + chain + sha256(b"\x00" + one).digest()).digest()
    return chain


def test_repeated_it_changes_nothing(trail: Trail) -> None:
    fill(trail, 2)
    first = erase(trail, ANNA, actor=ACTOR)
    size = trail.log.size()
    assert erase(trail, ANNA, actor=ACTOR) == Erased(ANNA, first.begun, None, again=True)
    assert trail.log.size() == size


def test_a_patient_who_comes_back_is_erased_again(trail: Trail) -> None:
    fill(trail, 1)
    first = erase(trail, ANNA, actor=ACTOR)
    fill(trail, 1)
    second = erase(trail, ANNA, actor=ACTOR)
    assert second.begun > first.begun
    assert verdicts(trail) == {"erased": 2}
    assert trail.vault.erasures(ANNA) == {first.begun: True, second.begun: True}


def test_a_decision_about_nobody_is_erased_by_its_id(trail: Trail) -> None:
    engine = AuditedEngine(trail)
    first, second = (engine.evaluate(quick(), record(None), actor=ACTOR).receipt.id for _ in range(2))
    erase(trail, first, actor=ACTOR)
    assert {one.get("about") for one in entries(trail, "erasure")} == {first}
    assert trail.open(trail.decision(second))["record"]
    with pytest.raises(AuditError) as problem:
        trail.open(trail.decision(first))
    assert str(problem.value) == (
        f"BW546 the content of the entry `{first}` was erased\n  hint: that it was decided, and when, remains"
    )


def test_somebody_unknown_is_not_silently_erased(trail: Trail) -> None:
    fill(trail, 1)
    with pytest.raises(AuditError) as problem:
        erase(trail, BERTA, actor=ACTOR)
    assert str(problem.value) == (
        f"BW555 the audit log has no key for the patient `{BERTA}`\n"
        "  hint: the id must be written as in the record; nothing was erased"
    )
    assert entries(trail, "erasure") == []


# ---------------------------------------------------------------- cut off


class Cut(Exception):
    """The process ends here."""


class Cutting:
    """A log that is cut off before, or after, its nth append."""

    def __init__(self, log: Any, nth: int, *, before: bool) -> None:
        self._log, self._left, self._before = log, nth, before

    def append(self, drafts: list[Draft]) -> list[Receipt]:
        self._left -= 1
        if self._left == 0 and self._before:
            raise Cut
        receipts: list[Receipt] = self._log.append(drafts)
        if self._left == 0:
            raise Cut
        return receipts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def cut(*_: object) -> None:
    """End here."""
    raise Cut


STEPS: dict[str, Callable[[Trail, pytest.MonkeyPatch], Trail]] = {
    "before it is begun": lambda trail, _: with_log(trail, Cutting(trail.log, 1, before=True)),
    "begun": lambda trail, _: with_log(trail, Cutting(trail.log, 1, before=False)),
    "before the key is destroyed": lambda trail, patch: patched(trail, patch, "destroy"),
    "destroyed, not swept": lambda trail, patch: patched(trail, patch, "sweep"),
    "before it is done": lambda trail, _: with_log(trail, Cutting(trail.log, 2, before=True)),
    "done": lambda trail, _: with_log(trail, Cutting(trail.log, 2, before=False)),
    "done, not noted": lambda trail, patch: patched(trail, patch, "note_done"),
}


def patched(trail: Trail, patch: pytest.MonkeyPatch, method: str) -> Trail:
    """Return the trail with a vault that is cut off in a method."""
    patch.setattr(trail.vault, method, cut)
    return trail


@pytest.mark.parametrize("step", STEPS)
def test_cut_off_at_any_step_it_is_finished_by_repeating_it(
    trail: Trail, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(trail, 2)
    with monkeypatch.context() as patch, pytest.raises(Cut):
        erase(STEPS[step](trail, patch), ANNA, actor=ACTOR)
    said = [(one["erasure"], one.get("begun", one["id"])) for one in entries(trail, "erasure")]
    if trail.vault.has(ANNA):  # whoever is told that it is done can rely on it
        assert all(what == "begun" for what, _ in said)
    erase(trail, ANNA, actor="role:other")
    assert not trail.vault.has(ANNA)
    begun = [id for what, id in said if what == "begun"]
    finished = [one["begun"] for one in entries(trail, "erasure") if one["erasure"] == "done"]
    assert len(finished) == 1
    assert set(trail.vault.erasures(ANNA).items()) == {(finished[0], True)}
    assert begun in ([], [finished[0]]) or step in ("begun", "before the key is destroyed")
    assert verdicts(trail) == {"erased": 1, "same": 1}


# ---------------------------------------------------------------- held


def test_a_hold_forbids_it_until_it_is_lifted(trail: Trail) -> None:
    fill(trail, 1)
    put_hold(trail, ANNA, reason="clinic:court_order", actor=ACTOR)
    with pytest.raises(AuditError) as problem:
        erase(trail, ANNA, actor=ACTOR)
    assert str(problem.value) == (
        f"BW549 the patient `{ANNA}` is under legal hold (`clinic:court_order`); nothing was erased\n"
        "  hint: `boosterwatch audit hold --release` lifts it"
    )
    assert verdicts(trail) == {"same": 1}
    assert lift_hold(trail, ANNA, actor="role:other") is not None
    assert lift_hold(trail, ANNA, actor=ACTOR) is None
    said = [(one["actor"], one["hold"], one["reason"], one["patient"]) for one in entries(trail, "note")]
    assert said == [
        (ACTOR, "put", "clinic:court_order", ANNA),
        ("role:other", "lifted", "clinic:court_order", ANNA),
    ]
    assert not erase(trail, ANNA, actor=ACTOR).again


def test_the_reason_of_a_hold_is_a_code(trail: Trail) -> None:
    with pytest.raises(AuditError, match="BW548"):
        put_hold(trail, ANNA, reason="because of p-0000", actor=ACTOR)
    assert trail.log.size() == 0


# ---------------------------------------------------------------- canaries

PATIENT, WORDS = "canary-patient-48151623", "canary words 94837261"


def canary() -> dict[str, Any]:
    """Return a record with values that stand nowhere else."""
    plain: dict[str, Any] = dict(CASES["v03"].record)
    reason = {"parameter": "phq9.delta", "value": 6, "reason": WORDS, "by": "role:nurse", "date": plain["as_of"]}
    return {**plain, "patient": PATIENT, "overrides": [reason]}


def holding(folder: Path, *needles: bytes) -> set[str]:
    """Return the files below a folder in which one of these stands."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name for path in files if any(needle in path.read_bytes() for needle in needles)}


def test_no_canary_is_in_any_file_before_and_no_key_after(tmp_path: Path) -> None:
    url, _ = in_folder(tmp_path)
    canaries = [PATIENT.encode(), WORDS.encode(), b"48151623", b"94837261"]
    with opened(url) as trail:
        fill(trail, 3)
        facts = canary()
        id = AuditedEngine(trail).evaluate(default(), facts, actor=ACTOR, request=PATIENT).receipt.id
        assert PATIENT.encode() in trail.open(trail.decision(id))["record"]
        assert WORDS.encode() in trail.open(trail.decision(id))["record"]
        assert holding(tmp_path, *canaries) == set()  # with the journal of the writer, still open
        holder = KEYS.pseudonym(PATIENT)
        key = trail.vault.key_for(holder)
        with trail.vault._engine.connect() as connection:
            row = trail.vault._row(connection, holder)
        assert row is not None
        assert holding(tmp_path, row.wrapped) == {"audit.keys.db"}
        erase(trail, holder, actor=ACTOR)
        pieces = [row.wrapped[at : at + 15] for at in range(0, 60, 15)]
        assert holding(tmp_path, *canaries, key.key, *pieces) == set()
    assert holding(tmp_path, *canaries, key.key, *pieces) == set()

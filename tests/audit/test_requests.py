"""A repeated request gets the decision that was recorded under it, on both databases; no record, no decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

import pytest

from boosterwatch.engine.audit import recording
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import Draft, Receipt
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.recording import AuditedEngine, Recorded
from boosterwatch.engine.audit.trail import Trail
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.tests.audit.trails import ACTOR, KEYS, default, quick, record, with_log


def test_a_repeated_request_gets_its_decision_once_recorded(trail: Trail) -> None:
    engine = AuditedEngine(trail)
    first = engine.evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    again = engine.evaluate(quick(), record(), actor="role:other", request="visit 17")
    assert (again.receipt.id, again.receipt.entry_sha256) == (first.receipt.id, first.receipt.entry_sha256)
    assert (first.repeated, again.repeated, trail.log.size()) == (False, True, 1)
    assert to_json_bytes(again.decision) == to_json_bytes(first.decision)


def test_the_decision_of_a_request_stays_though_the_pack_has_changed(trail: Trail) -> None:
    engine = AuditedEngine(trail)
    first = engine.evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    again = engine.evaluate(default(), record(), actor=ACTOR, request="visit 17")
    assert to_json_bytes(again.decision) == to_json_bytes(first.decision)


def test_a_request_key_is_for_one_record(trail: Trail) -> None:
    engine = AuditedEngine(trail)
    first = engine.evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    with pytest.raises(LogError) as problem:
        engine.evaluate(quick(), record(total=15), actor=ACTOR, request="visit 17")
    assert problem.value.code == "BW511"
    assert first.receipt.id in str(problem.value)
    assert trail.log.size() == 1


def test_threads_with_one_request_record_it_once(trail: Trail) -> None:
    engine = AuditedEngine(trail)
    found: list[Recorded] = []

    def ask() -> None:
        found.append(engine.evaluate(quick(), record(), actor=ACTOR, request="visit 17"))

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(one.receipt.id, to_json_bytes(one.decision)) for one in found}) == 1
    assert (len(found), trail.log.size()) == (6, 1)
    assert sum(not one.repeated for one in found) <= 1


def test_a_race_that_is_lost_gives_the_decision_of_the_first(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = AuditedEngine(trail)
    first = engine.evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    blind = with_log(trail, Blind(trail.log))
    again = AuditedEngine(blind).evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    assert (again.receipt.id, again.repeated, trail.log.size()) == (first.receipt.id, True, 1)


class Blind:
    """A log that does not see what was requested before, as just before another thread records it."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def by_request(self, _: str) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def test_a_digest_is_enough_to_give_a_decision_again(trail: Trail) -> None:
    engine = AuditedEngine(trail, store="digest-only")
    first = engine.evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    again = engine.evaluate(quick(), record(), actor=ACTOR, request="visit 17")
    assert (again.repeated, again.decision) == (True, first.decision)
    with pytest.raises(AuditError, match="BW554"):
        engine.evaluate(default(), record(), actor=ACTOR, request="visit 17")


# ---------------------------------------------------------------- fails closed


class Failing:
    """A log whose disk is full."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
        raise refusals.not_recorded("audit.db", "database or disk is full")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)


def test_no_record_no_decision_and_then_it_goes_on(trail: Trail) -> None:
    broken = AuditedEngine(with_log(trail, Failing(trail.log)))
    with pytest.raises(LogError, match="BW507"):
        broken.evaluate(quick(), record(), actor=ACTOR)
    assert trail.log.size() == 0
    assert AuditedEngine(trail).evaluate(quick(), record(), actor=ACTOR).receipt.seq == 0


def test_no_key_no_decision(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Any:
        raise AuditError([])

    monkeypatch.setattr(trail.vault, "_make", fail)
    with pytest.raises(AuditError):
        AuditedEngine(trail).evaluate(quick(), record(), actor=ACTOR)
    assert trail.log.size() == 0


def test_the_key_is_durable_before_the_entry(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    append: Callable[[list[Draft]], list[Receipt]] = trail.log.append

    class Watching(Failing):
        def append(self, drafts: Sequence[Draft]) -> list[Receipt]:
            seen.append(trail.vault.has(KEYS.pseudonym("p-0001")))  # asks the database
            return append(list(drafts))

    AuditedEngine(with_log(trail, Watching(trail.log))).evaluate(quick(), record(), actor=ACTOR)
    assert seen == [True]


def test_whatever_fails_in_sealing_leaves_no_entry(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_sealer(*_: object) -> Any:
        def fail(_: object) -> bytes:
            raise MemoryError

        return fail

    monkeypatch.setattr(recording, "sealer", no_sealer)
    with pytest.raises(MemoryError):
        AuditedEngine(trail).evaluate(quick(), record(), actor=ACTOR)
    assert trail.log.size() == 0

"""Every call to the database fails once, or for a while: nobody is told of what is not there, nothing is doubled."""

import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from boosterwatch.engine.audit.log.api import Draft, Receipt
from boosterwatch.engine.audit.log.line import Limits
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.log.writer import Writer
from boosterwatch.tests.audit.log.drafts import SIGNER, Clock, check_whole, draft, writer
from boosterwatch.tests.audit.log.faults import Faults, faulty


class _Here(Executor):
    """Runs what it is given in the thread that gives it: in the main thread, callers never serve themselves."""

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(call(*arguments, **named))
        return done


MAIN = pytest.param(_Here(), id="served by the log's thread")
WORKER = pytest.param(ThreadPoolExecutor(1), id="serving itself")


def open_faulty(url: str, faults: Faults) -> Writer:
    return Writer(faulty(url, faults), SIGNER, Clock(), os.urandom, limits=Limits(), wait=0)


class Outcomes:
    """What callers were told, to be compared with what the log holds in the end."""

    def __init__(self, log: Writer) -> None:
        self.log = log
        self.told: dict[str, Receipt | str] = {}
        self.codes: Counter[str] = Counter()

    def append(self, drafts: Sequence[Draft]) -> bool:
        """Append, and note what comes back for each draft; returns whether it was recorded."""
        try:
            receipts = self.log.append(drafts)
        except LogError as error:
            self.codes[error.code] += 1
            self.told |= {one.id: error.code for one in drafts}
            return False
        self.told |= {one.id: one for one in receipts}
        return True

    def check(self) -> None:
        """Fail unless the log holds what was acknowledged, and not what was refused."""
        entries = check_whole(self.log)
        held = {str(entry["id"]): entry["seq"] for entry in entries}
        assert len(held) == len(entries)
        for id_, told in self.told.items():
            if isinstance(told, Receipt):
                assert held.get(id_) == told.seq
            elif told == "BW507":
                assert id_ not in held
            else:
                assert told == "BW506"


@pytest.mark.parametrize("late", [False, True], ids=["not made", "answer lost"])
@pytest.mark.parametrize("length", [1, 2, 1000], ids=["once", "twice", "for long"])
@pytest.mark.parametrize("by", [MAIN, WORKER])
def test_every_call_fails(url: str, length: int, late: bool, by: Executor) -> None:
    by.submit(every_call_fails, url, length, late).result()


def every_call_fails(url: str, length: int, late: bool) -> None:
    faults = Faults()
    log = open_faulty(url, faults)
    outcomes = Outcomes(log)
    hit: Counter[str] = Counter()
    number = 0
    while True:
        faults.arm(number, length, late=late)
        recorded = [outcomes.append([draft(b"sealed", request=f"key-{number}"), draft()]), outcomes.append([draft()])]
        faults.disarm()
        if not faults.hit:
            break
        hit.update(faults.hit[:1])
        if faults.hit == ["COMMIT"]:
            assert all(recorded) is late, "the store is asked what became of a commit, and it answers"
        assert outcomes.append([draft()]), "the log heals by itself"
        number += 1
    outcomes.check()
    log.close()
    assert {"BEGIN", "INSERT", "SELECT", "COMMIT", "DELETE"} <= hit.keys()
    assert outcomes.codes["BW507"] > 5
    assert (outcomes.codes["BW506"] > 0) == (length == 1000 or (length == 2 and url.startswith("sqlite")))
    with writer(url) as again:
        outcomes.log = again  # type: ignore[assignment]
        outcomes.check()


@pytest.mark.parametrize("late", [False, True], ids=["not made", "answer lost"])
def test_every_call_of_opening_fails(url: str, late: bool) -> None:
    with writer(url) as log:
        log.append([draft() for _ in range(300)])
    faults = Faults()
    codes: list[str] = []
    number = 0
    while True:
        faults.arm(number, late=late)
        try:
            open_faulty(url, faults).close()
        except LogError as error:
            codes.append(error.code)
        if faults.hit in ([], ["UNLOCK"]):  # the lock ends with its session too
            break
        number += 1
    assert number > 10
    assert codes == ["BW507"] * number
    with writer(url) as log:
        check_whole(log)

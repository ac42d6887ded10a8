"""The line before the sequencer: it is bounded, in order, and nothing in it is dropped."""

import threading
import time

import pytest

from boosterwatch.engine.audit.log.complete import Prepared, prepare
from boosterwatch.engine.audit.log.line import Job, Limits, Line
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.tests.audit.log.drafts import draft, writer

ONE = prepare(draft(bytes(1000)))


def job(count: int = 1, one: Prepared = ONE) -> Job:
    return Job([one] * count)


def test_jobs_come_out_as_they_went_in() -> None:
    line = Line(Limits(gather=0))
    jobs = [job() for _ in range(5)]
    for one in jobs:
        line.put(one, None)
    assert line.take(0) == jobs


@pytest.mark.parametrize(
    ("limits", "sizes"),
    [
        (Limits(at_once=3), [3, 3, 1]),
        (Limits(at_once_bytes=2 * ONE.weight), [2, 2, 2, 1]),
        (Limits(at_once_bytes=1), [1] * 7),
        (Limits(), [7]),
    ],
)
def test_a_transaction_takes_no_more_than_it_may(limits: Limits, sizes: list[int]) -> None:
    line = Line(limits)
    for _ in range(7):
        line.put(job(), None)
    assert [len(line.take(0)) for _ in sizes] == sizes


def test_a_call_larger_than_a_transaction_is_taken_alone() -> None:
    line = Line(Limits(at_once=3))
    line.put(job(10), None)
    line.put(job(), None)
    assert [len(line.take(0)[0].drafts) for _ in range(2)] == [10, 1]


@pytest.mark.parametrize("limits", [Limits(waiting=3), Limits(waiting_bytes=3 * ONE.weight)])
def test_there_is_room_for_so_much_and_no_more(limits: Limits) -> None:
    line = Line(limits)
    for _ in range(3):
        line.put(job(), 0)
    before = time.monotonic()
    with pytest.raises(LogError) as caught:
        line.put(job(), 0.2)
    assert caught.value.code == "BW503"
    assert time.monotonic() - before >= 0.2
    assert len(line.take(0)) == 3
    line.put(job(), 0)


def test_a_call_larger_than_the_line_waits_for_an_empty_one() -> None:
    line = Line(Limits(waiting=3))
    line.put(job(10), 0)
    with pytest.raises(LogError):
        line.put(job(10), 0)
    line.take(0)
    line.put(job(10), 0)


def test_who_waits_for_room_gets_it() -> None:
    line = Line(Limits(waiting=1))
    line.put(job(), 0)
    threading.Timer(0.1, line.take, (0,)).start()
    line.put(job(), 10)
    assert len(line.take(0)) == 1


def test_a_closed_line_takes_nothing_and_gives_what_it_has() -> None:
    line = Line(Limits(waiting=1))
    line.put(job(), 0)
    refused: list[str] = []

    def wait() -> None:
        try:
            line.put(job(), None)
        except LogError as error:
            refused.append(error.code)

    thread = threading.Thread(target=wait)
    thread.start()
    line.stop()
    thread.join()
    with pytest.raises(LogError):
        line.put(job(), None)
    assert refused == ["BW504"]
    assert len(line.take(5)) == 1
    assert line.take(5) == []


def test_callers_who_were_just_answered_are_waited_for() -> None:
    line = Line(Limits(gather=5))
    line.put(job(), 0)
    threading.Timer(0.05, line.put, (job(), 0)).start()
    assert len(line.take(2)) == 2
    line.put(job(), 0)
    before = time.monotonic()
    assert len(line.take(1)) == 1
    assert line.take(0) == []
    assert time.monotonic() - before < 4


def test_who_takes_next_needs_no_waking() -> None:
    line = Line(Limits(waiting=1))
    assert line.put_at_once(job())
    assert not line.put_at_once(job()), "there is no room, and it does not wait for any"
    assert line.wait()
    assert len(line.take(0)) == 1
    line.stop()
    assert not line.wait()
    with pytest.raises(LogError):
        line.put_at_once(job())


def test_a_log_that_cannot_keep_up_holds_its_callers_back(url: str) -> None:
    slow = threading.Event()

    def seal(_place: object) -> bytes:
        slow.wait(10)
        return b""

    with writer(url, limits=Limits(waiting=2, gather=0)) as log:
        threads = [threading.Thread(target=log.append, args=([draft(seal)],)) for _ in range(3)]
        for thread in threads:
            thread.start()
        codes: list[str] = []
        while not codes:  # until the line behind the slow one is full
            with pytest.raises(LogError) as caught:
                log.append([draft(), draft(), draft()], wait=0.05)
            codes.append(caught.value.code)
        assert codes == ["BW503"]
        slow.set()
        for thread in threads:
            thread.join()
        assert log.size() == 3

"""The line of calls that wait for the sequencer: bounded, first come first served; nothing in it is ever dropped."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import Receipt
from boosterwatch.engine.audit.log.complete import Prepared


class Job:
    """One call of `append`: what it brings, and, once done, what it gets."""

    __slots__ = ("_done", "_error", "_receipts", "answered", "drafts", "weight")

    def __init__(self, drafts: Sequence[Prepared]) -> None:
        self.drafts = tuple(drafts)
        self.weight = sum(draft.weight for draft in drafts)
        self.answered = False
        self._receipts: list[Receipt] = []
        self._error: BaseException | None = None
        self._done = threading.Lock()  # cheaper than an Event: one waiter, one wake-up
        self._done.acquire()

    def give(self, receipts: list[Receipt]) -> None:
        """Let the caller return."""
        self._receipts = receipts
        self.answered = True
        self._done.release()

    def fail(self, error: BaseException) -> None:
        """Let the caller raise."""
        self._error = error
        self.answered = True
        self._done.release()

    def wait(self) -> list[Receipt]:
        """Return the receipts once they are given; raises what the job failed with."""
        self._done.acquire()
        if self._error is not None:
            raise self._error
        return self._receipts


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may wait, and how much goes into one transaction; in entries and in bytes.

    A single call may be larger than each: it is then taken alone. `gather` is how long, in seconds, the sequencer waits
    for as many callers as it has just answered: without it, the first to come back would be served alone.
    """

    waiting: int = 10_000
    waiting_bytes: int = 64 << 20
    at_once: int = 1_000
    at_once_bytes: int = 8 << 20
    gather: float = 0.0003


class Line:
    """A queue of jobs with room for so many entries and bytes; many put, one at a time takes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._jobs: deque[Job] = deque()
        self._entries = 0
        self._bytes = 0
        self._stopped = False
        self._wanted = 1  # jobs in line before who takes is woken
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._freed = threading.Condition(self._lock)

    def put(self, job: Job, wait: float | None) -> None:
        """Stand in line, waiting for room for at most `wait` seconds (None: as long as it takes).

        Raises LogError BW503 when there was none, BW504 when the line is closed; the job is then not in line.
        """
        with self._lock:
            free = self._has_room(job) or self._freed.wait_for(lambda: self._stopped or self._has_room(job), wait)
            if self._stopped:
                raise refusals.stopped()
            if not free:
                raise refusals.busy(wait or 0)
            self._add(job)
            if len(self._jobs) >= self._wanted:
                self._arrived.notify()

    def _add(self, job: Job) -> None:
        self._jobs.append(job)
        self._entries += len(job.drafts)
        self._bytes += job.weight

    def _has_room(self, job: Job) -> bool:
        limits = self._limits
        fits = self._entries + len(job.drafts) <= limits.waiting and self._bytes + job.weight <= limits.waiting_bytes
        return fits or not self._jobs

    def put_at_once(self, job: Job) -> bool:
        """Stand in line unless that means waiting, without waking who takes; returns whether it does.

        For a caller that will take next. Raises LogError BW504 when the line is closed.
        """
        with self._lock:
            if self._stopped:
                raise refusals.stopped()
            if not self._has_room(job):
                return False
            self._add(job)
            return True

    def wait(self) -> bool:
        """Return True when there is something in line, False when it is closed and empty."""
        with self._lock:
            self._wait_for(1, None)
            return bool(self._jobs)

    def take(self, expected: int) -> list[Job]:
        """Return the jobs for one transaction; none when the line is empty.

        `expected` is how many callers may be about to come: they are given the time of `gather`.
        """
        with self._lock:
            if self._jobs:
                self._wait_for(expected, self._limits.gather)
            taken = self._cut()
            self._freed.notify_all()
            return taken

    def _wait_for(self, count: int, seconds: float | None) -> None:
        """Wait until so many jobs are in line, or it is closed; those who come wake nobody before."""
        self._wanted = count
        if len(self._jobs) < count and not self._stopped:
            self._arrived.wait_for(lambda: len(self._jobs) >= count or self._stopped, seconds)
        self._wanted = 1

    def _cut(self) -> list[Job]:
        taken: list[Job] = []
        entries = weight = 0
        while self._jobs:
            job = self._jobs[0]
            entries += len(job.drafts)
            weight += job.weight
            if taken and (entries > self._limits.at_once or weight > self._limits.at_once_bytes):
                break
            taken.append(self._jobs.popleft())
            self._entries -= len(job.drafts)
            self._bytes -= job.weight
        return taken

    def stop(self) -> None:
        """Let nobody stand in line any more; what is in it is still taken."""
        with self._lock:
            self._stopped = True
            self._arrived.notify_all()
            self._freed.notify_all()

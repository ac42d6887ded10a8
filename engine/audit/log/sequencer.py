"""Giving entries their places, one transaction after the other: take all that wait, grow the log, commit, answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import Receipt
from boosterwatch.engine.audit.log.complete import Prepared, recorded_text
from boosterwatch.engine.audit.log.grow import Random
from boosterwatch.engine.audit.log.ledger import Ledger, UsedIds
from boosterwatch.engine.audit.log.line import Job, Line
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.log.round import Round, recorded_before
from boosterwatch.engine.diagnostics import InternalError

Clock = Callable[[], datetime]


class Sequencer:
    """The line, and who serves it: one thread at a time, which holds the turn.

    That is a thread of its own. Only a caller who comes when nobody else does serves itself, which saves two changes of
    threads, and so a sixth of the time that an entry takes. The main thread never does: an interrupt from the keyboard
    could end it in the middle.
    """

    def __init__(self, ledger: Ledger, line: Line, signer: HeadSigner, clock: Clock, random: Random) -> None:
        """Start the thread; the ledger is open, and from now on used by who holds the turn."""
        self._ledger = ledger
        self._line = line
        self._signer = signer
        self._clock = clock
        self._random = random
        self._turn = threading.Lock()
        self._answered = 0  # callers in the last transaction
        self._interruptible = threading.main_thread().ident
        # A daemon: a program that ends without closing the log has nobody left who waits for an answer.
        self._thread = threading.Thread(target=self._run, name="audit log", daemon=True)
        self._thread.start()

    def append(self, drafts: Sequence[Prepared], wait: float | None) -> list[Receipt]:
        """Stand in line for at most `wait` seconds, and return the receipts once the drafts are durable.

        Raises LogError: BW503 or BW504 when they were not taken, and what befell them afterwards.
        """
        job = Job(drafts)
        if not self._serves_itself(job):
            self._line.put(job, wait)
        return job.wait()

    def _serves_itself(self, job: Job) -> bool:
        """Return whether the caller has stood in line and served it; what is left in line has woken the thread."""
        if self._answered > 1 or threading.get_ident() == self._interruptible:
            return False
        if not self._turn.acquire(blocking=False):
            return False
        try:
            if not self._line.put_at_once(job):
                return False
            self._serve_next()
        finally:
            self._turn.release()
        return True

    def stop(self) -> None:
        """Take no more, and return when all that was in line is answered."""
        self._line.stop()
        self._thread.join()
        with self._turn:  # a caller may be serving itself
            pass

    def _run(self) -> None:
        while self._line.wait():
            with self._turn:
                self._serve_next()

    def _serve_next(self) -> None:
        """Answer the jobs of one transaction; the turn is held."""
        jobs = self._line.take(self._answered)
        try:
            self._serve(jobs)
        except BaseException as error:  # a caller must never wait for an answer that does not come
            _fail(jobs, error)
        self._answered = len(jobs)

    def _serve(self, jobs: list[Job]) -> None:
        """Answer every job."""
        try:
            while jobs:
                jobs = self._commit(self._admit(jobs))
        except LogError as error:
            _fail(jobs, error)

    def _admit(self, jobs: list[Job]) -> Round:
        """Begin a transaction, and return the jobs that can be part of it; the others have failed. Raises LogError."""
        self._ledger.begin()
        keys = {draft.request for job in jobs for draft in job.drafts if draft.request is not None}
        known = recorded_before(self._ledger.requests(sorted(keys)))
        round_ = Round(self._ledger.tail, recorded_text(self._clock()), self._random, known)
        for job in jobs:
            try:
                round_.admit(job)
            except Exception as error:
                job.fail(error)
        return round_

    def _commit(self, round_: Round) -> list[Job]:
        """Answer the jobs of a round; returns those that must go into another, because a neighbour spoilt this one.

        Raises LogError when nothing, or nothing for certain, was recorded.
        """
        batch = round_.finish(self._signer)
        if batch is None:
            self._ledger.leave()
            round_.answer(self._ledger.tail.head)
            return []
        try:
            self._ledger.record(batch)
        except UsedIds as used:
            return _without(round_.jobs(), used.ids)
        round_.answer(batch.tail.head)
        return []


def _without(jobs: list[Job], ids: frozenset[str]) -> list[Job]:
    """Fail the jobs that bring these ids; return the others."""
    left: list[Job] = []
    for job in jobs:
        used = [draft.draft.id for draft in job.drafts if draft.draft.id in ids]
        if used:
            job.fail(refusals.used_id(used[0]))
        else:
            left.append(job)
    return left


def _fail(jobs: Sequence[Job], error: BaseException) -> None:
    """Fail every job that has no answer yet, each with an error of its own: threads that raise it must not share it."""
    for job in jobs:
        if not job.answered:
            own = LogError(error.diagnostics) if isinstance(error, LogError) else InternalError("the audit log failed")
            own.__cause__ = error
            job.fail(own)

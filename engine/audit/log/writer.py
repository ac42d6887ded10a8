"""The writer's face: `open_writer` gives a `Log` that appends, reads, and closes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import Draft, Log, Receipt, SignedHead, Stored
from boosterwatch.engine.audit.log.complete import prepare
from boosterwatch.engine.audit.log.grow import Random
from boosterwatch.engine.audit.log.ledger import Ledger
from boosterwatch.engine.audit.log.line import Limits, Line
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import SqlReader
from boosterwatch.engine.audit.log.sequencer import Clock, Sequencer
from boosterwatch.engine.audit.log.stores import Store, store_at


class Writer:
    """The one writer of a log in a store; a `Log`."""

    def __init__(
        self, store: Store, signer: HeadSigner, clock: Clock, random: Random, *, limits: Limits, wait: float
    ) -> None:
        """Open the store; see `open_writer`."""
        self._process = os.getpid()
        self._ledger = Ledger(store, signer)
        self._ledger.open(wait)
        self._reader = SqlReader(store)
        self._sequencer = Sequencer(self._ledger, Line(limits), signer, clock, random)

    def append(self, drafts: Sequence[Draft], *, wait: float | None = None) -> list[Receipt]:
        """Record the drafts, all or none, and return their receipts once they are durable; see `api.Log`."""
        if os.getpid() != self._process:  # the thread that would answer is not in this process
            raise refusals.other_process()
        prepared = [prepare(draft) for draft in drafts]
        return self._sequencer.append(prepared, wait) if prepared else []

    @property
    def log(self) -> str:
        """Return the id of the log."""
        return self._ledger.tail.log

    def size(self) -> int:
        """Return the number of entries that are recorded for certain."""
        return self._ledger.tail.size

    def head(self) -> SignedHead:
        """Return the newest head that is recorded for certain."""
        return self._ledger.tail.head

    def heads(self) -> Iterator[SignedHead]:
        """Yield the heads that are kept, smallest first."""
        return self._reader.heads()

    def entry(self, id: str) -> Stored | None:
        """Return the entry with this id, or None."""
        return self._reader.entry(id)

    def entry_at(self, seq: int) -> Stored | None:
        """Return the entry at this place, or None."""
        return self._reader.entry_at(seq)

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Stored]:
        """Yield the entries from `start` up to but without `end` in order."""
        return self._reader.entries(start, end)

    def sealed(self, seq: int) -> bytes | None:
        """Return the ciphertext stored beside the entry, or None."""
        return self._reader.sealed(seq)

    def by_request(self, key: str) -> Receipt | None:
        """Return the receipt of the entry with this idempotency key, or None."""
        return self._reader.by_request(key)

    def stop(self) -> None:
        """Refuse new appends, and return when all that waited is answered."""
        self._sequencer.stop()

    def close(self) -> None:
        """Stop, then let go of the store and of the lock."""
        if os.getpid() == self._process:
            self._sequencer.stop()
            self._reader.close()
            self._ledger.close()

    def __enter__(self) -> Self:
        """Return the log itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the log."""
        self.close()


def open_writer(
    url: str,
    signer: HeadSigner,
    clock: Clock,
    random: Random = os.urandom,
    *,
    limits: Limits = Limits(),  # noqa: B008 -- frozen
    wait: float = 0,
) -> Log:
    """Return the writer of the log at an address; its head and its end are checked first.

    `clock` returns a time with its zone, `random` so many unguessable bytes. `wait` is for how many seconds to wait for
    another writer to end. Raises LogError: BW500 to BW502, BW505, BW507 to BW509, BW518, BW519.
    """
    return Writer(store_at(url), signer, clock, random, limits=limits, wait=wait)

"""The writer's hold on a store: the lock, one connection, the end of the log; commits, and what follows a failed one.

A failure of any kind breaks the connection off. The next transaction opens the store again, reads the end of the log,
and checks that it still begins with all that was acknowledged. Used by one thread at a time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.grow import Batch, Tail
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.refusals import LogError, reason_of
from boosterwatch.engine.audit.log.session import Row, Session, find
from boosterwatch.engine.audit.log.statements import (
    ADD_ENTRY,
    ADD_HEAD,
    ADD_MARK,
    ADD_SEALED,
    ADD_TILE,
    DROP_HEAD,
    FIND_IDS,
    FIND_REQUESTS,
    HOLD_FENCE,
    RAISE_FENCE,
    READ_FENCE,
)
from boosterwatch.engine.audit.log.stores import Store
from boosterwatch.engine.audit.log.tail import continues, read_tail
from boosterwatch.engine.audit.log.versions import see_version


class UsedIds(Exception):
    """Some entries of a batch have ids that the log has already; nothing was recorded."""

    def __init__(self, ids: frozenset[str]) -> None:
        super().__init__(ids)
        self.ids = ids


class Ledger:
    """The one writer's access to a store."""

    def __init__(self, store: Store, signer: HeadSigner) -> None:
        """Name the store; `open` opens it."""
        self._store = store
        self._signer = signer
        self._lock = store.lock()
        self._session: Session | None = None
        self._tail: Tail | None = None
        self._fence: int | None = None
        self._in_order = True  # whether all that the store shows is on disk for certain

    @property
    def tail(self) -> Tail:
        """Return the end of the log as last known: all that was ever acknowledged is before it."""
        assert self._tail is not None, "a ledger is opened first"
        return self._tail

    def open(self, wait: float) -> None:
        """Take the lock and read the end of the log; `wait` limits, in seconds, the wait for another writer.

        Raises LogError: BW500 to BW502, BW505, BW507 to BW509, BW519.
        """
        try:
            with self._refusing():
                self._in_order = self._lock.take(wait)
                self._connect()
        except LogError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of connection and lock."""
        self._disconnect()
        self._lock.release(in_order=self._in_order)

    def _disconnect(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _break(self) -> None:
        """Disconnect because something went wrong."""
        self._disconnect()
        self._in_order = False

    def _connect(self) -> Session:
        """Open the store and see that the log goes on where it was left; raises LogError and driver errors."""
        if not self._in_order:
            self._store.firm_up()
        session = self._store.connect()
        try:
            see_version(session, self._store)
            self._take_fence(session)
            tail = read_tail(session, self._signer, self._store.shown)
            self._see_past(session, tail)
        except BaseException:
            session.close()
            raise
        self._session, self._tail, self._in_order = session, tail, True
        return session

    def _see_past(self, session: Session, now: Tail) -> None:
        """Raise LogError BW515 unless the log begins with all that was acknowledged."""
        before = self._tail
        if before is not None and not continues(session, before, now):
            others = "" if now.size < before.size else " others"
            raise refusals.set_back(self._store.shown, before.size, f"{now.size}{others}")

    def _take_fence(self, session: Session) -> None:
        """Make sure that no other writer's transaction, nor a lost one of our own, can commit from here on.

        On SQLite a transaction ends with its connection: the number is raised only when it is not ours already, so that
        a full disk can still be read.
        """
        if self._fence is not None and not self._store.fence_again() and session.rows(READ_FENCE) == [(self._fence,)]:
            return
        session.begin()
        session.run(RAISE_FENCE)
        [(self._fence,)] = session.rows(READ_FENCE)
        session.commit()

    def begin(self) -> None:
        """Open the transaction of a batch, on a store that is as it was left, or else opened again.

        A connection that died while nothing happened is noticed here, where it costs nobody an entry. Raises LogError:
        those of `open`, BW515, and BW516 when another writer has taken over; nothing was recorded.
        """
        if self._session is not None and not self._store.has_moved():
            try:
                if self._begins(self._session):
                    return
            except Exception:  # whatever it is, the store is opened anew and looked at
                self._break()
        with self._refusing():
            if not self._begins(self._reopen()):
                raise refusals.replaced(self._store.shown)

    def _begins(self, session: Session) -> bool:
        """Open a transaction; returns whether the store still knows this writer as the last."""
        session.begin()
        return session.rows(HOLD_FENCE) == [(self._fence,)]

    def _reopen(self) -> Session:
        """Return a new connection; raises LogError and driver errors when something is still wrong."""
        self._break()
        self._lock.renew()
        return self._connect()

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """Break the connection off when anything goes wrong inside; what is no LogError becomes BW507."""
        try:
            yield
        except LogError:
            self._break()
            raise
        except Exception as error:
            self._break()
            raise refusals.not_recorded(self._store.shown, reason_of(error)) from error

    @property
    def _open(self) -> Session:
        assert self._session is not None, "a transaction was begun"
        return self._session

    def requests(self, keys: Sequence[str]) -> list[Row]:
        """Return (key, seq, id, recorded, body) of the entries with these request keys; `begin` goes before.

        Raises LogError BW507.
        """
        with self._refusing():
            return list(find(self._open, FIND_REQUESTS, keys)) if keys else []

    def leave(self) -> None:
        """End a transaction in which there was nothing to record."""
        try:
            self._open.rollback()
        except Exception:  # the next one opens the store again
            self._break()

    def record(self, batch: Batch) -> None:
        """Write a batch that has grown on `tail`; return when it is durable. `begin` goes before.

        Raises LogError BW507 when nothing was recorded, BW506 when that is not known, and UsedIds.
        """
        session = self._open
        try:
            _write(session, batch)
        except Exception as error:
            self._undo(session, batch, error)
        try:
            session.commit()
        except Exception as error:
            self._resolve(batch, error)
        else:
            self._tail = batch.tail

    def _undo(self, session: Session, batch: Batch, error: Exception) -> None:
        """Raise what a failure before the commit means; nothing of the batch is in the store."""
        try:
            session.rollback()
            used = frozenset(row[0] for row in _stored(session, batch))
        except Exception:  # closing the connection undoes all as well
            used = frozenset()
        if used:
            raise UsedIds(used) from error
        self._break()
        raise refusals.not_recorded(self._store.shown, reason_of(error)) from error

    def _resolve(self, batch: Batch, error: Exception) -> None:
        """Return when a commit that failed has recorded the batch after all, and made it durable; else raise."""
        shown, reason = self._store.shown, reason_of(error)
        try:
            found = {(row[0], row[1], bytes(row[2])) for row in _stored(self._reopen(), batch)}
        except Exception as again:
            self._break()
            raise refusals.unknown(shown, reason) from again
        if not found:
            raise refusals.not_recorded(shown, reason) from error
        if found != {(one.place.id, one.place.seq, one.leaf) for one in batch.entries}:
            raise refusals.unknown(shown, reason) from error


def _write(session: Session, batch: Batch) -> None:
    session.many(ADD_ENTRY, batch.entry_rows())
    session.many(ADD_MARK, batch.mark_rows())
    session.many(ADD_SEALED, batch.sealed_rows())
    session.many(ADD_TILE, batch.tiles)
    session.many(ADD_HEAD, batch.head_rows())
    if batch.dropped is not None:
        session.run(DROP_HEAD, (batch.dropped,))


def _stored(session: Session, batch: Batch) -> list[Row]:
    """Return (id, seq, leaf) of the entries that have an id of the batch."""
    return list(find(session, FIND_IDS, [one.place.id for one in batch.entries]))

"""Reading a log: any number of readers, none of which takes a lock or waits for the writer.

Long readings go page by page, each a short transaction of its own: what is read was never changed since, and a reader
that takes its time does not keep the writer from tidying its write-ahead log.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Executable

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import Receipt, SignedHead, Stored
from boosterwatch.engine.audit.log.notes import NoteError, parse_note
from boosterwatch.engine.audit.log.refusals import reason_of
from boosterwatch.engine.audit.log.session import Row
from boosterwatch.engine.audit.log.statements import (
    FIND_REQUESTS,
    READ_ENTRIES,
    READ_ENTRY,
    READ_ENTRY_BY_ID,
    READ_HEADS,
    READ_INFO,
    READ_NEWEST_HEAD,
    READ_SEALED,
    Statement,
)
from boosterwatch.engine.audit.log.stores import Store, store_at
from boosterwatch.engine.audit.log.versions import see_version

_PAGE = 1_000  # entries read at once


class SqlReader:
    """A `Reader` of the tables; every method may be called from any thread."""

    def __init__(self, store: Store) -> None:
        """Name the store; `see` looks whether a log is there."""
        self._store = store
        self._engine = store.reading()
        self._texts: dict[Statement, str] = {}
        self._log: str | None = None

    def see(self) -> None:
        """Raise LogError BW500 to BW502 unless there is a log of this program's version."""
        if self._store.has_vanished():
            raise refusals.no_log(self._store.shown)
        see_version(self, self._store)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except Exception as error:  # drivers raise nearly anything for a damaged file
            raise refusals.unreadable(self._store.shown, reason_of(error)) from error

    def rows(self, statement: Statement, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of one of the log's own statements; `values` go by position."""
        text = self._texts.get(statement)
        if text is None:
            text = self._texts[statement] = str(statement.compile(dialect=self._engine.dialect))
        with self._reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(text, tuple(values))]

    def plain(self, sql: str) -> list[Row]:
        """Return the rows of a statement that needs no values."""
        with self._reading() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql)]

    def select(self, statement: Executable, values: dict[str, Any] | None = None) -> list[Row]:
        """Return all rows of any statement in SQLAlchemy Core over `tables.py`; it cannot write."""
        with self._reading() as connection:
            return [tuple(row) for row in connection.execute(statement, values)]

    @property
    def log(self) -> str:
        """Return the id of the log."""
        if self._log is None:
            found = self.rows(READ_INFO)
            if len(found) != 1:
                raise refusals.unreadable(self._store.shown, "it does not say which log it is")
            self._log = str(found[0][0])
        return self._log

    def size(self) -> int:
        """Return the number of entries, by the newest head."""
        return self.head().size

    def head(self) -> SignedHead:
        """Return the newest head."""
        found = self.rows(READ_NEWEST_HEAD)
        if not found:
            raise refusals.unreadable(self._store.shown, "it has no signed head")
        return self._head(found[0][1])

    def heads(self) -> Iterator[SignedHead]:
        """Yield the heads that are kept, smallest first."""
        for row in self.rows(READ_HEADS):
            yield self._head(row[0])

    def _head(self, note: str) -> SignedHead:
        try:
            return parse_note(note)
        except NoteError as error:
            raise refusals.unreadable(self._store.shown, f"{error}") from None

    def entry(self, id: str) -> Stored | None:
        """Return the entry with this id, or None."""
        return _one(self.rows(READ_ENTRY_BY_ID, (id,)))

    def entry_at(self, seq: int) -> Stored | None:
        """Return the entry at this place, or None."""
        return _one(self.rows(READ_ENTRY, (seq,)))

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Stored]:
        """Yield the entries from `start` up to but without `end` in order; rows that are missing are left out."""
        last = self.size() if end is None else end
        for first in range(start, last, _PAGE):
            for row in self.rows(READ_ENTRIES, (first, min(first + _PAGE, last))):
                yield _stored(row)

    def sealed(self, seq: int) -> bytes | None:
        """Return the ciphertext stored beside the entry, or None."""
        found = self.rows(READ_SEALED, (seq,))
        return bytes(found[0][0]) if found else None

    def by_request(self, key: str) -> Receipt | None:
        """Return the receipt of the entry with this idempotency key, or None."""
        found = self.rows(FIND_REQUESTS[1], (key,))
        if not found:
            return None
        _, seq, id_, recorded, body = found[0]
        return Receipt(id_, seq, recorded, sha256(bytes(body)).hexdigest(), self.head())

    def close(self) -> None:
        """Let go of the store."""
        self._engine.dispose()


def _one(rows: list[Row]) -> Stored | None:
    return _stored(rows[0]) if rows else None


def _stored(row: Row) -> Stored:
    seq, id_, body, leaf = row
    return Stored(seq, id_, bytes(body), bytes(leaf))


def open_reader(url: str) -> SqlReader:
    """Return a reader of the log at an address; raises LogError BW500 to BW502, BW510 and BW518."""
    reader = SqlReader(store_at(url))
    try:
        reader.see()
    except BaseException:
        reader.close()
        raise
    return reader

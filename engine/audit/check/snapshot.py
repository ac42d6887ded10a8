"""One moment of a log, only to be read: whoever writes meanwhile changes nothing of what is seen here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Select, Text, bindparam, func, literal_column, select
from sqlalchemy.exc import SQLAlchemyError

from boosterwatch.engine.audit.log.session import Session
from boosterwatch.engine.audit.log.statements import Statement
from boosterwatch.engine.audit.log.stores import store_at
from boosterwatch.engine.audit.log.tables import entry, entry_mark, head, sealed, tile

Row = tuple[Any, ...]
_BEGIN = {"sqlite": "BEGIN", "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
_PATIENCE = ("SET idle_in_transaction_session_timeout = 0", "SET statement_timeout = 0")  # checking takes its time


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


def _text(name: str) -> BindParameter[str]:
    return bindparam(name, type_=Text())


def _between(statement: Select[Any], column: Any) -> Select[Any]:
    return statement.where(column >= _number("start"), column < _number("end")).order_by(column)


def _outside(column: Any) -> Select[Any]:
    return select(func.count()).where((column < _number("start")) | (column >= _number("end")))


_LEAVES: ColumnElement[int] = literal_column("0")  # the level; a plain 0 would become one more value to hand over

READ_ENTRIES = _between(select(entry), entry.c.seq)
READ_SEALED = _between(select(sealed.c.seq, sealed.c.blob), sealed.c.seq)
READ_LEAF_TILES = _between(select(tile.c.at, tile.c.root, tile.c.hashes).where(tile.c.level == _LEAVES), tile.c.at)
READ_PLACES = _between(
    select(entry_mark.c.seq).where(entry_mark.c.sort == _text("sort"), entry_mark.c.name == _text("name")),
    entry_mark.c.seq,
)
READ_MARK_NAMES = select(entry_mark.c.sort, entry_mark.c.name).distinct()
READ_UPPER_TILES = select(tile.c.level, tile.c.at, tile.c.root, tile.c.hashes).where(tile.c.level != _LEAVES)
READ_HEADS = select(head.c.size, head.c.note).order_by(head.c.size)
COUNT_ENTRIES = select(func.count()).select_from(entry)
COUNT_MARKS = select(func.count()).select_from(entry_mark)
ENTRIES_OUTSIDE = _outside(entry.c.seq).select_from(entry)
MARKS_OUTSIDE = _outside(entry_mark.c.seq).select_from(entry_mark)
SEALED_OUTSIDE = _outside(sealed.c.seq).select_from(sealed)
LEAF_TILES_OUTSIDE = _outside(tile.c.at).select_from(tile).where(tile.c.level == _LEAVES)


class Unreadable(Exception):
    """The database could not give what was asked; the text says what it calls that, and holds no value."""


class Snapshot:
    """A connection in one reading transaction; close it."""

    def __init__(self, url: str) -> None:
        """Connect; raises LogError BW518 for what is no address, Unreadable when there is no reading it."""
        self.store = store_at(url)
        self._engine = self.store.reading()
        self._begin = _BEGIN[self._engine.dialect.name]
        module = self._engine.dialect.loaded_dbapi
        # A damaged file makes drivers raise nearly anything.
        self._errors = (module.Error, SQLAlchemyError, UnicodeError, OverflowError, MemoryError)
        try:
            self.session = Session(self._engine, self._begin)
            for setting in _PATIENCE if self.is_postgres else ():
                self.session.plain(setting)
            self.session.begin()
        except self._errors as error:
            self._engine.dispose()
            raise Unreadable(name_of(error)) from error

    @property
    def is_postgres(self) -> bool:
        """Return whether this is PostgreSQL rather than SQLite."""
        return self._engine.dialect.name == "postgresql"

    def rows(self, statement: Statement, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a statement; raises Unreadable."""
        try:
            return self.session.rows(statement, values)
        except self._errors as error:
            self._start_again()
            raise Unreadable(name_of(error)) from error

    def plain(self, sql: str) -> list[Row]:
        """Return all rows of a statement that only this database knows; raises Unreadable."""
        try:
            return self.session.plain(sql)
        except self._errors as error:
            self._start_again()
            raise Unreadable(name_of(error)) from error

    def number(self, statement: Statement, values: Sequence[object] = ()) -> int:
        """Return the one number that a statement gives; raises Unreadable."""
        ((number,),) = self.rows(statement, values)
        return int(number)

    def _start_again(self) -> None:
        """Leave the transaction, which PostgreSQL calls failed after any error, and begin another."""
        try:
            self.session.rollback()
            self.session.begin()
        except self._errors:
            return  # the next reading says so

    def close(self) -> None:
        """Let go of the store."""
        self.session.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the snapshot."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the snapshot."""
        self.close()


def name_of(error: BaseException) -> str:
    """Return what the database calls an error; its own text could quote a value."""
    said = getattr(error, "orig", None) or error
    return str(getattr(said, "sqlite_errorname", None) or getattr(said, "sqlstate", None) or type(said).__name__)


def pages(start: int, end: int, step: int) -> Iterator[tuple[int, int]]:
    """Yield the places from `start` up to `end` in runs of at most `step`.

    >>> list(pages(0, 5, 2))
    [(0, 2), (2, 4), (4, 5)]
    """
    return ((first, min(first + step, end)) for first in range(start, end, step))

"""One connection of the writer: plain statements, each standing for itself until `begin`.

Statements are written in SQLAlchemy Core (`statements.py`) and turned into text once; they run on the driver's own
cursor, because Core's handling of a statement costs as much as SQLite's execution of it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Engine

from boosterwatch.engine.audit.log.statements import MANY, Statement

Row = tuple[Any, ...]


class Fetching(Protocol):
    """What reads rows: a session of the writer, or a reader."""

    def rows(self, statement: Statement, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a statement; `values` go by position."""


class CommitLost(Exception):
    """A commit was answered with something else."""


class Session:
    """A connection taken from an engine whose connections commit by themselves; used by one thread at a time."""

    def __init__(self, engine: Engine, begin: str) -> None:
        """Connect; raises the driver's error when that fails. `begin` opens a transaction that will write."""
        self._dialect = engine.dialect
        self._begin = begin
        self._texts: dict[Statement, str] = {}
        self.core = engine.connect()
        self._cursor = self.core.connection.cursor()

    def begin(self) -> None:
        """Open a transaction."""
        self._cursor.execute(self._begin)

    def commit(self) -> None:
        """Commit; raises CommitLost when the database says that it did something else."""
        self._cursor.execute("COMMIT")
        done = getattr(self._cursor, "statusmessage", "COMMIT")  # PostgreSQL ends a failed transaction without an error
        if done != "COMMIT":
            raise CommitLost(f"the database answered {done} to a commit")

    def rollback(self) -> None:
        """Undo the open transaction."""
        self._cursor.execute("ROLLBACK")

    def run(self, statement: Statement, values: Sequence[object] = ()) -> None:
        """Run a statement that returns nothing."""
        self._cursor.execute(self._text(statement), values)

    def many(self, statement: Statement, rows: Sequence[Sequence[object]]) -> None:
        """Run a statement for each row."""
        if len(rows) == 1:
            self._cursor.execute(self._text(statement), rows[0])
        elif rows:
            self._cursor.executemany(self._text(statement), rows)

    def rows(self, statement: Statement, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a statement."""
        self._cursor.execute(self._text(statement), values)
        return [tuple(row) for row in self._cursor.fetchall()]

    def plain(self, sql: str) -> list[Row]:
        """Return the rows of a statement that only this database knows (PRAGMA, SHOW, SET)."""
        self._cursor.execute(sql)
        return [tuple(row) for row in self._cursor.fetchall()] if self._cursor.description else []

    def close(self) -> None:
        """Disconnect for good; what is not committed is undone. Never raises: nothing more can be done about it."""
        for end in (self._cursor.close, self.core.invalidate, self.core.close):
            with contextlib.suppress(Exception):  # a broken connection may break again on closing
                end()  # the cursor first: SQLite keeps a connection, and its locks, while a statement is unfinished

    def _text(self, statement: Statement) -> str:
        text = self._texts.get(statement)
        if text is None:
            text = self._texts[statement] = str(statement.compile(dialect=self._dialect))
        return text


def find(session: Fetching, statements: Mapping[int, Statement], values: Sequence[str]) -> Iterator[Row]:
    """Yield the rows that a `FIND_` statement has for any of the values."""
    if len(values) == 1:
        yield from session.rows(statements[1], values)
        return
    for start in range(0, len(values), MANY):
        some = list(values[start : start + MANY])
        yield from session.rows(statements[MANY], some + some[-1:] * (MANY - len(some)))

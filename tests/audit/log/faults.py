"""Databases that fail at a chosen call: before it is made, or after it was made and only its answer is lost."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine

from boosterwatch.engine.audit.log.stores import PostgresStore, SqliteStore, Store, store_at

Value = TypeVar("Value")


class Faults:
    """The calls of a connection, counted; those from `first` to before `end` fail."""

    def __init__(self) -> None:
        self.count = 0
        self.first = self.end = -1
        self.late = False
        self.hit: list[str] = []

    def arm(self, first: int, length: int = 1, *, late: bool = False) -> None:
        """Let calls fail from `first` on, counted from now; `late` ones are made, and their answer is lost."""
        self.count, self.first, self.end, self.late, self.hit = 0, first, first + length, late, []

    def disarm(self) -> None:
        """Let nothing fail."""
        self.first = self.end = -1

    def around(self, name: str, call: Callable[[], Value], error: Exception) -> Value:
        """Make a call, unless it is one that fails."""
        number = self.count
        self.count += 1
        if not self.first <= number < self.end:
            return call()
        self.hit.append("UNLOCK" if "pg_advisory_unlock" in name else name.split()[0])
        if self.late:
            call()
        raise error


def faulty(url: str, faults: Faults) -> Store:
    """Return the store at an address, with faults."""
    found = store_at(url)
    if isinstance(found, SqliteStore):
        return FaultySqlite(found, faults)
    assert isinstance(found, PostgresStore)
    return FaultyPostgres(found, faults)


class FaultySqlite(SqliteStore):
    """A SQLite file whose calls fail."""

    def __init__(self, store: SqliteStore, faults: Faults) -> None:
        super().__init__(store.path)
        self._faults = faults
        self.connection = _connections(faults)

    def writing(self) -> sqlite3.Connection:
        return self._faults.around("connect", super().writing, sqlite3.OperationalError("unable to open database file"))


def _connections(faults: Faults) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, values: Any = ()) -> Any:
            error = sqlite3.OperationalError("disk I/O error")
            return faults.around(sql, lambda: super(Cursor, self).execute(sql, values), error)

        def executemany(self, sql: str, values: Any) -> Any:
            error = sqlite3.OperationalError("disk I/O error")
            return faults.around(sql, lambda: super(Cursor, self).executemany(sql, values), error)

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = Cursor) -> Any:
            return super().cursor(factory)

    return Connection


class FaultyPostgres(PostgresStore):
    """A schema on PostgreSQL whose calls fail."""

    def __init__(self, store: PostgresStore, faults: Faults) -> None:
        self._faults = faults
        super().__init__(store.address, store.shown)

    def connecting(self, name: str) -> dict[str, Any]:
        return {**super().connecting(name), "cursor_factory": _cursors(self._faults)}

    def reading(self) -> Engine:
        return PostgresStore(self.address, self.shown).reading()


def _cursors(faults: Faults) -> type[psycopg.Cursor[Any]]:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
            error = psycopg.OperationalError("server closed the connection unexpectedly")
            return faults.around(str(query), lambda: super(Cursor, self).execute(query, params, **more), error)

        def executemany(self, query: Any, params_seq: Any, **more: Any) -> None:
            error = psycopg.OperationalError("server closed the connection unexpectedly")
            faults.around(str(query), lambda: super(Cursor, self).executemany(query, params_seq, **more), error)

    return Cursor

"""DuckDB: a run's work inside this process, in memory up to a limit and on disk beyond it.

Ibis takes seconds to write the statements of a policy, and DuckDB seconds to carry them out; so they do it at the same
time. Statements stand in a line, one thread carries them out in order, and whoever asks the database for rows waits
until the line is empty.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis import Schema
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table


class DuckStage:
    """Keeps steps as temporary tables, and names them as temporary views; both have the types that Ibis says.

    `statements` are those that were put in line, `shared` counts the tables of this process that they read, and `asked`
    how often somebody wanted rows.
    """

    def __init__(self, con: Backend) -> None:
        self._con = con
        self._line = _line_of(con)
        self._known: set[str] = set()
        self.statements: list[str] = []
        self.shared = 0

    def keep(self, table: Table, name: str) -> Table:
        """Return the table worked out, as a temporary table under a fresh name."""
        return self._make("TABLE", table, name)

    def name(self, table: Table, name: str) -> Table:
        """Return the table under a fresh name, as a temporary view."""
        return self._make("VIEW", table, name)

    @property
    def asked(self) -> int:
        """How often rows were wanted of the connection so far."""
        return self._line.waits

    def carry_out(self, statements: Sequence[str], name: str, schema: Schema) -> Table:
        """Return the table that statements make, which a stage as far as this one wrote for another connection."""
        for statement in statements:
            self._add(statement)
        return self._table(name, schema)

    def _make(self, kind: str, table: Table, name: str) -> Table:
        fresh, con = f"{name}_{len(self.statements) + 1}", self._con
        for constant in table.op().find(ops.InMemoryTable):
            self._constant(constant)
        self._add(f'CREATE TEMP {kind} "{fresh}" AS {typed(con, table)}')
        return self._table(fresh, table.schema())

    def _constant(self, table: ops.InMemoryTable) -> None:
        """See that a table of this process can be read: spelled out where it is small and plain, or else shared."""
        if table.name in self._known:
            return
        self._known.add(table.name)
        spelled = spelled_out(self._con, table)
        if spelled is None:
            self._con._run_pre_execute_hooks(table.to_expr())
            self.shared += 1
        else:
            self._add(f'CREATE TEMP TABLE "{table.name}" AS {spelled}')

    def _add(self, statement: str) -> None:
        self._line.add(statement)
        self.statements.append(statement)

    def _table(self, name: str, schema: Schema) -> Table:
        return ops.DatabaseTable(name=name, schema=schema, source=self._con).to_expr()


def typed(con: Backend, table: Table) -> str:
    """Return the query of a table, with every column of the type that Ibis takes it to have.

    Its guesses are relied on further down, where a cast to what a column is already is left out.
    """
    names = {name: f'"{name}"' for name in table.columns}
    types = {name: con.compiler.type_mapper.to_string(type) for name, type in table.schema().items()}
    columns = ", ".join(f"CAST({shown} AS {types[name]}) AS {shown}" for name, shown in names.items())
    return f"SELECT {columns} FROM ({con.compile(table)})"


SPELLED = 500  # rows of a constant table, at most


def spelled_out(con: Backend, table: ops.InMemoryTable) -> str | None:
    """Return the query that gives the rows of a constant table; None for one with many rows, or with other values."""
    rows = table.data.to_pyarrow(table.schema).to_pylist()
    values = [[_literal(value) for value in row.values()] for row in rows]
    if not 0 < len(rows) <= SPELLED or any(text is None for row in values for text in row):
        return None
    lines = ", ".join(f"({', '.join(map(str, row))})" for row in values)
    names = ", ".join(f'"{name}"' for name in table.schema.names)
    types = {name: con.compiler.type_mapper.to_string(type) for name, type in table.schema.items()}
    columns = ", ".join(f'CAST("{name}" AS {type}) AS "{name}"' for name, type in types.items())
    return f"SELECT {columns} FROM (VALUES {lines}) AS constant({names})"


def _literal(value: object) -> str | None:
    match value:
        case None:
            return "NULL"
        case bool() | int():
            return str(value)
        case float() if math.isfinite(value):
            return f"CAST('{value!r}' AS DOUBLE)"
        case str() if "\0" not in value:
            return "'" + value.replace("'", "''") + "'"
    return None


# ---------------------------------------------------------------- statements in line


class Line:
    """Statements that wait for their turn. The first that fails ends the line, and is raised to whoever comes next."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._worker = ThreadPoolExecutor(1, "boosterwatch-duckdb")
        self._last: Future[None] | None = None
        self.waits = 0

    def add(self, statement: str) -> None:
        """Put a statement at the end. Raises what an earlier one failed with, if that is known by now."""
        before = self._last
        if before is not None and before.done():
            before.result()
        self._last = self._worker.submit(self._carry_out, statement, before)

    def wait(self) -> None:
        """Return when the line is empty. Raises what a statement failed with."""
        last, self._last = self._last, None
        if last is not None:
            last.result()

    def close(self) -> None:
        """Let nothing more be carried out, and end the thread."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _carry_out(self, statement: str, before: Future[None] | None) -> None:
        if before is not None:
            before.result()  # done, since one thread does it all; raises what went wrong
        self._database.execute(statement)


ASKING = {"execute", "query", "sql"}  # what asks for rows, of all that a connection can do


class Ordered:
    """A connection of DuckDB that first waits for the statements in line."""

    def __init__(self, database: Any, line: Line) -> None:
        self._ordered = (database, line)

    def line(self) -> Line:
        """Return the statements in line."""
        return self._ordered[1]

    def __getattr__(self, name: str) -> Any:
        database, line = self._ordered
        line.wait()
        line.waits += name in ASKING
        return getattr(database, name)


def _line_of(con: Backend) -> Line:
    """Return the line of a connection, made when it is asked for first.

    The connection itself holds it: to Ibis, two databases in memory with the same settings are equal.
    """
    if not isinstance(con.con, Ordered):
        line = Line(con.con)
        con.con = Ordered(con.con, line)
        weakref.finalize(con, line.close)
    return con.con.line()


# ---------------------------------------------------------------- sessions


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the machine a run takes; beyond `memory` (`2GB`) DuckDB writes to `spill`. No threads: all cores."""

    memory: str
    spill: Path
    threads: int | None = None


@contextmanager
def duckdb_session(limits: Limits) -> Iterator[Backend]:
    """Give a database in memory that keeps to its limits, and close it.

    The order of rows is not kept, which costs memory; nothing here depends on it.
    """
    settings = {"memory_limit": limits.memory, "temp_directory": str(limits.spill), "preserve_insertion_order": False}
    if limits.threads is not None:
        settings["threads"] = limits.threads
    con = ibis.duckdb.connect(**settings)
    try:
        yield con
    finally:
        if isinstance(con.con, Ordered):
            con.con.line().close()
        con.disconnect()


def arrow_of(table: Table, schema: pa.Schema) -> pa.Table:
    """Return a table's rows under a schema, in one piece."""
    return table.to_pyarrow().select(schema.names).cast(schema)

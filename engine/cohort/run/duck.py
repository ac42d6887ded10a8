"""DuckDB: a run's work inside this process, in memory up to a limit and on disk beyond it.

Ibis takes seconds to write the statements of a policy, and DuckDB seconds to carry them out; so they do it at the same
time. Statements stand in a line, one thread carries them out in order, and whoever asks the database for rows waits
until the line is empty.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table


class DuckStage:
    """Keeps steps as temporary tables, and names them as temporary views; both have the types that Ibis says."""

    def __init__(self, con: Backend) -> None:
        self._con = con
        self._line = _line_of(con)
        self._made = 0

    def keep(self, table: Table, name: str) -> Table:
        """Return the table worked out, as a temporary table under a fresh name."""
        return self._make("TABLE", table, name)

    def name(self, table: Table, name: str) -> Table:
        """Return the table under a fresh name, as a temporary view."""
        return self._make("VIEW", table, name)

    def _make(self, kind: str, table: Table, name: str) -> Table:
        self._made += 1
        fresh, con = f"{name}_{self._made}", self._con
        if any(True for _ in table.op().find(ops.InMemoryTable)):
            con._run_pre_execute_hooks(table)
        self._line.add(f'CREATE TEMP {kind} "{fresh}" AS {typed(con, table)}')
        return ops.DatabaseTable(name=fresh, schema=table.schema(), source=con).to_expr()


def typed(con: Backend, table: Table) -> str:
    """Return the query of a table, with every column of the type that Ibis takes it to have.

    Its guesses are relied on further down, where a cast to what a column is already is left out.
    """
    names = {name: f'"{name}"' for name in table.columns}
    types = {name: con.compiler.type_mapper.to_string(type) for name, type in table.schema().items()}
    columns = ", ".join(f"CAST({shown} AS {types[name]}) AS {shown}" for name, shown in names.items())
    return f"SELECT {columns} FROM ({con.compile(table)})"


# ---------------------------------------------------------------- statements in line


class Line:
    """Statements that wait for their turn. The first that fails ends the line, and is raised to whoever comes next."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._worker = ThreadPoolExecutor(1, "boosterwatch-duckdb")
        self._last: Future[None] | None = None

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


class Ordered:
    """A connection of DuckDB that first waits for the statements in line."""

    def __init__(self, database: Any, line: Line) -> None:
        self._ordered = (database, line)

    def __getattr__(self, name: str) -> Any:
        database, line = self._ordered
        line.wait()
        return getattr(database, name)


_lines: weakref.WeakKeyDictionary[Backend, Line] = weakref.WeakKeyDictionary()


def _line_of(con: Backend) -> Line:
    """Return the line of a connection, made when it is asked for first."""
    line = _lines.get(con)
    if line is None:
        line = Line(con.con)
        con.con = Ordered(con.con, line)
        weakref.finalize(con, line.close)
        _lines[con] = line
    return line


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
        line = _lines.pop(con, None)
        if line is not None:
            line.close()
        con.disconnect()


def arrow_of(table: Table, schema: pa.Schema) -> pa.Table:
    """Return a table's rows under a schema, in one piece."""
    return table.to_pyarrow().select(schema.names).cast(schema)

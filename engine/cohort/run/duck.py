"""DuckDB: a run's work inside this process, in memory up to a limit and on disk beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table


class DuckStage:
    """Keeps steps as temporary tables, and names them as views."""

    def __init__(self, con: Backend) -> None:
        self._con = con
        self._made = 0

    def keep(self, table: Table, name: str) -> Table:
        """Return the table worked out, as a temporary table under a fresh name."""
        return self._con.create_table(self._fresh(name), table, temp=True)

    def name(self, table: Table, name: str) -> Table:
        """Return the table under a fresh name, as a view."""
        return self._con.create_view(self._fresh(name), table)

    def _fresh(self, name: str) -> str:
        self._made += 1
        return f"{name}_{self._made}"


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
        con.disconnect()


def arrow_of(table: Table, schema: pa.Schema) -> pa.Table:
    """Return a table's rows under a schema, in one piece."""
    return table.to_pyarrow().select(schema.names).cast(schema)

"""Tables of made-up patients for tests: written as NDJSON row by row, whatever is in the rows."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.run.duck import DuckStage
from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.load import Loaded, load_cohort
from boosterwatch.engine.cohort.tables.opened import Tables, open_tables
from boosterwatch.engine.cohort.tables.split import rows_of_record
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.oracle.patients import random_record

AS_OF = date(2026, 5, 1)
Plain = dict[str, Any]


def made_up(count: int, seed: int = 1) -> list[Plain]:
    """Return records of made-up patients, each with an id of its own."""
    rng = random.Random(seed)
    return [random_record(rng) | {"patient": f"p-{number:04d}"} for number in range(count)]


def ndjson_tables(folder: Path, records: Iterable[Mapping[str, Any]]) -> Path:
    """Write the rows of records as NDJSON, as they are; return the folder."""
    lines: dict[str, list[str]] = {name: [] for name in layouts()}
    for record in records:
        for name, rows in rows_of_record(record).items():
            lines[name] += [json.dumps(row) for row in rows]
    return write_lines(folder, lines)


def write_lines(folder: Path, lines: Mapping[str, Iterable[str]], suffix: str = ".ndjson") -> Path:
    """Write text files of tables, line by line; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, texts in lines.items():
        (folder / f"{name}{suffix}").write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return folder


def parquet_tables(folder: Path, rows: Mapping[str, list[Plain]]) -> Path:
    """Write rows as Parquet of the right types; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, entries in rows.items():
        pq.write_table(pa.Table.from_pylist(entries, schema=layouts()[name].schema()), folder / f"{name}.parquet")
    return folder


def opened(folder: Path) -> Tables:
    """Return the tables of a folder, with room for what is rewritten beside it."""
    return open_tables(folder, folder.parent / f"{folder.name}.work")


def loaded(con: Backend, tables: Tables, pack: LoadedPack, as_of: date = AS_OF, part: Any = None) -> Loaded:
    """Return the cohort of tables, loaded by DuckDB."""
    return load_cohort(con, tables, pack, as_of.toordinal(), DuckStage(con), part)


def contents(cohort: Cohort) -> dict[str, list[tuple[Any, ...]]]:
    """Return every table of a cohort of DuckDB as sorted rows, patients by their id and not their number."""
    return contents_of(cohort, lambda table, _: table.to_pyarrow())


def contents_of(cohort: Cohort, rows_of: Callable[[Table, str], pa.Table]) -> dict[str, list[tuple[Any, ...]]]:
    """Return the same for any engine; `rows_of` gives the rows of a table by its name."""
    patients = rows_of(cohort.patients, "patients").to_pylist()
    ids = {row["pid"]: row["patient"] for row in patients}
    found = {"patients": sorted(_plain(row, ids, ("pid",)) for row in patients)}
    for name in ("infusions", "bookings", "cycles", "forms", "facts", "overrides", "noted"):
        rows = rows_of(getattr(cohort, name), name).to_pylist()
        found[name] = sorted(_plain(row, ids, ("row",)) for row in rows)
    return found


def _plain(row: Plain, ids: Mapping[int, str], left_out: tuple[str, ...]) -> tuple[Any, ...]:
    """Return a row that can be sorted: values as text, so that null has a place."""
    kept = {"pid": ids[row["pid"]], **{key: value for key, value in row.items() if key not in (*left_out, "pid")}}
    return tuple(f"{key}={value!r}" for key, value in sorted(kept.items()))


def database() -> Backend:
    """Return a fresh database in memory that keeps no order of rows, as a run has it."""
    return ibis.duckdb.connect(preserve_insertion_order=False)

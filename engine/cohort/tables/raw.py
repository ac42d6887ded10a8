"""Opened tables as tables of an engine: every column there and of its type, rows numbered. The only place where the
engines are told apart, because each numbers the rows of a file in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Column as Values
from ibis.expr.types import Table

from boosterwatch.engine.cohort.tables.layout import PATIENTS, Kind, Layout, layouts
from boosterwatch.engine.cohort.tables.opened import Part, Tables

FILE, ROW = "__file", "__row"
TYPES: dict[Kind, str] = {
    "text": "string",
    "number": "float64",
    "truth": "boolean",
    "date": "date",
    "texts": "array<string>",
    "numbers": "array<float64>",
}
EPOCH = date(1970, 1, 1)
PLACES = 2**40  # rows of one file at most, so that file and row make one number


def raw_table(con: BaseBackend, tables: Tables, name: str) -> Table:
    """Return a table with every column of its layout and those that group, the file's number and the row in it."""
    layout = layouts()[name]
    part = tables.parts.get(name)
    if part is None:
        return _empty(con, tables, layout)
    read = _read(con, part)
    columns = {column.name: _typed(read, column.name, column.kind, part.columns) for column in layout.columns}
    groups = {group: read[group].cast("string") for group in part.columns if group not in columns}
    return read.select(**columns, **groups, **{FILE: read[FILE], ROW: read[ROW]})


def _typed(read: Table, name: str, kind: Kind, there: Sequence[str]) -> Values:
    if name not in there:
        return ibis.null().cast(TYPES[kind])
    column = read[name]
    return column if str(column.type()) == TYPES[kind] else column.cast(TYPES[kind])


def _empty(con: BaseBackend, tables: Tables, layout: Layout) -> Table:
    """Return a table that is not there: its columns, no rows."""
    nobody = _read(con, tables.parts[PATIENTS]).filter(ibis.literal(False))
    columns = {column.name: ibis.null().cast(TYPES[column.kind]) for column in layout.columns}
    return nobody.select(**columns, **{FILE: nobody[FILE], ROW: nobody[ROW]})


def day_of(value: Any) -> Any:
    """Return a date's proleptic ordinal."""
    return value.delta(ibis.date(EPOCH.isoformat()), unit="day").cast("int64") + EPOCH.toordinal()


def place_of(table: Table) -> Any:
    """Return one number for file and row, unique in the table."""
    return table[FILE] * PLACES + table[ROW]


# ---------------------------------------------------------------- engines


def _read(con: BaseBackend, part: Part) -> Table:
    return _by_duckdb(con, part) if con.name == "duckdb" else _by_spark(con, part)


def _by_duckdb(con: Any, part: Part) -> Table:
    name = ibis.util.gen_name("cohort_table")
    files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in part.files)
    con.raw_sql(
        f'CREATE TEMP VIEW "{name}" AS SELECT *, file_index::BIGINT AS "{FILE}", file_row_number::BIGINT AS "{ROW}" '
        f"FROM read_parquet([{files}], hive_partitioning = false)"
    )
    found: Table = con.table(name)
    return found


def _by_spark(con: Any, part: Part) -> Table:
    view = ibis.util.gen_name("cohort_table")
    read = con._session.read.parquet(*(str(path) for path in part.files))
    names = ", ".join("'" + path.name.replace("\\", "\\\\").replace("'", "\\'") + "'" for path in part.files)
    name_of = "url_decode(replace(_metadata.file_name, '+', '%2B'))"  # it stands there as in an address
    number = f"array_position(array({names}), {name_of}) - 1" if len(part.files) > 1 else "0"
    row = "_metadata.row_index"
    read.selectExpr(
        "*", f"cast({number} as bigint) as {FILE}", f"cast({row} as bigint) as {ROW}"
    ).createOrReplaceTempView(view)
    found: Table = con.table(view)
    return found

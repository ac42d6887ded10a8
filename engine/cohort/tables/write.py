"""Rows -> files of tables: Parquet, CSV or NDJSON, some thousand rows at a time, whatever the size of the cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.tables.errors import problem
from boosterwatch.engine.cohort.tables.given import JSON_TYPES, column_of_values
from boosterwatch.engine.cohort.tables.layout import Kind, Layout, layouts
from boosterwatch.engine.cohort.tables.source import Format
from boosterwatch.engine.cohort.tables.split import Row, Rows

AT_ONCE = 20_000  # rows


class Put(Protocol):
    """Appends rows to the file of a table."""

    def __call__(self, table: pa.Table, /) -> None: ...


@contextmanager
def table_files(folder: Path, format: Format, groups: Sequence[str] = ()) -> Iterator[Mapping[str, Put]]:
    """Give for each table what appends to its file in `folder`. The files are whole at the end."""
    with ExitStack() as files:
        yield {
            name: files.enter_context(_OPEN[format](folder / f"{name}.{format}", _schema(layout, groups)))
            for name, layout in layouts().items()
        }


def _schema(layout: Layout, groups: Sequence[str]) -> pa.Schema:
    return layout.schema(groups if layout.name == next(iter(layouts())) else ())


@contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Iterator[Put]:
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        yield lambda table: writer.write_table(table)


@contextmanager
def _csv(path: Path, schema: pa.Schema) -> Iterator[Put]:
    flat = pa.schema({field.name: pa.string() if _is_list(field) else field.type for field in schema})
    with csv.CSVWriter(path, flat, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
        yield lambda table: writer.write_table(_flat(table, flat))


def _is_list(field: pa.Field) -> bool:
    return bool(pa.types.is_list(field.type))


def _flat(table: pa.Table, flat: pa.Schema) -> pa.Table:
    """Return a table with its lists as JSON."""
    for place, field in enumerate(table.schema):
        if _is_list(field):
            texts = [None if value is None else orjson.dumps(value).decode() for value in table[place].to_pylist()]
            table = table.set_column(place, flat.field(place), pa.array(texts, pa.string()))
    return table


@contextmanager
def _ndjson(path: Path, schema: pa.Schema) -> Iterator[Put]:
    with path.open("wb") as file:

        def put(table: pa.Table) -> None:
            for row in table.to_pylist():
                stated = {name: value for name, value in row.items() if value is not None}
                file.write(orjson.dumps(stated, option=orjson.OPT_APPEND_NEWLINE))

        yield put


_OPEN = {"parquet": _parquet, "csv": _csv, "ndjson": _ndjson}


# ---------------------------------------------------------------- rows as they come


class RowWriter:
    """Gathers rows of records and appends them to files of tables, whole columns at a time."""

    def __init__(self, puts: Mapping[str, Put]) -> None:
        self._puts = puts
        self._rows: Rows = {name: [] for name in puts}

    def add(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Take the rows of one record."""
        for name, more in rows.items():
            kept = self._rows[name]
            kept += more
            if len(kept) >= AT_ONCE:
                self._put(name)

    def finish(self) -> None:
        """Append what is left."""
        for name in self._puts:
            self._put(name)

    def _put(self, name: str) -> None:
        rows, layout = self._rows[name], layouts()[name]
        if rows:
            self._rows[name] = []
            columns = [_column(layout, column.name, column.kind, rows) for column in layout.columns]
            self._puts[name](pa.Table.from_arrays(columns, schema=layout.schema()))


def _column(layout: Layout, name: str, kind: Kind, rows: Sequence[Row]) -> pa.Array:
    values: list[Any] = [row.get(name) for row in rows]
    typed = column_of_values(kind, values, JSON_TYPES)
    lost = [code for code, bad in typed.faults.items() if bad.true_count] or _inexact(kind, values)
    if lost:
        message = f"`{name}` of a row of `{layout.name}` is a value that no table holds as it is"
        hint = "a number of more than 15 digits, or a day that no calendar has in a row entered in error"
        raise problem("BW712", message, hint)
    return typed.values


def _inexact(kind: Kind, values: Sequence[Any]) -> list[Any]:
    """Return the whole numbers that no float holds."""
    if kind not in ("number", "numbers"):
        return []
    flat = (one for value in values for one in (value if isinstance(value, list) else [value]))
    return [one for one in flat if isinstance(one, int) and float(one) != one]

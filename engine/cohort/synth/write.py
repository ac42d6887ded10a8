"""Tables on their way to files, a block at a time, so that a cohort of any size needs the memory of a few blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.tables.source import Format

Put = Callable[[pa.Table], None]


@contextmanager
def writers(folder: Path, schemas: Mapping[str, pa.Schema], format: Format, about: bytes) -> Iterator[dict[str, Put]]:
    """Give a function for each table that appends rows to its file in `folder`; the files are whole at the end.

    `about` is kept in Parquet files as the metadata key of that name.
    """
    with ExitStack() as open_files:
        puts = {}
        for name, schema in schemas.items():
            put = _WRITERS[format](folder / f"{name}.{format}", schema, about)
            puts[name] = open_files.enter_context(put)
        yield puts


@contextmanager
def _parquet(path: Path, schema: pa.Schema, about: bytes) -> Iterator[Put]:
    labelled = schema.with_metadata({b"synthetic": about})
    with pq.ParquetWriter(path, labelled, compression="zstd") as writer:
        yield lambda table: writer.write_table(table.replace_schema_metadata(labelled.metadata))


@contextmanager
def _csv(path: Path, schema: pa.Schema, _about: bytes) -> Iterator[Put]:
    flat = pa.schema([pa.field(field.name, pa.string()) if _is_list(field) else field for field in schema])
    options = csv.WriteOptions(quoting_style="needed")
    with csv.CSVWriter(path, flat, write_options=options) as writer:
        yield lambda table: writer.write_table(_flattened(table, flat))


def _is_list(field: pa.Field) -> bool:
    return bool(pa.types.is_list(field.type))


def _flattened(table: pa.Table, flat: pa.Schema) -> pa.Table:
    """Return a table with its lists as JSON."""
    for at, field in enumerate(table.schema):
        if _is_list(field):
            texts = [None if value is None else orjson.dumps(value).decode() for value in table[at].to_pylist()]
            table = table.set_column(at, flat.field(at), pa.array(texts, pa.string()))
    return table.cast(flat)


@contextmanager
def _ndjson(path: Path, _schema: pa.Schema, _about: bytes) -> Iterator[Put]:
    with path.open("wb") as file:

        def put(table: pa.Table) -> None:
            for row in table.to_pylist():
                stated: dict[str, Any] = {name: value for name, value in row.items() if value is not None}
                file.write(orjson.dumps(stated, option=orjson.OPT_APPEND_NEWLINE))

        yield put


_WRITERS = {"parquet": _parquet, "csv": _csv, "ndjson": _ndjson}

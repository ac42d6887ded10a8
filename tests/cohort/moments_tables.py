"""Cohorts made of rows, or of records moved to one date, for the tests of columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.fact_rows import fact_schemas, rows_of
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.read import record_from_mapping

Row = dict[str, Any]
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def cohort_of_rows(con: BaseBackend, pack: ir.Pack, rows: Mapping[str, Sequence[Row]], folder: Path) -> Cohort:
    """Return a cohort of rows by the name of their table; columns and tables left out are null and empty."""
    tables: dict[str, Table] = {}
    for name, schema in fact_schemas(pack).items():
        path = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(list(rows.get(name, ())), schema=schema), path)
        tables[name] = con.read_parquet(path)
    own = frozenset(row["parameter"] for row in rows.get("overrides", ()))
    return Cohort(**tables, own=own)


def cohort_of(con: BaseBackend, pack: ir.Pack, records: Iterable[Record], folder: Path) -> Cohort:
    """Return a cohort of records already read, with `pid` their place."""
    named = [(f"{place:07d}", record) for place, record in enumerate(records)]
    return cohort_of_rows(con, pack, rows_of(pack, named), folder)


def moved(plain: Mapping[str, Any], as_of: date) -> Record:
    """Return a plain record with all its dates moved so that it is evaluated on `as_of`."""
    by = as_of - date.fromisoformat(str(plain["as_of"]))
    return record_from_mapping(_moved(plain, by))


def _moved(data: Any, by: timedelta) -> Any:
    match data:
        case Mapping():
            return {key: _moved(value, by) for key, value in data.items()}
        case list():
            return [_moved(value, by) for value in data]
        case date():
            return (data + by).isoformat()
        case str() if _DATE.fullmatch(data):
            return (date.fromisoformat(data) + by).isoformat()
    return data


def rows_by(table: Table, key: str) -> dict[Any, Row]:
    """Return the rows of a table by one column, nulls as None."""
    return {row[key]: row for row in table.to_pyarrow().to_pylist()}

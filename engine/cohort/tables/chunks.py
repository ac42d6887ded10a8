"""Chunks of a cohort: ranges of patient ids with as many patients in each.

Ranges, so that files in the order of patients are read once and not once for every chunk, and so that the results of
chunk after chunk are in the order of patients. They hang on the ids alone, whichever engine cuts.
"""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.tables.layout import PATIENTS
from boosterwatch.engine.cohort.tables.opened import Tables
from boosterwatch.engine.cohort.tables.raw import raw_table

Range = tuple[str | None, str | None]  # from an id on, up to but without another


def range_of(con: BaseBackend, tables: Tables, part: tuple[int, int] | None) -> Range:
    """Return the patients of chunk `k` of `n`, counted from 0; all of them without a part."""
    if part is None:
        return None, None
    number, count = part
    if not 0 <= number < count:
        raise ValueError(f"there is no chunk {number} of {count}")
    ends = (None, *cuts_of(con, tables, count), None)
    return ends[number], ends[number + 1]


def cuts_of(con: BaseBackend, tables: Tables, count: int) -> tuple[str, ...]:
    """Return the ids with which the chunks after the first begin; kept with the tables."""
    if count not in tables.cuts:
        tables.cuts[count] = _cut(con, tables, count)
    return tables.cuts[count]


def _cut(con: BaseBackend, tables: Tables, count: int) -> tuple[str, ...]:
    if count == 1:
        return ()
    raw = raw_table(con, tables, PATIENTS)
    ids = raw.filter(raw.patient.notnull()).select("patient").distinct()
    total = collect(con, ids.aggregate(n=ids.count()), pa.schema({"n": pa.int64()}))["n"][0].as_py()
    places = sorted({total * k // count for k in range(1, count)})
    numbered = ids.select("patient", place=ibis.row_number().over(order_by=ids.patient))
    found = numbered.filter(numbered.place.isin(places))
    rows = collect(con, found, pa.schema({"patient": pa.string(), "place": pa.int64()})).to_pylist()
    by_place = {row["place"]: row["patient"] for row in rows}
    last = max(by_place.values(), default="")
    return tuple(by_place.get(total * k // count, last) for k in range(1, count))


def within(table: Table, range: Range) -> Table:
    """Return the rows of the patients of a range; rows of nobody belong to the first."""
    low, high = range
    if low is not None:
        table = table.filter(table.patient >= low)
    if high is not None:
        below: Any = table.patient < high
        table = table.filter(below if low is not None else (below | table.patient.isnull()))
    return table


def collect(con: BaseBackend, table: Table, schema: pa.Schema) -> pa.Table:
    """Return a small table's rows under a schema."""
    if con.name == "pyspark":
        from boosterwatch.engine.cohort.run.spark import arrow_of

        return arrow_of(con, table, schema)
    return table.to_pyarrow().select(schema.names).cast(schema)

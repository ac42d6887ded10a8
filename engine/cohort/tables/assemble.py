"""Opened tables -> records, some thousand patients at a time: for the row engine, and for whoever wants records back.

A patient one of whose rows has no types (`Tables.faults`) makes no record, nor does one with no row, or two, in the
table of patients.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.tables.chunks import Range, collect, cuts_of, within
from boosterwatch.engine.cohort.tables.errors import problem
from boosterwatch.engine.cohort.tables.layout import PATIENTS, layouts
from boosterwatch.engine.cohort.tables.opened import Tables
from boosterwatch.engine.cohort.tables.raw import FILE, ROW, raw_table
from boosterwatch.engine.cohort.tables.split import Row, record_of_rows

AT_ONCE = 20_000  # patients
Assembled = tuple[str, dict[str, Any] | None]


def records_of(
    tables: Tables, patients: Collection[str] | None = None, as_of: str | None = None
) -> Iterator[Assembled]:
    """Yield every patient whom the tables name with their record, in the order of their ids; None: they make none.

    With `patients` only those. The date of a record is `as_of`, or what the table of patients states.
    """
    con = ibis.duckdb.connect()
    try:
        for range in _ranges(con, tables, patients):
            yield from _assembled(con, tables, range, patients, as_of)
    finally:
        con.disconnect()


def _ranges(con: BaseBackend, tables: Tables, patients: Collection[str] | None) -> list[Range]:
    if patients is not None:
        return [(None, None)]
    raw = raw_table(con, tables, PATIENTS)
    counted = collect(con, raw.aggregate(n=raw.count()), pa.schema({"n": pa.int64()}))["n"][0].as_py()
    ends = (None, *cuts_of(con, tables, max(1, -(-counted // AT_ONCE))), None)
    return list(pairwise(ends))


def _assembled(
    con: BaseBackend, tables: Tables, range: Range, patients: Collection[str] | None, as_of: str | None
) -> Iterator[Assembled]:
    grouped: defaultdict[str | None, dict[str, list[Row]]] = defaultdict(lambda: {name: [] for name in layouts()})
    for name in tables.parts:
        rows = within(raw_table(con, tables, name), range)
        if patients is not None:
            rows = rows.filter(rows.patient.isin(sorted(patients)))
        for row in _ordered(rows):
            grouped[row["patient"]][name].append(row)
    if None in grouped:
        raise problem("BW705", "there are rows without a patient", "nobody knows whose facts they are")
    broken = {fault.patient for fault in tables.faults}
    for patient in sorted(one for one in grouped if one is not None):
        whole = len(grouped[patient][PATIENTS]) == 1 and patient not in broken
        yield patient, record_of_rows(grouped[patient], as_of) if whole else None


def _ordered(rows: Table) -> Iterator[Row]:
    ordered = rows.order_by([FILE, ROW]).drop(FILE, ROW)
    for batch in ordered.to_pyarrow().to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()

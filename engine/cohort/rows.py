"""The results of a cohort through the row engine: slow, one patient after the other, and the judge of the columns.

One row per patient, in the order of their ids, in the columns of `results.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.facts import read_all
from boosterwatch.engine.cohort.results import refused, result_of, result_schema
from boosterwatch.engine.cohort.tables.assemble import records_of
from boosterwatch.engine.cohort.tables.opened import Tables
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Record


def by_rows(pack: LoadedPack, source: Iterable[Mapping[str, Any]] | Tables, as_of: int) -> pa.Table:
    """Return the results of plain records, or of opened tables, at a date, whatever date they state.

    A record that is refused says so; so does a patient of the tables who makes none.
    """
    if isinstance(source, Tables):
        return _table(pack, list(_of_tables(pack, source, as_of)))
    return _table(pack, [_row(pack, patient, record, as_of) for patient, record in read_all(pack, source, as_of)])


def _of_tables(pack: LoadedPack, tables: Tables, as_of: int) -> Iterator[dict[str, Any]]:
    for patient, record in records_of(tables, as_of=date.fromordinal(as_of).isoformat()):
        if record is None:
            yield refused(patient, as_of)
        else:
            yield _row(pack, *read_all(pack, [record], as_of)[0], as_of)


def _row(pack: LoadedPack, patient: str, record: Record | RecordError, as_of: int) -> dict[str, Any]:
    if isinstance(record, RecordError):
        return refused(patient, as_of)
    return result_of(pack.ir, patient, evaluate(pack, record))


def _table(pack: LoadedPack, rows: list[dict[str, Any]]) -> pa.Table:
    rows.sort(key=lambda row: row["patient"])
    return pa.Table.from_pylist(rows, schema=result_schema(pack.ir))

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
from boosterwatch.engine.record import shape


def by_rows(pack: LoadedPack, source: Iterable[Mapping[str, Any]] | Tables, as_of: int) -> pa.Table:
    """Return the results of plain records, or of opened tables, at a date, whatever date they state.

    A record that is refused says so; so does a patient of the tables who makes none.
    """
    if isinstance(source, Tables):
        return _table(pack, list(_of_tables(pack, source, as_of)))
    return _table(pack, [_row(pack, patient, record, as_of) for patient, record in read_all(pack, source, as_of)])


def _of_tables(pack: LoadedPack, tables: Tables, as_of: int) -> Iterator[dict[str, Any]]:
    for patient, record in records_of(tables):
        yield _row(pack, patient, read_at(pack, record, as_of), as_of)


def read_at(pack: LoadedPack, plain: Mapping[str, Any] | None, as_of: int) -> Record | RecordError | None:
    """Return what a patient's rows say, read at a date; None for rows that make no record.

    The date that they state themselves is not read, but one that is none refuses them, as any wrong value does.
    """
    if plain is None or not shape.validator_of_dates().is_valid(plain.get("as_of", _day(as_of))):
        return None
    ((_, read),) = read_all(pack, [plain], as_of)
    return read


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _row(pack: LoadedPack, patient: str, record: Record | RecordError | None, as_of: int) -> dict[str, Any]:
    if not isinstance(record, Record):
        return refused(patient, as_of)
    return result_of(pack.ir, patient, evaluate(pack, record))


def _table(pack: LoadedPack, rows: list[dict[str, Any]]) -> pa.Table:
    rows.sort(key=lambda row: row["patient"])
    return pa.Table.from_pylist(rows, schema=result_schema(pack.ir))

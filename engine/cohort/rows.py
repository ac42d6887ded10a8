"""The results of a cohort through the row engine: slow, one patient after the other, and the judge of the columns.

One row per patient, in the order of their ids, in the columns of `results.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.facts import read_all
from boosterwatch.engine.cohort.results import refused, result_of, result_schema
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack


def by_rows(pack: LoadedPack, records: Iterable[Mapping[str, Any]], as_of: int) -> pa.Table:
    """Return the results of plain records at a date, whatever date they state; one that is refused says so."""
    rows = [
        refused(patient, as_of)
        if isinstance(record, RecordError)
        else result_of(pack.ir, patient, evaluate(pack, record))
        for patient, record in read_all(pack, records, as_of)
    ]
    rows.sort(key=lambda row: row["patient"])
    return pa.Table.from_pylist(rows, schema=result_schema(pack.ir))

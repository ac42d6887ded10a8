"""The facts of one chunk of patients as typed tables: what the columnar evaluation reads, in place of a `Record`.

Made of checked tables (`tables/load.py`), or of plain records (`cohort_of_records`). Rows dated after the evaluation
date, or entered in error, are already gone, and so is every patient whom the row engine would refuse.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.fact_rows import fact_schemas, rows_of
from boosterwatch.engine.cohort.names import parameter_column
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import check_against_pack, record_from_mapping


@dataclass(frozen=True)
class Cohort:
    """One chunk of patients. `pid` counts them in the order of their ids; days are proleptic ordinals.

    patients   pid, patient, birth_date (date), sex, indications (array, never null), marked_first, marked_last: a
               marked induction, null when there is none or it begins after the evaluation date
    infusions  pid, day: once each, up to the evaluation date, those of a marked induction among them
    bookings   pid, day: once each, from the evaluation date on
    cycles     pid, infusion, loss (null: censored), as recorded
    forms      pid, row (unique), instrument, day, total, items, method, version, after, and `extra__<name>` for each
               extra answer that the pack has a scale for
    facts      pid, row (unique), type, day, and each field of the record's safety facts; null: not stated
    overrides  pid, parameter, value: the one in force of each patient and parameter
    noted      pid, code: why something was set aside in reading, once each
    own        the parameters that somebody has a value of
    """

    patients: Table
    infusions: Table
    bookings: Table
    cycles: Table
    forms: Table
    facts: Table
    overrides: Table
    noted: Table
    own: frozenset[str]


def parameters_in_force(pack: LoadedPack, cohort: Cohort, as_of: int) -> Parameters:
    """Return the parameters in force on a day: the pack's dated values, the site's, and those that patients set.

    Raises RecordError (BW340) when a parameter has no value yet on that day.
    """
    chosen = values_in_force(pack.ir, as_of)
    return Parameters({name: choice.value for name, choice in chosen.items()}, cohort.own)


def with_parameters(table: Table, cohort: Cohort, parameters: Parameters) -> Table:
    """Return a table that has a `pid` with a column for each parameter of `own`: the patient's own, or that of all."""
    if not parameters.own:
        return table
    mine, names = cohort.overrides, sorted(parameters.own)
    own = mine.group_by("pid").aggregate(
        **{parameter_column(name): mine.value.max(where=mine.parameter == name) for name in names}
    )
    filled = {
        parameter_column(name): ibis.coalesce(
            own[parameter_column(name)], ibis.literal(float(parameters.numbers[name]))
        )
        for name in names
    }
    return table.left_join(own, table.pid == own.pid).select(*(table[name] for name in table.columns), **filled)


# ---------------------------------------------------------------- of plain records


def patient_of(record: Mapping[str, Any], number: int) -> str:
    """Return the patient's id, or one made of the record's place for a record that has none."""
    patient = record.get("patient")
    return patient if isinstance(patient, str) else f"record-{number:07d}"


def cohort_of_records(con: BaseBackend, pack: LoadedPack, records: Iterable[Mapping[str, Any]], as_of: int) -> Cohort:
    """Return the cohort of plain records at a date, whatever date they state; those refused are left out.

    Every record is read and checked by the row engine. The tables live as long as the connection.
    """
    kept = [(patient, record) for patient, record in read_all(pack, records, as_of) if isinstance(record, Record)]
    kept.sort(key=lambda pair: pair[0])
    folder = Path(tempfile.mkdtemp(prefix="boosterwatch-"))
    weakref.finalize(con, shutil.rmtree, folder, ignore_errors=True)
    schemas, tables = fact_schemas(pack.ir), {}
    for name, rows in rows_of(pack.ir, kept).items():
        path = folder / f"{name}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=schemas[name]), path)
        tables[name] = con.read_parquet(path)
    own = frozenset(override.parameter for _, record in kept for override in record.overrides)
    return Cohort(**tables, own=own)


def read_all(
    pack: LoadedPack, records: Iterable[Mapping[str, Any]], as_of: int
) -> list[tuple[str, Record | RecordError]]:
    """Return each patient with the record as read at a date, or with why it is refused, in the order given."""
    day = date.fromordinal(as_of).isoformat()
    read: list[tuple[str, Record | RecordError]] = []
    for number, plain in enumerate(records):
        try:
            record = record_from_mapping({**plain, "as_of": day})
            check_against_pack(record, pack.ir)
        except RecordError as error:
            read.append((patient_of(plain, number), error))
        else:
            read.append((patient_of(plain, number), record))
    return read

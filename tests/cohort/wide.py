"""Measures of many patients, derived by the row engine, as one wide table: what the columns of rules are given."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.facts import patient_of
from boosterwatch.engine.cohort.names import measure_column, parameter_column
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.flow import measure
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Chosen, Measures, Record
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.tests.oracle.patients import random_record

Plain = Mapping[str, Any]


class Patient(NamedTuple):
    """A record with the measures and parameters that the row engine finds."""

    name: str
    record: Record
    measures: Measures
    chosen: Mapping[str, Chosen]

    @property
    def parameters(self) -> dict[str, int | float]:
        """The parameters in force, by name."""
        return {name: choice.value for name, choice in self.chosen.items()}


def random_records(count: int, seed: int) -> list[dict[str, Any]]:
    """Return made-up records, each with a name of its own."""
    rng = random.Random(seed)
    return [{**random_record(rng), "patient": f"p-{number:06d}"} for number in range(count)]


def measured(pack: LoadedPack, records: Iterable[Plain]) -> list[Patient]:
    """Return the records as the row engine measures them, each on its own date."""
    lost = pack.evaluators.reference.lost
    patients = []
    for number, plain in enumerate(records):
        record = record_from_mapping(plain)
        found = measure(pack, record, lambda values, parameters: bool(lost(values, parameters)))
        patients.append(Patient(patient_of(plain, number), record, found.measures, found.chosen))
    return patients


def parameters_of(pack: LoadedPack, patients: Iterable[Patient], as_of: int) -> Parameters:
    """Return the parameters in force on a day, of which some are the patients' own."""
    own = {name for one in patients for name, choice in one.chosen.items() if choice.layer == "patient"}
    return Parameters({name: choice.value for name, choice in values_in_force(pack.ir, as_of).items()}, own)


def wide_table(
    con: BaseBackend, pack: ir.Pack, patients: Sequence[Patient], parameters: Parameters, folder: Path
) -> Table:
    """Return pid, patient, every measure and the parameters that patients have their own values of."""
    kinds = {one.name: column_type(one) for one in pack.measures}
    schema = pa.schema(
        {"pid": pa.int64(), "patient": pa.string()}
        | {measure_column(name): kind for name, kind in kinds.items()}
        | {name: pa.float64() for name in parameters.columns()}
    )
    rows = []
    for pid, one in enumerate(patients):
        row: dict[str, Any] = {"pid": pid, "patient": one.name}
        row |= {measure_column(name): value for name, value in one.measures.values.items()}
        row |= {parameter_column(name): float(one.parameters[name]) for name in parameters.own}
        rows.append(row)
    path = folder / "measures.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return con.read_parquet(path)


def column_type(measure: ir.Measure) -> pa.DataType:
    """Return what the column of a measure holds while it is worked with: days are numbers."""
    if measure.dimension == "truth":
        return pa.bool_()
    if measure.dimension == "text" or measure.dimension.startswith("one of "):
        return pa.string()
    return pa.int64() if measure.dimension == "date" else pa.float64()

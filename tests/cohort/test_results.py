"""The columns of results against the row engine's decisions, both from the same measures."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from ibis.backends import BaseBackend

from boosterwatch.engine.cohort.columns.results import measures_told, tell
from boosterwatch.engine.cohort.columns.rules import conclude
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.results import result_of, result_schema
from boosterwatch.engine.cohort.run.duck import DuckStage, arrow_of
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.cohort.wide import Patient, measured, parameters_of, random_records, wide_table
from boosterwatch.tests.packs.files import default_pack

AS_OF = date(2026, 3, 14).toordinal()


def told(pack: LoadedPack, con: BaseBackend, patients: list[Patient], folder: Path) -> list[dict[str, Any]]:
    """Return the results that the columns make of measures, by patient."""
    parameters = parameters_of(pack, patients, AS_OF)
    table = wide_table(con, pack.ir, patients, parameters, folder)
    stage = DuckStage(con)
    carry = ["pid", *map(measure_column, measures_told(pack.ir))]
    found = conclude(pack.ir, table, parameters, stage, carry=carry)
    rows = arrow_of(tell(found, table, {}, AS_OF, stage), result_schema(pack.ir)).to_pylist()
    return sorted(rows, key=lambda row: str(row["patient"]))


def test_results_are_those_of_the_decisions(con: BaseBackend, tmp_path: Path) -> None:
    pack = default_pack()
    patients = measured(pack, random_records(300, seed=72))
    rows = told(pack, con, patients, tmp_path)
    assert len(rows) == len(patients)
    for patient, row in zip(patients, rows, strict=True):
        want = result_of(pack.ir, patient.name, evaluate(pack, patient.record))
        want = {name: list(value) if isinstance(value, tuple) else value for name, value in want.items()}
        want["as_of"] = date.fromordinal(AS_OF)
        assert {name: (value, row[name]) for name, value in want.items() if value != row[name]} == {}, patient.name
        assert set(want) == set(row)

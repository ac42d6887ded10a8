"""The columns of rules against the row engine, which measures the patients for both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ibis.backends import BaseBackend

from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.cohort.columns.conditions import is_true
from boosterwatch.engine.cohort.columns.rules import Concluded, conclude, drawn_any
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.run.duck import DuckStage
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.tests.cohort.wide import (
    Patient,
    measured,
    parameters_of,
    random_records,
    wide_table,
)
from boosterwatch.tests.packs.files import default_pack

AS_OF = date(2026, 3, 14).toordinal()


@pytest.fixture(scope="module")
def patients() -> list[Patient]:
    return measured(default_pack(), random_records(300, seed=71))


def truths_of(found: Concluded, positions: list[int]) -> list[dict[str, Any]]:
    """Return, for each patient, the rules that are true and the row of each table that won."""
    rules = {f"r{at}": found.rule(at) for at in positions}
    fixed = {name: truth for name, truth in rules.items() if isinstance(truth, bool)}
    asked = {name: truth for name, truth in rules.items() if name not in fixed}
    rows = found.table.select("pid", **asked).to_pyarrow().to_pylist()
    return [row | fixed for row in sorted(rows, key=lambda row: row["pid"])]


def wanted(pack: ir.Pack, patient: Patient) -> list[bool]:
    outcome = evaluate_slowly(pack, patient.measures.values, patient.parameters)
    return [truth is True for truth in outcome.truths]


def test_every_rule_is_true_where_the_row_engine_says_so(patients: list[Patient], con: BaseBackend, tmp_path: Path) -> None:
    pack = default_pack()
    parameters = parameters_of(pack, patients, AS_OF)
    table = wide_table(con, pack.ir, patients, parameters, tmp_path)
    found = conclude(pack.ir, table, parameters, DuckStage(con), carry=["pid"])
    everything = list(range(len(pack.ir.rules)))
    rows = truths_of(found, everything)
    assert parameters.own
    for patient, row in zip(patients, rows, strict=True):
        assert [row[f"r{at}"] for at in everything] == wanted(pack.ir, patient), patient.name

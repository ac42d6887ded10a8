"""The record checks of forms: in columns as for one record after the other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from ibis.backends.duckdb import Backend

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.cohort.columns.forms import read_forms
from boosterwatch.engine.cohort.run.duck import DuckStage
from boosterwatch.engine.model import Assessment
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.open import compile_reference, open_pack
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.tests.cohort.forms_compare import Said, cohort_of_patients, said_by_columns, said_by_rows
from boosterwatch.tests.cohort.forms_made import Patient, odd_pack, random_patient
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import default_pack

PACKS = ("ketamine-maintenance@1.0.0", "ketamine-maintenance@1.1.0", "quick-screen")
DAY = 739_000


@cache
def pack_of(name: str) -> ir.Pack:
    """Return a compiled pack of the tree, or the odd one."""
    return odd_pack() if name == "odd" else compile_reference(name)


def columns_say(con: Backend, pack: ir.Pack, patients: Sequence[Patient], folder: Path) -> Said:
    """Return what the columns say of the patients."""
    cohort = cohort_of_patients(con, pack, patients, folder)
    return said_by_columns(pack, read_forms(pack, cohort, DuckStage(con)))


def assert_agree(con: Backend, pack: ir.Pack, patients: Sequence[Patient], folder: Path) -> Said:
    """Compare the two, table by table, and return what both say."""
    rows, columns = said_by_rows(pack, patients), columns_say(con, pack, patients, folder)
    for name, wanted in rows.items():
        assert columns[name] == wanted, name
    return rows


# ---------------------------------------------------------------- against the row engine


@pytest.mark.parametrize("name", [*PACKS, "odd"])
def test_messy_forms_are_checked_alike(name: str, con: Backend, tmp_path: Path) -> None:
    pack, rng = pack_of(name), random.Random(20_250)
    said = assert_agree(con, pack, [random_patient(rng, pack) for _ in range(1500)], tmp_path)
    codes = {code for _, code, _ in said["faults"]}
    assert codes == {"invalid_score", "version_mismatch", "duplicate_conflict", "unit_ambiguous"}


@pytest.mark.parametrize("name", PACKS)
def test_the_cases_of_a_pack_are_checked_alike(name: str, con: Backend, tmp_path: Path) -> None:
    records = [record_from_mapping(case.record) for case in find_cases(open_pack(name))]
    patients = [Patient(one.infusions, one.assessments) for one in records]
    assert assert_agree(con, pack_of(name), patients, tmp_path)["scored"]


def test_made_up_records_are_checked_alike(con: Backend, tmp_path: Path) -> None:
    records = [record_from_mapping(random_record(random.Random(seed))) for seed in range(300)]
    patients = [Patient(one.infusions, one.assessments) for one in records]
    assert_agree(con, default_pack().ir, patients, tmp_path)


def test_a_cohort_without_forms_has_none(con: Backend, tmp_path: Path) -> None:
    said = columns_say(con, default_pack().ir, [Patient((DAY,), ())], tmp_path)
    assert said == {"scored": [], "parts": [], "faults": [], "answers": [], "readings": []}


# ---------------------------------------------------------------- by hand


def form(total: float | None = None, *items: float | None, **more: object) -> Assessment:
    """Return a form of a questionnaire of nine items, 0 to 3 each."""
    known = {"instrument": "phq9", "day": DAY, "part": "", "total": total, "items": items or None, **more}
    return Assessment(**known)  # type: ignore[arg-type]

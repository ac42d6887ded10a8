"""The record checks of forms: in columns as for one record after the other."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
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
from boosterwatch.tests.cohort.forms_made import Patient, odd_pack, random_patient, tied_patient
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import default_pack

PACKS = ("ketamine-maintenance@1.0.0", "quick-screen")
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


@pytest.mark.parametrize("name", [*PACKS, "ketamine-maintenance@1.1.0", "odd"])
def test_messy_forms_are_checked_alike(name: str, con: Backend, tmp_path: Path) -> None:
    pack, rng = pack_of(name), random.Random(20_250)
    said = assert_agree(con, pack, [random_patient(rng, pack) for _ in range(1000)], tmp_path)
    codes = {code for _, code, _ in said["faults"]}
    assert codes == {"invalid_score", "version_mismatch", "duplicate_conflict", "unit_ambiguous"}


@pytest.mark.parametrize("name", ["ketamine-maintenance@1.0.0", "odd"])
def test_forms_of_one_time_are_settled_alike(name: str, con: Backend, tmp_path: Path) -> None:
    pack, rng = pack_of(name), random.Random(20_250)
    assert_agree(con, pack, [tied_patient(rng, pack) for _ in range(2000)], tmp_path)


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

ZEROS = (0.0,) * 9
Answer = tuple[float | None, bool, bool]  # the total, whether it failed, whether there are usable items
Codes = set[str]


def form(instrument: str, total: float | None, *, after: bool = False, **more: Any) -> Assessment:
    """Return a form of one day."""
    return Assessment(instrument, DAY, "", total, after_infusion=after, **more)


def phq9(total: float | None, *items: float | None, **more: Any) -> Assessment:
    """Return a form of nine items of 0 to 3, which has no total when one is blank."""
    return form("phq9", total, items=items or None, **more)


# name: the forms, those of them that can be compared, the codes
BY_HAND: dict[str, tuple[list[Assessment], list[Answer], Codes]] = {
    "lowest": ([form("phq9", 0)], [(0, False, False)], set()),
    "below": ([form("phq9", -1)], [(None, True, False)], {"invalid_score"}),
    "highest": ([form("phq9", 27)], [(27, False, False)], set()),
    "above": ([form("phq9", 28)], [(None, True, False)], {"invalid_score"}),
    "fraction": ([form("phq9", 12.5)], [(None, True, False)], {"invalid_score"}),
    "fraction where it may be": ([form("brs", 2.5)], [(2.5, False, False)], set()),
    "nothing": ([form("phq9", None)], [(None, False, False)], set()),
    "another version": ([form("phq9", 12, version="phq8")], [], {"version_mismatch"}),
    "its own version": ([form("phq9", 12, version="phq9")], [(12, False, False)], set()),
    "items only": ([phq9(None, *(1,) * 9)], [(9, False, True)], set()),
    "items and their sum": ([phq9(9, *(1,) * 9)], [(9, False, True)], set()),
    "items and another sum": ([phq9(10, *(1,) * 9)], [(None, True, False)], {"invalid_score"}),
    "a blank item": ([phq9(8, None, *(1,) * 8)], [(None, True, True)], {"invalid_score"}),
    "all items blank": ([phq9(None, *(None,) * 9)], [(None, True, False)], {"invalid_score"}),
    "an item out of range": ([phq9(None, 4, *(1,) * 8)], [(None, True, True)], {"invalid_score"}),
    "an item too few": ([phq9(8, *(1,) * 8)], [(None, True, False)], {"invalid_score"}),
    "a blank item where the total stands": (
        [form("isi", 12, items=(None, *(2,) * 6))],
        [(12, False, True)],
        set(),
    ),
    "reversed items": ([form("pss10", None, items=(0, 0, 0, 4, 4, 0, 4, 4, 0, 0))], [(0, False, True)], set()),
    "domains": ([form("qids_sr16", None, items=(3, *(0,) * 14, 2))], [(5, False, True)], set()),
    "a method stated": ([form("who5", 13, method="raw")], [(52, False, False)], set()),
    "a method not stated, clear": ([form("who5", 26)], [(26, False, False)], set()),
    "a method not stated, unclear": ([form("who5", 25)], [(None, True, False)], {"unit_ambiguous"}),
    "a method that items settle": (
        [form("who5", 20, items=(4,) * 5)],
        [(80, False, True)],
        set(),
    ),
    "a method that items settle the other way": (
        [form("who5", 20, items=(1,) * 5)],
        [(20, False, True)],
        set(),
    ),
    "a method that cannot be used": ([form("shaps", 20, method="sum")], [(None, True, False)], {"unit_ambiguous"}),
    "an extra answer out of range": (
        [form("phq9", 12, extra={"difficulty": 4})],
        [(12, False, False)],
        {"invalid_score"},
    ),
    "equal totals": ([form("phq9", 0), phq9(0, *ZEROS)], [(0, False, True)], set()),
    "totals that differ": (
        [form("phq9", 1), phq9(0, *ZEROS)],
        [(None, True, False), (None, True, False)],
        {"duplicate_conflict"},
    ),
    "before and after an infusion": (
        [form("phq9", 1), form("phq9", 2, after=True)],
        [(1, False, False), (2, False, False)],
        set(),
    ),
}


@cache
def read_by_hand() -> tuple[dict[str, list[Answer]], dict[str, Codes]]:
    """Return what the columns say of every patient made by hand, in one run."""
    patients = [Patient((DAY,), tuple(forms)) for forms, _, _ in BY_HAND.values()]
    with TemporaryDirectory() as folder:
        con = ibis.duckdb.connect(threads=2)
        said = columns_say(con, default_pack().ir, patients, Path(folder))
        con.disconnect()
    names = list(BY_HAND)
    scored: dict[str, list[Answer]] = {name: [] for name in names}
    codes: dict[str, Codes] = {name: set() for name in names}
    for pid, _, _, _, total, failed, answered in sorted(said["scored"], key=lambda row: row[1]):
        scored[names[pid]].append((total, failed, answered))
    for pid, code, _ in said["faults"]:
        codes[names[pid]].add(code)
    return scored, codes


@pytest.mark.parametrize("name", BY_HAND)
def test_a_form_made_by_hand(name: str) -> None:
    _, wanted, codes = BY_HAND[name]
    scored, found = read_by_hand()
    assert (scored[name], found[name]) == (wanted, codes)

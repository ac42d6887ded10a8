"""Which induction counts: in columns as for one record, at every date of many histories of infusions."""

from __future__ import annotations

import random
from bisect import bisect_right
from pathlib import Path
from typing import Any

import ibis
import pytest
from ibis.backends.duckdb import Backend

from boosterwatch.engine.cohort.columns.courses import Courses, find_courses
from boosterwatch.engine.cohort.run.duck import DuckStage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.measures.course import course_at, find_inductions
from boosterwatch.tests.cohort.moments_tables import Row, cohort_of_rows
from boosterwatch.tests.packs.files import default_pack

PACK = default_pack().ir
COURSE = PACK.course
VALUES = {COURSE.gap_days: 56, COURSE.span_days: 28, COURSE.least: 4, COURSE.most: 8}
NUMBERS = {parameter.name: parameter.values[-1].value for parameter in PACK.parameters} | VALUES

Own = dict[str, float]
Marked = tuple[int, int] | None
Patient = tuple[list[int], Marked, Own]


def rows_of_patients(patients: list[Patient]) -> dict[str, list[Row]]:
    """Return the rows of patients with infusions, a marking and parameters of their own."""
    rows: dict[str, list[Row]] = {"patients": [], "infusions": [], "overrides": []}
    for pid, (days, marked, own) in enumerate(patients):
        first, last = marked or (None, None)
        rows["patients"].append({"pid": pid, "indications": [], "marked_first": first, "marked_last": last})
        rows["infusions"] += [{"pid": pid, "day": day} for day in days]
        rows["overrides"] += [{"pid": pid, "parameter": name, "value": value} for name, value in own.items()]
    return rows


def courses_of(con: Backend, patients: list[Patient], folder: Path) -> Courses:
    """Return the courses of the patients."""
    cohort = cohort_of_rows(con, PACK, rows_of_patients(patients), folder)
    return find_courses(PACK, cohort, Parameters(NUMBERS, cohort.own), DuckStage(con))


def expected(patient: Patient, at: int, before: bool) -> tuple[int | None, ...]:
    """Return the last infusion and the course that the row engine sees."""
    days, marked, own = patient
    known = at - before
    found = course_at(find_inductions(days, marked, COURSE, NUMBERS | own), known)
    given = bisect_right(days, known)
    return (days[given - 1] if given else None, *(found or (None, None, None)))


def looked(courses: Courses, looks: list[tuple[int, int, bool]]) -> list[tuple[int | None, ...]]:
    """Return the same in columns at (patient, date, before)."""
    schema = {"mid": "int64", "pid": "int64", "at": "int64", "before": "bool"}
    days = ibis.memtable([(mid, *look) for mid, look in enumerate(looks)], schema=schema)
    found = courses.at(days).order_by("mid").to_pyarrow().to_pylist()
    assert [row["mid"] for row in found] == list(range(len(looks)))
    assert [row["key"] for row in found] == [2 * at + (not before) for _, at, before in looks]
    return [(row["last_infusion"], row["course_first"], row["course_last"], row["course_floor"]) for row in found]


def test_a_gap_of_exactly_the_parameter_begins_a_block(con: Backend, tmp_path: Path) -> None:
    """Below, at and above: the day before the gap is full the infusions after it are no induction."""
    first = [100, 107, 114, 121]
    patients: list[Patient] = [(first + [121 + gap + 7 * n for n in range(4)], None, {}) for gap in (55, 56, 57)]
    found = looked(courses_of(con, patients, tmp_path), [(pid, 400, False) for pid in range(3)])
    assert found == [(197, 100, 121, None), (198, 177, 198, 121), (199, 178, 199, 121)]


def test_span_count_and_least_end_a_block(con: Backend, tmp_path: Path) -> None:
    """A block takes infusions up to the span, at most so many, and counts from its least on."""
    patients: list[Patient] = [
        ([100, 110, 120, 128], None, {}),
        ([100, 110, 120, 129], None, {}),
        ([100 + 3 * n for n in range(12)], None, {}),
        ([100, 110, 120, 128, 129], None, {COURSE.most: 3.0}),
        ([100, 110], None, {COURSE.least: 2.0}),
    ]
    looks = [(0, 127, False), (0, 128, False), (0, 128, True), (1, 200, False), (2, 115, False), (2, 200, False)]
    found = looked(courses_of(con, patients, tmp_path), [*looks, (3, 200, False), (4, 110, False), (4, 110, True)])
    assert found == [
        (120, None, None, None),
        (128, 100, 128, None),
        (120, None, None, None),
        (129, None, None, None),
        (115, 100, 115, None),
        (133, 100, 121, None),
        (129, None, None, None),
        (110, 100, 110, None),
        (100, None, None, None),
    ]


def test_a_marked_induction_stands_between_the_blocks_before_and_after_it(con: Backend, tmp_path: Path) -> None:
    """The block it cuts is found without what follows, and one that begins inside it never counts."""
    early = [100, 107, 114, 121, 128]
    late = [300, 307, 314, 321]
    patients: list[Patient] = [
        ([*early, 200, 210, *late], (200, 210), {}),
        (early + late, (121, 128), {}),
        (early + late, (128, 300), {}),
        ([100, 400], (100, 400), {}),
    ]
    looks = [(0, 199), (0, 200), (0, 320), (0, 321), (1, 120), (1, 121), (1, 400), (2, 127), (2, 400), (3, 150)]
    found = looked(courses_of(con, patients, tmp_path), [(pid, at, False) for pid, at in looks])
    assert found == [
        (128, 100, 128, None),
        (200, 200, 210, None),
        (314, 200, 210, None),
        (321, 300, 321, 210),
        (114, None, None, None),
        (121, 121, 128, None),
        (321, 300, 321, 128),
        (121, 100, 121, None),
        (321, 128, 300, None),
        (100, 100, 400, None),
    ]


@pytest.mark.parametrize("own_of", [(), (COURSE.gap_days,), tuple(VALUES)], ids=["none", "gap", "all"])
def test_at_every_date_of_random_histories(con: Backend, tmp_path: Path, own_of: tuple[str, ...]) -> None:
    """Random islands of infusions, marked inductions among them, with parameters of the patient's own or without."""
    rng = random.Random(f"courses {own_of}")
    patients = [random_patient(rng, own_of) for _ in range(1500)]
    looks = [(pid, at, before) for pid, one in enumerate(patients) for at, before in random_looks(rng, one)]
    found = looked(courses_of(con, patients, tmp_path), looks)
    wrong = [
        (patients[look[0]], look, seen, right)
        for look, seen in zip(looks, found, strict=True)
        if seen != (right := expected(patients[look[0]], look[1], look[2]))
    ]
    assert not wrong, wrong[:3]
    courses = {seen[1:] for seen in found}
    assert len(courses) > 1000
    assert sum(floor is not None for *_, floor in courses) > 100


def random_patient(rng: random.Random, own_of: tuple[str, ...]) -> Patient:
    """Return infusions with gaps beside every limit, perhaps a marking whose dates are infusions."""
    day, days = 1000, []
    for _ in range(rng.choice((0, 1, 4, 6, 12, 30, 60))):
        day += rng.choice((1, 2, 3, 4, 7, 7, 7, 14, 27, 28, 29, 55, 56, 57, 90))
        days.append(day)
    marked = None
    if days and rng.random() < 0.4:
        first = rng.choice(days) + rng.choice((-1, 0, 0, 0, 1))
        marked = (first, first + rng.choice((0, 7, 20, 40, 200)))
        days = sorted({*days, *marked})
    return days, marked, {name: float(rng.choice(OWN[name])) for name in own_of if rng.random() < 0.5}


OWN: dict[str, tuple[int, ...]] = {
    COURSE.gap_days: (1, 7, 28, 29, 57),
    COURSE.span_days: (0, 7, 28, 29, 400),
    COURSE.least: (1, 2, 3, 5),
    COURSE.most: (1, 4, 8, 30),
}


def random_looks(rng: random.Random, patient: Patient) -> list[tuple[int, bool]]:
    """Return dates on and beside some of the infusions and the marking, before them or after."""
    days = [*patient[0], *(patient[1] or ()), 999]
    near = sorted({day + rng.choice((-1, 0, 0, 1)) for day in rng.sample(days, min(len(days), 12))} | {days[-1] + 400})
    return [(day, rng.random() < 0.5) for day in near]


def test_now_is_one_moment_of_each_patient_at_the_date(con: Backend, tmp_path: Path) -> None:
    """`now` sees what `at` sees at one date, also for patients without an infusion; their parameters are there."""
    rng = random.Random("now")
    patients = [random_patient(rng, (COURSE.gap_days,)) for _ in range(300)]
    as_of = 1400
    patients = [([day for day in days if day <= as_of], _begun(marked, as_of), own) for days, marked, own in patients]
    courses = courses_of(con, patients, tmp_path)
    found = courses.now(as_of).order_by("pid").to_pyarrow().to_pylist()
    gap = f"p__{COURSE.gap_days}"
    wanted: list[dict[str, Any]] = []
    for pid, patient in enumerate(patients):
        last, *course = expected(patient, as_of, before=False)
        row = dict(zip(("last_infusion", "course_first", "course_last", "course_floor"), (last, *course), strict=True))
        wanted.append(
            {"mid": pid, "pid": pid, "at": as_of, "key": 2 * as_of + 1, "before": False, **row}
            | {gap: patient[2].get(COURSE.gap_days, 56.0)}
        )
    assert found == wanted


def _begun(marked: Marked, as_of: int) -> Marked:
    return marked if marked is not None and marked[0] <= as_of else None

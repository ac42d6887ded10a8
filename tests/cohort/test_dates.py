"""Measures that are dates, days, counts and attributes: their boundaries, in columns as in rows."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.model import Record
from boosterwatch.tests.cohort.moments_packs import measure, pack_with
from boosterwatch.tests.cohort.moments_rows import AS_OF, Look, differences, looked, moments_of, open_all
from boosterwatch.tests.cohort.moments_tables import moved

CODES = ("future_dated", "invalid_score", "unit_ambiguous", "duplicate_conflict", "version_mismatch")
DATES = [
    measure("last", "course_date", "date", which="last_infusion"),
    measure("first", "course_date", "date", which="induction_first"),
    measure("end", "course_date", "date", which="induction_last"),
    measure("since", "days_since", "days", of="last"),
    measure("between", "days_between", "days", from_="end", to="last"),
    measure("backwards", "days_between", "days", from_="last", to="first"),
    measure("apart", "days_apart", "days", from_="last", to="first"),
    measure("ahead", "date_after", "date", from_="last", days="between"),
    measure("behind", "date_after", "date", from_="last", days="backwards"),
    measure("since.ahead", "days_since", "days", of="ahead"),
    measure("age", "age_years", "years"),
    measure("sex", "attribute", "one of female, male, unknown", of="sex"),
    *(measure(f"has.{one}", "includes", "truth", list="indications", value=one) for one in ("ptsd", "panic")),
    *(measure(f"rejected.{code}", "any_rejected", "truth", code=code) for code in CODES),
]


def day(age: int) -> str:
    """Return the date so many days before the evaluation."""
    return (AS_OF - timedelta(days=age)).isoformat()


def varied(rng: random.Random) -> Record:
    """Return a record with some of everything that these measures read, and slips of every kind."""
    marked = {"induction": {"first": day(rng.choice((90, 60, 3))), "last": day(rng.choice((60, 30, -5)))}}
    if marked["induction"]["first"] > marked["induction"]["last"]:
        marked = {}
    infusions = rng.choice(([], [30], [90, 83, 76, 69], [90, 83, 76, 69, 40, 10]))
    plain: dict[str, Any] = {
        "as_of": AS_OF.isoformat(),
        "infusions": [day(age) for age in infusions] + ([day(-3)] if rng.random() < 0.2 else []),
        "assessments": [_slip(rng) | {"date": day(rng.choice((-1, 2, 5, 40, 77)))} for _ in range(rng.randrange(4))],
        "indications": rng.sample(["ptsd", "panic", "other"], rng.randrange(3)),
        **({"sex": rng.choice(("female", "male", "unknown"))} if rng.random() < 0.7 else {}),
        **({"birth_date": f"19{rng.randrange(10, 99)}-0{rng.randrange(1, 9)}-28"} if rng.random() < 0.7 else {}),
        **(marked if rng.random() < 0.4 else {}),
    }
    return moved(plain, AS_OF)


def _slip(rng: random.Random) -> dict[str, Any]:
    return rng.choice(
        (
            {"instrument": "phq9", "total": 40},
            {"instrument": "phq9", "total": 4, "version": "phq8"},
            {"instrument": "who5", "total": 20},
            {"instrument": "gad7", "total": rng.choice((9, 12))},
        )
    )


def test_every_kind_over_varied_records(con: Backend, tmp_path: Path) -> None:
    """Now and at earlier dates: with a course or without, marked ahead of its end, with slips and without."""
    rng = random.Random("dates")
    found = open_all(con, tmp_path, pack_with(DATES), [varied(rng) for _ in range(500)])
    looks = moments_of(found, rng, each=3)
    rows = looked(found, looks)
    wrong = list(differences(found, looks, rows))
    assert not wrong, (len(wrong), wrong[:5])
    assert {one.name for one in DATES if len({row[measure_column(one.name)] for row in rows}) < 2} == set()


AGES = {
    ("2008-03-15", "2026-03-14"): 17,
    ("2008-03-14", "2026-03-14"): 18,
    ("2008-03-13", "2026-03-14"): 18,
    ("2008-02-29", "2026-02-28"): 17,
    ("2008-02-29", "2026-03-01"): 18,
    ("2008-02-29", "2028-02-28"): 19,
    ("2008-02-29", "2028-02-29"): 20,
    ("1926-12-31", "2026-01-01"): 99,
}


def test_birthdays(con: Backend, tmp_path: Path) -> None:
    """The day before, on and after a birthday; one born on 29 February has theirs on 1 March in other years."""
    born = sorted({one for one, _ in AGES})
    records = [moved({"as_of": "2030-01-01", "birth_date": one}, date(2030, 1, 1)) for one in born]
    found = open_all(con, tmp_path, pack_with(DATES), records)
    looks = [Look(born.index(one), date.fromisoformat(at).toordinal(), before=False) for one, at in AGES]
    assert [row["age"] for row in looked(found, looks)] == list(AGES.values())


@pytest.mark.parametrize("before", [False, True])
def test_windows_of_counts(con: Backend, tmp_path: Path, before: bool) -> None:
    """One less than so many days old counts, one of exactly so many does not; nor, outside, one inside the induction."""
    count = measure("young", "count", "count", of="infusion", younger_than="panic_free_days")  # 28 days
    outside = measure("outside", "count", "count", of="infusion", younger_than="panic_free_days", outside="induction")
    records = [
        moved({"as_of": AS_OF.isoformat(), "infusions": [day(age) for age in ages]}, AS_OF)
        for ages in ((27,), (28,), (29,), (0, 1), (27, 20, 13, 6), (34, 27, 20, 13, 0))
    ]
    found = open_all(con, tmp_path, pack_with([count, outside]), records)
    rows = looked(found, [Look(pid, AS_OF.toordinal(), before) for pid in range(len(records))])
    today = 0 if before else 1
    assert [row["young"] for row in rows] == [1, 0, 0, 1 + today, 4, 3 + today]
    assert [row["outside"] for row in rows] == [1, 0, 0, 1 + today, 0, today]

"""The benchmark of whole clinics as a table: every engine at every size, and what grows how."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from boosterwatch.tests.bench import cohorts
from boosterwatch.tests.bench.report import Goal, Section, number

GOAL_SIZE = 1_000_000


def section(sizes: Sequence[int], rounds: int, compared: int) -> Section:
    """Return the table; it refuses to time engines that are wrong."""
    with TemporaryDirectory(prefix="cohorts-") as name:
        folder = Path(name)
        wrong = cohorts.differences(folder, compared)
        if any(wrong.values()):
            raise AssertionError(f"wrong answers: {wrong}")
        found = cohorts.run(folder, sizes, rounds)
    rows = tuple(
        (
            one.name,
            f"{one.patients:,}",
            number(one.cost.wall),
            number(one.cost.cpu),
            number(one.cost.peak),
            number(one.ratio),
        )
        for one in found
    )
    return Section(
        "cohorts",
        "Whole clinics, Parquet to Parquet: the default policy in columns and by hand",
        ("engine", "patients", "wall s", "processor s", "peak MB", "ours / this"),
        rows,
        tuple(_goals(found)),
        (
            f"Agreement first: every engine gave what the row engine gives for {compared:,} patients, and all gave the same "
            "for everybody in the table. Recipe `totals`: twelve forms a patient, totals only, with infusions and safety facts.",
            "A process for each measurement, in turns; imports and loading the pack are apart.",
        ),
    )


def _goals(found: Sequence[cohorts.Summary]) -> list[Goal]:
    ours = [one for one in found if one.name == cohorts.OURS]
    large = ours[-1]
    polars = next(one for one in reversed(found) if one.name == cohorts.POLARS)
    goals = [
        Goal(
            "a cohort of 1 million patients",
            "under 10 s and 4 GB",
            f"{number(large.cost.wall)} s, {number(large.cost.peak)} MB for {large.patients:,}",
            large.patients >= GOAL_SIZE and large.cost.wall < 10 and large.cost.peak < 4_000,
        ),
        Goal("cohorts, against Polars by hand", "at most 2 times", number(polars.ratio), polars.ratio <= 2),
    ]
    if len(ours) > 1:
        slope = exponent(ours[-2], large)
        goals.append(Goal("cohorts, growth with the patients", "about linear", f"exponent {slope:.2f}", slope < 1.1))
    return goals


def exponent(small: cohorts.Summary, large: cohorts.Summary) -> float:
    """Return the power of the number of patients with which the time grows between two sizes."""
    return math.log(large.cost.wall / small.cost.wall) / math.log(large.patients / small.patients)

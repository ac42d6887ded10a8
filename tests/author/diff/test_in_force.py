"""A number with several dates is shown as what was in force then and what is now."""

from __future__ import annotations

import pytest

from boosterwatch.engine.author.diff.structure import in_force_pair
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

Dated = tuple[str, float]
FIRST: Dated = ("2000-01-01", 5)


def parameter(*values: Dated) -> ir.Parameter:
    dated = tuple(ir.DatedValue(start, value, "published") for start, value in values)
    return ir.Parameter("delta", "rise", "points", "points of glow", dated, Span("a.yaml", 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ([FIRST], [FIRST], None),
        ([FIRST], [("2000-01-01", 6)], ("5 points from 2000-01-01", "6 points from 2000-01-01")),
        ([FIRST], [FIRST, ("2026-01-01", 6)], ("5 points from 2000-01-01", "6 points from 2026-01-01")),
        ([FIRST, ("2026-01-01", 6)], [FIRST], ("6 points from 2026-01-01", "5 points from 2000-01-01")),
        ([FIRST], [("2010-01-01", 5)], ("5 points from 2000-01-01", "no value yet")),
        ([FIRST], [FIRST, ("2026-01-01", 5)], None),
        (
            [FIRST],
            [FIRST, ("2026-01-01", 6), ("2027-01-01", 7)],
            (
                "5 points from 2000-01-01\n5 points from 2000-01-01",
                "6 points from 2026-01-01\n7 points from 2027-01-01",
            ),
        ),
    ],
)
def test_the_numbers_in_force(old: list[Dated], new: list[Dated], shown: tuple[str, str] | None) -> None:
    assert in_force_pair(parameter(*old), parameter(*new)) == shown

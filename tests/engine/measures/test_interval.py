"""The individual interval from observed cycles: exact, rounded half up, then clamped."""

from __future__ import annotations

from fractions import Fraction

import pytest

from boosterwatch.engine.measures.derive import Cycle, plan_measures
from boosterwatch.engine.measures.interval import interval_days, median
from boosterwatch.tests.engine.measures.build import DAY, PARAMETERS, derived, make_pack, measure, record, value

PLAN = plan_measures(
    make_pack(
        (
            measure("observed", "observed_cycles"),
            measure(
                "interval",
                "individual_interval",
                fraction="fraction",
                fallback="fallback",
                least="review_least",
                most="review_most",
                needed="needed",
                used="used",
            ),
        )
    )
)


def cycles(*lengths: int | None) -> tuple[Cycle, ...]:
    """Return cycles of these lengths, None for a censored one."""
    return tuple(
        Cycle(DAY + 400 * n, None if length is None else DAY + 400 * n + length, length is None, False)
        for n, length in enumerate(lengths)
    )


@pytest.mark.parametrize(
    ("lengths", "observed", "interval"),
    [
        ((), 0, 28),
        ((40,), 1, 28),
        ((40, None), 1, 28),
        ((40, 60), 2, 40),
        ((40, 61), 2, 40),
        ((40, 62), 2, 41),
        ((40, 61, 90), 3, 49),
        ((10, 40, 61, 90), 4, 49),
        ((40, None, 61, None, 90), 3, 49),
        ((9, 9), 2, 21),
        ((25, 26), 2, 21),
        ((27, 27), 2, 22),
        ((456, 456), 2, 365),
        ((900, 900), 2, 365),
    ],
)
def test_the_interval_is_a_part_of_the_median_of_the_last_cycles(
    lengths: tuple[int | None, ...], observed: int, interval: int
) -> None:
    found = derived(record(DAY), PLAN, cycles=cycles(*lengths))
    assert (value(found, "observed"), value(found, "interval")) == (observed, interval)


def test_before_cycles_are_looked_for_the_fallback_stands() -> None:
    found = derived(record(DAY), PLAN)
    assert (value(found, "observed"), value(found, "interval")) == (0, 28)


@pytest.mark.parametrize(("used", "interval"), [(0, 28), (1, 72), (2, 60), (3, 49), (9, 40)])
def test_so_many_of_the_last_cycles_are_used(used: int, interval: int) -> None:
    found = derived(record(DAY), PLAN, cycles=cycles(10, 40, 61, 90), parameters={**PARAMETERS, "used": used})
    assert value(found, "interval") == interval


@pytest.mark.parametrize(("numbers", "wanted"), [([7], 7), ([9, 1, 5, 3, 2], 3), ([9, 1, 5, 2], Fraction(7, 2))])
def test_the_median_is_the_middle(numbers: list[int], wanted: Fraction) -> None:
    assert median(numbers) == wanted


def test_no_cycle_is_needed_only_in_name() -> None:
    assert value(derived(record(DAY), PLAN, {**PARAMETERS, "needed": 0}), "interval") == 28


@pytest.mark.parametrize(
    ("length", "fraction", "wanted"),
    [(15, 0.7, 11), (35, 0.7, 25), (5, 0.1, 1), (4, 0.1, 0), (25, 0.58, 15), (1, 0.5, 1), (3, 0.5, 2)],
)
def test_a_half_is_rounded_up_and_decimals_are_exact(length: int, fraction: float, wanted: int) -> None:
    assert interval_days([length], fraction=fraction, least=0, most=400) == wanted

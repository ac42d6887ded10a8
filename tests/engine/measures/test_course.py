"""Which induction counts: gaps, spans and numbers at their limits, markings, and dates inside a block."""

from __future__ import annotations

import pytest

from boosterwatch.engine.measures.course import Course, course_at, find_inductions
from boosterwatch.tests.engine.measures.build import COURSE, PARAMETERS


def course(
    infusions: list[int], at: int | None = None, marked: tuple[int, int] | None = None
) -> tuple[int, int, int | None] | None:
    days = sorted({*infusions, *(marked or ())})
    at = max(days) if at is None else at
    found = course_at(find_inductions(days, marked, COURSE, PARAMETERS), at)
    return None if found is None else tuple(found)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("infusions", "wanted"),
    [
        pytest.param([1, 3, 5], None, id="one too few"),
        pytest.param([1, 3, 5, 7], (1, 7, None), id="just enough"),
        pytest.param(list(range(1, 9)), (1, 8, None), id="as many as fit"),
        pytest.param(list(range(1, 11)), (1, 8, None), id="the ninth is outside"),
        pytest.param([1, 10, 20, 28], (1, 28, None), id="27 days"),
        pytest.param([1, 10, 20, 29], (1, 29, None), id="28 days"),
        pytest.param([1, 10, 20, 30], None, id="29 days"),
    ],
)
def test_a_block_is_long_and_dense_enough(infusions: list[int], wanted: tuple[int, int, int | None] | None) -> None:
    assert course(infusions) == wanted


@pytest.mark.parametrize(("gap", "wanted"), [(55, (1, 7, None)), (56, (63, 69, 7)), (57, (64, 70, 7))])
def test_a_block_starts_after_a_gap(gap: int, wanted: tuple[int, int, int | None]) -> None:
    again = 7 + gap
    assert course([1, 3, 5, 7, again, again + 2, again + 4, again + 6]) == wanted


def test_infusions_that_follow_a_block_start_none() -> None:
    assert course([1, 3, 5, 7, 60, 62, 64, 66]) == (1, 7, None)


def test_a_short_block_takes_its_infusions_with_it() -> None:
    assert course([1, 30, 31, 32, 33]) is None


def test_a_later_block_too_small_hides_no_induction() -> None:
    assert course([1, 3, 5, 7, 100, 102, 104]) == (1, 7, None)


def test_an_earlier_block_too_small_for_an_induction_does_not_floor_the_baseline() -> None:
    assert course([1, 100, 102, 104, 106]) == (100, 106, None)


@pytest.mark.parametrize(
    ("at", "wanted"), [(0, None), (6, None), (7, (1, 7, None)), (8, (1, 7, None)), (9, (1, 9, None))]
)
def test_at_an_earlier_date_the_block_is_as_long_as_it_was(at: int, wanted: tuple[int, int, int | None] | None) -> None:
    assert course([1, 3, 5, 7, 9], at) == wanted


def test_the_latest_block_counts_and_the_infusion_before_it_floors_its_baseline() -> None:
    infusions = [1, 3, 5, 7, 40, 100, 102, 104, 106]
    assert course(infusions) == (100, 106, 40)
    assert course(infusions, 105) == (1, 7, None)


def test_a_marking_replaces_detection_up_to_its_last_date() -> None:
    assert course([1, 3, 5, 7, 9, 11], marked=(3, 9)) == (3, 9, None)
    assert course([1, 3, 5, 7, 100, 102], marked=(100, 102)) == (100, 102, None)


def test_the_last_date_of_a_marking_starts_no_block() -> None:
    assert course([61, 62, 63, 64], marked=(1, 60)) == (1, 60, None)


@pytest.mark.parametrize(("at", "wanted"), [(99, (1, 7, None)), (100, (100, 110, None)), (105, (100, 110, None))])
def test_a_marking_counts_from_its_first_date(at: int, wanted: tuple[int, int, int | None]) -> None:
    assert course([1, 3, 5, 7], at, marked=(100, 110)) == wanted


@pytest.mark.parametrize(("start", "wanted"), [(64, (1, 9, None)), (65, (65, 68, 9)), (66, (66, 69, 9))])
def test_a_block_after_a_marking_is_detected_and_counts(start: int, wanted: tuple[int, int, int | None]) -> None:
    assert course([start, start + 1, start + 2, start + 3], marked=(1, 9)) == wanted


def test_there_is_no_course_without_infusions() -> None:
    assert course_at(find_inductions([], None, COURSE, PARAMETERS), 5) is None


def test_the_gap_may_be_as_short_as_the_span() -> None:
    parameters = {**PARAMETERS, "gap_days": 28}
    found = find_inductions([1, 29, 30, 31, 32], None, COURSE, parameters)
    assert course_at(found, 32) == Course(29, 32, None)

"""Items and extra answers as scales of their own: which form they are read from."""

from __future__ import annotations

from typing import Any

import pytest

from boosterwatch.engine.model import Assessment, Measures, Undefined, Value
from boosterwatch.tests.engine.measures.build import DAY, INDUCTION, LAST, derived, form, record, value

MISSING, INVALID = Undefined("missing"), Undefined("invalid")
NOW = LAST + 60


def nine(first: int | None = 1, ninth: int | None = 0) -> tuple[int | None, ...]:
    return (first, *[1] * 7, ninth)


def visit(day: int, items: tuple[int | None, ...] | None = None, **more: Any) -> Assessment:
    total = None if items is None else sum(item or 0 for item in items)
    return form("gloom", day, more.pop("total", total), items=items, **more)


def latest(*forms: Assessment, scale: str = "gloom_first", **more: Any) -> Value:
    return value(derived(record(NOW, forms, **more)), f"{scale}.latest")


def test_answers_are_read_from_the_newest_form() -> None:
    found = derived(record(NOW, [visit(NOW - 9, nine(3), extra={"burden": 2}), visit(NOW - 2, nine(1))]))
    assert value(found, "gloom_first.latest") == 1
    assert value(found, "gloom_first.latest_date") == NOW - 2
    assert value(found, "gloom_burden.latest") == MISSING


def test_a_newer_valid_total_without_items_makes_all_missing() -> None:
    found = derived(record(NOW, [visit(NOW - 9, nine(3), extra={"burden": 2}), visit(NOW - 2, total=9)]))
    assert value(found, "gloom_first.latest") == value(found, "gloom_burden.latest") == MISSING
    assert value(found, "gloom_first.reason") == "missing"


def test_a_newer_invalid_total_without_items_changes_nothing() -> None:
    assert latest(visit(NOW - 9, nine(3)), visit(NOW - 2, total=99)) == 3


def test_items_beside_a_blank_are_read_though_there_is_no_total() -> None:
    newer = visit(NOW - 2, nine(2, None))
    found = derived(record(NOW, [visit(NOW - 9, nine(3)), newer]))
    assert value(found, "gloom_first.latest") == 2
    assert value(found, "gloom_ninth.latest") == MISSING
    assert value(found, "gloom.latest_date") == NOW - 9


@pytest.mark.parametrize("total", [3, None])
def test_a_rejected_answer_is_invalid_and_the_others_stand(total: int | None) -> None:
    found = derived(record(NOW, [visit(NOW - 9, nine(3)), visit(NOW - 2, nine(7), total=total)]))
    assert value(found, "gloom_first.latest") == INVALID
    assert value(found, "gloom_first.reason") == "invalid"
    assert value(found, "gloom_ninth.latest") == 0


def test_a_form_that_is_rejected_whole_is_passed_over() -> None:
    assert latest(visit(NOW - 9, nine(3)), visit(NOW - 2, nine(1), total=27)) == 3


def test_of_two_forms_on_a_day_the_one_with_a_valid_total_counts() -> None:
    forms = [visit(NOW - 2, nine(3, None)), visit(NOW - 2, nine(1))]
    assert latest(*forms) == latest(*forms[::-1]) == 1


def test_a_total_without_items_beside_a_form_with_a_blank_on_its_day_leaves_its_items() -> None:
    forms = [visit(NOW - 2, total=9), visit(NOW - 2, nine(3, None))]
    assert latest(*forms) == 3


def test_of_two_forms_without_a_total_the_fuller_counts_then_the_higher() -> None:
    fuller, thin = visit(NOW - 2, nine(2, None)), visit(NOW - 2, (3, *[None] * 8))
    assert latest(fuller, thin) == latest(thin, fuller) == 2
    low = visit(NOW - 2, nine(1, None))
    assert latest(fuller, low) == latest(low, fuller) == 2


def test_on_an_infusion_day_a_valid_total_outweighs_the_later_form() -> None:
    booster = (*INDUCTION, NOW - 2)
    before, after = visit(NOW - 2, nine(1)), visit(NOW - 2, nine(3, None), after_infusion=True)
    assert latest(before, after, infusions=booster) == 1
    assert latest(before, visit(NOW - 2, nine(3), after_infusion=True), infusions=booster) == 3
    assert latest(before, visit(NOW - 2, total=5, after_infusion=True), infusions=booster) == MISSING


def test_a_form_that_is_older_than_the_latest_total_by_time_hides_no_later_one_of_its_day() -> None:
    day, booster = NOW - 2, (*INDUCTION, NOW - 2)
    forms = [
        visit(day, nine(1)),
        visit(day, total=5, after_infusion=True),
        visit(day, nine(3, None), after_infusion=True),
    ]
    assert latest(*forms, infusions=booster) == 3


@pytest.mark.parametrize(
    ("forms", "wanted"),
    [
        pytest.param([], MISSING, id="no form"),
        pytest.param([visit(NOW - 2, nine(7, None))], INVALID, id="only a rejected answer"),
        pytest.param([visit(NOW - 2, nine(2), total=27)], INVALID, id="items rejected whole"),
        pytest.param([visit(NOW - 9, nine(2), total=27), visit(NOW - 2, total=5)], INVALID, id="beside a total"),
        pytest.param([visit(NOW - 9, nine(7)), visit(NOW - 2, total=5)], MISSING, id="items before a newer total"),
        pytest.param([visit(NOW - 2, nine(2), version="gloom_8")], MISSING, id="another version"),
        pytest.param([visit(NOW - 2, total=99)], MISSING, id="an invalid total without items"),
        pytest.param([visit(NOW - 2, (*[None] * 9,))], MISSING, id="all blank"),
    ],
)
def test_why_an_answer_is_not_there(forms: list[Assessment], wanted: Undefined) -> None:
    assert latest(*forms) == wanted


def test_references_use_every_usable_answer() -> None:
    forms = [
        visit(DAY - 3, nine(3)),
        visit(LAST + 15, nine(0, None)),
        visit(NOW - 12, nine(2, 7)),
        visit(NOW - 2, nine(3)),
    ]
    found = derived(record(NOW, forms))
    wanted = {"latest": 3, "best": 0, "baseline": 3, "previous": 2, "previous_change": 2, "change_from_best": 3}
    assert {name: value(found, f"gloom_first.{name}") for name in wanted} == wanted


def test_an_extra_answer_without_items_is_a_reference_but_never_the_latest() -> None:
    forms = [visit(LAST + 15, total=9, extra={"burden": 0}), visit(NOW - 2, nine(1), extra={"burden": 2})]
    found = derived(record(NOW, forms))
    assert value(found, "gloom_burden.latest") == 2
    assert value(found, "gloom_burden.best") == 0
    assert value(derived(record(NOW, forms[:1])), "gloom_burden.latest") == MISSING


def test_a_recent_answer_is_that_of_the_day_it_is_read_from() -> None:
    forms = [visit(NOW - 2, nine(1), extra={"burden": 1}), visit(NOW - 1, extra={"burden": 3})]
    assert value(derived(record(NOW, forms)), "gloom_burden.recent") == 1


def test_a_baseline_answer_of_a_day_is_that_beside_a_valid_total() -> None:
    forms = [visit(DAY - 3, nine(1)), visit(DAY - 3, nine(3, None))]
    for both in (forms, forms[::-1]):
        assert value(derived(record(NOW, both)), "gloom_first.baseline") == 1


def measures(*forms: Assessment) -> Measures:
    return derived(record(NOW, forms))


def test_the_newest_invalid_record_is_told_by_the_total_of_the_instrument() -> None:
    found = measures(visit(NOW - 9, nine(3)), visit(NOW - 2, nine(2, None)))
    assert value(found, "gloom_first.newest_invalid") is True
    assert value(measures(visit(NOW - 9, nine(3))), "gloom_first.newest_invalid") is False

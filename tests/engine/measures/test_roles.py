"""Which scale stands for a role, its measures, and when it is due."""

from __future__ import annotations

import pytest

from boosterwatch.engine.measures.derive import plan_measures
from boosterwatch.engine.model import Assessment, Measures, Undefined, Value
from boosterwatch.tests.engine.measures.build import DAY, LAST, derived, form, make_pack, measure, record, value

PLAN = plan_measures(
    make_pack(
        (
            measure("main", "choice", role="main"),
            measure("main.latest", "role", role="main", measure="latest"),
            measure("main.cut", "role_parameter", role="main", parameter="cut"),
            measure("due", "due_date", role="main"),
            measure("every", "scheduled_interval", role="main"),
        )
    )
)


def at(day: int, *forms: Assessment, **more: object) -> Measures:
    return derived(record(day, forms, **more), PLAN)


def of(found: Measures) -> list[Value]:
    return [value(found, name) for name in ("main", "main.latest", "main.cut")]


def scored(id: str, day: int, total: int = 5) -> Assessment:
    return form(id, LAST + day, total)


def test_the_first_assessable_scale_is_chosen() -> None:
    forms = (
        scored("gloom", 30),
        scored("clusters", 20),
        scored("clusters", 30),
        scored("plain", 20),
        scored("plain", 30),
    )
    assert of(at(LAST + 31, *forms)) == ["clusters", 5, 13]


def test_else_the_first_with_a_score_in_this_course() -> None:
    assert of(at(LAST + 31, scored("gloom", -20), scored("plain", 9, 7))) == ["plain", 7, 16]


def test_else_the_first() -> None:
    assert of(at(LAST + 31, scored("clusters", -20))) == ["gloom", Undefined("missing"), 10]


# ---------------------------------------------------------------- the schedule


@pytest.mark.parametrize(
    ("days", "wanted"), [(0, 7), (27, 7), (28, 7), (29, 14), (83, 14), (84, 14), (85, 28), (400, 28)]
)
def test_the_interval_depends_on_the_days_since_the_induction(days: int, wanted: int) -> None:
    found = at(LAST + days)
    assert value(found, "every") == wanted
    assert value(found, "due") == LAST + wanted


def test_an_assessment_is_due_after_the_newest_of_the_course() -> None:
    assert value(at(LAST + 40, scored("gloom", 9), scored("gloom", 30)), "due") == LAST + 44
    assert value(at(LAST + 40, scored("gloom", 9), form("gloom", LAST + 30, 99)), "due") == LAST + 23


@pytest.mark.parametrize(("day", "wanted"), [(-1, 7), (0, 7), (1, 8)])
def test_a_score_up_to_the_last_date_of_the_induction_is_not_of_the_course(day: int, wanted: int) -> None:
    late = form("gloom", LAST + day, 5, after_infusion=True)
    assert value(at(LAST + 5, late), "due") == LAST + wanted


def test_a_running_induction_is_followed_by_the_first_interval() -> None:
    assert value(at(LAST, induction=(DAY, LAST + 9)), "due") == LAST + 16


def test_without_an_induction_the_newest_score_counts() -> None:
    assert value(at(LAST + 40, scored("gloom", 3), infusions=()), "due") == LAST + 31
    assert value(at(LAST + 40, infusions=()), "due") == Undefined("missing")
    assert value(at(LAST + 40, infusions=()), "every") == 28

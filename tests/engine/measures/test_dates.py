"""Dates, days between them, counts, and attributes of the record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from boosterwatch.engine.measures.derive import derive_measures, open_history, plan_measures
from boosterwatch.engine.model import Record, Undefined, Value
from boosterwatch.engine.pack import ir
from boosterwatch.tests.engine.measures.build import (
    DAY,
    INDUCTION,
    LAST,
    PARAMETERS,
    SPAN,
    event,
    fact,
    form,
    make_pack,
    measure,
    record,
    rejection,
    value,
)

NONE = Undefined("none")
NOW = LAST + 60
MEASURES = (
    # a measure may come before those it reads
    measure("age_of_last", "days_since", of="last"),
    measure("review", "date_after", from_="last", days="waiting"),
    measure("review_in", "days_between", from_="last", to="review"),
    measure("apart", "days_apart", from_="plain_date", to="last"),
    measure("waiting", "scheduled_interval", role="main"),
    measure("last", "course_date", which="last_infusion"),
    measure("first_of", "course_date", which="induction_first"),
    measure("last_of", "course_date", which="induction_last"),
    ir.Measure("plain_date", "latest_date", "date", "", SPAN, (), "plain"),
    measure("any", "any_event", of="report"),
    measure("when", "event_date", of="report"),
    measure("ahead", "days_to_next", of="booking"),
    measure("young", "count", of="infusion", younger_than="window"),
    measure("young_outside", "count", of="infusion", younger_than="window", outside="induction"),
    measure("years", "age_years"),
    measure("sex", "attribute", of="sex"),
    measure("has_gloom", "includes", list="indications", value="gloom"),
    measure("odd", "any_rejected", code="invalid_score"),
    measure("future", "any_rejected", code="future_dated"),
)
EVENTS = (event("report"), event("infusion", "infusions"), event("booking", "booked"))
CHECKS = (ir.FactCheck("report", ir.Any(()), "invalid_score", "no report is fine", SPAN),)
PLAN = plan_measures(make_pack(MEASURES, events=EVENTS))


def of(name: str, facts: Record, at: int | None = None, **more: Any) -> Value:
    history = open_history(PLAN, facts, PARAMETERS)
    return value(derive_measures(PLAN, history, PARAMETERS, facts.as_of if at is None else at, **more), name)


def test_dates_of_the_course() -> None:
    facts = record(NOW, infusions=(*INDUCTION, LAST + 30))
    assert [of(name, facts) for name in ("last", "first_of", "last_of")] == [LAST + 30, INDUCTION[0], LAST]
    assert of("last", facts, LAST + 30, before_infusion=True) == LAST


def test_without_infusions_there_are_none() -> None:
    facts = record(NOW, infusions=())
    assert of("last", facts) == of("age_of_last", facts) == of("review", facts) == Undefined("no_infusion")
    assert (
        of("review_in", facts) == of("apart", record(NOW, [form("plain", NOW, 3)], infusions=())) == of("last", facts)
    )
    assert of("first_of", facts) == of("last_of", facts) == Undefined("no_induction")


def test_days() -> None:
    facts = record(NOW, [form("plain", LAST - 4, 3)])
    assert of("age_of_last", facts) == 60
    assert (of("waiting", facts), of("review", facts), of("review_in", facts)) == (14, LAST + 14, 14)
    assert of("apart", facts) == 4
    assert of("apart", record(NOW, [form("plain", LAST + 4, 3)])) == 4
    assert of("apart", record(NOW)) == Undefined("missing")


def test_events() -> None:
    facts = record(NOW, facts=(fact("report", DAY + 3), fact("report", DAY + 1)))
    assert (of("any", facts), of("when", facts)) == (True, DAY + 3)
    assert (of("any", record(NOW)), of("when", record(NOW))) == (False, NONE)


@pytest.mark.parametrize(("booked", "wanted"), [((-1,), NONE), ((0,), 0), ((1, 9), 1), ((-3, 14), 14), ((), NONE)])
def test_days_to_the_next_booking(booked: tuple[int, ...], wanted: Value) -> None:
    assert of("ahead", record(NOW, booked=tuple(NOW + day for day in booked))) == wanted


@pytest.mark.parametrize(("age", "wanted"), [(0, 1), (27, 1), (28, 0), (29, 0)])
def test_a_count_is_of_events_younger_than_the_window(age: int, wanted: int) -> None:
    assert of("young", record(NOW, infusions=(*INDUCTION, NOW - age))) == wanted


def test_a_count_may_leave_out_the_induction() -> None:
    boosters = (LAST + 18, LAST + 20)
    facts = record(LAST + 22, infusions=(*INDUCTION, *boosters))
    assert (of("young", facts), of("young_outside", facts)) == (5, 2)
    assert of("young_outside", record(LAST + 22, infusions=(DAY, *boosters))) == 2
    marked = record(LAST + 22, infusions=INDUCTION, induction=(INDUCTION[0], INDUCTION[3]))
    assert (of("young", marked), of("young_outside", marked)) == (3, 2)
    soon = record(LAST + 5)
    assert (of("young", soon), of("young_outside", soon)) == (6, 0)


@pytest.mark.parametrize(
    ("born", "day", "wanted"),
    [
        (date(2008, 3, 14), date(2026, 3, 13), 17),
        (date(2008, 3, 14), date(2026, 3, 14), 18),
        (date(2008, 3, 14), date(2026, 3, 15), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
    ],
)
def test_years_of_age(born: date, day: date, wanted: int) -> None:
    assert of("years", record(day.toordinal(), birth_date=born, infusions=())) == wanted


def test_attributes() -> None:
    facts = record(NOW, sex="female", indications=("other", "gloom"))
    assert (of("sex", facts), of("has_gloom", facts)) == ("female", True)
    assert (of("sex", record(NOW)), of("has_gloom", record(NOW))) == (Undefined("not_recorded"), False)
    assert of("years", record(NOW)) == Undefined("no_birth_date")


def test_rejections_are_told_from_the_date_of_the_form_on() -> None:
    facts = record(NOW, [form("plain", LAST + 9, 99)])
    assert [of("odd", facts, LAST + day) for day in (8, 9, 10)] == [False, True, True]
    late = record(NOW, [form("plain", LAST, 99, after_infusion=True)])
    assert [of("odd", late, LAST, before_infusion=before) for before in (True, False)] == [False, True]


def test_rejections_of_the_reader_are_told_and_those_of_facts_are_not() -> None:
    facts = record(NOW, rejected=(rejection("safety[0]", "future_dated"),), facts=(fact("report", DAY),))
    assert (of("future", facts), of("odd", facts)) == (True, False)
    plan = plan_measures(make_pack(MEASURES, events=EVENTS, fact_checks=CHECKS))
    history = open_history(plan, facts, PARAMETERS)
    assert [one.code for one in history.rejected] == ["invalid_score"]
    assert value(derive_measures(plan, history, PARAMETERS, NOW), "odd") is False

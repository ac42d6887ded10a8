"""Event sets: each filter below, at and above its limit, and a plain reading of all of them as an oracle."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from boosterwatch.engine.measures.derive import derive_measures, open_history, plan_measures
from boosterwatch.engine.measures.events import select
from boosterwatch.engine.measures.history import Moment
from boosterwatch.engine.model import Fact, Record
from boosterwatch.engine.pack import ir
from boosterwatch.tests.engine.measures.build import (
    DAY,
    INDUCTION,
    LAST,
    PARAMETERS,
    compare,
    equals,
    event,
    fact,
    form,
    leaf,
    make_pack,
    measure,
    record,
)

NOW = LAST + 100
ALL = event("all")
REVIEW = event("review", "review")


def days(facts: Record, wanted: ir.EventSet, *others: ir.EventSet, at: int | None = None, **more: Any) -> list[int]:
    plan = plan_measures(make_pack(events=(wanted, *others)))
    history = open_history(plan, facts, PARAMETERS)
    moment = Moment(history, PARAMETERS, facts.as_of if at is None else at, before_infusion=more.get("before", False))
    return list(select(plan.events, wanted.id, moment))


def reports(*when: int, **more: Any) -> Record:
    return record(NOW, facts=tuple(fact("report", day) for day in when), **more)


# ---------------------------------------------------------------- sources


def test_the_sources() -> None:
    facts = record(NOW, facts=(fact("report", DAY + 3, kind="odd"),), booked=(NOW + 9, NOW + 2, NOW + 2))
    assert days(facts, ALL) == [DAY + 3]
    assert days(facts, event("other", "review")) == []
    assert days(facts, event("infusion", "infusions")) == list(INDUCTION)
    assert days(facts, event("booking", "booked")) == [NOW + 2, NOW + 9]


def test_an_infusion_of_the_date_is_given_unless_looked_at_before() -> None:
    facts, infusion = record(NOW), event("infusion", "infusions")
    assert days(facts, infusion, at=LAST)[-1] == LAST
    assert days(facts, infusion, at=LAST, before=True)[-1] == INDUCTION[-2]
    assert days(reports(LAST), ALL, at=LAST, before=True) == [LAST]


def test_a_marked_induction_counts_as_infusions() -> None:
    facts = record(NOW, infusions=(DAY,), induction=(DAY + 3, NOW + 5))
    assert days(facts, event("infusion", "infusions")) == [DAY, DAY + 3]


def test_only_what_is_true_is_selected() -> None:
    facts = record(NOW, facts=(fact("report", 1, kind="odd"), fact("report", 2, kind="even"), fact("report", 3)))
    assert days(facts, event("odd", where=equals("kind", "odd"))) == [1]
    assert days(facts, event("not_odd", where=ir.Not(equals("kind", "odd")))) == [2]


# ---------------------------------------------------------------- answers


def answers(*items: Any, **more: Any) -> Record:
    forms = [form("gloom", LAST + 10 * n, items=nine, part=str(n), **more) for n, nine in enumerate(items)]
    return record(NOW, forms)


NINTH = event("ninth", "answers", scale="gloom_ninth")


def test_answers_are_read_even_from_rejected_forms_and_other_versions() -> None:
    nine = (*[1] * 8, 2)
    forms = [
        form("gloom", LAST + 1, 3, items=nine, part="sum differs"),
        form("gloom", LAST + 2, items=nine, version="gloom_8", part="other version"),
        form("gloom", LAST + 3, items=(*nine, 1), part="too many items"),
        form("gloom", LAST + 4, items=nine[:8], part="too few"),
        form("gloom", LAST + 5, items=(*[9] * 8, 2), part="others out of range"),
        form("gloom", LAST + 6, items=(*[1] * 8, 4), part="out of range"),
        form("gloom", LAST + 7, items=(*[1] * 8, 1.5), part="not whole"),
        form("gloom", LAST + 8, items=(*[1] * 8, 2.0), part="whole"),
        form("gloom", LAST + 9, items=(*[1] * 8, None), part="blank"),
        form("gloom", LAST + 10, 9, part="no items"),
        form("plain", LAST + 11, 2, part="another instrument"),
    ]
    assert days(record(NOW, forms), NINTH) == [LAST + n for n in (1, 2, 3, 5, 8)]


def test_an_extra_answer_and_a_total_can_be_events() -> None:
    forms = [form("gloom", LAST + 1, 99, extra={"burden": 2}), form("calm", LAST + 2, 2.5), form("plain", LAST, 2.5)]
    facts = record(NOW, forms)
    assert days(facts, event("burden", "answers", scale="gloom_burden")) == [LAST + 1]
    assert days(facts, event("calm", "answers", scale="calm")) == [LAST + 2]
    assert days(facts, event("plain", "answers", scale="plain")) == []


ABOVE = replace(NINTH, where=compare("value", ">", "best_before", "field"))
FIRST = replace(NINTH, where=leaf(ir.Known("best_before", known=False)))


def ninths(*values: int, start: int = LAST - 10) -> Record:
    forms = [form("gloom", start + 10 * n, 99, items=(*[1] * 8, ninth), part=str(n)) for n, ninth in enumerate(values)]
    return record(NOW, forms)


def test_the_best_before_is_of_earlier_answers_after_the_induction() -> None:
    facts = ninths(0, 0, 2, 1, 2, 3)
    assert days(facts, FIRST) == [LAST - 10, LAST, LAST + 10]
    assert days(facts, ABOVE) == [LAST + 30, LAST + 40]


def test_answers_of_one_day_are_not_earlier_than_each_other() -> None:
    forms = [form("gloom", LAST + 10, items=(*[1] * 8, n), part=str(n)) for n in (1, 2)]
    assert days(record(NOW, forms), ABOVE) == []


def test_without_a_course_there_is_no_best_before() -> None:
    facts = replace(ninths(0, 1, 2), infusions=())
    assert (days(facts, ABOVE), len(days(facts, FIRST))) == ([], 3)


def test_the_best_before_is_the_highest_where_low_is_worse() -> None:
    forms = [form("glow", LAST + n, total, method="percent") for n, total in ((1, 40), (2, 70), (3, 50))]
    worse = event("worse", "answers", scale="glow", where=compare("value", "<", "best_before", "field"))
    assert days(record(NOW, forms), worse) == [LAST + 3]


def test_the_best_before_follows_the_course_of_the_date() -> None:
    again = tuple(LAST + 60 + n for n in (0, 2, 4, 6))
    facts = replace(ninths(0, 0, 0, 1, 1, 1, 1, 2, 1), infusions=(*INDUCTION, *again))
    assert days(facts, ABOVE, at=LAST + 50) == [LAST + n for n in (20, 30, 40, 50)]
    assert days(facts, ABOVE, at=LAST + 70) == []


# ---------------------------------------------------------------- windows


@pytest.mark.parametrize(("age", "found"), [(27, 1), (28, 1), (29, 0)])
def test_within(age: int, found: int) -> None:
    assert len(days(reports(NOW - age), replace(ALL, within="window"))) == found


@pytest.mark.parametrize(("day", "found"), [(-1, 0), (0, 1), (1, 1)])
def test_since_the_course(day: int, found: int) -> None:
    assert len(days(reports(INDUCTION[0] + day), replace(ALL, since="course"))) == found


@pytest.mark.parametrize(("day", "found"), [(-1, 0), (0, 0), (1, 1)])
def test_since_the_last_infusion(day: int, found: int) -> None:
    assert len(days(reports(LAST + day), replace(ALL, since="last_infusion"))) == found


def test_without_a_course_or_an_infusion_nothing_is_since() -> None:
    facts = reports(NOW - 3, infusions=())
    assert days(facts, replace(ALL, since="course")) == days(facts, replace(ALL, since="last_infusion")) == []


# ---------------------------------------------------------------- other sets


def reviewed(report: int, *reviews: int) -> Record:
    return record(NOW, facts=(fact("report", report), *(fact("review", day) for day in reviews)))


@pytest.mark.parametrize(("review", "after"), [(-1, False), (0, True), (1, True)])
def test_followed_by_and_its_opposite(review: int, after: bool) -> None:
    facts = reviewed(LAST, LAST + review)
    assert bool(days(facts, replace(ALL, followed_by="review"), REVIEW)) is after
    assert bool(days(facts, replace(ALL, not_followed_by="review"), REVIEW)) is not after


def test_nothing_follows_where_there_is_nothing() -> None:
    assert days(reviewed(LAST), replace(ALL, followed_by="review"), REVIEW) == []
    assert days(reviewed(LAST), replace(ALL, not_followed_by="review"), REVIEW) == [LAST]


@pytest.mark.parametrize(("closer", "open_after", "open_on"), [(-1, 1, 1), (0, 1, 0), (1, 0, 0)])
def test_closed_by(closer: int, open_after: int, open_on: int) -> None:
    facts = reviewed(LAST, LAST + closer)
    assert len(days(facts, replace(ALL, closed_by=(("review", "after"),)), REVIEW)) == open_after
    assert len(days(facts, replace(ALL, closed_by=(("review", "on_or_after"),)), REVIEW)) == open_on


def test_a_closer_dated_later_closes_nothing_yet() -> None:
    facts = reviewed(LAST, LAST + 9)
    closed = replace(ALL, closed_by=(("review", "after"),))
    assert [len(days(facts, closed, REVIEW, at=LAST + day)) for day in (8, 9, 10)] == [1, 0, 0]


@pytest.mark.parametrize(("review", "found"), [(-1, 2), (0, 0), (1, 0), (50, 0)])
def test_a_silencer_on_or_after_the_first_silences_all(review: int, found: int) -> None:
    facts = record(NOW, facts=(fact("report", LAST), fact("report", NOW), fact("review", LAST + review)))
    assert len(days(facts, replace(ALL, silenced_by="review"), REVIEW)) == found


def test_the_first_of_the_silenced_is_the_first_ever_even_outside_the_window() -> None:
    facts = record(NOW, facts=(fact("report", LAST), fact("report", NOW), fact("review", LAST + 10)))
    assert days(facts, replace(ALL, silenced_by="review", within="window"), REVIEW) == []


@pytest.mark.parametrize(("gap", "found"), [(0, 2), (1, 0), (27, 0), (28, 0), (29, 1)])
def test_not_preceded_by(gap: int, found: int) -> None:
    fresh = event("fresh", not_preceded_by=("all", "window"))
    recent = days(reports(NOW - gap, NOW), fresh, ALL)
    assert recent.count(NOW) == found


# ---------------------------------------------------------------- all of it, plainly


SETS = (
    ALL,
    REVIEW,
    event("infusion", "infusions"),
    event("odd", where=equals("kind", "odd"), within="recent"),
    event("fresh", since="last_infusion", within="window", not_preceded_by=("all", "window")),
    event("open", closed_by=(("review", "on_or_after"), ("infusion", "after"))),
    event("quiet", where=equals("kind", "odd"), silenced_by="review", within="window"),
    event("met", followed_by="review", since="course"),
    event("unmet", not_followed_by="review", closed_by=(("infusion", "on_or_after"),)),
)
BY_ID = {one.id: one for one in SETS}
PLAN = plan_measures(make_pack([measure(f"any_{one.id}", "event_date", of=one.id) for one in SETS], events=SETS))


def plainly(facts: Record, spec: ir.EventSet, at: int, course: tuple[int, int] | None) -> list[int]:
    """Return the days of a set as its filters read, one event at a time."""
    infusions = [day for day in facts.infusions if day <= at]

    def of(id: str) -> list[int]:
        return plainly(facts, BY_ID[id], at, course)

    def base() -> list[int]:
        if spec.source == "infusions":
            return infusions
        wanted = spec.where is None
        return sorted(
            one.day
            for one in facts.facts
            if one.type == spec.source and one.day <= at and (wanted or one.fields.get("kind") == "odd")
        )

    def counts(day: int) -> bool:
        since = {"course": course and course[0], "last_infusion": infusions and infusions[-1] + 1, None: 0}[spec.since]
        checks = [
            spec.within is None or at - day <= PARAMETERS[spec.within],
            spec.since is None or (bool(since) and day >= (since or 0)),
            spec.followed_by is None or any(other >= day for other in of(spec.followed_by)),
            spec.not_followed_by is None or not any(other >= day for other in of(spec.not_followed_by)),
            all(
                not any(other > day or (other == day and how == "on_or_after") for other in of(id))
                for id, how in spec.closed_by
            ),
            spec.silenced_by is None or not any(other >= base()[0] for other in of(spec.silenced_by)),
            spec.not_preceded_by is None
            or not any(
                1 <= day - other <= PARAMETERS[spec.not_preceded_by[1]] for other in of(spec.not_preceded_by[0])
            ),
        ]
        return all(checks)

    return [day for day in base() if counts(day)]


@pytest.mark.parametrize("seed", range(150))
def test_selected_plainly(seed: int) -> None:
    pick = random.Random(seed)
    found: list[Fact] = []
    for _ in range(pick.randint(0, 9)):
        day = pick.choice([NOW, NOW - 28, NOW - 29, LAST, LAST + 1, NOW - pick.randint(0, 120)])
        type = pick.choice(["report", "report", "review"])
        found.append(fact(type, day, **({"kind": pick.choice(["odd", "even"])} if pick.random() < 0.8 else {})))
    boosters = tuple(sorted({pick.choice([LAST + 60, NOW - 28, NOW - 3, NOW]) for _ in range(pick.randint(0, 2))}))
    infusions = pick.choice([(*INDUCTION, *boosters), boosters])
    facts = record(NOW, facts=tuple(found), infusions=infusions)
    course = (INDUCTION[0], LAST) if infusions[:1] == INDUCTION[:1] else None
    history = open_history(PLAN, facts, PARAMETERS)
    for at in (NOW, NOW - 3, LAST + 1):
        for one in SETS:
            moment = Moment(history, PARAMETERS, at, before_infusion=False)
            assert list(select(PLAN.events, one.id, moment)) == plainly(facts, one, at, course), (one.id, at - NOW)


def test_an_earlier_date_is_that_of_the_record_cut_there() -> None:
    found = tuple(fact(type, LAST + n * 7, kind="odd") for n, type in enumerate(["report", "review", "report"] * 4))
    facts = record(NOW, facts=found)
    history = open_history(PLAN, facts, PARAMETERS)
    for at in range(LAST, NOW, 5):
        cut = replace(facts, as_of=at, facts=tuple(one for one in found if one.day <= at))
        fresh = derive_measures(PLAN, open_history(PLAN, cut, PARAMETERS), PARAMETERS, at)
        assert derive_measures(PLAN, history, PARAMETERS, at) == fresh

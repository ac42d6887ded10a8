"""The latest fact stating a field, caution on equal dates, and holds lifted by a review."""

from __future__ import annotations

import random
from typing import Any

import pytest

from boosterwatch.engine.measures.derive import derive_measures, open_history, plan_measures
from boosterwatch.engine.model import Fact, Undefined, Value
from boosterwatch.engine.pack import ir
from boosterwatch.tests.engine.measures.build import (
    DAY,
    PARAMETERS,
    SPAN,
    compare,
    derived,
    equals,
    fact,
    leaf,
    make_pack,
    measure,
    record,
    value,
)

NONE = Undefined("none")
NOW = DAY + 100


def look(wanted: ir.Measure, *facts: Fact, checks: tuple[ir.FactCheck, ...] = (), at: int = NOW) -> Value:
    plan = plan_measures(make_pack([wanted], fact_checks=checks))
    history = open_history(plan, record(NOW, facts=facts), PARAMETERS)
    return value(derive_measures(plan, history, PARAMETERS, at), wanted.name)


def latest(**more: Any) -> ir.Measure:
    return measure("it", "latest_fact", **{"fact": "probe", "field": "level", **more})


def date(**more: Any) -> ir.Measure:
    return measure("it", "fact_date", **{"fact": "probe", "field": "level", **more})


def probe(day: int, **fields: Any) -> Fact:
    return fact("probe", DAY + day, **fields)


def test_the_newest_fact_that_states_the_field_counts() -> None:
    facts = (probe(5, level=2), probe(9, level=7), probe(20, other=1))
    assert look(latest(), *facts) == 7
    assert look(date(), *facts) == DAY + 9
    assert look(latest(), *facts, at=DAY + 8) == 2
    assert look(latest(), *facts, at=DAY + 4) == look(latest()) == look(date(), fact("other", DAY, level=1)) == NONE


@pytest.mark.parametrize(
    ("order", "values", "wanted"),
    [
        (("highest",), [3, 9, 5], 9),
        (("lowest",), [3, 9, 5], 3),
        (("active", "resolved"), ["resolved", "active"], "active"),
        (("true", "false"), [False, True], True),
        (("false", "true"), [False, True], False),
        (("gone",), ["unlisted", "gone"], "gone"),
        (("gone",), ["b", "a"], "a"),
        (("highest",), ["text", 4], 4),
    ],
)
def test_on_one_date_the_more_cautious_fact_wins(order: tuple[str, ...], values: list[Any], wanted: Any) -> None:
    for seed in range(4):
        random.Random(seed).shuffle(values)
        facts = [probe(9, level=one) for one in values]
        assert look(latest(order=order), probe(2, level=values[0]), *facts) == wanted


def test_only_facts_about_the_key_count() -> None:
    facts = (probe(5, name="a", level=1), probe(9, name="b", level=2), probe(10, level=3))
    assert look(latest(key="name", value="a"), *facts) == 1
    assert look(date(key="name", value="b"), *facts) == DAY + 9
    assert look(latest(key="name", value="c"), *facts) == NONE


@pytest.mark.parametrize(
    ("level", "limit", "wanted"),
    [
        (120, 40, 3.0),
        (5, 1, 5.0),
        (5, 0.5, 10.0),
        (120.3, 40.1, 3.0),
        (100, 40, 2.5),
        (5, 0, NONE),
        (5, -1, NONE),
        (5, "x", NONE),
        ("x", 5, NONE),
    ],
)
def test_a_quotient_is_exact_and_needs_a_positive_divisor(level: Any, limit: Any, wanted: Value) -> None:
    assert look(latest(per="limit", order=("highest",)), probe(5, level=level, limit=limit)) == wanted


def test_a_fact_without_the_divisor_states_nothing() -> None:
    facts = (probe(5, level=80, limit=40), probe(9, level=90))
    assert look(latest(per="limit"), *facts) == 2.0
    assert look(date(per="limit"), *facts) == DAY + 5


CHECK = ir.FactCheck("probe", compare("level", "<", "top", "field"), "odd_level", "a level lies below its top", SPAN)


def test_facts_that_fail_their_check_are_not_used() -> None:
    facts = (probe(5, level=1, top=2), probe(9, level=3, top=2), probe(10, level=1))
    assert look(latest(), *facts, checks=(CHECK,)) == 1
    history = open_history(plan_measures(make_pack(fact_checks=(CHECK,))), record(NOW, facts=facts), PARAMETERS)
    assert [(one.part, one.code, one.reason) for one in history.rejected] == [
        (facts[1].part, "odd_level", CHECK.says),
        (facts[2].part, "odd_level", CHECK.says),
    ]


# ---------------------------------------------------------------- conditions on the newest


LONG = ir.All((equals("felt", True), ir.Any((leaf(ir.Known("days", known=False)), compare("days", ">=", "settle")))))
MEETS = measure("it", "latest_fact_meets", fact="probe", stating="felt", where=LONG)


@pytest.mark.parametrize(("days", "wanted"), [(13, False), (14, True), (15, True), (None, True)])
def test_the_newest_fact_meets_a_condition(days: int | None, wanted: bool) -> None:
    stated = {"felt": True} if days is None else {"felt": True, "days": days}
    assert look(MEETS, probe(3, felt=False), probe(9, **stated), probe(11, days=99)) is wanted


def test_any_fact_of_the_newest_date_may_meet_it() -> None:
    assert look(MEETS, probe(9, felt=False), probe(9, felt=True)) is True
    assert look(MEETS, probe(9, felt=True), probe(10, felt=False)) is False
    assert look(MEETS, probe(9, days=20)) == NONE


def test_the_date_of_a_condition_is_that_of_the_newest_statement() -> None:
    dated = measure("it", "fact_date", fact="probe", stating="felt", where=LONG)
    assert look(dated, probe(3, felt=True), probe(9, felt=False), probe(11, days=2)) == DAY + 9


# ---------------------------------------------------------------- holds lifted


def stands(*facts: Fact, at: int = NOW, of: str = "fact_date") -> Value:
    dated = measure("dated", of, **({"fact": "probe", "field": "level"} if of == "fact_date" else {}))
    if of == "latest_date":
        dated = ir.Measure("dated", of, "", "", SPAN, (), "plain")
    plan = plan_measures(make_pack([measure("it", "stands", date="dated", hold="levels"), dated]))
    history = open_history(plan, record(NOW, facts=facts), PARAMETERS)
    return value(derive_measures(plan, history, PARAMETERS, at), "it")


def cleared(day: int, **fields: Any) -> Fact:
    return fact("review", DAY + day, **{"kind": "hold_cleared", "hold": "levels", **fields})


@pytest.mark.parametrize(("day", "wanted"), [(8, True), (9, False), (10, False)])
def test_a_hold_stands_until_it_is_cleared_on_or_after_its_date(day: int, wanted: bool) -> None:
    assert stands(probe(9, level=1), cleared(day)) is wanted


def test_only_its_own_clearing_lifts_a_hold_and_a_newer_fact_raises_it_again() -> None:
    assert stands(probe(9, level=1), cleared(10, hold="other")) is True
    assert stands(probe(9, level=1), cleared(10, kind="safety")) is True
    assert stands(probe(9, level=1), cleared(10), probe(11, level=1)) is True
    assert stands(probe(9, level=1), cleared(10), at=DAY + 9) is True


def test_without_a_date_nothing_stands() -> None:
    assert stands(cleared(10)) == NONE
    assert stands(cleared(10), of="latest_date") == NONE


def test_facts_of_types_nobody_reads_change_nothing() -> None:
    assert derived(record(NOW, facts=(probe(3, level=1),))) == derived(record(NOW))

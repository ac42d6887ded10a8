"""Near misses: which clause stopped a rule, and how far away it was."""

from __future__ import annotations

import pytest

from boosterwatch.engine.decide.clauses import Vocabulary, clauses_of, place
from boosterwatch.engine.decide.inputs import Inputs, Wiring
from boosterwatch.engine.decide.near import stopping_clause
from boosterwatch.engine.decide.readings import Reading, distance, read, truth_of
from boosterwatch.engine.model import Measures, NotFired, Outcome, Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.decide.made_up import DAY, PACK, decided, measured
from boosterwatch.tests.decide.parts import against, compare, drawn, equals, known

CHOSEN = values_in_force(PACK, DAY)
WORDS = Vocabulary(PACK)
NOTHING = Outcome((False,) * len(PACK.rules), {table.id: table.otherwise for table in PACK.tables})


def inputs(values: dict[str, Scalar], **states: str) -> Inputs:
    """Return inputs in which nothing else is known."""
    reasons = {one.name: "missing" for one in PACK.measures if one.name not in values}
    outcome = Outcome(NOTHING.truths, {**NOTHING.states, **states})
    return Wiring(PACK).gather(Measures(values, reasons), outcome)[0]


def read_one(condition: ir.Condition, values: dict[str, Scalar], **states: str) -> tuple[Reading, float | None]:
    """Return how a condition of one clause reads, and its distance."""
    (test,) = clauses_of(place(condition, WORDS))
    reading = read(test, inputs(values, **states), CHOSEN)
    return reading, distance(test, reading)


POINTS, SHARE, LOW, DATES = "glim.change", "glim.lost", "zorp.latest", "glim.latest_date"


@pytest.mark.parametrize(
    ("condition", "value", "truth", "away"),
    [
        # whole points: below, at, above the threshold of 5
        (compare(POINTS, ">=", "glim.delta"), 4, False, 1),
        (compare(POINTS, ">=", "glim.delta"), 5, True, 0),
        (compare(POINTS, ">=", "glim.delta"), 6, True, 0),
        (compare(POINTS, ">", "glim.delta"), 4, False, 2),
        (compare(POINTS, ">", "glim.delta"), 5, False, 1),
        (compare(POINTS, ">", "glim.delta"), 6, True, 0),
        (compare(POINTS, "<=", "glim.delta"), 4, True, 0),
        (compare(POINTS, "<=", "glim.delta"), 5, True, 0),
        (compare(POINTS, "<=", "glim.delta"), 6, False, 1),
        (compare(POINTS, "<", "glim.delta"), 4, True, 0),
        (compare(POINTS, "<", "glim.delta"), 5, False, 1),
        (compare(POINTS, "<", "glim.delta"), 6, False, 2),
        # under a `none` the comparison turns round
        (ir.Not(compare(POINTS, ">=", "glim.delta")), 4, True, 0),
        (ir.Not(compare(POINTS, ">=", "glim.delta")), 5, False, 1),
        (ir.Not(compare(POINTS, ">=", "glim.delta")), 6, False, 2),
        (ir.Not(compare(POINTS, ">", "glim.delta")), 6, False, 1),
        # a share, and points that need not be whole: no step
        (compare(SHARE, ">=", "lost_share"), 0.4, False, 0.1),
        (compare(SHARE, ">=", "lost_share"), 0.5, True, 0),
        (compare(SHARE, ">", "lost_share"), 0.5, False, 0),
        (compare(LOW, "<=", "zorp.cut"), 40.5, False, 0.5),
        (compare(LOW, "<=", "zorp.cut"), 40, True, 0),
        (compare(LOW, "<", "zorp.cut"), 40, False, 0),
        # a product of two parameters: 0.5 * 5
        (compare(POINTS, "<", "lost_share", "glim.delta"), 2, True, 0),
        (compare(POINTS, "<", "lost_share", "glim.delta"), 3, False, 1.5),
    ],
)
def test_distance_around_a_threshold(condition: ir.Condition, value: Scalar, truth: bool, away: float) -> None:
    (name,) = {key for test in clauses_of(place(condition, WORDS)) for key in test.keys}
    reading, found = read_one(condition, {name: value})
    assert (reading.truth, found) == (truth, away)


@pytest.mark.parametrize(("day", "truth", "away"), [(-1, False, 1), (0, True, 0), (1, True, 0)])
def test_dates_differ_by_days(day: int, truth: bool, away: int) -> None:
    reading, found = read_one(against(DATES, ">=", "last_infusion"), {DATES: DAY + day, "last_infusion": DAY})
    assert (reading.truth, found) == (truth, away)


def test_an_unknown_side_gives_its_reason_and_no_distance() -> None:
    reading, found = read_one(against(DATES, ">=", "last_infusion"), {DATES: DAY})
    assert (reading, found) == (Reading(None, DAY, None, "missing"), None)


@pytest.mark.parametrize(
    ("condition", "values", "reading"),
    [
        (equals("colour", "red"), {"colour": "red"}, Reading(True, "red", "red")),
        (equals("colour", "red", negated=True), {"colour": "red"}, Reading(False, "red", "red")),
        (equals("colour", "red"), {}, Reading(None, None, "red", "missing")),
        (equals("colour", "red", negated=True, recorded=True), {}, Reading(True, None, "red", "missing")),
        (ir.Not(equals("colour", "red", negated=True, recorded=True)), {}, Reading(False, None, "red", "missing")),
        (known("colour"), {}, Reading(False, None, None, "missing")),
        (known("colour", is_known=False), {}, Reading(True, None, None, "missing")),
        (known("colour"), {"colour": "red"}, Reading(True, "red")),
    ],
)
def test_words_have_no_distance(condition: ir.Condition, values: dict[str, Scalar], reading: Reading) -> None:
    assert read_one(condition, values) == (reading, None)


def test_a_state_is_told_with_the_state_asked_for() -> None:
    states = {"glim": "possible"}
    values: dict[str, Scalar] = {"glim.reason": "assessable"}
    assert read_one(drawn("glim=probable"), values, **states)[0] == Reading(False, "possible", "probable")
    stale: dict[str, Scalar] = {"glim.reason": "stale"}
    assert read_one(drawn("glim=probable"), stale)[0] == Reading(False, "cannot_assess", "probable", "stale")


def test_what_nothing_draws_is_false() -> None:
    assert read_one(drawn("finding:nobody"), {})[0] == Reading(False)


# ---------------------------------------------------------------- which clause

NEAR = compare(POINTS, ">=", "glim.delta")  # value 4: one point of five away
FAR = compare("days_since", ">=", "wait_days")  # value 1: twenty days of twenty-one away
UNKNOWN = compare(SHARE, ">=", "lost_share")
TRUE = equals("asked", True)
VALUES: dict[str, Scalar] = {
    POINTS: 4,
    "days_since": 1,
    "asked": True,
    "glim.reason": "assessable",
    "zorp.reason": "stale",
}


@pytest.mark.parametrize(
    ("condition", "clause"),
    [
        (ir.All((TRUE, FAR, NEAR)), FAR),  # the first in reading order
        (ir.All((TRUE, UNKNOWN, NEAR)), UNKNOWN),
        (ir.Any((FAR, NEAR)), NEAR),  # the nearest alternative
        (ir.Any((equals("asked", False), FAR)), FAR),  # a number says more than a word
        (ir.Any((UNKNOWN, FAR)), FAR),  # an unknown one comes last
        (ir.Any((UNKNOWN, drawn("zorp=probable"), equals("asked", False))), equals("asked", False)),
        (ir.Any((UNKNOWN, compare("zorp.latest", "<=", "zorp.cut"))), UNKNOWN),
        (ir.All((TRUE, ir.Any((FAR, ir.All((TRUE, NEAR)))))), NEAR),
        (ir.Any((drawn("glim=probable"), drawn("zorp=probable"))), drawn("glim=probable")),
        (ir.Not(ir.All((TRUE, TRUE))), TRUE),
        (ir.Not(ir.Any((NEAR, TRUE))), TRUE),
    ],
)
def test_the_clause_that_stopped_it(condition: ir.Condition, clause: ir.Leaf) -> None:
    tree = place(condition, WORDS)
    read_here = inputs(VALUES, glim="possible")
    readings = [read(test, read_here, CHOSEN) for test in clauses_of(tree)]
    test = stopping_clause(tree, readings)
    assert test is not None
    assert test.node == clause
    assert truth_of(tree, readings) is not True


def test_a_choice_between_nothing_has_no_clause() -> None:
    assert stopping_clause(place(ir.Any(()), WORDS), []) is None


def missed(rule: str, **change: Scalar | None) -> NotFired:
    """Return what stopped a rule for the made-up patient."""
    values = {name.replace("__", "."): value for name, value in change.items()}
    return {row.rule: row for row in decided(measured(values)).not_fired}[rule]


def test_a_near_miss_as_it_is_told() -> None:
    row = missed("glim_possible", glim__change=4)
    assert (row.clause, row.value, row.threshold, row.unit) == ("glim.change >= glim.delta", 4, 5, "points")
    assert (row.distance, row.truth, row.reason, row.effect) == (1, False, None, "reading glim: possible")
    assert row.source.startswith("rules.yaml:")


def test_a_rule_that_nothing_settles_is_unknown() -> None:
    row = missed("hold_red")
    assert (row.truth, row.clause, row.value, row.threshold, row.reason) == (
        None,
        "colour is red",
        None,
        "red",
        "missing",
    )


def test_a_count_is_told_by_how_many_lack() -> None:
    row = missed("two")
    assert (row.value, row.threshold, row.unit, row.distance) == (1, 2, "count", 1)


def test_what_must_not_hold_is_told_as_such() -> None:
    row = missed("flag_unasked")
    assert (row.clause, row.value, row.truth) == ("none: asked is yes", True, False)

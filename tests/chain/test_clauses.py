"""Rails as clauses: their number, their order, and where they are split."""

from __future__ import annotations

import random

import pytest

from boosterwatch.engine.chain import clauses
from boosterwatch.engine.chain.clauses import FactTest, Formula, Group, Literal, rail, size, split, to_formula, widest
from boosterwatch.engine.chain.properties import Properties
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain.packs import compare, compare_measures, equals
from boosterwatch.tests.chain.strategies import invent_pack


def formula(condition: ir.Condition) -> Formula:
    return to_formula(condition, Properties())


def plain(number: int) -> tuple[ir.Leaf, ...]:
    return tuple(compare(f"m.{n}", ">=", "cut") for n in range(number))


def pairs(number: int) -> tuple[ir.Condition, ...]:
    return tuple(ir.All((compare(f"a.{n}", ">=", "cut"), compare(f"b.{n}", ">=", "cut"))) for n in range(number))


def test_a_comparison_inverts_on_the_false_rail() -> None:
    made = formula(compare("phq9.latest", ">=", "cut"))
    assert rail(made, True) == ((FactTest("m1", ">=", "p2"),),)
    assert rail(made, False) == ((FactTest("m1", "<", "p2"),),)


def test_a_right_side_that_may_be_missing_is_asked_for_first() -> None:
    made = formula(compare_measures("phq9.latest", ">", "phq9.best"))
    assert rail(made, True) == ((FactTest("m2", "there", 1), FactTest("m1", ">", "m2")),)
    assert rail(made, False) == ((FactTest("m2", "there", 1), FactTest("m1", "<=", "m2")),)


@pytest.mark.parametrize("seed", range(100))
def test_it_is_asked_for_first_in_every_clause(seed: int) -> None:
    properties = Properties()
    for rule in invent_pack(random.Random(seed), layers=3, width=5).rules:
        made = to_formula(rule.when, properties)
        for clause in (*rail(made, True), *rail(made, False)):
            for at, test in enumerate(clause):
                if isinstance(test.right, str) and test.right.startswith("m"):
                    assert FactTest(test.right, "there", 1) in clause[:at]


def test_alternatives_add_up_on_one_rail_and_multiply_on_the_other() -> None:
    made = formula(ir.Any(pairs(3)))
    assert (size(made, True), size(made, False)) == (3, 8)
    assert (len(rail(made, True)), len(rail(made, False))) == (3, 8)


def test_groups_of_one_kind_are_merged_and_not_is_pushed_down() -> None:
    inner = ir.All((compare("c", ">=", "cut"), ir.All(plain(2))))
    made = formula(ir.Not(ir.Any((ir.Not(inner),))))
    assert isinstance(made, Group)
    assert made.every
    assert len(made.parts) == 3


def test_the_same_clause_is_kept_once() -> None:
    made = formula(ir.Any((equals("sex", "female"), equals("sex", "female"))))
    assert len(rail(made, True)) == 1


class Helpers:
    """Stands in for the plan: hands out helpers and keeps what they stand for."""

    def __init__(self) -> None:
        self.formulas: list[Formula] = []

    def __call__(self, part: Formula) -> Literal:
        self.formulas.append(part)
        return clauses.helper_literal(f"h{len(self.formulas)}")


SHAPES: list[tuple[str, ir.Condition, int]] = [
    ("one test", plain(1)[0], 0),
    ("many plain alternatives", ir.Any(plain(30)), 0),
    ("too many plain alternatives", ir.Any(plain(31)), 3),
    ("far too many", ir.All(plain(500)), 46),
    ("four pairs", ir.Any(pairs(4)), 0),
    ("five pairs", ir.Any(pairs(5)), 1),
    ("twelve pairs", ir.Any(pairs(12)), 8),
    ("the other way round", ir.Not(ir.Any(pairs(5))), 1),
]


@pytest.mark.parametrize(("condition", "helpers"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_splitting_keeps_every_rail_short(condition: ir.Condition, helpers: int) -> None:
    made = Helpers()
    parts = [split(formula(condition), made), *made.formulas]
    assert len(made.formulas) == helpers
    for part in parts:
        assert size(part, True) + size(part, False) <= clauses.MOST_MULTIPLIED + clauses.MOST_ADDED
        assert widest(part) <= clauses.MOST_ADDED


def test_splitting_ends_where_conditions_nest_deeply() -> None:
    condition: ir.Condition = ir.Any(pairs(40))
    for n in range(20):
        condition = ir.Not(ir.Any((ir.All((condition, ir.Any(pairs(4)))), compare(f"c.{n}", "<", "cut"))))
    assert widest(formula(condition)) > 10**9
    made = Helpers()
    parts = [split(formula(condition), made), *made.formulas]
    assert max(widest(part) for part in parts) <= clauses.MOST_ADDED


def test_a_field_is_refused() -> None:
    with pytest.raises(ValueError, match="field"):
        formula(ir.Leaf(ir.Compare("x", ">=", ir.Right("field", ("y",))), "", compare("x", ">=", "y").span))

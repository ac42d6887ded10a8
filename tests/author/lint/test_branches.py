"""Cheap reasoning over conditions is never wrong: what it says to exclude or imply does, whatever the values are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.author.lint.branches import Branch, Literal, branches, clash, implies, same
from boosterwatch.engine.chain.truth import truth_of
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

PARAMETERS = {"low": 2, "high": 4, "half": 0.5}
RANGES = {"score": (0.0, 5.0)}
SCORES: list[Scalar | None] = [None, 0, 1, 2, 3, 4, 5]
OTHERS: list[Scalar | None] = [None, 2, 4]
WORDS: list[Scalar | None] = [None, "red", "blue"]
STATES = ("sign=possible", "sign=probable", "sign=absent")
SPAN = Span("rules.yaml", 1, 1)


def leaf(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> ir.Leaf:
    return ir.Leaf(test, repr(test), SPAN)


def compares(left: str, op: ir.Op, *right: str) -> ir.Leaf:
    kind = "product" if len(right) == 2 else "parameter" if right[0] in PARAMETERS else "measure"
    return leaf(ir.Compare(left, op, ir.Right(kind, right)))  # type: ignore[arg-type]


OPS: list[ir.Op] = [">=", "<=", ">", "<"]
RIGHTS = [("low",), ("high",), ("half", "high"), ("other",)]
NEGATIONS = [(False, False), (True, False), (True, True)]  # negated, recorded
ATOMS = ["finding:a", *STATES]
COUNT = ir.AtLeast("low", ("finding:a", "sign=possible"), "count", SPAN)


def patients() -> Iterator[tuple[dict[str, Scalar], frozenset[str]]]:
    """Yield every patient: values that are there or not, exactly one state of the sign, the finding or not."""
    for score, other, word in product(SCORES, OTHERS, WORDS):
        values = {"score": score, "other": other, "word": word}
        known = {name: value for name, value in values.items() if value is not None}
        for state, finding in product(STATES, ((), ("finding:a",))):
            yield known, frozenset((state, *finding))


PATIENTS = list(patients())


def true_of(condition: ir.Condition) -> set[int]:
    """Return the positions of the patients of whom the condition is true."""
    found = enumerate(PATIENTS)
    return {at for at, (values, drawn) in found if truth_of(condition, values, PARAMETERS, drawn) is True}


SIMPLE: list[ir.Condition] = [
    *(compares("score", op, *right) for op in OPS for right in RIGHTS),
    *(leaf(ir.Equals("word", word, negated, recorded)) for word in ("red", "blue") for negated, recorded in NEGATIONS),
    *(leaf(ir.Known(name, known)) for name in ("score", "other", "word") for known in (True, False)),
    *(leaf(ir.Drawn(atom)) for atom in ATOMS),
    COUNT,
]
EVERY = [*SIMPLE, *map(ir.Not, SIMPLE)]


def lists(inner: st.SearchStrategy[ir.Condition]) -> st.SearchStrategy[ir.Condition]:
    parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.one_of(parts.map(ir.All), parts.map(ir.Any), inner.map(ir.Not))


CONDITIONS = st.recursive(st.sampled_from(EVERY), lists, max_leaves=6)


@given(CONDITIONS)
def test_branches_are_true_of_the_same_patients(condition: ir.Condition) -> None:
    found = branches(condition)
    assert found is not None
    again = ir.Any(tuple(ir.All(tuple(map(as_condition, branch))) for branch in found))
    assert true_of(again) == true_of(condition)


def as_condition(literal: Literal) -> ir.Condition:
    """Return what a literal says, as a condition."""
    one = ir.AtLeast(*literal.test, "count", SPAN) if isinstance(literal.test, tuple) else leaf(literal.test)
    return one if literal.holds else ir.Not(one)


@given(CONDITIONS)
def test_what_clashes_is_true_of_nobody(condition: ir.Condition) -> None:
    found = branches(condition)
    assert found is not None
    if all(clash(branch, PARAMETERS, RANGES) for branch in found):
        assert true_of(condition) == set()


@given(CONDITIONS, CONDITIONS)
def test_what_implies_is_true_of_fewer(later: ir.Condition, earlier: ir.Condition) -> None:
    ours, theirs = branches(later), branches(earlier)
    assert ours is not None
    assert theirs is not None
    if implies(ours, theirs, PARAMETERS):
        assert true_of(later) <= true_of(earlier)
    if same(ours, theirs):
        assert true_of(later) == true_of(earlier)


def only_branch(condition: ir.Condition) -> Branch:
    """Return the branch of a condition that has one."""
    (branch,) = branches(condition) or [{}]
    return branch


def test_of_every_two_tests_what_is_said_is_so() -> None:
    true = [true_of(one) for one in EVERY]
    said = {"clash": 0, "implied": 0}
    for (at, first), (other, second) in product(enumerate(EVERY), repeat=2):
        ours, theirs = only_branch(first), only_branch(second)
        if clash({**ours, **theirs}, PARAMETERS, RANGES):
            said["clash"] += 1
            assert not true[at] & true[other], (first, second)
        if implies([ours], [theirs], PARAMETERS):
            said["implied"] += 1
            assert true[at] <= true[other], (first, second)
    assert said["clash"] > 400
    assert said["implied"] > 200


LOW, HIGH = compares("score", ">=", "low"), compares("score", ">=", "high")
UNDER = compares("score", "<", "high")
RED, BLUE = leaf(ir.Equals("word", "red")), leaf(ir.Equals("word", "blue"))
A = leaf(ir.Drawn("finding:a"))


@pytest.mark.parametrize(
    ("condition", "clashes"),
    [
        (ir.All((HIGH, UNDER)), True),
        (ir.All((LOW, UNDER)), False),
        (ir.All((HIGH, compares("score", "<=", "high"))), False),
        (ir.All((compares("score", ">", "high"), compares("score", "<=", "high"))), True),
        (ir.All((HIGH, ir.Not(LOW))), True),
        (ir.All((RED, BLUE)), True),
        (ir.All((RED, ir.Not(BLUE))), False),
        (ir.All((A, ir.Not(A))), True),
        (ir.All((A, ir.Any((HIGH, ir.Not(A))))), False),
        (ir.All((leaf(ir.Known("score", False)), LOW)), True),
        (ir.All((leaf(ir.Known("other", False)), compares("score", ">=", "other"))), True),
        (ir.All((leaf(ir.Drawn("sign=absent")), leaf(ir.Drawn("sign=possible")))), True),
        (ir.All(()), False),
    ],
)
def test_what_is_seen_to_clash(condition: ir.Condition, clashes: bool) -> None:
    found = branches(condition)
    assert found is not None
    assert all(clash(branch, PARAMETERS, RANGES) for branch in found) is clashes


@pytest.mark.parametrize(
    ("later", "earlier", "implied"),
    [
        (HIGH, LOW, True),
        (LOW, HIGH, False),
        (HIGH, compares("score", ">", "low"), True),
        (HIGH, compares("score", ">", "high"), False),
        (ir.All((HIGH, A)), ir.Any((RED, A)), True),
        (ir.Any((HIGH, A)), LOW, False),
        (LOW, leaf(ir.Known("score")), True),
        (RED, ir.Not(BLUE), True),
        (A, ir.All(()), True),
        (ir.All(()), A, False),
    ],
)
def test_what_is_seen_to_imply(later: ir.Condition, earlier: ir.Condition, implied: bool) -> None:
    ours, theirs = branches(later), branches(earlier)
    assert ours is not None
    assert theirs is not None
    assert implies(ours, theirs, PARAMETERS) is implied


def test_a_condition_of_too_many_branches_is_left_alone() -> None:
    assert branches(ir.All((ir.Any((A, RED)),) * 9)) is None

"""Conditions on a fact's fields: Kleene logic, and nothing compares that should not."""

from __future__ import annotations

import pytest

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.measures.where import compile_where
from boosterwatch.engine.model import Scalar, Truth
from boosterwatch.engine.pack import ir
from boosterwatch.tests.engine.measures.build import SPAN, compare, equals, leaf

T, F, U = equals("yes", True), equals("no", True), equals("gone", True)
FIELDS: dict[str, Scalar] = {"yes": True, "no": False, "level": 7, "other": 5, "word": "high", "share": 0.5}
PARAMETERS = {"seven": 7, "half": 0.5, "fourteen": 14}


def truth(condition: ir.Condition) -> Truth:
    return compile_where(condition)(FIELDS, PARAMETERS)


@pytest.mark.parametrize(
    ("parts", "every", "some"),
    [
        ((), True, False),
        ((T, T), True, True),
        ((T, F), False, True),
        ((T, U), None, True),
        ((U, F), False, None),
        ((U, U), None, None),
        ((F, F), False, False),
    ],
)
def test_all_and_any(parts: tuple[ir.Condition, ...], every: Truth, some: Truth) -> None:
    assert truth(ir.All(parts)) is every
    assert truth(ir.Any(parts)) is some
    assert truth(ir.All(parts[::-1])) is every
    assert truth(ir.Any(parts[::-1])) is some


def test_not_keeps_unknown() -> None:
    assert [truth(ir.Not(part)) for part in (T, F, U)] == [False, True, None]


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        (compare("level", ">=", "seven"), True),
        (compare("level", "<=", "seven"), True),
        (compare("level", ">", "seven"), False),
        (compare("level", "<", "seven"), False),
        (compare("other", "<", "level", "field"), True),
        (compare("other", ">", "gone", "field"), None),
        (compare("gone", ">", "seven"), None),
        (compare("word", ">=", "seven"), None),
        (compare("yes", ">=", "half"), None),
        (compare("level", ">=", "word", "field"), None),
        (leaf(ir.Compare("level", ">=", ir.Right("product", ("half", "fourteen")))), True),
        (leaf(ir.Compare("other", ">=", ir.Right("product", ("half", "fourteen")))), False),
    ],
)
def test_comparisons(condition: ir.Condition, wanted: Truth) -> None:
    assert truth(condition) is wanted


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        (ir.Equals("word", "high"), True),
        (ir.Equals("word", "low"), False),
        (ir.Equals("word", "low", negated=True), True),
        (ir.Equals("gone", "low"), None),
        (ir.Equals("gone", "low", negated=True), None),
        (ir.Equals("gone", "low", negated=True, recorded=True), True),
        (ir.Equals("gone", "low", recorded=True), False),
        (ir.Equals("word", "high", negated=True, recorded=True), False),
        (ir.Equals("word", True), False),
        (ir.Known("word"), True),
        (ir.Known("word", known=False), False),
        (ir.Known("gone"), False),
        (ir.Known("gone", known=False), True),
    ],
)
def test_words(test: ir.Equals | ir.Known, wanted: Truth) -> None:
    assert truth(leaf(test)) is wanted


def test_one_is_not_yes() -> None:
    assert compile_where(equals("answer", True))({"answer": 1}, {}) is False


@pytest.mark.parametrize(
    "condition",
    [
        leaf(ir.Drawn("atom")),
        ir.AtLeast("seven", ("atom",), "", SPAN),
        leaf(ir.Compare("level", ">", ir.Right("measure", ("gloom.latest",)))),
    ],
)
def test_what_means_nothing_for_a_fact_is_refused(condition: ir.Condition) -> None:
    with pytest.raises(InternalError):
        compile_where(condition)

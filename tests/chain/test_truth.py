"""What conditions mean, row by row, in both evaluators and in the walk over the tree."""

from __future__ import annotations

import itertools

import pytest

from boosterwatch.engine.chain.durable import Durable
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.chain.truth import drawn_in, evaluate_slowly, truth_of
from boosterwatch.engine.model import Scalar, Truth
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import packs
from boosterwatch.tests.chain.library import AVAILABLE
from boosterwatch.tests.chain.packs import at_least, compare, compare_measures, drawn, equals, leaf, rule

Values = dict[str, Scalar]

PARAMETERS: dict[str, int | float] = {"cut": 10, "half": 0.5, "twice": 2, "none": 0, "one": 1, "two": 2}
YES, NO, MAYBE = compare("yes", ">=", "cut"), compare("no", ">=", "cut"), compare("maybe", ">=", "cut")
KNOWN: Values = {"yes": 12, "no": 3}
KLEENE: list[tuple[ir.Condition, Truth]] = [(YES, True), (NO, False), (MAYBE, None)]


def both(first: Truth, second: Truth) -> Truth:
    """Return Kleene's "and", by its table."""
    if first is False or second is False:
        return False
    return True if first and second else None


def test_and_or_not_follow_kleenes_tables() -> None:
    for (one, p), (other, q) in itertools.product(KLEENE, KLEENE):
        opposite = {True: False, False: True, None: None}
        assert found(ir.All((one, other)), KNOWN) is both(p, q)
        assert found(ir.Any((one, other)), KNOWN) is opposite[both(opposite[p], opposite[q])]
        assert found(ir.Not(one), KNOWN) is opposite[p]
        assert found(ir.Not(ir.All((one, other))), KNOWN) is opposite[both(p, q)]


ROWS: list[tuple[str, ir.Condition, Values, Truth]] = [
    ("all of nothing", ir.All(()), {}, True),
    ("any of nothing", ir.Any(()), {}, False),
    ("not any of nothing", ir.Not(ir.Any(())), {}, True),
    (">= below", compare("x", ">=", "cut"), {"x": 9}, False),
    (">= at", compare("x", ">=", "cut"), {"x": 10}, True),
    (">= at, as a float", compare("x", ">=", "cut"), {"x": 10.0}, True),
    (">= just below", compare("x", ">=", "cut"), {"x": 9.999999999999998}, False),
    (">= missing", compare("x", ">=", "cut"), {}, None),
    ("> at", compare("x", ">", "cut"), {"x": 10}, False),
    ("<= at", compare("x", "<=", "cut"), {"x": 10}, True),
    ("< at", compare("x", "<", "cut"), {"x": 10}, False),
    ("< negative", compare("x", "<", "none"), {"x": -0.25}, True),
    ("zero is zero", compare("x", ">=", "none"), {"x": -0.0}, True),
    ("tiny", compare("x", ">", "none"), {"x": 1e-300}, True),
    ("tiny and negative", compare("x", ">", "none"), {"x": -1e-300}, False),
    ("huge", compare("x", ">", "none"), {"x": 1e300}, True),
    ("big whole number", compare("x", ">=", "cut"), {"x": 2**53}, True),
    ("product below", compare("x", ">=", "cut", "half"), {"x": 4.9}, False),
    ("product at", compare("x", ">=", "cut", "half"), {"x": 5}, True),
    ("two measures", compare_measures("x", ">", "y"), {"x": 5, "y": 4.5}, True),
    ("two measures, equal", compare_measures("x", ">", "y"), {"x": 5, "y": 5.0}, False),
    ("left unknown", compare_measures("x", ">", "y"), {"y": 1}, None),
    ("right unknown", compare_measures("x", ">", "y"), {"x": 1}, None),
    ("both unknown", compare_measures("x", ">", "y"), {}, None),
    ("a measure with itself", compare_measures("x", ">=", "x"), {"x": 3}, True),
    ("is", equals("sex", "female"), {"sex": "female"}, True),
    ("is another", equals("sex", "female"), {"sex": "male"}, False),
    ("is, unknown", equals("sex", "female"), {}, None),
    ("is not", equals("sex", "female", negated=True), {"sex": "female"}, False),
    ("is not another", equals("sex", "female", negated=True), {"sex": "male"}, True),
    ("is not, unknown", equals("sex", "female", negated=True), {}, None),
    ("is not recorded as", equals("sex", "female", negated=True, recorded=True), {"sex": "female"}, False),
    ("is not recorded as another", equals("sex", "female", negated=True, recorded=True), {"sex": "male"}, True),
    ("is not recorded, unknown", equals("sex", "female", negated=True, recorded=True), {}, True),
    ("is recorded as, unknown", equals("sex", "female", recorded=True), {}, False),
    ("is true", equals("flag", True), {"flag": True}, True),
    ("is false", equals("flag", False), {"flag": True}, False),
    ("odd text", equals("sex", 'a "b" \\ \u2028 é\U0001f600'), {"sex": 'a "b" \\ \u2028 é\U0001f600'}, True),
    ("empty text", equals("sex", ""), {"sex": ""}, True),
    ("long text", equals("sex", "x"), {"sex": "x" * 100_000}, False),
    ("text with NUL", equals("sex", "x"), {"sex": "x\0"}, False),
    ("known", leaf(ir.Known("x")), {"x": 0}, True),
    ("not known", leaf(ir.Known("x")), {}, False),
    ("unknown", leaf(ir.Known("x", known=False)), {}, True),
    ("not unknown", leaf(ir.Known("x", known=False)), {"x": 0}, False),
    ("drawn", drawn("earlier"), {"yes": 12}, True),
    ("not drawn", drawn("earlier"), {"yes": 1}, False),
    ("not drawn for being unknown", drawn("earlier"), {}, False),
    ("nobody draws it", drawn("nobody"), {}, False),
    ("enough drawn", at_least("one", "earlier", "nobody"), {"yes": 12}, True),
    ("too few drawn", at_least("two", "earlier", "nobody"), {"yes": 12}, False),
    ("at least none", at_least("none", "nobody"), {}, True),
    ("one atom named twice", at_least("two", "earlier", "earlier"), {"yes": 12}, True),
    ("not enough drawn, turned round", ir.Not(at_least("two", "earlier")), {"yes": 12}, True),
]


@pytest.mark.parametrize(("condition", "values", "truth"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_condition_means(condition: ir.Condition, values: Values, truth: Truth) -> None:
    assert found(condition, values) is truth


def found(condition: ir.Condition, values: Values) -> Truth:
    """Return the truth of a condition, having asked every evaluator."""
    pack = packs.pack([rule("earlier", YES), rule("asked", condition)])
    outcome = evaluate_slowly(pack, values, PARAMETERS)
    assert Reference(pack).evaluate(values, PARAMETERS) == outcome
    if AVAILABLE:
        assert Durable(pack).evaluate(values, PARAMETERS) == outcome
    assert truth_of(condition, values, PARAMETERS, drawn_in(pack, outcome)) is outcome.truths[1]
    return outcome.truths[1]


@pytest.mark.parametrize("value", ["abc", "12", ""])
def test_text_never_passes_for_a_number(value: str) -> None:
    pack = packs.pack([rule("asked", compare("x", ">=", "cut"))])
    with pytest.raises(TypeError):
        evaluate_slowly(pack, {"x": value}, PARAMETERS)
    with pytest.raises(TypeError):
        Reference(pack).evaluate({"x": value}, PARAMETERS)


def test_a_rule_cannot_compare_with_a_field() -> None:
    condition = leaf(ir.Compare("x", ">=", ir.Right("field", ("y",))))
    with pytest.raises(ValueError, match="field"):
        truth_of(condition, {"x": 1}, {}, ())


def test_the_first_true_row_decides_a_table() -> None:
    rows = [
        rule("unsure", MAYBE, table="sleep", state="probable"),
        rule("first", YES, table="sleep", state="possible"),
        rule("second", YES, table="sleep", state="absent"),
    ]
    pack = packs.pack([*rows, rule("act", drawn("sleep=possible"))], [packs.table("sleep", rows, "cannot_assess")])
    outcome = evaluate_slowly(pack, KNOWN, PARAMETERS)
    assert outcome.states == {"sleep": "possible"}
    assert outcome.truths == (None, True, True, True)
    assert evaluate_slowly(pack, {}, PARAMETERS).states == {"sleep": "cannot_assess"}
    assert drawn_in(pack, outcome) == {"sleep=possible", "act"}

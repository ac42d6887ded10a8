"""Conditions on a fact's own fields, in Kleene logic: a field not stated is unknown, and only true selects.

Names on the left, and a right side of kind `field`, are fields of the fact; the other right sides are parameters.
Conclusions of rules mean nothing here, so a condition that reads one is refused when the plan is made.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.measures.undefined import Number, Parameters
from boosterwatch.engine.model import Scalar, Truth
from boosterwatch.engine.pack import ir

Fields = Mapping[str, Scalar]
Test = Callable[[Fields, Parameters], Truth]
Side = Callable[[Fields, Parameters], Scalar | None]

NUMBERS = frozenset({int, float})
ORDER: Mapping[ir.Op, Callable[[Number, Number], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def compile_where(condition: ir.Condition) -> Test:
    """Return the condition as a function of a fact's fields and the parameters in force."""
    match condition:
        case ir.Leaf(test=test):
            return _leaf(test)
        case ir.All(parts=parts):
            return _all([compile_where(part) for part in parts])
        case ir.Any(parts=parts):
            return _any([compile_where(part) for part in parts])
        case ir.Not(part=part):
            return _not(compile_where(part))
    raise InternalError(f"a fact has no conclusions: {type(condition).__name__}")


def _all(tests: Sequence[Test]) -> Test:
    def run(fields: Fields, parameters: Parameters) -> Truth:
        truth: Truth = True
        for test in tests:
            part = test(fields, parameters)
            if part is False:
                return False
            if part is None:
                truth = None
        return truth

    return run


def _any(tests: Sequence[Test]) -> Test:
    def run(fields: Fields, parameters: Parameters) -> Truth:
        truth: Truth = False
        for test in tests:
            part = test(fields, parameters)
            if part is True:
                return True
            if part is None:
                truth = None
        return truth

    return run


def _not(test: Test) -> Test:
    def run(fields: Fields, parameters: Parameters) -> Truth:
        part = test(fields, parameters)
        return None if part is None else not part

    return run


# ---------------------------------------------------------------- clauses


def _leaf(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> Test:
    match test:
        case ir.Compare():
            return _compare(test)
        case ir.Equals():
            return _equals(test)
        case ir.Known(left=left, known=known):
            return lambda fields, _parameters: (left in fields) is known
        case ir.Drawn():
            raise InternalError("a fact has no conclusions: Drawn")


def _compare(test: ir.Compare) -> Test:
    left, order, right = test.left, ORDER[test.op], _right(test.right)

    def run(fields: Fields, parameters: Parameters) -> Truth:
        value = fields.get(left)
        against = right(fields, parameters)
        if type(value) in NUMBERS and type(against) in NUMBERS:  # neither text nor a truth value compares
            return order(value, against)  # type: ignore[arg-type]
        return None

    return run


def _right(right: ir.Right) -> Side:
    names = right.names
    match right.kind:
        case "parameter":
            return lambda _fields, parameters: parameters[names[0]]
        case "product":
            return lambda _fields, parameters: parameters[names[0]] * parameters[names[1]]
        case "field":
            return lambda fields, _parameters: fields.get(names[0])
        case _:
            raise InternalError("a fact has no measures")


def _equals(test: ir.Equals) -> Test:
    left, wanted, negated = test.left, test.value, test.negated
    unknown: Truth = negated if test.recorded else None
    kind = type(wanted)  # a truth value is not a number: 1 is not `yes`

    def run(fields: Fields, _parameters: Parameters) -> Truth:
        value = fields.get(left)
        if value is None:
            return unknown
        return (type(value) is kind and value == wanted) is not negated

    return run

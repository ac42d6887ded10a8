"""Conditions on a fact's own fields as expressions over rows; the column form of `engine/measures/where.py`.

A field that a row does not state is unknown. Names on the left, and a right side of kind `field`, are fields.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import NumericValue, Table, Value

from boosterwatch.engine.chain.conditions import leaves, parameters_read
from boosterwatch.engine.cohort.columns.conditions import Truth, joined, opposite
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.pack import ir

ORDER: Mapping[ir.Op, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Fields:
    """Rows of facts, and which of their columns are fields; any other field is unknown in every row.

    `unsure` fields have no column yet: a clause that reads one may turn out either way.
    """

    table: Table
    names: frozenset[str]
    parameters: Parameters
    unsure: frozenset[str] = frozenset()

    def value(self, name: str) -> Value | None:
        """Return a field; None when no row states it."""
        return self.table[name] if name in self.names else None


def meets(condition: ir.Condition | None, fields: Fields) -> Truth:
    """Return the truth of a condition in every row; no condition is true."""
    match condition:
        case None:
            return True
        case ir.Leaf(test=test):
            return _leaf(test, fields)
        case ir.All(parts=parts):
            return joined([meets(part, fields) for part in parts], decisive=False)
        case ir.Any(parts=parts):
            return joined([meets(part, fields) for part in parts], decisive=True)
        case ir.Not(part=part):
            return opposite(meets(part, fields))
    raise InternalError(f"a fact has no conclusions: {type(condition).__name__}")


def may_meet(condition: ir.Condition | None, fields: Fields) -> Truth:
    """Return where a condition is true, or can still be once the unsure fields are known."""
    truth = meets(condition, fields)
    unsure = not fields.unsure.isdisjoint(fields_read(condition))
    if truth is None or isinstance(truth, bool):
        return truth is True or (unsure and truth is None)
    return truth.fill_null(unsure)


def own_read(condition: ir.Condition | None, parameters: Parameters) -> bool:
    """Return whether a condition reads a parameter that some patients have their own value of."""
    return condition is not None and not parameters.own.isdisjoint(parameters_read(condition))


def fields_read(condition: ir.Condition | None) -> Iterator[str]:
    """Yield the fields that a condition reads."""
    for leaf in leaves(condition) if condition is not None else ():
        match leaf:
            case ir.Leaf(test=ir.Compare(left, _, right)):
                yield left
                if right.kind == "field":
                    yield right.names[0]
            case ir.Leaf(test=ir.Equals(left=left) | ir.Known(left=left)):
                yield left


def _leaf(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, fields: Fields) -> Truth:
    match test:
        case ir.Compare(left=left):
            return None if _is_unsure(test, fields) else _compare(fields.value(left), test, fields)
        case ir.Equals(left=left):
            return None if left in fields.unsure else _equals(fields.value(left), test)
        case ir.Known(left=left, known=known):
            if left in fields.unsure:
                return None
            value = fields.value(left)
            return (value.notnull() if known else value.isnull()) if value is not None else not known
        case ir.Drawn():
            raise InternalError("a fact has no conclusions: Drawn")


def _is_unsure(test: ir.Compare, fields: Fields) -> bool:
    return test.left in fields.unsure or (test.right.kind == "field" and test.right.names[0] in fields.unsure)


def _compare(left: Value | None, test: ir.Compare, fields: Fields) -> Truth:
    right = _right(test.right, fields)
    if not isinstance(left, NumericValue) or left.type().is_boolean() or right is None:
        return None  # neither text nor a truth value compares
    found: Truth = ORDER[test.op](left, right)
    return found


def _right(right: ir.Right, fields: Fields) -> NumericValue | None:
    of = fields.parameters.of
    match right.kind:
        case "parameter":
            return of(fields.table, right.names[0])
        case "product":
            first, second = right.names
            return of(fields.table, first) * of(fields.table, second)
        case "field":
            value = fields.value(right.names[0])
            return value if isinstance(value, NumericValue) and not value.type().is_boolean() else None
        case _:
            raise InternalError("a fact has no measures")


def _equals(value: Value | None, test: ir.Equals) -> Truth:
    wanted, negated = test.value, test.negated
    if value is None:
        return negated if test.recorded else None
    same = _same(value, wanted)
    if same is None:  # of another type, so never the same where it is known
        return negated if test.recorded else value.notnull().ifelse(negated, ibis.null("boolean"))
    truth = ~same if negated else same
    return truth.fill_null(negated) if test.recorded else truth


def _same(value: Value, wanted: str | bool) -> Any:
    """Return where a field is a value; None when its type is another one: 1 is not `yes`."""
    type = value.type()
    if isinstance(wanted, bool):
        return (value if wanted else ~value) if type.is_boolean() else None
    return value == wanted if type.is_string() else None

"""Conditions as expressions over the rows of a table, in Kleene logic: null is unknown.

The engines' own `and`, `or` and `not` are Kleene's. What is the same for every row is worked out here and not asked of
the engine: a truth is `True`, `False`, `None` (unknown everywhere), or an expression.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import ibis
from ibis.expr.types import BooleanValue, Table, Value

from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

Truth: TypeAlias = BooleanValue | bool | None
Drawn = Callable[[str], BooleanValue | bool]

_HOLDS: Mapping[ir.Op, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Scene:
    """What the conditions of a stratum read: the table's columns, and which conclusions were drawn.

    `fixed` holds the measures that are the same in every row, by name, None for unknown; the table has no column of
    them.
    """

    table: Table
    parameters: Parameters
    fixed: Mapping[str, Scalar | None]
    drawn: Drawn

    def measure(self, name: str) -> Value | Scalar | None:
        """Return a measure: a column, or what it is in every row."""
        return self.fixed[name] if name in self.fixed else self.table[measure_column(name)]

    def parameter(self, name: str) -> Value | int | float:
        """Return a parameter: a column where patients have their own, else a number."""
        own = name in self.parameters.own
        return self.parameters.of(self.table, name) if own else self.parameters.numbers[name]


def truth_of(condition: ir.Condition, scene: Scene) -> Truth:
    """Return the truth of a condition in every row."""
    match condition:
        case ir.Leaf(test):
            return _test(test, scene)
        case ir.AtLeast(count, atoms):
            return at_least(scene.parameter(count), [scene.drawn(atom) for atom in atoms])
        case ir.Not(part):
            return opposite(truth_of(part, scene))
        case ir.All(parts):
            return joined([truth_of(part, scene) for part in parts], decisive=False)
        case ir.Any(parts):
            return joined([truth_of(part, scene) for part in parts], decisive=True)


def opposite(truth: Truth) -> Truth:
    """Return the opposite; unknown stays unknown."""
    if truth is None or isinstance(truth, bool):
        return None if truth is None else not truth
    return ~truth


def joined(truths: Iterable[Truth], *, decisive: bool) -> Truth:
    """Return `or` for decisive True and `and` for decisive False: one decisive part settles it.

    >>> joined([True, None], decisive=True), joined([True, None], decisive=False), joined([], decisive=False)
    (True, None, True)
    """
    parts = list(truths)
    if any(part is decisive for part in parts):
        return decisive
    asked = [part for part in parts if part is not None and not isinstance(part, bool)]
    unknown = any(part is None for part in parts)
    if not asked:
        return None if unknown else not decisive
    if unknown:
        asked.append(ibis.literal(None, type="boolean"))
    return reduce(operator.or_ if decisive else operator.and_, asked)


def is_true(truth: Truth) -> BooleanValue | bool:
    """Return where a truth is True; false where it is false or unknown."""
    if truth is None or isinstance(truth, bool):
        return truth is True
    return truth.fill_null(False)


def at_least(count: Value | int | float, atoms: Iterable[BooleanValue | bool]) -> Truth:
    """Return whether at least so many conclusions were drawn."""
    drawn = list(atoms)
    sure = sum(1 for one in drawn if one is True)
    asked = [one.cast("int64") for one in drawn if not isinstance(one, bool)]
    if not asked:
        return sure >= count
    return reduce(operator.add, asked, ibis.literal(sure)) >= count if sure else reduce(operator.add, asked) >= count


def _test(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, scene: Scene) -> Truth:
    match test:
        case ir.Compare(left, op, right):
            return _compare(scene.measure(left), op, _right(right, scene))
        case ir.Equals():
            return _equals(test, scene.measure(test.left))
        case ir.Known(left, known):
            value = scene.measure(left)
            if isinstance(value, Value):
                return value.notnull() if known else value.isnull()
            return (value is not None) is known
        case ir.Drawn(atom):
            return scene.drawn(atom)


def _compare(left: Value | Scalar | None, op: ir.Op, right: Value | Scalar | None) -> Truth:
    if left is None or right is None:
        return None
    found: Truth = _HOLDS[op](left, right)
    return found


def _right(right: ir.Right, scene: Scene) -> Value | Scalar | None:
    match right.kind:
        case "parameter":
            return scene.parameter(right.names[0])
        case "product":
            first, second = (scene.parameter(name) for name in right.names)
            product: Value | int | float = first * second
            return product
        case "measure":
            return scene.measure(right.names[0])
        case _:
            raise ValueError(f"a rule cannot compare with a {right.kind}")


def _equals(test: ir.Equals, value: Value | Scalar | None) -> Truth:
    if value is None:
        return test.negated if test.recorded else None
    if not isinstance(value, Value):
        return (value == test.value) is not test.negated
    same = _same(value, test.value)
    truth = ~same if test.negated else same
    return truth.fill_null(test.negated) if test.recorded else truth


def _same(value: Value, wanted: str | bool) -> BooleanValue:
    if isinstance(wanted, bool):
        return value if wanted else ~value
    return value == wanted

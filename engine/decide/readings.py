"""Clauses as they were read for one patient: value, threshold, truth, and the distance from holding.

The truth of a rule is the evaluators' affair. What is worked out here is shown beside it: which clauses carried a
rule, and which kept it from firing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from boosterwatch.engine.decide.clauses import Placed, Some, Tree
from boosterwatch.engine.decide.inputs import Inputs, known, reason
from boosterwatch.engine.decide.values import plain_number, shown
from boosterwatch.engine.model import Chosen, Clause, Scalar, Truth
from boosterwatch.engine.pack import ir

Number = int | float
Parameters = Mapping[str, Chosen]

HOLDS: dict[ir.Op, Callable[[Number, Number], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
ASSESSABLE = "assessable"  # what the reason of a scale says when there is none
OPPOSITE: dict[ir.Op, ir.Op] = {">=": "<", "<": ">=", "<=": ">", ">": "<="}


class Reading(NamedTuple):
    """What one clause came to, a `none` included. Days are still ordinals; `reason` says why a value is unknown."""

    truth: Truth
    value: Scalar | None = None
    threshold: Scalar | None = None
    reason: str | None = None


def read(test: Placed, inputs: Inputs, parameters: Parameters) -> Reading:
    """Return what one clause came to."""
    found = _read(test, inputs, parameters)
    if test.negated and found.truth is not None:
        return found._replace(truth=not found.truth)
    return found


def truth_of(tree: Tree, readings: Sequence[Reading]) -> Truth:
    """Return the truth of a condition from those of its clauses."""
    if isinstance(tree, Placed):
        return readings[tree.at].truth
    decisive = isinstance(tree, Some)  # the truth that settles it, whatever the other parts are
    unknown = False
    for part in tree.parts:
        truth = truth_of(part, readings)
        if truth is decisive:
            return decisive
        unknown = unknown or truth is None
    return None if unknown else not decisive


def support(tree: Tree, readings: Sequence[Reading]) -> Iterator[Placed]:
    """Yield the clauses that make a true condition true."""
    if isinstance(tree, Placed):
        yield tree
    else:
        for part in tree.parts:
            if truth_of(part, readings):
                yield from support(part, readings)


def distance(test: Placed, reading: Reading) -> Number | None:
    """Return how far the value is from making the clause hold, 0 when it does; None where that has no meaning.

    Where values are whole, a strict comparison wants one step more than reaching the threshold.
    """
    op, value, threshold = _wanted(test), reading.value, reading.threshold
    if op is None or not isinstance(value, int | float) or not isinstance(threshold, int | float):
        return None
    if reading.truth:
        return 0
    gap = threshold - value if op in (">=", ">") else value - threshold
    gap = round(gap, 9) if isinstance(gap, float) else gap  # 0.5 - 0.4 is a tenth to everybody
    plain = plain_number(gap + test.step if op in (">", "<") else gap)
    return plain if isinstance(plain, int | float) else None


def clause(test: Placed, reading: Reading) -> Clause:
    """Return a clause as the trace shows it."""
    return Clause(
        text=test.text,
        truth=reading.truth,
        value=shown(reading.value, test.dimension),
        threshold=shown(reading.threshold, test.dimension),
        unit=test.unit,
        distance=distance(test, reading),
        reason=reading.reason,
        line=test.line,
    )


def _wanted(test: Placed) -> ir.Op | None:
    """Return the comparison that must hold, None when the clause compares nothing."""
    match test.node:
        case ir.AtLeast():
            return "<" if test.negated else ">="
        case ir.Leaf(ir.Compare(op=op)):
            return OPPOSITE[op] if test.negated else op
        case _:
            return None


def _read(test: Placed, inputs: Inputs, parameters: Parameters) -> Reading:
    node = test.node
    if isinstance(node, ir.AtLeast):
        drawn = sum(inputs[key] == wanted for key, wanted in test.atoms)
        least = parameters[node.count].value
        return Reading(drawn >= least, drawn, least)
    match node.test:
        case ir.Drawn():
            return _read_drawn(test, inputs)
        case ir.Compare(left, op, right):
            return _read_compare(left, op, right, inputs, parameters)
        case ir.Equals(left, wanted, negated, recorded):
            value, why = known(inputs, left), reason(inputs, left)
            if why is not None:
                return Reading(negated if recorded else None, None, wanted, why)
            return Reading((value == wanted) is not negated, value, wanted)
        case ir.Known(left, wanted_known):
            value, why = known(inputs, left), reason(inputs, left)
            return Reading((why is None) is wanted_known, value, None, why)


def _read_drawn(test: Placed, inputs: Inputs) -> Reading:
    if not test.atoms:
        return Reading(False)
    key, wanted = test.atoms[0]
    truth = inputs[key] == wanted
    if test.level is None:
        return Reading(truth)
    why = inputs[test.why] if test.why is not None else None
    told = isinstance(why, str) and not truth and why != ASSESSABLE
    return Reading(truth, inputs[key], wanted, str(why) if told else None)


def _read_compare(left: str, op: ir.Op, right: ir.Right, inputs: Inputs, parameters: Parameters) -> Reading:
    value, why = known(inputs, left), reason(inputs, left)
    if right.kind == "measure":
        threshold = known(inputs, right.names[0])
        why = why if why is not None else reason(inputs, right.names[0])
    else:
        threshold = _chosen(right, parameters)
    if not isinstance(value, int | float) or not isinstance(threshold, int | float):
        return Reading(None, value, threshold, why)
    return Reading(HOLDS[op](value, threshold), value, threshold)


def _chosen(right: ir.Right, parameters: Parameters) -> Number:
    """Return what the pack's numbers on the right side come to: one parameter, or the product of two."""
    product: Number = 1
    for name in right.names:
        product = product * parameters[name].value
    return product

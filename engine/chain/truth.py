"""What a condition means, said as plainly as possible: a walk over the tree in Kleene logic.

Slow and obviously right. `explain` asks it about single clauses; tests hold both evaluators to it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.model import Outcome, Scalar, Truth
from boosterwatch.engine.pack import ir

Number = int | float

_HOLDS: dict[ir.Op, Callable[[Number, Number], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def truth_of(
    condition: ir.Condition,
    values: Mapping[str, Scalar],
    parameters: Mapping[str, Number],
    drawn: Collection[str],
) -> Truth:
    """Return True, False, or None for unknown. A measure that is not in `values` is unknown."""
    match condition:
        case ir.Leaf(test):
            return _test(test, values, parameters, drawn)
        case ir.AtLeast(count, atoms):
            return sum(atom in drawn for atom in atoms) >= parameters[count]
        case ir.Not(part):
            truth = truth_of(part, values, parameters, drawn)
            return None if truth is None else not truth
        case ir.All(parts):
            return _all([truth_of(part, values, parameters, drawn) for part in parts])
        case ir.Any(parts):
            return _any([truth_of(part, values, parameters, drawn) for part in parts])


def right_value(right: ir.Right, values: Mapping[str, Scalar], parameters: Mapping[str, Number]) -> Scalar | None:
    """Return what the right side of a comparison stands for; None when it is an unknown measure."""
    match right.kind:
        case "parameter":
            return parameters[right.names[0]]
        case "product":
            first, second = right.names
            return parameters[first] * parameters[second]
        case "measure":
            return values.get(right.names[0])
        case _:
            raise ValueError(f"a rule cannot compare with a {right.kind}")


def evaluate_slowly(pack: ir.Pack, values: Mapping[str, Scalar], parameters: Mapping[str, Number]) -> Outcome:
    """Return the outcome of a pack, rule by rule, as the definitions read."""
    truths: dict[str, Truth] = {}
    states: dict[str, str] = {}
    drawn: set[str] = set()
    tables = {table.id: table for table in pack.tables}
    for stratum in pack.strata:
        rules = [pack.rules[at] for at in stratum.rules]
        now = {rule.id: truth_of(rule.when, values, parameters, drawn) for rule in rules}
        truths |= now
        drawn |= {rule.atom for rule in rules if now[rule.id] and rule.table is None}
        for table in (tables[id_] for id_ in stratum.tables):
            states[table.id] = state_of(table, pack.rules, truths)
            drawn.add(table_atom(table.id, states[table.id]))
    return Outcome(tuple(truths[rule.id] for rule in pack.rules), states)


def state_of(table: ir.Table, rules: Sequence[ir.Rule], truths: Mapping[str, Truth]) -> str:
    """Return the state of the table's first true row, else what the table says otherwise."""
    states = {rule.id: rule.state for rule in rules if rule.id in table.rows}
    return next((states[row] for row in table.rows if truths[row]), table.otherwise)


def drawn_in(pack: ir.Pack, outcome: Outcome) -> frozenset[str]:
    """Return every atom that an outcome has drawn: with it, `truth_of` gives the truth of any clause again."""
    plain = {rule.atom for rule, truth in zip(pack.rules, outcome.truths, strict=True) if truth and rule.table is None}
    return frozenset(plain | {table_atom(id_, state) for id_, state in outcome.states.items()})


def _test(
    test: ir.Compare | ir.Equals | ir.Known | ir.Drawn,
    values: Mapping[str, Scalar],
    parameters: Mapping[str, Number],
    drawn: Collection[str],
) -> Truth:
    match test:
        case ir.Compare(left, op, right):
            return _compare(values.get(left), op, right_value(right, values, parameters))
        case ir.Equals(left, value, negated, recorded):
            if left not in values:
                return negated if recorded else None
            return (values[left] == value) is not negated
        case ir.Known(left, known):
            return (left in values) is known
        case ir.Drawn(atom):
            return atom in drawn


def _compare(left: Scalar | None, op: ir.Op, right: Scalar | None) -> Truth:
    if left is None or right is None:
        return None
    if isinstance(left, str) or isinstance(right, str):
        raise TypeError("text does not compare with a number")
    return _HOLDS[op](left, right)


def _all(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return False if False in found else None if None in found else True


def _any(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return True if True in found else None if None in found else False

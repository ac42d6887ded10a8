"""A condition as a list of branches, each a set of tests that must all hold: what cheap reasoning works on.

Sound, not complete: what is said to exclude or imply does so for every patient at today's values of the parameters;
what is not said may still do so, which is for the proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from boosterwatch.engine.chain.conditions import OPPOSITE
from boosterwatch.engine.pack import ir

MOST = 256  # branches; a condition with more is left to the proofs
Test = ir.Compare | ir.Equals | ir.Known | ir.Drawn


@dataclass(frozen=True, slots=True)
class Literal:
    """One test that holds, or with `holds` False fails; a pair of a count and its atoms stands for an `at_least`."""

    test: Test | tuple[str, tuple[str, ...]]
    holds: bool


Branch = Mapping[Literal, ir.Leaf | ir.AtLeast]


def branches(condition: ir.Condition, holds: bool = True) -> list[Branch] | None:
    """Return the branches of which one must be true for the condition to be; None when there are too many."""
    match condition:
        case ir.Leaf(test):
            return [{_literal(test, holds): condition}]
        case ir.AtLeast(count, atoms):
            return [{Literal((count, atoms), holds): condition}]
        case ir.Not(part):
            return branches(part, not holds)
        case ir.All(parts) | ir.Any(parts):
            inner = [branches(part, holds) for part in parts]
            known = [one for one in inner if one is not None]
            if len(known) < len(inner):
                return None
            return _all(known) if isinstance(condition, ir.All) is holds else _any(known)


def _literal(test: Test, holds: bool) -> Literal:
    """Return the test without a negation where it has an opposite: one that fails is one that holds the other way."""
    match test:
        case ir.Compare(left, op, right) if not holds:
            return Literal(ir.Compare(left, OPPOSITE[op], right), True)
        case ir.Equals(left, value, negated, recorded) if not recorded:
            return Literal(ir.Equals(left, value), negated is not holds)
        case ir.Known(left, known):
            return Literal(ir.Known(left, True), known is holds)
    return Literal(test, holds)


def _all(parts: list[list[Branch]]) -> list[Branch] | None:
    total = 1
    for part in parts:
        total *= len(part)
        if total > MOST:
            return None
    return [{key: leaf for one in chosen for key, leaf in one.items()} for chosen in product(*parts)]


def _any(parts: list[list[Branch]]) -> list[Branch] | None:
    found = [branch for part in parts for branch in part]
    return found if len(found) <= MOST else None


# ---------------------------------------------------------------- what excludes what


def clash(
    branch: Branch, values: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]
) -> tuple[ir.Leaf | ir.AtLeast, ...]:
    """Return tests of the branch that cannot all hold, in the order written; empty when none are seen.

    `values` are the parameters, `ranges` the lowest and highest value of measures.
    """
    literals = list(branch)
    for at, first in enumerate(literals):
        if _beyond(first, values, ranges):
            return (branch[first],)
        for second in literals[at + 1 :]:
            if _exclude(first, second, values):
                return branch[first], branch[second]
    return ()


def _exclude(first: Literal, second: Literal, values: Mapping[str, float]) -> bool:
    if first.test == second.test:
        return first.holds is not second.holds
    match first.test, second.test:
        case ir.Compare(left=left), ir.Compare(left=other) if left == other:
            return _apart(first.test, second.test, values) or _apart(second.test, first.test, values)
        case ir.Equals(left=left), ir.Equals(left=other) if left == other:
            both = first.holds and second.holds
            return both and not first.test.recorded and not second.test.recorded
        case ir.Drawn(atom), ir.Drawn(other) if first.holds and second.holds:
            return _table(atom) is not None and _table(atom) == _table(other)
        case (ir.Known(left=left), ir.Compare() | ir.Equals()):
            return not first.holds and left in _needs(second)
        case (ir.Compare() | ir.Equals(), ir.Known(left=left)):
            return not second.holds and left in _needs(first)
    return False


def _needs(literal: Literal) -> tuple[str, ...]:
    """Return the measures without which the test is unknown."""
    match literal.test:
        case ir.Compare(left, _, right):
            return (left, *right.names) if right.kind == "measure" else (left,)
        case ir.Equals(left, recorded=False):
            return (left,)
    return ()


def _table(atom: str) -> str | None:
    """Return the table of `<table>=<state>`, of which exactly one state is drawn."""
    return atom.partition("=")[0] if "=" in atom else None


def bound(test: ir.Compare, values: Mapping[str, float]) -> float | None:
    """Return the number a test compares with, None when it is a measure."""
    if test.right.kind == "parameter":
        return values[test.right.names[0]]
    if test.right.kind == "product":
        return values[test.right.names[0]] * values[test.right.names[1]]
    return None


def _apart(above: ir.Compare, below: ir.Compare, values: Mapping[str, float]) -> bool:
    """Return whether one wants at least a number and the other less than that."""
    low, high = bound(above, values), bound(below, values)
    if low is None or high is None or above.op not in (">=", ">") or below.op not in ("<=", "<"):
        return False
    return low > high or (low == high and (above.op == ">" or below.op == "<"))


def _beyond(literal: Literal, values: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]) -> bool:
    """Return whether a comparison asks for more than the very end of a scale; a number outside it is another lint."""
    if not isinstance(literal.test, ir.Compare) or literal.test.left not in ranges:
        return False
    low, high = ranges[literal.test.left]
    end = {">": high, "<": low}.get(literal.test.op)
    return end is not None and bound(literal.test, values) == end


# ---------------------------------------------------------------- what implies what


def implies(later: Iterable[Branch], earlier: Iterable[Branch], values: Mapping[str, float]) -> bool:
    """Return whether `earlier` is true whenever `later` is: each branch of it holds more tests than one of those."""
    weaker = list(earlier)
    return all(any(_covers(branch, one, values) for one in weaker) for branch in later)


def _covers(strong: Branch, weak: Branch, values: Mapping[str, float]) -> bool:
    return all(any(_stronger(one, wanted, values) for one in strong) for wanted in weak)


def _stronger(one: Literal, wanted: Literal, values: Mapping[str, float]) -> bool:
    if one == wanted:
        return True
    match one.test, wanted.test:
        case ir.Compare(left=left), ir.Compare(left=other) if left == other:
            return _inside(one.test, wanted.test, values)
        case ir.Compare() | ir.Equals(), ir.Known(left=left):
            return wanted.holds and left in _needs(one)
        case ir.Equals(left, value, recorded=False), ir.Equals(other, unlike, recorded=False) if left == other:
            return one.holds and not wanted.holds and value != unlike
    return False


def _inside(one: ir.Compare, wanted: ir.Compare, values: Mapping[str, float]) -> bool:
    ours, theirs = bound(one, values), bound(wanted, values)
    if ours is None or theirs is None or one.op[0] != wanted.op[0]:
        return False
    further = ours > theirs if one.op[0] == ">" else ours < theirs
    return further or (ours == theirs and (one.op == wanted.op or wanted.op.endswith("=")))


def same(first: list[Branch], second: list[Branch]) -> bool:
    """Return whether two conditions have the same branches, in whatever order they are written."""
    return {frozenset(one) for one in first} == {frozenset(one) for one in second}

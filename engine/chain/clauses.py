"""Turn conditions into clauses: lists of single-fact tests that must all hold, which is all that durable_rules is
trusted with.

A condition becomes a formula of literals; each literal knows the clause that says it is true and the clause that says
it is false. The two *rails* of a formula are its disjunctive normal forms for "true" and for "false"; in Kleene logic
a formula is unknown exactly when neither holds. Formulas whose normal form would grow are split: a part becomes a
helper conclusion that is decided first.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import NamedTuple

from boosterwatch.engine.chain.conditions import OPPOSITE
from boosterwatch.engine.chain.properties import Properties
from boosterwatch.engine.pack import ir

MOST_MULTIPLIED = 16  # clauses on the rail on which those of the parts multiply, before a part becomes a helper
MOST_ADDED = 30  # clauses on the rail on which they add up
RUN = 12  # so many parts become one helper where there are too many parts


class FactTest(NamedTuple):
    """One test of one fact: a property against a whole number, against another property, or for being there."""

    left: str
    op: OneOf["==", "!=", ">=", "<=", ">", "<", "there"]
    right: int | str


Clause = tuple[FactTest, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A test with both rails; `needs` are the properties without which it is unknown."""

    true: Clause
    false: Clause
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """Parts of which every one must hold, or any one."""

    every: bool
    parts: tuple[Formula, ...]


Formula = Literal | Group


# ---------------------------------------------------------------- condition to formula


def to_formula(condition: ir.Condition, properties: Properties) -> Formula:
    """Return the formula of a condition, with `Not` gone and groups of one kind merged."""
    match condition:
        case ir.Leaf(test):
            return _literal(test, properties)
        case ir.AtLeast(count, atoms):
            return _ordered(properties.total(atoms), ">=", properties.parameter((count,)))
        case ir.Not(part):
            return _negated(to_formula(part, properties))
        case ir.All(parts):
            return _group(True, [to_formula(part, properties) for part in parts])
        case ir.Any(parts):
            return _group(False, [to_formula(part, properties) for part in parts])


def _literal(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, properties: Properties) -> Literal:
    match test:
        case ir.Compare(left, op, right):
            return _comparison(left, op, right, properties)
        case ir.Equals():
            return _equality(test, properties)
        case ir.Known(left, known):
            return _switch(properties.known(left), known)
        case ir.Drawn(atom):
            return _switch(properties.atom(atom), True)


def _comparison(left: str, op: ir.Op, right: ir.Right, properties: Properties) -> Literal:
    name = properties.number(left)
    if right.kind == "measure":
        other = properties.number(right.names[0])
        return _ordered(name, op, other, frozenset({name, other}))
    if right.kind == "field":
        raise ValueError("a rule cannot compare with a field")
    return _ordered(name, op, properties.parameter(right.names), frozenset({name}))


def _ordered(left: str, op: ir.Op, right: str, needs: frozenset[str] = frozenset()) -> Literal:
    """Return a comparison of two properties. When the right one may be missing, a test for it comes first: without
    that the library reads memory that nobody wrote and may say anything (docs/decisions/003)."""
    first: Clause = (FactTest(right, "there", 1),) if right in needs else ()
    return Literal((*first, FactTest(left, op, right)), (*first, FactTest(left, OPPOSITE[op], right)), needs)


def _equality(test: ir.Equals, properties: Properties) -> Literal:
    if test.recorded:
        name, needs = properties.recorded(test.left), frozenset[str]()
    else:
        name = properties.category(test.left)
        needs = frozenset({name})
    code = properties.code(test.left, test.value)
    same, other = (FactTest(name, "==", code),), (FactTest(name, "!=", code),)
    return Literal(other, same, needs) if test.negated else Literal(same, other, needs)


def _switch(name: str, on: bool) -> Literal:
    """Return the literal of a property that is always 0 or 1."""
    return Literal((FactTest(name, "==", int(on)),), (FactTest(name, "==", int(not on)),))


def helper_literal(name: str) -> Literal:
    """Return the literal of a helper: 1, 0, or missing while unknown."""
    return Literal((FactTest(name, "==", 1),), (FactTest(name, "==", 0),), frozenset({name}))


def _group(every: bool, parts: list[Formula]) -> Formula:
    merged: list[Formula] = []
    for part in parts:
        merged.extend(part.parts if isinstance(part, Group) and part.every is every else [part])
    return merged[0] if len(merged) == 1 else Group(every, tuple(merged))


def _negated(formula: Formula) -> Formula:
    match formula:
        case Literal(true, false, needs):
            return Literal(false, true, needs)
        case Group(every, parts):
            return Group(not every, tuple(_negated(part) for part in parts))


# ---------------------------------------------------------------- rails


def rail(formula: Formula, want: bool) -> tuple[Clause, ...]:
    """Return clauses of which one holds exactly when the formula is known to be `want`."""
    match formula:
        case Literal(true, false):
            return (true if want else false,)
        case Group(every, parts):
            rails = [rail(part, want) for part in parts]
            if every is want:
                return tuple(_joined(clauses) for clauses in itertools.product(*rails))
            return tuple(dict.fromkeys(clause for clauses in rails for clause in clauses))


def _joined(clauses: tuple[Clause, ...]) -> Clause:
    """Return one clause of all tests, those for fixed numbers first: the library lets clauses share them."""
    tests = dict.fromkeys(test for clause in clauses for test in clause)
    return tuple(sorted(tests, key=lambda test: isinstance(test.right, str)))


def size(formula: Formula, want: bool) -> int:
    """Return how many clauses `rail` makes, at most."""
    match formula:
        case Literal():
            return 1
        case Group(every, parts):
            sizes = [size(part, want) for part in parts]
            return math.prod(sizes) if every is want else sum(sizes)


def widest(formula: Formula) -> int:
    """Return the number of clauses of the longer rail."""
    return max(size(formula, True), size(formula, False))


def needs_of(formula: Formula) -> frozenset[str]:
    """Return the properties of which a missing one can make the formula unknown."""
    match formula:
        case Literal(needs=needs):
            return needs
        case Group(_, parts):
            return frozenset().union(*(needs_of(part) for part in parts))


# ---------------------------------------------------------------- splitting


def split(formula: Formula, to_helper: Callable[[Formula], Literal]) -> Formula:
    """Return the formula with parts handed to `to_helper` until both rails are short."""
    if isinstance(formula, Literal):
        return formula
    parts = [split(part, to_helper) for part in formula.parts]
    while _too_long(Group(formula.every, tuple(parts))):
        weights = [widest(part) for part in parts]
        heaviest = max(weights)
        if heaviest > 1:
            at = weights.index(heaviest)
            parts[at] = to_helper(parts[at])
        else:
            runs = [tuple(parts[at : at + RUN]) for at in range(0, len(parts), RUN)]
            parts = [to_helper(Group(formula.every, run)) for run in runs]
    return Group(formula.every, tuple(parts))


def _too_long(group: Group) -> bool:
    return size(group, group.every) > MOST_MULTIPLIED or size(group, not group.every) > MOST_ADDED

"""The near miss of a rule that did not fire: the first clause that stopped it, and how far away it was."""

from __future__ import annotations

from collections.abc import Sequence

from boosterwatch.engine.decide.clauses import Every, Level, Placed, Tree
from boosterwatch.engine.decide.plan import RulePlan
from boosterwatch.engine.decide.readings import Reading, distance, truth_of
from boosterwatch.engine.model import Clause, NotFired, Scalar, Truth

NO_CLAUSE = Clause("", None, None, None, None, None, None, "")
# Numbers come first, by their share of the threshold; then words; then what could not be judged; last the unknown.
Nearness = tuple[int, float]


def stopping_clause(tree: Tree, readings: Sequence[Reading]) -> Placed | None:
    """Return the first clause in reading order that keeps a condition from being true.

    Of alternatives it is the nearest to true that counts, an unknown one only where all are unknown. None when
    there is no clause at all, as in a choice between nothing.
    """
    if isinstance(tree, Placed):
        return None if readings[tree.at].truth else tree
    failing = (part for part in tree.parts if not truth_of(part, readings))
    found = (test for part in failing if (test := stopping_clause(part, readings)) is not None)
    if isinstance(tree, Every):
        return next(found, None)
    return min(found, key=lambda test: _nearness(test, readings[test.at]), default=None)


def not_fired(rule: RulePlan, truth: Truth, readings: Sequence[Reading], clauses: Sequence[Clause]) -> NotFired:
    """Return what stopped a rule that is false or unknown."""
    test = stopping_clause(rule.tree, readings)
    told = clauses[test.at] if test is not None else NO_CLAUSE
    return NotFired(
        rule=rule.rule.id,
        effect=rule.effect,
        truth=truth,
        clause=told.text,
        value=told.value,
        threshold=told.threshold,
        unit=told.unit,
        distance=told.distance,
        reason=told.reason,
        source=rule.source,
    )


def _nearness(test: Placed, reading: Reading) -> Nearness:
    if reading.truth is None:
        return 3, 0
    gap = distance(test, reading)
    if gap is not None and isinstance(reading.threshold, int | float):
        return 0, gap / (abs(reading.threshold) or 1)
    return (1 if reading.reason is None else 2), _levels_away(test.level, reading.value)


def _levels_away(level: Level | None, state: Scalar | None) -> float:
    """Return how many states lie between the one that a table has and the one asked for; 1 for plain clauses."""
    if level is None or state not in level.states or level.state not in level.states:
        return 1
    return abs(level.states.index(str(state)) - level.states.index(level.state))

"""The near miss of a rule that did not fire: the first clause that stopped it, and how far away it was."""

from __future__ import annotations

from boosterwatch.engine.decide.clauses import Every, Level, Test, Tree
from boosterwatch.engine.decide.readings import Reading, distance, truth_of
from boosterwatch.engine.decide.values import shown
from boosterwatch.engine.model import NotFired, Scalar, Truth
from boosterwatch.engine.pack import ir

Nearness = tuple[bool, float]  # unknown comes after false; then the smaller share of the threshold


def stopping_clause(tree: Tree, readings: list[Reading]) -> Test | None:
    """Return the first clause in reading order that keeps a condition from being true.

    Of alternatives it is the nearest to true that counts, an unknown one only where all are unknown. None when
    there is no clause at all, as in a choice between nothing.
    """
    if isinstance(tree, Test):
        return None if readings[tree.at].truth else tree
    failing = [part for part in tree.parts if not truth_of(part, readings)]
    found = [test for part in failing if (test := stopping_clause(part, readings)) is not None]
    if isinstance(tree, Every):
        return found[0] if found else None
    return min(found, key=lambda test: _nearness(test, readings[test.at]), default=None)


def not_fired(rule: ir.Rule, effect: str, tree: Tree, truth: Truth, readings: list[Reading]) -> NotFired:
    """Return what stopped a rule that is false or unknown."""
    test = stopping_clause(tree, readings)
    reading = readings[test.at] if test is not None else Reading(truth)
    return NotFired(
        rule=rule.id,
        effect=effect,
        truth=truth,
        clause=test.text if test is not None else "",
        value=shown(reading.value, test.dimension) if test is not None else None,
        threshold=shown(reading.threshold, test.dimension) if test is not None else None,
        unit=test.unit if test is not None else None,
        distance=distance(test, reading) if test is not None else None,
        reason=reading.reason,
        source=f"{rule.span.file}:{rule.span.line}",
    )


def _nearness(test: Test, reading: Reading) -> Nearness:
    gap = distance(test, reading)
    if gap is not None and isinstance(reading.threshold, int | float):
        return False, gap / (abs(reading.threshold) or 1)
    steps = _levels_away(test.level, reading.value)
    return reading.truth is None or reading.reason is not None, steps


def _levels_away(level: Level | None, state: Scalar | None) -> float:
    """Return how many states lie between the one that a table has and the one asked for; 1 for plain clauses."""
    if level is None or state not in level.states or level.state not in level.states:
        return 1
    return abs(level.states.index(str(state)) - level.states.index(level.state))

"""Where a number of the policy can change anything: only such values need be tried.

A number that rules compare with a measure matters where it passes that measure; a window of days matters where it
passes the days between two dates of the record. Numbers used in any other way are tried at every step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

from boosterwatch.engine.author.patients.fields import leaves
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

_WINDOWS = {  # kinds of measures, and the settings of theirs that are held against the days between two dates
    "latest_within": ("within",),
    "assessable": ("settle", "fresh"),
    "reason": ("settle", "fresh"),
    "previous": ("from", "to"),
    "previous_change": ("from", "to"),
    "previous_interpretable": ("from", "to", "settle"),
    "slope": ("span", "settle"),
    "count": ("younger_than",),
}
_AROUND = (-1, 0, 1, 2)  # steps beside the one that reaches a point: at, past, and not yet


class Turning:
    """The points at which the numbers of a pack can change something for one record."""

    def __init__(self, pack: ir.Pack, measured: Mapping[str, Scalar], days: Iterable[int]) -> None:
        self.pack, self.measured = pack, measured
        self.apart = {float(abs(one - other)) for one, other in combinations(sorted(set(days)), 2)} | {0.0}
        self.windows = windows(pack)
        self.others = used_otherwise(pack)

    def points(self, name: str) -> set[float] | None:
        """Return the values around which a parameter can change something; None when it may anywhere."""
        if name in self.others:
            return None
        return self._compared(name) | (self.apart if name in self.windows else set())

    def _compared(self, name: str) -> set[float]:
        """Return the values of the measures that rules compare with a parameter."""
        compared = (pair for rule in self.pack.rules for pair in _comparisons(rule.when))
        values = (self.measured.get(left) for left, right in compared if right.names == (name,))
        return {float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)}


def steps_to(points: Iterable[float], was: float, step: float, most: int) -> tuple[int, ...]:
    """Return the steps around those that take a number to one of the points."""
    near = {int((value - was) / step // 1) + n for value in points for n in _AROUND}
    return tuple(sorted(steps for steps in near if 1 <= steps <= most))


def windows(pack: ir.Pack) -> set[str]:
    """Return the parameters that are held against the days between two dates."""
    course = pack.course
    found = {course.gap_days, course.span_days, course.baseline_days}
    for event in pack.events:
        found |= {name for name in (event.within, *(event.not_preceded_by or ())[1:]) if name is not None}
    for measure in pack.measures:
        found |= {value for key, value in measure.args if key in _WINDOWS.get(measure.kind, ())}
    return found


def used_otherwise(pack: ir.Pack) -> set[str]:
    """Return the parameters that are neither a window alone nor compared by a rule at the evaluation alone."""
    schedule = pack.schedule
    found = {pack.course.least, pack.course.most, schedule.otherwise, schedule.unstarted}
    found |= {name for step in schedule.steps for name in step} | set(_of_roles(pack))
    for measure in pack.measures:
        found |= {value for key, value in measure.args if key not in _WINDOWS.get(measure.kind, ())}
    conditions = [check.keep for check in pack.fact_checks]
    conditions += [event.where for event in pack.events if event.where is not None]
    conditions += [measure.where for measure in pack.measures if measure.where is not None]
    conditions += [pack.rules[place].when for place in (pack.lookback.rules if pack.lookback else ())]
    read = (right for condition in conditions for _, right in _comparisons(condition))
    products = (right for rule in pack.rules for _, right in _comparisons(rule.when) if right.kind == "product")
    named = (name for right in (*read, *products) for name in right.names)
    return found.union(named, *(_counts(rule.when) for rule in pack.rules))


def _of_roles(pack: ir.Pack) -> Iterator[str]:
    """Yield the parameters that a measure reads of whatever scale stands for a role."""
    groups = {scale.group for scale in pack.scales}
    for measure in pack.measures:
        if measure.kind == "role_parameter":
            yield from (f"{group}.{dict(measure.args)['parameter']}" for group in groups)


def _comparisons(condition: ir.Condition) -> Iterator[tuple[str, ir.Right]]:
    for leaf in leaves(condition):
        if isinstance(leaf.test, ir.Compare):
            yield leaf.test.left, leaf.test.right


def _counts(condition: ir.Condition) -> set[str]:
    match condition:
        case ir.AtLeast(count=count):
            return {count}
        case ir.All(parts=parts) | ir.Any(parts=parts):
            return set().union(*map(_counts, parts))
        case ir.Not(part=part):
            return _counts(part)
    return set()

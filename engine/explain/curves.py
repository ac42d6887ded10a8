"""What a picture shows, as plain data: scores over time, and the lines that the pack's rules compare them with.

Nothing is named here: the lines are the numbers that the reading rules of a scale compare its latest score with, and
the window is the one that its own measure waits for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.derive import History, open_history
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import record_from_mapping

MOST_CURVES = 4
_POSITIVE = ("possible", "probable")

Values = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class Curve:
    """One questionnaire over time: its scores, its lines by label, and how long each infusion unsettles it."""

    short: str
    low: float
    high: float
    lower_is_worse: bool
    scores: tuple[tuple[date, float], ...]
    lines: tuple[tuple[str, float], ...]
    settle_days: int


@dataclass(frozen=True, slots=True)
class Course:
    """Everything dated that a picture shows."""

    curves: tuple[Curve, ...]
    infusions: tuple[date, ...]
    assessed: tuple[date, ...]


def course_of(decision: Decision, pack: LoadedPack, record: Mapping[str, Any]) -> Course:
    """Return what a picture of this patient shows, up to the day of the decision."""
    facts = record_from_mapping(record)
    chosen = values_in_force(pack.ir, facts.as_of, facts.overrides)
    values = {name: one.value for name, one in chosen.items()}
    history = open_history(pack.plan, facts, values)
    curves = tuple(_curve(scale, history, decision, pack.ir, values) for scale in _scales(history, decision, pack.ir))
    days = {form.day for form in facts.assessments if form.day <= facts.as_of}
    return Course(curves, tuple(map(date.fromordinal, history.infusions)), tuple(map(date.fromordinal, sorted(days))))


def _scales(history: History, decision: Decision, pack: ir.Pack) -> list[ir.Scale]:
    """Return the questionnaires of the signs that have scores, in the signs' order; of many, the positive ones."""
    read = [scale for sign in pack.signs for scale in (*sign.core, *sign.supporting)]
    by_id = {scale.id: scale for scale in pack.scales}
    scales = [by_id[id] for id in dict.fromkeys(read) if by_id[id].part is None]
    scored = [scale for scale in scales if _series(scale, history, pack)]
    positive = _positive(decision, pack)
    chosen = sorted(scored, key=lambda scale: scale.id not in positive)[:MOST_CURVES]
    return [scale for scale in scored if scale in chosen]


def _positive(decision: Decision, pack: ir.Pack) -> set[str]:
    rules = {rule.id: rule for rule in pack.rules if rule.kind == "reading" and rule.state in _POSITIVE}
    return {rules[row.rule].subject for row in decision.trace if row.rule in rules}


def _series(scale: ir.Scale, history: History, pack: ir.Pack) -> list[tuple[date, float]]:
    """Return the valid scores of a scale in the points of the form, oldest first."""
    track = history.track(scale, pack.course.baseline_days)
    if track is None:
        return []
    pairs = zip(track.series.keys, track.series.values, strict=True)
    return [(date.fromordinal(key >> 1), track.sign * value) for key, value in pairs]


def _curve(scale: ir.Scale, history: History, decision: Decision, pack: ir.Pack, values: Values) -> Curve:
    lines = [*_limits(scale, pack, values), *_reported(scale, decision, pack, "best")]
    return Curve(
        short=scale.short,
        low=scale.low,
        high=scale.high,
        lower_is_worse=scale.worse == "low",
        scores=tuple(_series(scale, history, pack)),
        lines=tuple(dict(lines).items()),
        settle_days=_settle_days(scale, pack, values),
    )


def _limits(scale: ir.Scale, pack: ir.Pack, values: Values) -> Iterator[tuple[str, float]]:
    """Yield the numbers that the reading rules of a scale compare its latest score with, by the end of their name."""
    latest = {one.name for one in pack.measures if one.kind == "latest" and one.scale == scale.id}
    for rule in pack.rules:
        if rule.kind == "reading" and rule.subject == scale.id:
            for leaf in _leaves(rule.when):
                match leaf.test:
                    case ir.Compare(left, _, ir.Right("parameter", (name,))) if left in latest:
                        yield name.rpartition(".")[2].replace("_", " "), values[name]


def _leaves(condition: ir.Condition) -> Iterator[ir.Leaf]:
    match condition:
        case ir.Leaf():
            yield condition
        case ir.Not(part):
            yield from _leaves(part)
        case ir.All(parts) | ir.Any(parts):
            for part in parts:
                yield from _leaves(part)


def _reported(scale: ir.Scale, decision: Decision, pack: ir.Pack, kind: str) -> Iterator[tuple[str, float]]:
    for one in pack.measures:
        value = decision.measures.get(one.name)
        if one.kind == kind and one.scale == scale.id and isinstance(value, int | float):
            yield kind, value


def _settle_days(scale: ir.Scale, pack: ir.Pack, values: Values) -> int:
    """Return how long after an infusion the scale is not judged."""
    for one in pack.measures:
        if one.kind == "assessable" and one.scale == scale.id:
            return int(values[dict(one.args)["settle"]])
    return 0

"""Event sets: which dated happenings of a record count at a date.

What a set holds before its windows (`base`) is kept in the history; at a date every filter is a bound on the days,
because "closed by" and "followed by" only ask for the newest date of the other set.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from boosterwatch.engine.measures.course import Course
from boosterwatch.engine.measures.history import History, Moment
from boosterwatch.engine.measures.look import ScalePlan
from boosterwatch.engine.measures.source import given_answer
from boosterwatch.engine.measures.undefined import Number, Parameters
from boosterwatch.engine.measures.where import Fields, Test, compile_where
from boosterwatch.engine.model import Assessment
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import is_whole, whole


class EventPlan(NamedTuple):
    """An event set with its condition made ready; `scale` for answers."""

    spec: ir.EventSet
    where: Test | None
    scale: ScalePlan | None


Events = Mapping[str, EventPlan]


class Base(NamedTuple):
    """The days of a set before its windows, oldest first, and their keys (see `Scored.key`)."""

    days: Sequence[int]
    keys: Sequence[int]


def plan_events(sets: Iterable[ir.EventSet], scales: Mapping[str, ScalePlan]) -> dict[str, EventPlan]:
    """Return the event sets by id, ready to select."""
    return {
        spec.id: EventPlan(
            spec,
            None if spec.where is None else compile_where(spec.where),
            scales[spec.scale] if spec.scale is not None else None,
        )
        for spec in sets
    }


# ---------------------------------------------------------------- at a date


def select(events: Events, id: str, moment: Moment) -> Sequence[int]:
    """Return the days of the set's events that count at the moment, oldest first."""
    known = moment.selected.get(id)
    if known is None:
        known = moment.selected[id] = _select(events, events[id], moment)
    return known


def _select(events: Events, plan: EventPlan, moment: Moment) -> Sequence[int]:
    base = _base(plan, moment)
    known = len(base.days) if plan.spec.source == "booked" else bisect_right(base.keys, moment.key)
    if known == 0 or _silenced(events, plan.spec, base, moment):
        return ()
    first, last = _window(plan.spec, moment)
    low = 0 if first is None else bisect_left(base.days, first)
    if last is not None:
        known = min(known, bisect_right(base.days, last))
    low, high = _bounded(events, plan.spec, base.days, moment, low, known)
    days = base.days[low:high]
    if plan.spec.not_preceded_by is None:
        return days
    return _not_preceded(events, plan.spec.not_preceded_by, days, moment)


def _silenced(events: Events, spec: ir.EventSet, base: Base, moment: Moment) -> bool:
    if spec.silenced_by is None:
        return False
    silencers = select(events, spec.silenced_by, moment)
    return bool(silencers) and silencers[-1] >= base.days[0]


def _window(spec: ir.EventSet, moment: Moment) -> tuple[int | Number | None, int | None]:
    """Return the first day and the last day that can count; a last day before every other means none."""
    first: Number | None = None
    if spec.within is not None:
        first = moment.at - moment.parameters[spec.within]
    if spec.since is None:
        return first, None
    if spec.since == "course":
        start = None if moment.course is None else moment.course.first
    else:
        start = None if moment.last_infusion is None else moment.last_infusion + 1
    if start is None:  # no course, or no infusion, to be dated after
        return first, -1
    return start if first is None else max(first, start), None


def _bounded(
    events: Events, spec: ir.EventSet, days: Sequence[int], moment: Moment, low: int, high: int
) -> tuple[int, int]:
    """Return the bounds after the filters that ask for the newest date of another set."""
    if spec.followed_by is not None:
        others = select(events, spec.followed_by, moment)
        high = min(high, bisect_right(days, others[-1])) if others else 0
    if spec.not_followed_by is not None:
        others = select(events, spec.not_followed_by, moment)
        low = max(low, bisect_right(days, others[-1])) if others else low
    for id, when in spec.closed_by:
        others = select(events, id, moment)
        if others:
            after_last = bisect_right if when == "on_or_after" else bisect_left
            low = max(low, after_last(days, others[-1]))
    return low, max(low, high)


def _not_preceded(
    events: Events, rule: tuple[str, str], days: Sequence[int], moment: Moment
) -> Sequence[int]:
    others = select(events, rule[0], moment)
    free = moment.parameters[rule[1]]
    return [
        day for day in days if bisect_left(others, day - free) == bisect_left(others, day)
    ]


# ---------------------------------------------------------------- before the windows


def _base(plan: EventPlan, moment: Moment) -> Base:
    spec, history = plan.spec, moment.history
    course = moment.course if plan.scale is not None else None
    key = (spec.id, course and course.last)
    known = history.bases.get(key)
    if known is None:
        known = history.bases[key] = _make_base(plan, history, moment.parameters, course)
    return Base(*known)


def _make_base(
    plan: EventPlan, history: History, parameters: Parameters, course: Course | None
) -> Base:
    where = plan.where
    found = [
        key
        for key, fields in _happenings(plan, history, course)
        if where is None or where(fields, parameters) is True
    ]
    return Base([key >> 1 for key in found], found)


def _happenings(
    plan: EventPlan, history: History, course: Course | None
) -> Iterable[tuple[int, Fields]]:
    source = plan.spec.source
    if source == "infusions":
        return ((2 * day + 1, {}) for day in history.infusions)
    if source == "booked":
        return ((2 * day, {}) for day in sorted(set(history.record.booked)))
    if plan.scale is not None:
        return _answers(plan.scale, history, course)
    return ((2 * fact.day, fact.fields) for fact in history.facts.get(source, ()))


def _answers(
    plan: ScalePlan, history: History, course: Course | None
) -> Iterable[tuple[int, Fields]]:
    """Return every answer with the best of the post-induction answers dated before it."""
    answers = answers_given(plan, history)
    days = [key >> 1 for key, _ in answers]
    start = len(days) if course is None else bisect_right(days, course.last)
    running = list(accumulate((plan.sign * value for _, value in answers[start:]), min))
    for key, value in answers:
        before = bisect_left(days, key >> 1) - start
        fields: Fields = {"value": value}
        if before > 0:
            fields = {"value": value, "best_before": plan.sign * running[before - 1]}
        yield key, fields


def answers_given(plan: ScalePlan, history: History) -> list[tuple[int, Number]]:
    """Return every answer to the scale, also from rejected and not comparable forms, when whole and in range."""
    known = history.answers.get(plan.id)
    if known is None:
        known = history.answers[plan.id] = sorted(
            (history.key_of(form), whole(answer))
            for form in history.record.assessments
            if form.instrument == plan.scale.instrument
            and (answer := _answer(plan, form)) is not None
            and plan.scale.low <= answer <= plan.scale.high
            and (is_whole(answer) or not _is_whole_scale(plan))
        )
    return known


def _answer(plan: ScalePlan, form: Assessment) -> Number | None:
    part = plan.scale.part
    return form.total if part is None else given_answer(form, part)


def _is_whole_scale(plan: ScalePlan) -> bool:
    return plan.scale.part is not None or plan.instrument.whole

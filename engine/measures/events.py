"""Event sets: which dated happenings of a record count at a date.

What a set holds before its windows (`base`) is kept in the history; at a date every filter is a bound on the days,
because "closed by" and "followed by" only ask for the newest date of the other set.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from boosterwatch.engine.measures.course import Course
from boosterwatch.engine.measures.history import Base, History, Moment
from boosterwatch.engine.measures.source import given_answer, sign_of
from boosterwatch.engine.measures.undefined import Number
from boosterwatch.engine.measures.where import Fields, Test, compile_where
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import is_whole, whole

NO_FIELDS: Fields = MappingProxyType({})


class Answered(NamedTuple):
    """The scale whose answers are events, and whether only whole ones are."""

    scale: ir.Scale
    whole: bool


class EventPlan(NamedTuple):
    """An event set with its condition made ready; `answered` for answers."""

    spec: ir.EventSet
    where: Test | None
    answered: Answered | None


Events = Mapping[str, EventPlan]


def plan_events(pack: ir.Pack) -> dict[str, EventPlan]:
    """Return the event sets by id, ready to select."""
    fractions = {instrument.id for instrument in pack.instruments if not instrument.whole}
    answered = {
        scale.id: Answered(scale, scale.part is not None or scale.instrument not in fractions) for scale in pack.scales
    }
    return {
        spec.id: EventPlan(
            spec,
            None if spec.where is None else compile_where(spec.where),
            answered[spec.scale] if spec.source == "answers" and spec.scale is not None else None,
        )
        for spec in pack.events
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


def _window(spec: ir.EventSet, moment: Moment) -> tuple[Number | None, int | None]:
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


def _not_preceded(events: Events, rule: tuple[str, str], days: Sequence[int], moment: Moment) -> Sequence[int]:
    others = select(events, rule[0], moment)
    free = moment.parameters[rule[1]]
    return [day for day in days if bisect_left(others, day - free) == bisect_left(others, day)]


# ---------------------------------------------------------------- before the windows


def happened(events: Events, id: str, moment: Moment) -> Sequence[int]:
    """Return every day of the set's events, whatever its windows say, oldest first."""
    return _base(events[id], moment).days


def _base(plan: EventPlan, moment: Moment) -> Base:
    history = moment.history
    course = moment.course if plan.answered is not None else None
    key = (plan.spec.id, course and course.last)
    known = history.bases.get(key)
    if known is None:
        known = history.bases[key] = _make_base(plan, history, course)
    return known


def _make_base(plan: EventPlan, history: History, course: Course | None) -> Base:
    where, parameters = plan.where, history.parameters
    found = [
        key for key, fields in _happenings(plan, history, course) if where is None or where(fields, parameters) is True
    ]
    return Base([key >> 1 for key in found], found)


def _happenings(plan: EventPlan, history: History, course: Course | None) -> Iterable[tuple[int, Fields]]:
    source = plan.spec.source
    if plan.answered is not None:
        return _answers(plan.answered, history, course)
    if source == "infusions":
        return [(2 * day + 1, NO_FIELDS) for day in history.infusions]
    if source == "booked":
        return [(2 * day, NO_FIELDS) for day in sorted(set(history.record.booked))]
    return [(2 * fact.day, fact.fields) for fact in history.facts.get(source, ())]


# ---------------------------------------------------------------- answers


def _answers(answered: Answered, history: History, course: Course | None) -> Sequence[tuple[int, Fields]]:
    """Return every answer with the best of the post-induction answers dated before it; kept per course."""
    key = (answered.scale.id, course and course.last)
    known = history.answers.get(key)
    if known is None:
        known = history.answers[key] = _with_best(answered, history, course)
    return known


def _with_best(answered: Answered, history: History, course: Course | None) -> list[tuple[int, Fields]]:
    answers = sorted(_given(answered, history))
    sign = sign_of(answered.scale.worse)
    days = [key >> 1 for key, _ in answers]
    start = len(days) if course is None else bisect_right(days, course.last)
    running = list(accumulate((sign * value for _, value in answers[start:]), min))
    found: list[tuple[int, Fields]] = []
    for key, value in answers:
        before = bisect_left(days, key >> 1) - start
        best: Fields = {"best_before": sign * running[before - 1]} if before > 0 else NO_FIELDS
        found.append((key, {"value": value, **best}))
    return found


def _given(answered: Answered, history: History) -> Iterable[tuple[int, Number]]:
    """Return every answer that is whole and in range, also from rejected forms and those of another version."""
    scale, whole_only = answered
    for form in history.record.assessments:
        if form.instrument == scale.instrument:
            answer = form.total if scale.part is None else given_answer(form, scale.part)
            if answer is None or not scale.low <= answer <= scale.high:
                continue
            if is_whole(answer) or not whole_only:
                yield history.key_of(form), whole(answer)

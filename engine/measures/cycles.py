"""Observed cycles: how long relief lasted after each infusion of this course.

A cycle runs from one infusion to the next, the first from the end of the induction. It ends in a loss of benefit at the
first assessment date at which the pack's lookback says so, or on the day of a lookback event. What falls on the next
infusion's day belongs to the cycle that it ends, but for forms given after that infusion. The record's own entry for an
infusion decides in place of what is derived. Every cycle of the course is examined.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from boosterwatch.engine.measures.course import course_at
from boosterwatch.engine.measures.derive import derive_measures
from boosterwatch.engine.measures.events import happened, select
from boosterwatch.engine.measures.history import Cycle, Cycles, History, Moment
from boosterwatch.engine.measures.plan import Plan
from boosterwatch.engine.measures.undefined import Parameters
from boosterwatch.engine.model import Measures, PriorCycle

LostAt = Callable[[Measures], bool]


class Watch(NamedTuple):
    """The days on which a loss can be found: of forms and of events; and infusion days with a form after."""

    days: Sequence[int]
    event_days: Mapping[str, frozenset[int]]
    after: frozenset[int]


def observe_cycles(plan: Plan, history: History, parameters: Parameters, lost_at: LostAt) -> Cycles:
    """Return the cycles of the course at `as_of`, oldest first; `lost_at` judges the lookback's measures of a date."""
    as_of = history.record.as_of
    course = course_at(history.inductions, as_of)
    if course is None or course.last > as_of:
        return ()
    later = history.infusions[bisect_right(history.infusions, course.last) :]
    starts = [course.last, *later]
    recorded = _recorded(history.record.prior_cycles, as_of)
    watch = _watch(plan, history, parameters)
    cycles: list[Cycle] = []
    for n, start in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else None
        entry = recorded.get(start)
        if entry is not None:
            cycles.append(Cycle(start, entry.loss, entry.loss is None, True))
            continue
        moments = _moments(watch, start, as_of if end is None else end)
        loss = _first_loss(plan, history, parameters, lost_at, watch, moments)
        cycles.append(Cycle(start, loss, loss is None and end is not None, False))
    return tuple(cycles)


def _recorded(entries: Iterable[PriorCycle], as_of: int) -> dict[int, PriorCycle]:
    """Return the entries by infusion, but for losses after `as_of`; of two, a loss and then the earlier one."""
    recorded: dict[int, PriorCycle] = {}
    for entry in entries:
        known = recorded.get(entry.infusion)
        if entry.loss is not None and entry.loss > as_of:
            continue
        if known is None or _outranks(entry, known):
            recorded[entry.infusion] = entry
    return recorded


def _outranks(entry: PriorCycle, known: PriorCycle) -> bool:
    if entry.loss is None:
        return False
    return known.loss is None or entry.loss < known.loss


def _watch(plan: Plan, history: History, parameters: Parameters) -> Watch:
    moment = Moment(history, parameters, history.record.as_of, before_infusion=False)
    lookback = plan.pack.lookback
    events = {id: frozenset(happened(plan.events, id, moment)) for id in (lookback.events if lookback else ())}
    keys = {one.key for forms in history.scored.values() for one in forms} if lookback else set()
    days = {key >> 1 for key in keys if key % 2 == 0}.union(*events.values())
    return Watch(sorted(days), events, frozenset(key >> 1 for key in keys if key % 2))


def _moments(watch: Watch, start: int, end: int) -> Iterator[tuple[int, bool]]:
    """Return the dates of a cycle to look at, and whether that is before the infusions of that day."""
    if start in watch.after:
        yield start, False
    days = watch.days
    for n in range(bisect_right(days, start), bisect_right(days, end)):
        yield days[n], True


def _first_loss(
    plan: Plan,
    history: History,
    parameters: Parameters,
    lost_at: LostAt,
    watch: Watch,
    moments: Iterable[tuple[int, bool]],
) -> int | None:
    for day, before in moments:
        if before and _event_on(plan, history, parameters, watch, day):
            return day
        measures = derive_measures(plan, history, parameters, day, names=plan.lookback, before_infusion=before)
        if lost_at(measures):
            return day
    return None


def _event_on(plan: Plan, history: History, parameters: Parameters, watch: Watch, day: int) -> bool:
    for id, days in watch.event_days.items():
        if day in days:
            moment = Moment(history, parameters, day, before_infusion=True)
            found = select(plan.events, id, moment)
            n = bisect_left(found, day)
            if n < len(found) and found[n] == day:
                return True
    return False

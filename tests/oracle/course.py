"""Infusions, induction and course (section 1); cycles, interval and cadence (section 8)."""

import datetime
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .facts import in_force
from .series import View, days, post_induction, rewind, scores_of
from .signs import anxiety_panic, symptom_severity
from .table import CADENCE, CADENCE_GRACE, CADENCE_LATER, Parameters, day

Span = tuple[datetime.date, datetime.date]


@dataclass(frozen=True, slots=True)
class Course:
    """The infusions given by `as_of` and the induction that counts."""

    infusions: tuple[datetime.date, ...]
    induction: Span | None
    after_earlier_induction: bool
    future_dated: bool


def find_course(record: Mapping[str, Any], as_of: datetime.date, parameters: Parameters) -> Course:
    """Return the course at `as_of` (section 1, induction)."""
    marked = _marked(record)
    future = False
    if marked and marked[0] > as_of:
        marked, future = None, True
    dates = {day(d) for d in record.get("infusions") or ()}
    future = future or any(d > as_of for d in dates)
    given = tuple(sorted(d for d in dates | set(marked or ()) if d <= as_of))
    found = _detect(given, marked, parameters["induction_gap_days"])
    if marked:
        found.append(marked)
    found.sort()
    return Course(given, found[-1] if found else None, len(found) > 1, future)


def _marked(record: Mapping[str, Any]) -> Span | None:
    marking = record.get("induction")
    if not marking or not in_force(marking):
        return None
    return day(marking["first"]), day(marking["last"])


def _detect(given: Sequence[datetime.date], marked: Span | None, gap: float) -> list[Span]:
    """Return the detected inductions; a marking replaces detection up to its last date."""
    found = []
    for place, first in enumerate(given):
        if marked and first <= marked[1]:
            continue
        if place > 0 and days(first, given[place - 1]) < gap:
            continue
        block = [d for d in given[place:] if days(d, first) <= 28][:8]
        if len(block) >= 4:
            found.append((first, block[-1]))
    return found


def observed_cycles(view: View, prior: Iterable[Mapping[str, Any]], dates: Sequence[datetime.date]) -> list[int]:
    """Return the observed cycle lengths of this course, oldest first (section 8).

    `dates` are the days of comparable records; a view at each of them tells whether sign 1 or 5
    was probable that day.
    """
    if view.induction is None or view.induction[1] > view.as_of:
        return []
    starts = [d for d in view.infusions if d >= view.induction[1]]
    recorded = _recorded(view.as_of, prior)
    lengths = []
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else None
        loss = recorded[start] if start in recorded else _loss(view, start, end, dates)
        if loss is not None:
            lengths.append(days(loss, start))
    return lengths


def _recorded(as_of: datetime.date, prior: Iterable[Mapping[str, Any]]) -> dict[datetime.date, datetime.date | None]:
    """Return the recorded loss by infusion, None for a censored cycle."""
    recorded: dict[datetime.date, datetime.date | None] = {}
    for entry in prior:
        loss = entry.get("loss_of_benefit")
        if in_force(entry) and (loss is None or day(loss) <= as_of):
            recorded[day(entry["infusion"])] = None if loss is None else day(loss)
    return recorded


def _loss(
    view: View,
    start: datetime.date,
    end: datetime.date | None,
    dates: Sequence[datetime.date],
) -> datetime.date | None:
    """Return the date on which benefit was lost in the cycle from `start` to `end`, or None."""
    last = end or view.as_of
    reported = [
        day(fact["date"])
        for fact in view.reports
        if fact["kind"] == "loss_of_benefit" and start < day(fact["date"]) <= last
    ]
    losses = [min(reported)] if reported else []
    for date in dates:
        if losses and date >= losses[0]:
            break
        if start < date <= last and _was_probable(rewind(view, date, date == end)):
            losses.append(date)
            break
    return min(losses, default=None)


def _was_probable(view: View) -> bool:
    return "probable" in (symptom_severity(view)[0].state, anxiety_panic(view).state)


def comparable_dates(view: View) -> list[datetime.date]:
    """Return the dates of comparable records, whatever their checks said.

    A form marked `after_infusion` belongs to the cycle which that infusion starts, where nothing
    is interpretable yet; it dates no loss.
    """
    return sorted({form.date for form in view.forms if form.comparable and not form.after})


def interval(cycles: Sequence[int], parameters: Parameters) -> int:
    """Return the review interval in days.

    >>> from .table import GLOBALS
    >>> defaults = {name: numbers[0] for name, numbers in GLOBALS.items()}
    >>> interval([10, 40, 45, 60], defaults), interval([40], defaults)
    (36, 28)
    """
    if len(cycles) < 2:
        return int(parameters["default_review_days"])
    fraction = Fraction(str(parameters["review_fraction"]))  # exact: half a day must round up
    scaled = fraction * Fraction(statistics.median(cycles[-3:]))
    rounded = math.floor(scaled + Fraction(1, 2))
    return int(min(max(rounded, parameters["review_min"]), parameters["review_max"]))


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the next form and the next review are due."""

    next_assessment: datetime.date | None
    overdue: bool
    review_date: datetime.date | None
    review_due: bool


def schedule(view: View, primary: str, review_interval: int) -> Schedule:
    """Return the schedule as read at `as_of`."""
    every = _cadence(view)
    scores = scores_of(view, primary)
    if view.induction is None:
        counted = scores[-1].date if scores else None
    else:
        after = post_induction(view, scores)
        counted = after[-1].date if after else view.induction[1]
    overdue = counted is None or days(view.as_of, counted) > every + CADENCE_GRACE
    review_date, due = None, False
    if view.last_infusion is not None:
        review_date = view.last_infusion + datetime.timedelta(days=review_interval)
        looked = any(days(review_date, score.date) <= 7 for score in scores)
        due = view.as_of >= review_date and not looked
    upcoming = None if counted is None else counted + datetime.timedelta(days=every)
    return Schedule(upcoming, overdue, review_date, due)


def _cadence(view: View) -> int:
    if view.induction is None:
        return CADENCE_LATER
    since = days(view.as_of, view.induction[1])
    return next((every for until, every in CADENCE if since <= until), CADENCE_LATER)

"""One scale at one date: its latest value, the best before it, and the baseline, which the score kinds are made from.

A total's latest value is the newest valid total. A part's (an item or an extra answer) is read from one form, see
`Source.newest_answers`; its best, baseline and preceding values use every usable answer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from boosterwatch.engine.measures.history import History, Moment
from boosterwatch.engine.measures.series import Series
from boosterwatch.engine.measures.source import (
    Source,
    given_answer,
    part_series,
    total_series,
    usable_answer,
)
from boosterwatch.engine.measures.undefined import INVALID, MISSING, Number
from boosterwatch.engine.model import Undefined
from boosterwatch.engine.pack import ir


class ScalePlan(NamedTuple):
    """A scale with what looking at it needs."""

    id: str
    scale: ir.Scale
    instrument: ir.Instrument
    sign: int
    baseline_days: str


class Look:
    """What a scale shows at one date; all values oriented so that higher is worse.

    Without a latest value `absent` is the reason. `start` and `end` bound the post-induction values up to the date;
    `start` is None without an induction.
    """

    __slots__ = (
        "absent",
        "baseline",
        "best",
        "day",
        "end",
        "key",
        "latest",
        "moment",
        "newest_failed",
        "running_best",
        "series",
        "sign",
        "start",
    )

    absent: Undefined | None
    baseline: Number | None
    best: Number | None
    day: int
    end: int
    key: int
    latest: Number
    moment: Moment
    newest_failed: bool
    running_best: Sequence[Number]
    series: Series
    sign: int
    start: int | None


EMPTY = Series([], [])


def look_at(plan: ScalePlan, moment: Moment) -> Look:
    """Return what the scale shows at the moment."""
    look = Look()
    look.moment = moment
    look.sign = plan.sign
    look.absent = None
    look.latest = look.key = look.day = 0
    source = source_of(plan, moment.history)
    if source is None:
        look.series, look.end, look.absent, look.newest_failed = EMPTY, 0, MISSING, False
    else:
        _read_latest(plan, moment, source, look)
    _read_course(plan, moment, look)
    return look


def source_of(plan: ScalePlan, history: History) -> Source | None:
    """Return the forms of the scale's instrument; None without a comparable one."""
    id = plan.scale.instrument
    source = history.sources.get(id)
    if source is None and id in history.scored:
        source = history.sources[id] = Source(plan.instrument, history.scored[id])
    return source


def series_of(plan: ScalePlan, history: History) -> tuple[Series, Sequence[int]]:
    """Return the scale's valid values, and the keys of the answers of a part that were given and rejected."""
    known = history.series.get(plan.id)
    if known is not None:
        return known
    source, part = source_of(plan, history), plan.scale.part
    if source is None:
        known = (EMPTY, ())
    elif part is None:
        known = (total_series(source, plan.sign), ())
    else:
        known = part_series(source, part, plan.sign)
    history.series[plan.id] = known
    return known


def _read_latest(plan: ScalePlan, moment: Moment, source: Source, look: Look) -> None:
    series, rejected = series_of(plan, moment.history)
    look.series = series
    look.end = end = bisect_right(series.keys, moment.key)
    failures = bisect_right(source.failed, moment.key) if source.failed else 0
    totals = end if plan.scale.part is None else bisect_right(source.total_keys, moment.key)
    newest_total = source.total_keys[totals - 1] if totals else -1
    look.newest_failed = failures > 0 and source.failed[failures - 1] > newest_total
    if plan.scale.part is not None:
        _read_part(plan.scale.part, moment, source, look, rejected, newest_total)
    elif end:
        look.latest, look.key = series.values[end - 1], series.keys[end - 1]
        look.day = look.key >> 1
    else:
        look.absent = INVALID if failures else MISSING


def _read_part(
    part: tuple[str, int | str],
    moment: Moment,
    source: Source,
    look: Look,
    rejected: Sequence[int],
    newest_total: int,
) -> None:
    instrument = source.id
    if instrument not in moment.newest:
        moment.newest[instrument] = source.newest_answers(moment.key)
    form = moment.newest[instrument]
    if form is None:
        n = bisect_right(rejected, moment.key)
        spoilt = look.end == 0 and n > 0 and rejected[n - 1] >= newest_total
        look.absent = INVALID if spoilt else MISSING
        return
    answer = usable_answer(form, part)
    if answer is None:
        look.absent = MISSING if given_answer(form.form, part) is None else INVALID
        return
    look.latest, look.key = look.sign * answer, form.key
    look.day = form.key >> 1


def _read_course(plan: ScalePlan, moment: Moment, look: Look) -> None:
    course = moment.course
    look.best = look.baseline = look.start = None
    look.running_best = ()
    if course is None:
        return
    series = look.series
    stretch = series.stretch(course, moment.parameters[plan.baseline_days])
    look.start = start = stretch.start
    look.baseline = stretch.baseline
    look.running_best = stretch.best
    if look.absent is None:
        look.best = best_before(look, look.day)


def best_before(look: Look, day: int) -> Number | None:
    """Return the best post-induction value dated strictly before `day`."""
    if look.start is None:
        return None
    n = bisect_left(look.series.days, day, 0, look.end) - look.start
    return look.running_best[n - 1] if n > 0 else None


def best_since_induction(look: Look) -> Number | None:
    """Return the best of all post-induction values up to the date."""
    if look.start is None or look.end <= look.start:
        return None
    return look.running_best[look.end - look.start - 1]

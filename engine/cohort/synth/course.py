"""When the patients of a block are treated: inductions, further infusions, bookings, and what became of each cycle.

Rows are sorted by patient and day, so that the last infusion before any day is one search away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from boosterwatch.engine.cohort.synth.draw import Draw, Reals, Truths, Wholes
from boosterwatch.engine.cohort.synth.people import Crowd
from boosterwatch.engine.cohort.synth.recipe import Course, Recipe

DAYS = 1 << 20  # more than any day has; patient times this, plus the day, sorts by patient and day


@dataclass(frozen=True)
class Infusions:
    """Infusions by patient and day. `number` counts each patient's from 1, `next_day` is 0 for the last.

    `faded` is the day on which half of the relief is gone. Of patients: `first` and `last` day of the induction, 0
    for none, and whether it was marked.
    """

    pid: Wholes
    day: Wholes
    number: Wholes
    next_day: Wholes
    faded: Wholes
    first: Wholes
    last: Wholes
    marked: Truths


def draw_infusions(recipe: Recipe, draw: Draw, crowd: Crowd) -> Infusions:
    """Return the infusions of a block up to the last day."""
    course = recipe["course"]
    treated = ~draw.chance(course["untreated"], crowd.size)
    sizes = np.array(course["induction"]["infusions"])[draw.pick(course["induction"]["shares"], crowd.size)]
    start = crowd.until - np.round(draw.days(course["days_ago"], crowd.size)).astype(np.int64)
    planned = start[:, None] + np.cumsum(_gaps(course, draw, crowd, sizes), axis=1)
    number = np.arange(planned.shape[1])
    given = (number < (sizes + _further(course, draw, crowd.size))[:, None]) & (planned <= crowd.until)
    given &= treated[:, None]
    pid, place = np.nonzero(given)
    day = planned[pid, place]
    last = np.where(given & (number < sizes[:, None]), planned, 0).max(axis=1)
    same = np.append(pid[1:] == pid[:-1], False)
    return Infusions(
        pid=pid,
        day=day,
        number=place + 1,
        next_day=np.where(same, np.append(day[1:], 0), 0),
        faded=day + np.round(crowd.relief_days[pid]).astype(np.int64),
        first=np.where(last > 0, start, 0),
        last=last,
        marked=draw.chance(course["marked"], crowd.size),
    )


def _gaps(course: Course, draw: Draw, crowd: Crowd, sizes: NDArray[np.int64]) -> Wholes:
    """Return the days from each possible infusion to the one before it, a row for each patient."""
    most = max(course["induction"]["infusions"]) + course["most"]
    number = np.arange(most)
    low, high = course["next_after"]
    wait = crowd.relief_days[:, None] * (low + (high - low) * draw.uniform(crowd.size, most))
    short = draw.whole(course["induction_gap"], crowd.size, most)
    gaps = np.where(number < sizes[:, None], short, np.maximum(np.round(wait).astype(np.int64), 1))
    _begin_again(course, draw, gaps, short, sizes)
    gaps[:, 0] = 0
    return gaps


def _begin_again(course: Course, draw: Draw, gaps: Wholes, short: Wholes, sizes: NDArray[np.int64]) -> None:
    """Give some patients another induction after a long gap. Changes `gaps`."""
    again, size = course["again"], gaps.shape[0]
    chosen = draw.chance(again["share"], size)
    at = (sizes + draw.whole((0, 3), size))[:, None]
    number = np.arange(gaps.shape[1])
    begins = chosen[:, None] & (number == at)
    goes_on = chosen[:, None] & (number > at) & (number < at + again["infusions"])
    long = draw.whole(again["gap"], size)
    gaps[:] = np.where(begins, long[:, None], np.where(goes_on, short, gaps))


def _further(course: Course, draw: Draw, size: int) -> Wholes:
    """Return how many infusions each patient has after the induction, were there time."""
    steps = draw.chance(course["goes_on"], size, course["most"])
    return np.asarray(np.cumprod(steps, axis=1, dtype=np.int64).sum(axis=1))


# ---------------------------------------------------------------- what follows from it


def level_at(recipe: Recipe, crowd: Crowd, infusions: Infusions, pid: Wholes, day: Wholes) -> Reals:
    """Return how severe each patient is on a day, from 0 to 1, before any infusion of that day."""
    keys = infusions.pid * DAYS + infusions.day
    at = np.searchsorted(keys, pid * DAYS + day, side="left") - 1
    treated = (at >= 0) & (infusions.pid[np.maximum(at, 0)] == pid) if keys.size else np.zeros(pid.size, dtype=np.bool_)
    at = np.where(treated, at, 0)
    if not keys.size:
        return crowd.severity[pid]
    since = (day - infusions.day[at]).astype(np.float32)
    late = (since / crowd.relief_days[pid] - 1) / crowd.width[pid]
    held = 1 / (1 + np.exp(np.clip(late, -30, 30)))
    built = 1 - np.power(recipe["course"]["build_up"], infusions.number[at].astype(np.float32))
    relief = np.where(treated, crowd.relief[pid] * held * built, 0)
    return np.asarray(crowd.severity[pid] * (1 - relief), dtype=np.float32)


def relapses(infusions: Infusions, until: int) -> tuple[Wholes, Wholes]:
    """Return patient and day of each cycle in which the relief faded before the next infusion."""
    end = np.where(infusions.next_day > 0, infusions.next_day, until + 1)
    lost = infusions.faded < end
    return infusions.pid[lost], infusions.faded[lost]


@dataclass(frozen=True)
class Recorded:
    """Recorded outcomes of cycles: patient, day of the infusion, and day of the loss, 0 for a censored one."""

    pid: Wholes
    infusion: Wholes
    loss: Wholes


def draw_recorded(recipe: Recipe, draw: Draw, infusions: Infusions, stray: float) -> Recorded:
    """Return the recorded outcomes of cycles that another infusion ended; a share of `stray` match no infusion."""
    given = recipe["course"]["cycles_recorded"]
    over = (infusions.next_day > 0) & (
        infusions.day >= infusions.last[infusions.pid]
    )  # those inside an induction never
    some = over & draw.chance(given["share"], infusions.pid.size)
    pid, day, size = infusions.pid[some], infusions.day[some], int(some.sum())
    lost = (infusions.faded < infusions.next_day)[some] & ~draw.chance(given["censored"], size)
    loss = np.where(lost, infusions.faded[some], 0)
    moved = np.where(draw.chance(stray, size), 1, 0)
    kept = np.append(True, (pid[1:] != pid[:-1]) | (day[1:] > (day + moved)[:-1]))[:size]
    return Recorded(pid[kept], (day + moved)[kept], loss[kept])


def draw_bookings(recipe: Recipe, draw: Draw, crowd: Crowd) -> tuple[Wholes, Wholes]:
    """Return patient and day of the booked infusions."""
    given = recipe["course"]["booked"]
    pid = np.flatnonzero(draw.chance(given["share"], crowd.size))
    return pid, crowd.until + draw.whole(given["ahead"], pid.size)

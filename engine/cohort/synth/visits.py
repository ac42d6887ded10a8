"""When the patients of a block are seen: before treatment, as planned afterwards, lately, and on days of infusion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boosterwatch.engine.cohort.synth.course import DAYS, Infusions, level_at
from boosterwatch.engine.cohort.synth.draw import Draw, Reals, Truths, Wholes
from boosterwatch.engine.cohort.synth.people import Crowd
from boosterwatch.engine.cohort.synth.recipe import Recipe


@dataclass(frozen=True)
class Seen:
    """Visits by patient and day, once each, with how severe the patient is, and whether it is a day of infusion."""

    pid: Wholes
    day: Wholes
    level: Reals
    infused: Truths


def draw_visits(recipe: Recipe, draw: Draw, crowd: Crowd, infusions: Infusions) -> Seen:
    """Return the visits of a block up to the last day."""
    visits = recipe["visits"]
    start = np.where(infusions.first > 0, infusions.first, crowd.until - draw.whole((0, 365), crowd.size))
    before = np.flatnonzero(draw.chance(visits["before"]["share"], crowd.size))
    latest = np.flatnonzero(draw.chance(visits["latest"]["share"], crowd.size))
    on_day = draw.chance(visits["on_infusion_day"], infusions.pid.size)
    planned = _planned(recipe, draw, crowd, np.where(infusions.last > 0, infusions.last, start))
    keys = np.unique(
        np.concatenate(
            (
                before * DAYS + start[before] - draw.whole(visits["before"]["days"], before.size),
                latest * DAYS + crowd.until - draw.whole(visits["latest"]["days"], latest.size),
                infusions.pid[on_day] * DAYS + infusions.day[on_day],
                planned,
            )
        )
    )
    pid, day = keys // DAYS, keys % DAYS
    infused = np.isin(keys, infusions.pid * DAYS + infusions.day)
    return Seen(pid, day, level_at(recipe, crowd, infusions, pid, day), infused)


def _planned(recipe: Recipe, draw: Draw, crowd: Crowd, start: Wholes) -> Wholes:
    """Return the keys of the planned visits that were attended."""
    visits = recipe["visits"]
    offsets = plan(recipe, int((crowd.until - start).max(initial=0)) + visits["jitter"])
    jitter = draw.whole((-visits["jitter"], visits["jitter"]), crowd.size, offsets.size)
    day = start[:, None] + offsets + jitter
    attended = draw.uniform(crowd.size, offsets.size) < draw.spread(visits["attended"], crowd.size)[:, None]
    pid, place = np.nonzero(attended & (day <= crowd.until))
    return pid * DAYS + day[pid, place]


def plan(recipe: Recipe, most: int) -> Wholes:
    """Return the days after an induction on which visits are planned."""
    visits, days, day = recipe["visits"], [], 0
    while day <= most:
        every = next((step["every"] for step in visits["steps"] if day < step["until"]), visits["every"])
        day += every
        days.append(day)
    return np.array(days, dtype=np.int64)

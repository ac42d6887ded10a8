"""Who the made-up patients of one block are, and how each would fare: severity, relief, and how it fades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boosterwatch.engine.cohort.synth.draw import Draw, Reals, Truths, Wholes
from boosterwatch.engine.cohort.synth.recipe import Recipe

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Crowd:
    """One value for each patient of a block; `sex` and `groups` are places in the recipe, -1 for not stated.

    severity     before treatment, as a share of every range
    relief       the share of it that treatment takes away
    relief_days  half of the relief has faded so long after an infusion; `width` is the time that takes, as a share
    """

    size: int
    until: int
    birth_day: Wholes
    age_stated: Truths
    sex: Wholes
    indications: Truths
    groups: dict[str, Wholes]
    severity: Reals
    relief: Reals
    relief_days: Reals
    width: Reals


def draw_crowd(recipe: Recipe, draw: Draw, size: int, until: int) -> Crowd:
    """Return the patients of a block."""
    people, ways = recipe["people"], list(recipe["relapse"].values())
    way = draw.pick([one["share"] for one in ways], size)
    times = np.array([one.get("times", 1.0) for one in ways], dtype=np.float32)
    widths = np.array([one["width"] for one in ways], dtype=np.float32)
    shares = np.array(list(people["indications"].values()), dtype=np.float32)
    days_old = draw.spread(people["age"], size) * DAYS_A_YEAR
    return Crowd(
        size=size,
        until=until,
        birth_day=until - np.round(days_old).astype(np.int64),
        age_stated=draw.chance(people["age_stated"], size),
        sex=draw.pick(people["sex"], size),
        indications=np.asarray(draw.uniform(size, shares.size) < shares),
        groups={name: draw.pick(odds, size) for name, odds in (people.get("groups") or {}).items()},
        severity=draw.spread(people["severity"], size),
        relief=draw.spread(people["relief"], size),
        relief_days=draw.days(people["relief_days"], size) * times[way],
        width=widths[way],
    )


def with_indication(recipe: Recipe, crowd: Crowd, name: str) -> Truths:
    """Return which patients have an indication."""
    return np.asarray(crowd.indications[:, list(recipe["people"]["indications"]).index(name)])


def with_sex(recipe: Recipe, crowd: Crowd, name: str) -> Truths:
    """Return which patients have this sex on record."""
    return np.asarray(crowd.sex == list(recipe["people"]["sex"]).index(name))

"""The safety facts of a block: for each kind in the recipe its patients and days, and what each fact holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boosterwatch.engine.cohort.synth.course import Infusions, level_at, relapses
from boosterwatch.engine.cohort.synth.draw import Draw, Reals, Truths, Wholes
from boosterwatch.engine.cohort.synth.people import DAYS_A_YEAR, Crowd, with_sex
from boosterwatch.engine.cohort.synth.recipe import FactKind, Field, Mistakes, Recipe
from boosterwatch.engine.cohort.synth.sheets import Doubles
from boosterwatch.engine.cohort.synth.visits import Seen
from boosterwatch.engine.cohort.tables.layout import fact_node

TEN = 10  # times too big or too small: a slipped decimal point


@dataclass(frozen=True)
class Life:
    """What happens to the patients of a block: facts come with some of it."""

    crowd: Crowd
    infusions: Infusions
    seen: Seen


@dataclass(frozen=True)
class Facts:
    """Facts of one kind; `fields` holds an Arrow array for each."""

    type: str
    pid: Wholes
    day: Wholes
    fields: Mapping[str, pa.Array]
    error: Truths


def draw_facts(recipe: Recipe, draw: Draw, life: Life, kind: FactKind, rates: Mistakes) -> Facts:
    """Return the facts of one kind up to the last day."""
    pid, day = _points(kind, draw, life)
    pid, day = _of_some(recipe, kind, life.crowd, pid, day)
    level = level_at(recipe, life.crowd, life.infusions, pid, day)
    fields = _with_slips(draw, kind, _fields(draw, kind, level), rates, pid.size)
    return Facts(kind["type"], pid, day, fields, draw.chance(rates.get("fact_entered_in_error", 0.0), pid.size))


def _points(kind: FactKind, draw: Draw, life: Life) -> tuple[Wholes, Wholes]:
    """Return patient and day of each fact."""
    crowd, infusions, rate = life.crowd, life.infusions, kind["rate"]
    match kind["per"]:
        case "years":
            return _by_the_year(draw, life, rate)
        case "visits":
            pid, day = life.seen.pid, life.seen.day
        case "infusions":
            pid, day = infusions.pid, infusions.day
        case "relapses":
            pid, day = relapses(infusions, crowd.until)
        case _:
            pid = np.flatnonzero(infusions.first > 0)
            day = infusions.first[pid]
    some = draw.chance(rate, pid.size)
    return pid[some], day[some]


def _by_the_year(draw: Draw, life: Life, rate: float) -> tuple[Wholes, Wholes]:
    """Return days spread evenly over each patient's time, so many a year on average."""
    crowd, first = life.crowd, life.infusions.first
    length = np.where(first > 0, crowd.until - first, 0) + 60  # some come before treatment
    expected = rate * length / DAYS_A_YEAR
    many = np.floor(expected + draw.uniform(crowd.size)).astype(np.int64)
    pid = np.repeat(np.arange(crowd.size), many)
    return pid, crowd.until - np.floor(draw.uniform(pid.size) * length[pid]).astype(np.int64)


def _of_some(recipe: Recipe, kind: FactKind, crowd: Crowd, pid: Wholes, day: Wholes) -> tuple[Wholes, Wholes]:
    sex = kind.get("for", {}).get("sex")
    if sex is None:
        return pid, day
    some = with_sex(recipe, crowd, sex)[pid]
    return pid[some], day[some]


# ---------------------------------------------------------------- what they hold


def _fields(draw: Draw, kind: FactKind, level: Reals) -> dict[str, pa.Array]:
    """Return the fields of every fact; null where one is not stated."""
    made: dict[str, pa.Array] = {}
    numbers: dict[str, Doubles] = {}
    for name, field in kind["fields"].items():
        missing = ~draw.chance(field.get("stated", 1.0), level.size)
        if "mean" in field:
            numbers[name] = _number(draw, field, kind["fields"], numbers, level.size)
            made[name] = pa.array(numbers[name], mask=missing)
        elif "odds" in field:
            words = pa.array(list(field["odds"]), pa.string())
            made[name] = words.take(pa.array(draw.pick(field["odds"], level.size), mask=missing))
        else:
            odds = np.clip(field["true_for"] * (1 + (field.get("worse", 1.0) - 1) * level), 0, 1)
            made[name] = pa.array(draw.chance(odds, level.size), mask=missing)
    return made


def _number(draw: Draw, field: Field, fields: Mapping[str, Field], before: Mapping[str, Doubles], size: int) -> Doubles:
    """Return a number for every fact, moved by the one that it follows."""
    middle: float | Doubles = field["mean"]
    if "follows" in field:
        other = field["follows"]["field"]
        middle = field["mean"] + field["follows"]["by"] * (before[other] - fields[other]["mean"])
    drawn = np.clip(middle + field["spread"] * draw.normal(size).astype(np.float64), field["least"], field["most"])
    return np.asarray(np.round(drawn / field["steps"]) * field["steps"])


def _with_slips(
    draw: Draw, kind: FactKind, fields: dict[str, pa.Array], rates: Mistakes, size: int
) -> dict[str, pa.Array]:
    """Leave out a field here and there that may be left out, and misplace a decimal point."""
    node = fact_node(kind["type"])
    needed = {*node["required"], *(name for rule in node.get("allOf", ()) for name in rule["then"].get("required", ()))}
    loose = [name for name in fields if name not in needed]
    lost = draw.chance(rates.get("fact_incomplete", 0.0), size)
    which = draw.whole((0, max(len(loose) - 1, 0)), size)
    for place, name in enumerate(loose):
        fields[name] = pc.if_else(pa.array(lost & (which == place)), None, fields[name])
    numbers = [name for name, array in fields.items() if pa.types.is_floating(array.type)]
    slipped = draw.chance(rates.get("fact_out_of_range", 0.0), size)
    up, which = draw.chance(0.5, size), draw.whole((0, max(len(numbers) - 1, 0)), size)
    factor = np.where(up, float(TEN), 1 / TEN)
    for place, name in enumerate(numbers):
        changed = pc.multiply(fields[name], pa.array(np.where(slipped & (which == place), factor, 1.0)))
        fields[name] = pc.round(changed, ndigits=2)
    return fields

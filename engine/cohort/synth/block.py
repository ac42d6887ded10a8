"""One block of made-up patients as the tables of a cohort. A block never depends on another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa

from boosterwatch.engine.cohort.synth import columns
from boosterwatch.engine.cohort.synth.course import (
    Infusions,
    draw_bookings,
    draw_infusions,
    draw_recorded,
)
from boosterwatch.engine.cohort.synth.draw import Draw, Wholes
from boosterwatch.engine.cohort.synth.happenings import Life, draw_facts
from boosterwatch.engine.cohort.synth.own import draw_own
from boosterwatch.engine.cohort.synth.people import draw_crowd
from boosterwatch.engine.cohort.synth.recipe import Mistakes, Recipe
from boosterwatch.engine.cohort.synth.sheets import draw_sheets, paper_of
from boosterwatch.engine.cohort.synth.slips import with_slips
from boosterwatch.engine.cohort.synth.visits import draw_visits
from boosterwatch.engine.cohort.tables.layout import (
    ASSESSMENTS,
    BOOKED,
    CYCLES,
    GROUP,
    INFUSIONS,
    OVERRIDES,
    PATIENTS,
    SAFETY,
    layouts,
)
from boosterwatch.engine.pack import ir

BLOCK = 4_096  # patients of one block; the whole block is drawn even when fewer are wanted
Tables = dict[str, pa.Table]


@dataclass(frozen=True)
class Making:
    """What a cohort is made of; `factor` multiplies the rates of mistakes."""

    recipe: Recipe
    pack: ir.Pack
    seed: int
    until: int
    factor: float

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """The Arrow schemas of the tables, by name."""
        groups = [GROUP + name for name in self.recipe["people"].get("groups") or {}]
        return {name: layout.schema(groups if name == PATIENTS else ()) for name, layout in layouts().items()}


def make_block(making: Making, block: int, wanted: int = BLOCK) -> Tables:
    """Return the first so many patients of a block, by table, each sorted by patient."""
    recipe, draw = making.recipe, Draw(making.seed, block)
    rates = _rates(recipe["mistakes"], making.factor)
    crowd = draw_crowd(recipe, draw, BLOCK, making.until)
    infusions = draw_infusions(recipe, draw, crowd)
    life = Life(crowd, infusions, draw_visits(recipe, draw, crowd, infusions))
    recorded = draw_recorded(recipe, draw, infusions, rates.get("cycle_without_infusion", 0.0))
    parts: dict[str, list[dict[str, pa.Array]]] = {
        PATIENTS: [columns.patients(recipe, crowd, infusions)],
        INFUSIONS: [columns.days(*_infused(draw, infusions, rates.get("infusion_twice", 0.0)))],
        BOOKED: [columns.days(*draw_bookings(recipe, draw, crowd))],
        CYCLES: [columns.cycles(recorded)],
        ASSESSMENTS: [_forms(making, draw, life, rates, id) for id in recipe["forms"]],
        SAFETY: [columns.safety(draw_facts(recipe, draw, life, kind, rates)) for kind in recipe["facts"]],
        OVERRIDES: [draw_own(making.pack, draw, BLOCK, recipe["own_values"], making.until)],
    }
    ids, schemas = columns.patient_ids(block * BLOCK + 1, wanted), making.schemas
    return {name: columns.joined(some, schemas[name], ids) for name, some in parts.items()}


def _rates(mistakes: Mistakes, factor: float) -> Mistakes:
    """Return the rates at a level, none above a half."""
    found: dict[str, Any] = {}
    for name, rate in mistakes.items():
        if isinstance(rate, float | int):
            found[name] = min(rate * factor, 0.5)
        else:
            other = mistakes["other_version"]
            found[name] = {**other, "rate": min(other["rate"] * factor, 0.5)}
    return cast(Mistakes, found)


def _infused(draw: Draw, infusions: Infusions, twice: float) -> tuple[Wholes, Wholes]:
    """Return patient and day of the infusions, some of them stated twice."""
    rows = np.repeat(np.arange(infusions.pid.size), 1 + draw.chance(twice, infusions.pid.size))
    return infusions.pid[rows], infusions.day[rows]


def _forms(making: Making, draw: Draw, life: Life, rates: Mistakes, id: str) -> dict[str, pa.Array]:
    recipe, paper = making.recipe, paper_of(making.recipe, making.pack, id)
    sheets = draw_sheets(recipe, draw, life.crowd, life.seen, paper)
    sheets = with_slips(draw, paper, sheets, rates, making.until)
    other = rates.get("other_version")
    version = other["versions"].get(id, "") if other is not None else ""
    return columns.forms(paper, sheets, recipe["visits"]["time_stated"], version)

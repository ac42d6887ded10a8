"""Made-up patients for tests: as tables, and as plain records."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from boosterwatch.engine.cohort.synth.block import Making, Tables, make_block
from boosterwatch.engine.cohort.synth.make import plan_cohort
from boosterwatch.engine.cohort.tables.layout import GROUP, MARKED, PATIENTS

Record = dict[str, Any]


@cache
def making(recipe: str = "clinic", seed: int = 1, level: str = "some") -> Making:
    """Return what a cohort is made of."""
    return plan_cohort(recipe, seed, level=level)


@cache
def tables(patients: int, recipe: str = "clinic", seed: int = 1, level: str = "some") -> Tables:
    """Return the tables of the first patients."""
    return make_block(making(recipe, seed, level), 0, patients)


def records(made: Tables, as_of: str) -> list[Record]:
    """Return the patients of some tables as records, in the order of their ids."""
    found: dict[str, Record] = {}
    for row in made[PATIENTS].to_pylist():
        stated = _stated(row)
        patient = {key: value for key, value in stated.items() if not key.startswith((GROUP, MARKED))}
        marked = {key.removeprefix(f"{MARKED}_"): value for key, value in stated.items() if key.startswith(MARKED)}
        found[row["patient"]] = {**patient, "as_of": as_of, **({MARKED: marked} if marked else {})}
    for name, table in made.items():
        if name != PATIENTS:
            for row in table.to_pylist():
                stated = _stated(row)
                patient = found[stated.pop("patient")]
                patient.setdefault(name, []).append(stated["date"] if list(stated) == ["date"] else stated)
    return list(found.values())


def _stated(row: Record) -> Record:
    stated = {key: value for key, value in row.items() if value is not None}
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in stated.items()}

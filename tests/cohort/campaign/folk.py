"""The patients of a block as rows of tables: made by a recipe, drawn by chance, or worked cases; some of them broken."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import pyarrow.compute as pc

from boosterwatch.engine.cohort.synth.block import BLOCK as DRAWN
from boosterwatch.engine.cohort.synth.block import Making, Tables, make_block
from boosterwatch.engine.cohort.synth.make import plan_cohort
from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.split import Row, Rows, rows_of_record
from boosterwatch.tests.cohort.campaign.mess import break_rows
from boosterwatch.tests.cohort.campaign.plan import CASES, CHECKED, MOVED_TO, RANDOM, SYNTHETIC, WHOLE, Cohort
from boosterwatch.tests.cohort.people import cases_of, moved, ready
from boosterwatch.tests.cohort.test_tables_checks import CASES as CASES_OF_CHECKS
from boosterwatch.tests.oracle.patients import random_record

BROKEN = 0.05  # share of the patients one of whose rows is made odd or wrong
PART = 1_000  # synthetic patients of one drawn block that a block of ours may have
LEVELS = ("some", "much")
_ITEMS = [1, 2, 1, 0, 1, 2, 1, 1, 0]
REPEATS: Mapping[str, list[dict[str, Any]]] = {  # forms of one time, of which neither says more in items or total
    "with an answer out of range": [{"total": 9, "items": _ITEMS}, {"total": 9, "items": _ITEMS, "difficulty": -1}],
    "with other extra answers": [{"items": _ITEMS, "difficulty": 3}, {"items": _ITEMS, "difficulty": 0}],
    "with an extra answer": [{"items": _ITEMS}, {"items": _ITEMS, "difficulty": 2}],
    "with a bad extra answer": [{"items": _ITEMS}, {"items": _ITEMS, "difficulty": 7}],
}


def rows_of_block(cohort: Cohort, seed: int, block: int) -> Rows:
    """Return the rows of each table of a block. The same cohort, seed and block give the same rows."""
    kind, count = cohort.blocks()[block]
    rng = random.Random(f"{seed} {cohort.name} {block}")
    found: Rows = {name: [] for name in layouts()}
    for rows in _MADE[kind](cohort, seed, block, count, rng):
        if kind not in WHOLE and rng.random() < BROKEN:
            break_rows(rows, rng, cohort.text)
        for name, entries in rows.items():
            found[name] += entries
    return found


def _synthetic(cohort: Cohort, seed: int, block: int, count: int, rng: random.Random) -> Iterator[Rows]:
    made = _drawn(seed, LEVELS[block // 2 % len(LEVELS)], block)
    ids = made["patients"]["patient"].slice(0, count)
    by_patient: dict[str, Rows] = {id: {name: [] for name in layouts()} for id in ids.to_pylist()}
    for name, table in made.items():
        for row in table.filter(pc.is_in(table["patient"], ids)).to_pylist():
            by_patient[row["patient"]][name].append(row)
    yield from by_patient.values()


@cache
def _making(seed: int, level: str) -> Making:
    return plan_cohort("clinic", seed, until=MOVED_TO, level=level)


def _drawn(seed: int, level: str, block: int) -> Tables:
    """Return the tables of a block; ids hang on the block, so no two blocks share any."""
    return make_block(_making(seed, level), block, min(DRAWN, PART))


def _random(cohort: Cohort, seed: int, block: int, count: int, rng: random.Random) -> Iterator[Rows]:
    for number in range(count):
        record = {**random_record(rng), "patient": f"p-{cohort.name}-{block:05d}-{number:04d}"}
        known = moved(_in_words_of(cohort.reference, record), MOVED_TO)
        yield _typed(rows_of_record(known))


def _in_words_of(reference: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record without what a small pack does not know, which would refuse nearly everybody."""
    pack = ready(reference).ir
    instruments = {one.id for one in pack.instruments}
    numbers = {one.name for one in pack.parameters if one.allowed is not None}
    holds = {one.id for one in pack.notices if one.kind == "hold"}
    return {
        **record,
        "assessments": [one for one in record.get("assessments", ()) if one["instrument"] in instruments],
        "safety": [one for one in record.get("safety", ()) if one.get("hold") is None or one["hold"] in holds],
        "overrides": [one for one in record.get("overrides", ()) if one["parameter"] in numbers],
    }


def _cases(cohort: Cohort, seed: int, block: int, count: int, rng: random.Random) -> Iterator[Rows]:
    for record in cases_of(cohort.reference, MOVED_TO):
        yield _typed(rows_of_record(record))


def _checked(cohort: Cohort, seed: int, block: int, count: int, rng: random.Random) -> Iterator[Rows]:
    """Give the cases of the record checks, whose dates are about the date that all are moved to."""
    for name, facts in CASES_OF_CHECKS.items():
        yield rows_of_record({"patient": f"checked {name}", **facts})
    for name, forms in REPEATS.items():
        written = [{"instrument": "phq9", "date": "2026-04-20", **form} for form in forms]
        yield rows_of_record({"patient": f"repeats {name}", "assessments": written})
        yield rows_of_record({"patient": f"repeats {name}, turned", "assessments": written[::-1]})


def _typed(rows: Rows) -> Rows:
    """Return the rows with dates in place of their texts."""
    days = {name: [one.name for one in layout.columns if one.kind == "date"] for name, layout in layouts().items()}
    return {name: [_dated(row, days[name]) for row in entries] for name, entries in rows.items()}


def _dated(row: Row, days: list[str]) -> Row:
    return row | {name: date.fromisoformat(row[name]) for name in days if isinstance(row.get(name), str)}


_MADE = {SYNTHETIC: _synthetic, RANDOM: _random, CASES: _cases, CHECKED: _checked}

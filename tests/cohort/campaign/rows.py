"""The second stage: what each evaluator says by rows, block by block, each written once and never worked out again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.results import refused, result_of, result_schema
from boosterwatch.engine.cohort.rows import read_at
from boosterwatch.engine.cohort.tables.assemble import records_of
from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.opened import open_tables
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Record
from boosterwatch.tests.cohort.campaign.alone import evaluators, with_one
from boosterwatch.tests.cohort.campaign.plan import Cohort, Plan, file_of
from boosterwatch.tests.cohort.campaign.tables import done_by, write_whole
from boosterwatch.tests.cohort.people import ready

EVALUATOR, CODES = "evaluator", "codes"
NO_RECORD = "no record"  # in the place of a code: the tables make none
Task = tuple[Plan, Cohort, int, tuple[date, ...]]
Say = Callable[[str], None]


def work_out_rows(plan: Plan, jobs: int, say: Say) -> None:
    """Work out the blocks that are not there yet, in processes of their own."""
    tasks = list(_todo(plan))
    say(f"rows: {len(tasks)} blocks to work out")
    started = told = time.monotonic()
    for number, _ in enumerate(done_by(work_out, tasks, jobs), start=1):
        if time.monotonic() - told > 30:
            told = time.monotonic()
            left = (told - started) / number * (len(tasks) - number) / 60
            say(f"rows: {number} of {len(tasks)} blocks, {left:.0f} minutes to go")
    say(f"rows: done in {time.monotonic() - started:.0f} s")


def _todo(plan: Plan) -> Iterator[Task]:
    for cohort in plan.cohorts():
        for block in range(len(cohort.blocks())):
            missing = tuple(day for day in plan.dates if not (plan.rows(cohort, day) / file_of(block)).exists())
            if missing:
                yield plan, cohort, block, missing


def work_out(task: Task) -> None:
    """Write what each evaluator says of a block at each date."""
    plan, cohort, block, days = task
    with TemporaryDirectory() as folder:
        place = Path(folder) / "tables"
        place.mkdir()
        for name in layouts():
            (place / f"{name}.parquet").symlink_to((plan.tables(cohort) / name / file_of(block)).resolve())
        plain = list(records_of(open_tables(place, Path(folder) / "work")))
    schema = row_schema(cohort.reference)
    for day in days:
        rows = [row for patient, record in plain for row in _said(cohort.reference, patient, record, day)]
        write_whole(pa.Table.from_pylist(rows, schema=schema), plan.rows(cohort, day) / file_of(block))


def row_schema(reference: str) -> pa.Schema:
    """Return the columns of a block: those of results, who said it, and the codes of whoever is refused."""
    own = [pa.field(EVALUATOR, pa.string()), pa.field(CODES, pa.list_(pa.string()))]
    return pa.schema([*own, *result_schema(ready(reference).ir)])


@cache
def _packs(reference: str) -> dict[str, LoadedPack]:
    return {name: with_one(ready(reference), name) for name in evaluators()}


def _said(reference: str, patient: str, plain: dict[str, Any] | None, day: date) -> Iterator[dict[str, Any]]:
    packs = _packs(reference)
    read = read_at(next(iter(packs.values())), plain, day.toordinal())
    for name, pack in packs.items():
        if isinstance(read, Record):
            yield {EVALUATOR: name, **result_of(pack.ir, patient, evaluate(pack, read))}
        else:
            yield {EVALUATOR: name, CODES: _codes(read), **refused(patient, day.toordinal())}


def _codes(error: RecordError | None) -> list[str]:
    return [NO_RECORD] if error is None else [one.code for one in error.diagnostics]

"""A small clinic for tests of runs: the worked patients of a small pack as tables, some of whose rows are broken."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.split import rows_of_record
from boosterwatch.engine.terminal.commands.cohort import cohort
from boosterwatch.tests.cohort.people import cases_of
from boosterwatch.tests.cohort.tables_made import Plain, write_lines

PACK = "quick-screen"
VERSION = "quick-screen@1.0.0"
AS_OF = date(2026, 5, 1)
Rows = dict[str, list[Any]]


def people(count: int) -> list[Plain]:
    """Return the records of so many worked patients in another order, with ids that follow each other."""
    records = cases_of(VERSION, AS_OF)
    random.Random(5).shuffle(records)
    some = [records[number % len(records)] for number in range(count)]
    return [dict(record) | {"patient": f"p-{number:04d}"} for number, record in enumerate(some)]


def clinic(folder: Path, count: int, change: Callable[[Rows], None] = lambda rows: None) -> Path:
    """Write the tables of so many patients as NDJSON; `change` may break rows before. Return the folder."""
    rows: Rows = {name: [] for name in layouts()}
    for record in people(count):
        for name, entries in rows_of_record(record).items():
            rows[name] += entries
    change(rows)
    return write_lines(folder, {name: [json.dumps(row) for row in entries] for name, entries in rows.items()})


def first(rows: Rows, table: str, patient: str) -> tuple[int, Any]:
    """Return the first row of a patient in a table, with its number in the file."""
    return next((number, row) for number, row in enumerate(rows[table], start=1) if row["patient"] == patient)


def cohort_command(*arguments: str | Path) -> Result:
    """Return what a command of `boosterwatch cohort` printed, and its exit code."""
    return CliRunner().invoke(cohort, [str(one) for one in arguments], prog_name="boosterwatch cohort")

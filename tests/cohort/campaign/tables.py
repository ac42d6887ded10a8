"""The first stage: the tables of every cohort, a file for each block and table, as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.synth.recipe import read_recipe
from boosterwatch.engine.cohort.tables.layout import GROUP, PATIENTS, layouts
from boosterwatch.tests.cohort.campaign.folk import rows_of_block
from boosterwatch.tests.cohort.campaign.mess import as_text
from boosterwatch.tests.cohort.campaign.plan import Cohort, Plan, file_of

NOTE = "people.json"
Say = Callable[[str], None]
_Task = TypeVar("_Task")


def make_tables(plan: Plan, jobs: int, say: Say) -> None:
    """Write what is not there yet. Raises ValueError when the folder has other people."""
    note = plan.folder / NOTE
    if note.exists() and note.read_text() != plan.stated():
        raise ValueError(f"{note} is of other people; name another folder")
    plan.folder.mkdir(parents=True, exist_ok=True)
    note.write_text(plan.stated())
    for cohort in plan.cohorts():
        blocks = range(len(cohort.blocks()))
        todo = [(plan, cohort, block) for block in blocks if not _last(plan, cohort, block).exists()]
        list(done_by(write_block, todo, jobs))
        say(f"tables of {cohort.name}: {len(blocks)} blocks, {len(todo)} of them written now")


def done_by(work: Callable[[_Task], None], tasks: Sequence[_Task], jobs: int) -> Iterator[None]:
    """Do some work for every task, in so many processes, in any order; with one job in this process."""
    if jobs == 1:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        for done in as_completed([pool.submit(work, task) for task in tasks]):
            yield done.result()


def _last(plan: Plan, cohort: Cohort, block: int) -> Path:
    return plan.tables(cohort) / list(layouts())[-1] / file_of(block)


def write_block(task: tuple[Plan, Cohort, int]) -> None:
    """Write the tables of a block; the last of them says that all are there."""
    plan, cohort, block = task
    for name, rows in rows_of_block(cohort, plan.seed, block).items():
        schema = schema_of(name)
        if cohort.text:
            rows = [{column: as_text(value) for column, value in row.items()} for row in rows]
            schema = pa.schema([(column, pa.string()) for column in schema.names])
        path = plan.tables(cohort) / name / file_of(block)
        write_whole(pa.Table.from_pylist(rows, schema=schema), path)


def schema_of(name: str) -> pa.Schema:
    """Return the columns of a table; patients have those that group the synthetic ones."""
    groups = read_recipe("clinic")[0]["people"].get("groups") or {}
    return layouts()[name].schema([GROUP + group for group in groups] if name == PATIENTS else ())


def write_whole(table: pa.Table, path: Path) -> None:
    """Write a file that appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    pq.write_table(table, beside, compression="zstd")
    beside.replace(path)

"""The face of made-up patients: a recipe and a seed in, a folder of tables out, and a note in it that says what it is.

The same recipe, pack, seed and last day give the same patients, whatever else: the first thousand of a million are
the thousand that are made when a thousand are asked for.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import NamedTuple

import orjson

from boosterwatch.engine import load_pack
from boosterwatch.engine.cohort.synth.block import BLOCK, Making, Tables, make_block
from boosterwatch.engine.cohort.synth.check import check_recipe
from boosterwatch.engine.cohort.synth.recipe import read_recipe
from boosterwatch.engine.cohort.synth.write import writers
from boosterwatch.engine.cohort.tables.errors import problem
from boosterwatch.engine.cohort.tables.source import Format
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, suggest
from boosterwatch.engine.durable_files import write_durably
from boosterwatch.engine.pack import ir

NOTE = "README.md"
JOBS = 2  # blocks made at the same time


class Made(NamedTuple):
    """What was written: patients, and rows by table."""

    patients: int
    rows: dict[str, int]


def plan_cohort(
    recipe: str, seed: int, pack: ir.Pack | None = None, until: date | None = None, level: str = "some"
) -> Making:
    """Return what a cohort is made of; without a pack, the recipe's own.

    Raises DiagnosticError for a recipe that does not fit the pack, BW773 for a level that it does not have.
    """
    found, document = read_recipe(recipe)
    pack = pack or load_pack(found["pack"]).ir
    check_recipe(found, document, pack)
    factor = found["levels"].get(level)
    if factor is None:
        levels = found["levels"]
        hint = suggest(level, levels) or f"there are {', '.join(levels)}"
        raise DiagnosticError([Diagnostic("BW773", f"recipe `{recipe}` has no level `{level}`", None, hint)])
    last = until or date.fromisoformat(found["until"])
    return Making(found, pack, seed, last.toordinal(), factor)


def blocks_of(patients: int) -> int:
    """Return in how many blocks so many patients are made."""
    return -(-patients // BLOCK)


def make_tables(making: Making, patients: int) -> Iterator[Tables]:
    """Yield the tables of so many patients, block by block; two blocks are made at a time."""
    with ThreadPoolExecutor(JOBS) as pool:
        waiting: deque[Future[Tables]] = deque()
        for block in range(blocks_of(patients)):
            waiting.append(pool.submit(make_block, making, block, min(BLOCK, patients - block * BLOCK)))
            if len(waiting) > JOBS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def write_cohort(
    making: Making,
    patients: int,
    folder: Path,
    format: Format = "parquet",
    progress: Callable[[], None] = lambda: None,
) -> Made:
    """Write a folder of tables, which appears whole or not at all. Raises TablesError BW713, OSError.

    `progress` is called after each of `blocks_of(patients)`.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise problem("BW713", f"`{folder.name}` is already there and not empty", "name a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        made = _write(making, patients, beside, format, progress)
        if folder.exists():
            folder.rmdir()
        beside.chmod(0o755)
        beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    return made


def _write(making: Making, patients: int, folder: Path, format: Format, progress: Callable[[], None]) -> Made:
    rows = dict.fromkeys(making.schemas, 0)
    with writers(folder, making.schemas, format, about(making)) as put:
        for tables in make_tables(making, patients):
            for name, table in tables.items():
                put[name](table)
                rows[name] += table.num_rows
            progress()
    write_durably(folder / NOTE, note(making, patients).encode())
    return Made(patients, rows)


def about(making: Making) -> bytes:
    """Return how the patients were made, as JSON."""
    return orjson.dumps(_about(making), option=orjson.OPT_SORT_KEYS)


def _about(making: Making) -> dict[str, object]:
    return {
        "recipe": making.recipe["recipe"],
        "pack": f"{making.pack.id}@{making.pack.version}",
        "seed": making.seed,
        "until": date.fromordinal(making.until).isoformat(),
        "mistakes": making.factor,
    }


def note(making: Making, patients: int) -> str:
    """Return the note that lies beside the tables."""
    made = "\n".join(f"- {key}: {value}" for key, value in {"patients": patients, **_about(making)}.items())
    return (
        f"# {making.recipe['title']}\n\n"
        "These patients are made up. Nobody here exists, and nothing may be concluded about treatment from what is\n"
        "written here. The tables serve tests, demonstrations and measurements of speed.\n\n"
        f"{made}\n"
    )

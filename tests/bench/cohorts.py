"""A whole clinic at once, from Parquet to Parquet: the pack in columns beside the same policy written by hand.

The versions by hand know one policy and one kind of data (`cohort_numbers.py`); they are held to the row engine, and
all to each other on every patient, before anything is timed. Each measurement is a process of its own; the engines
take turns in each round.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow.parquet as pq

from boosterwatch import load_pack
from boosterwatch.engine.cohort.rows import by_rows
from boosterwatch.engine.cohort.run.whole import Machine, evaluate_to_file
from boosterwatch.engine.cohort.synth.block import BLOCK, make_block
from boosterwatch.engine.cohort.synth.make import NOTE, plan_cohort, write_cohort
from boosterwatch.tests.bench.cohort_numbers import COLUMNS
from boosterwatch.tests.bench.timing import timed
from boosterwatch.tests.cohort.synth_made import records

PACK = "ketamine-maintenance"
RECIPE, SEED = "totals", 1
AS_OF = date(2026, 3, 2)
OURS = "boosterwatch, Ibis on DuckDB"
PANDAS = "pandas by hand"
POLARS = "Polars by hand"
SQL = "DuckDB SQL by hand"
MODULES = {SQL: "cohort_sql", POLARS: "cohort_polars", PANDAS: "cohort_pandas"}
ENGINES = (OURS, *MODULES)
MEMORY = "3GB"  # what ours may take inside DuckDB before it writes to disk
MOST = {PANDAS: 1_000_000}  # patients, where memory allows no more
BIG = 500_000  # patients from which one round is enough

Evaluate = Callable[[Path, date, Path], object]


class Cost(NamedTuple):
    """What one run took: seconds on the wall and of the processors, and resident megabytes at most."""

    wall: float
    cpu: float
    peak: float


class Summary(NamedTuple):
    """One engine at one size: medians; `ratio` is the time of ours to that of the engine, within a round."""

    name: str
    patients: int
    cost: Cost
    ratio: float


def cohort_at(folder: Path, patients: int) -> Path:
    """Return the tables of so many patients, made when they are not there."""
    tables = folder / f"{RECIPE}-{patients}"
    if not (tables / NOTE).exists():
        write_cohort(plan_cohort(RECIPE, SEED), patients, tables)
    return tables


def evaluator(name: str) -> Evaluate:
    """Return what evaluates a cohort; whatever it needs is imported here."""
    if name == OURS:
        pack, machine = load_pack(PACK), Machine(memory=MEMORY)
        return lambda tables, as_of, out: evaluate_to_file(str(tables), pack, as_of, out, machine)
    module = importlib.import_module(f"boosterwatch.tests.bench.{MODULES[name]}")
    evaluate: Evaluate = module.evaluate
    return evaluate


# ---------------------------------------------------------------- agreement


def differing(one: Path, other: Path) -> int:
    """Return how many patients two files of answers differ about; the order of words in a list does not matter."""
    lists = ("holds", "cautions", "flags")
    columns = ", ".join(f"list_sort({name}) AS {name}" if name in lists else name for name in COLUMNS)
    left, right = (f"SELECT {columns} FROM read_parquet('{file}')" for file in (one, other))
    query = f"SELECT count(DISTINCT patient) FROM (({left} EXCEPT {right}) UNION ALL ({right} EXCEPT {left}))"
    with duckdb.connect() as con:
        ((found,),) = con.execute(query).fetchall()
    return int(found)


def row_answers(patients: int, as_of: date, out: Path) -> None:
    """Write what the row engine answers about the first patients of the cohort."""
    made = make_block(plan_cohort(RECIPE, SEED), 0, min(patients, BLOCK))
    results = by_rows(load_pack(PACK), records(made, as_of.isoformat()), as_of.toordinal())
    pq.write_table(results.select(list(COLUMNS)), out)


def differences(
    folder: Path, patients: int, names: Sequence[str] = ENGINES, dates: Sequence[date] = (AS_OF,)
) -> dict[str, int]:
    """Return about how many of these patients, at most a block of them, each engine differs from the row engine."""
    tables, wrong = cohort_at(folder, min(patients, BLOCK)), dict.fromkeys(names, 0)
    for as_of in dates:
        row_answers(patients, as_of, folder / "rows.parquet")
        for name in names:
            out = folder / f"{name.split()[0].strip(',')}-checked.parquet"
            out.unlink(missing_ok=True)
            evaluator(name)(tables, as_of, out)
            wrong[name] += differing(folder / "rows.parquet", out)
    return wrong


# ---------------------------------------------------------------- time


def measure(name: str, tables: Path, out: Path, cores: int | None = None) -> Cost:
    """Return what an engine takes in this process, imports and the pack's loading apart."""
    if cores is not None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    evaluate = evaluator(name)
    before = resource.getrusage(resource.RUSAGE_SELF)
    out.unlink(missing_ok=True)
    wall = timed(lambda: evaluate(tables, AS_OF, out))
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu, peak())


def peak() -> float:
    """Return the most megabytes that were resident in this process; `ru_maxrss` would count its parent's, too."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure_apart(name: str, tables: Path, out: Path, cores: int | None = None) -> Cost:
    """Return the same from a process of its own, on so many cores."""
    threads = {} if cores is None else {"POLARS_MAX_THREADS": str(cores)}
    command = [sys.executable, "-m", __name__, name, str(tables), str(out), str(cores or 0)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ | threads)
    return Cost(*json.loads(done.stdout.splitlines()[-1]))


def run(folder: Path, sizes: Sequence[int], rounds: int, names: Sequence[str] = ENGINES) -> list[Summary]:
    """Return every engine's summary at every size. Raises AssertionError when answers differ about anybody."""
    found = []
    for patients in sizes:
        tables = cohort_at(folder, patients)
        takes_part = [name for name in names if patients <= MOST.get(name, patients)]
        outs = {name: folder / f"{name.split()[0].strip(',')}-{patients}.parquet" for name in takes_part}
        times: dict[str, list[Cost]] = {name: [] for name in takes_part}
        for _ in range(1 if patients >= BIG else rounds):
            for name in takes_part:
                times[name].append(measure_apart(name, tables, outs[name]))
        wrong = {name: differing(outs[OURS], outs[name]) for name in takes_part if outs[name].exists()}
        if any(wrong.values()):
            raise AssertionError(f"{patients:,} patients: answers differ: {wrong}")
        found += [_summary(name, patients, costs, times[OURS]) for name, costs in times.items()]
    return found


def _summary(name: str, patients: int, costs: list[Cost], ours: list[Cost]) -> Summary:
    middle = Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))
    ratio = statistics.median(mine.wall / cost.wall for mine, cost in zip(ours, costs, strict=True))
    return Summary(name, patients, middle, ratio)


def by_cores(
    folder: Path, patients: int, cores: Sequence[int], names: Sequence[str] = (OURS, POLARS)
) -> list[tuple[str, int, Cost]]:
    """Return what engines take on one core, on two, and so on, as many as there are."""
    tables, there = cohort_at(folder, patients), len(os.sched_getaffinity(0))
    out = folder / "cores.parquet"
    return [(name, n, measure_apart(name, tables, out, n)) for name in names for n in cores if n <= there]


def main(arguments: Sequence[str]) -> None:
    """Print what one engine takes, as JSON."""
    name, tables, out, cores = arguments
    cost: Any = measure(name, Path(tables), Path(out), int(cores) or None)
    print(json.dumps(cost))


if __name__ == "__main__":
    main(sys.argv[1:])

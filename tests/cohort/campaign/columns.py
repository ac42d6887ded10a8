"""The third stage: what `cohort evaluate` says of the same tables, on DuckDB and on Spark."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any

from boosterwatch.engine.cohort.run.whole import Machine, evaluate_to_file
from boosterwatch.tests.cohort.campaign.plan import DUCKDB, Cohort, Plan
from boosterwatch.tests.cohort.people import ready
from boosterwatch.tests.cohort.sessions import local_spark

MEMORY = "4g"  # of Spark, which is given more than DuckDB and needs it
Say = Callable[[str], None]


def work_out_columns(plan: Plan, engine: str, size: int | None, say: Say, again: bool = False) -> None:
    """Evaluate every cohort at every date on an engine; what is finished stays, unless it is to be done `again`."""
    with nullcontext() if engine == DUCKDB else a_session():
        for cohort in plan.cohorts():
            for day in plan.dates:
                say(f"{engine}: {_evaluated(plan, cohort, day, engine, size, again)}")


def _evaluated(plan: Plan, cohort: Cohort, day: date, engine: str, size: int | None, again: bool) -> str:
    out = plan.columns(cohort, day, engine)
    if again:
        forget(plan, cohort, day, engine)
    out.parent.mkdir(parents=True, exist_ok=True)
    machine = Machine("duckdb") if engine == DUCKDB else Machine("spark")
    started = time.monotonic()
    done = evaluate_to_file(str(plan.tables(cohort)), ready(cohort.reference), day, out, machine, size)
    took = "was there" if done.already else f"{time.monotonic() - started:.0f} s"
    return f"{cohort.name} on {day}, {done.page['patients']:,} patients, {took}"


def forget(plan: Plan, cohort: Cohort, day: date, engine: str) -> None:
    """Remove what an engine said before."""
    out = plan.columns(cohort, day, engine)
    for path in out.parent.glob(f"{out.name}*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextmanager
def a_session() -> Iterator[Any]:
    """Give the session of Spark that there is, or one on two threads of this machine."""
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    with local_spark("local[2]", spark_driver_memory=MEMORY) as session:
        yield session

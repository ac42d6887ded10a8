"""Tables -> results, chunk by chunk, on whichever engine: in files for `cohort evaluate`, in memory for others."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.columns.evaluate import evaluate_columns
from boosterwatch.engine.cohort.facts import parameters_in_force
from boosterwatch.engine.cohort.results import REFUSED, result_schema
from boosterwatch.engine.cohort.run.chunk import Chunk, Evaluated
from boosterwatch.engine.cohort.run.duck import DuckStage, Limits, duckdb_session
from boosterwatch.engine.cohort.run.errors import RunFault, run_fault
from boosterwatch.engine.cohort.run.plans import Plans
from boosterwatch.engine.cohort.run.says import told_faults
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.tables.chunks import collect, cuts_of
from boosterwatch.engine.cohort.tables.layout import PATIENTS
from boosterwatch.engine.cohort.tables.load import Loaded, load_cohort
from boosterwatch.engine.cohort.tables.opened import Tables, open_tables
from boosterwatch.engine.cohort.tables.raw import raw_table
from boosterwatch.engine.loaded import LoadedPack

MEMORY = "2500MB"
ATTEMPTS = 3  # at a chunk on Spark
Part = tuple[int, int]


def evaluate_tables(
    con: BaseBackend,
    stage: Stage,
    tables: Tables,
    pack: LoadedPack,
    as_of: int,
    part: Part | None = None,
    plans: Plans | None = None,
) -> tuple[Table, Loaded]:
    """Return the results of opened tables at a date, in order, one row for each patient whom they name; or of a part.

    With `plans` of this pack and date, what was written for another chunk is not written again. Raises TablesError,
    RecordError and CohortError for what no patient can be evaluated with.
    """
    loaded = load_cohort(con, tables, pack, as_of, stage, part)
    if plans is not None and isinstance(stage, DuckStage) and isinstance(con, Backend):
        results = plans.results(con, stage, loaded.cohort)
    else:
        parameters = parameters_in_force(pack, loaded.cohort, as_of)
        results = evaluate_columns(pack, loaded.cohort, as_of, parameters, stage)
    results = results.select(result_schema(pack.ir).names)
    if loaded.refused.count:
        results = results.union(_refused(results, loaded.refused.patients, as_of))
    return results.order_by("patient"), loaded


def _refused(results: Table, patients: Table, as_of: int) -> Table:
    """Return the rows of those who are refused, about whom nothing else is told."""
    known = {
        "patient": patients.patient,
        "as_of": ibis.literal(date.fromordinal(as_of)),
        "status": ibis.literal(REFUSED),
    }
    return patients.select(
        **{name: known.get(name, ibis.null()).cast(results[name].type()) for name in results.columns}
    )


def results_of(
    place: str | Path, pack: LoadedPack, as_of: int, *, memory: str = MEMORY, threads: int | None = None
) -> pa.Table:
    """Return the results of the tables at a place, all at once and in memory, on DuckDB."""
    with TemporaryDirectory(prefix="boosterwatch-") as folder:
        tables = open_tables(place, Path(folder) / "tables")
        with duckdb_session(Limits(memory, Path(folder) / "spill", threads)) as con:
            results, _ = evaluate_tables(con, DuckStage(con), tables, pack, as_of)
            return collect(con, results, result_schema(pack.ir))


@dataclass(frozen=True)
class _Work:
    """What every chunk of a run is worked out from."""

    tables: Tables
    pack: LoadedPack
    as_of: int
    plans: Plans

    def count(self, con: BaseBackend) -> int:
        """Return how many patients there are."""
        patient = raw_table(con, self.tables, PATIENTS).patient
        counted = patient.nunique().name("n").as_table()
        found: int = collect(con, counted, pa.schema({"n": pa.int64()}))["n"][0].as_py()
        return found

    def cuts(self, con: BaseBackend, size: int) -> tuple[str, ...]:
        """Return the ids between chunks of about so many patients."""
        return cuts_of(con, self.tables, max(1, -(-self.count(con) // size)))

    def evaluate(self, con: BaseBackend, stage: Stage, chunk: Chunk) -> Evaluated:
        """Return the results of a chunk."""
        part = (chunk.number, chunk.count)
        with without_collector():
            results, loaded = evaluate_tables(con, stage, self.tables, self.pack, self.as_of, part, self.plans)
            rows = collect(con, results, result_schema(self.pack.ir))
        refused: list[dict[str, Any]] = []
        if loaded.refused.count:
            refused = told_faults(con, self.tables, loaded.refused, (chunk.low, chunk.high))
        return Evaluated(rows, refused)


class DuckWorker:
    """Works chunks out on DuckDB, each in a fresh database, so that nothing is left of the one before."""

    def __init__(self, tables: Tables, pack: LoadedPack, as_of: int, limits: Limits) -> None:
        self._work = _Work(tables, pack, as_of, Plans(pack, as_of))
        self._limits = limits

    def cuts(self, size: int) -> tuple[str, ...]:
        """Return the ids between chunks of about so many patients."""
        with duckdb_session(self._limits) as con:
            return self._work.cuts(con, size)

    def evaluate(self, chunk: Chunk) -> Evaluated:
        """Return the results of a chunk."""
        import duckdb

        try:
            with duckdb_session(self._limits) as con:
                return self._work.evaluate(con, DuckStage(con), chunk)
        except duckdb.Error as error:
            hint = "give DuckDB more with --memory, take less at once with --chunk, or make room on the disk"
            raise _failed(chunk, error, hint) from error


class SparkWorker:
    """Works chunks out on a session of Spark."""

    def __init__(self, tables: Tables, pack: LoadedPack, as_of: int, con: BaseBackend) -> None:
        self._work = _Work(tables, pack, as_of, Plans(pack, as_of))
        self._con = con

    def cuts(self, size: int) -> tuple[str, ...]:
        """Return the ids between chunks of about so many patients."""
        return self._work.cuts(self._con, size)

    def evaluate(self, chunk: Chunk) -> Evaluated:
        """Return the results of a chunk, tried again when Spark gave it up: what it kept may be lost with a machine."""
        from boosterwatch.engine.cohort.run.spark import failures, is_our_fault

        for left in reversed(range(ATTEMPTS)):
            try:
                return self._once(chunk)
            except failures() as error:
                if is_our_fault(error):
                    raise
                if not left:
                    raise _failed(chunk, error, "the log of Spark says more; finished chunks stay") from error
        raise AssertionError("the last attempt returns or raises")

    def _once(self, chunk: Chunk) -> Evaluated:
        from boosterwatch.engine.cohort.run.spark import SparkStage

        stage = SparkStage(self._con)
        try:
            return self._work.evaluate(self._con, stage, chunk)
        finally:
            stage.forget()


def _failed(chunk: Chunk, error: Exception, hint: str) -> RunFault:
    text = " ".join(str(error).split("\n", 1)[0].split()) or type(error).__name__
    return RunFault([run_fault("BW724", f"chunk {chunk.number + 1} of {chunk.count} failed: {text[:300]}", hint)])


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector still: it would go through a million parts of expressions, again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

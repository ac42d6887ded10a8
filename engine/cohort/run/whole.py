"""A run from tables to files: what it takes of the machine, its folder, its inputs and its worker, put together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from boosterwatch.engine.cohort.results import result_schema
from boosterwatch.engine.cohort.run.chunk import Chunk, Evaluated, Worker
from boosterwatch.engine.cohort.run.duck import Limits
from boosterwatch.engine.cohort.run.errors import RunFault, run_fault
from boosterwatch.engine.cohort.run.evaluate import MEMORY, DuckWorker, SparkWorker
from boosterwatch.engine.cohort.run.folder import SPILL, TABLES, WorkFolder, digest_of
from boosterwatch.engine.cohort.run.identity import digest_of_parts, identify
from boosterwatch.engine.cohort.run.run import CHUNK, Done, Progress, quietly, run, run_folder
from boosterwatch.engine.cohort.tables.opened import Tables, open_tables
from boosterwatch.engine.loaded import LoadedPack

Engine = Literal["duckdb", "spark"]
State = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a run is worked out on. Limits are DuckDB's; of Spark it is said where it is, or it is the caller's."""

    engine: Engine = "duckdb"
    memory: str | None = None
    threads: int | None = None
    spark_master: str | None = None
    spark_remote: str | None = None


def evaluate_to_file(
    place: str,
    pack: LoadedPack,
    as_of: date,
    out: Path,
    machine: Machine,
    size: int | None = None,
    progress: Progress = quietly,
) -> Done:
    """Return what a run over the tables at a place came to; its results are in `out`.

    Raises TablesError for tables that cannot be used, CohortError for a pack that has no columns, and RunFault.
    """
    day = as_of.toordinal()
    with run_folder(out) as folder:
        tables = open_tables(place, folder.path / TABLES)
        watched = Watched(tables)
        identity = identify(pack, day, machine.engine, digests_of(tables))
        with _worker(tables, pack, day, machine, folder) as worker:
            watched.worker = worker
            return run(identity, watched, result_schema(pack.ir), out, folder, size or CHUNK, progress)


def digests_of(tables: Tables) -> dict[str, str]:
    """Return the digest of each table: of the bytes of its files as they are read, in their order."""
    return {name: digest_of_parts([digest_of(file) for file in part.files]) for name, part in tables.parts.items()}


@contextmanager
def _worker(tables: Tables, pack: LoadedPack, day: int, machine: Machine, folder: WorkFolder) -> Iterator[Worker]:
    if machine.engine == "duckdb":
        yield DuckWorker(tables, pack, day, Limits(machine.memory or MEMORY, folder.path / SPILL, machine.threads))
        return
    from boosterwatch.engine.cohort.run.spark import connect, spark_session

    with spark_session(machine.spark_master, machine.spark_remote) as session:
        yield SparkWorker(tables, pack, day, connect(session))


class Watched:
    """A worker over tables that must not change meanwhile: half of one version and half of another is no result."""

    worker: Worker

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._before = state_of(tables)

    def cuts(self, size: int) -> Sequence[str]:
        """Return what the worker says."""
        return self.worker.cuts(size)

    def evaluate(self, chunk: Chunk) -> Evaluated:
        """Return what the worker makes of a chunk. Raises RunFault BW722 when a file is not as it was."""
        evaluated = self.worker.evaluate(chunk)
        changed = [name for name, state in state_of(self._tables).items() if state != self._before[name]]
        if changed:
            message = f"`{Path(changed[0]).name}` changed while it was read"
            raise RunFault([run_fault("BW722", message, "start again when nobody writes to the tables")])
        return evaluated


def state_of(tables: Tables) -> State:
    """Return what would be different of each file if somebody wrote to it."""
    found = {}
    for part in tables.parts.values():
        for file in part.files:
            try:
                is_now = os.stat(file)
                found[str(file)] = (is_now.st_ino, is_now.st_size, is_now.st_mtime_ns)
            except FileNotFoundError:
                found[str(file)] = (0, 0, 0)
    return found

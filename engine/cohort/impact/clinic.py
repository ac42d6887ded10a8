"""A cohort in tables as `impact` and `backtest` need it: evaluated whole, again and again, and looked up one by one.

The tables are opened once. Results go to files of a folder, chunk after chunk, so memory stays as small as that of
`cohort evaluate`; results of the same name take the place of the ones before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend

from boosterwatch.engine.cohort.impact.examples import Records
from boosterwatch.engine.cohort.impact.groups import BIRTH, PREFIX
from boosterwatch.engine.cohort.impact.results import Evaluate, ImpactError, Source
from boosterwatch.engine.cohort.impact.run import Clinic
from boosterwatch.engine.cohort.results import refused, result_schema
from boosterwatch.engine.cohort.rows import by_rows
from boosterwatch.engine.cohort.run.chunk import Worker, chunks_of
from boosterwatch.engine.cohort.run.duck import Limits
from boosterwatch.engine.cohort.run.evaluate import MEMORY, DuckWorker, SparkWorker
from boosterwatch.engine.cohort.run.run import CHUNK
from boosterwatch.engine.cohort.tables.assemble import records_of
from boosterwatch.engine.cohort.tables.layout import OVERRIDES, PATIENTS
from boosterwatch.engine.cohort.tables.opened import Tables, open_tables
from boosterwatch.engine.cohort.tables.raw import FILE, ROW, raw_table
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.loaded import LoadedPack

Engine = Literal["duckdb", "spark", "rows"]


@dataclass(frozen=True, slots=True)
class Means:
    """What the cohort is evaluated with: an engine and its limits; `rows` is the row engine, slow, for any pack."""

    engine: Engine = "duckdb"
    memory: str = MEMORY
    threads: int | None = None
    chunk: int = CHUNK
    spark_master: str | None = None
    spark_remote: str | None = None


def means_of(
    engine: Engine,
    chunk: int | None,
    memory: str | None,
    threads: int | None,
    spark_master: str | None,
    spark_remote: str | None,
) -> Means:
    """Return what a user chose, with the rest as it is by default."""
    return Means(engine, memory or MEMORY, threads, chunk or CHUNK, spark_master, spark_remote)


@dataclass(frozen=True)
class Opened:
    """An open cohort: what `impact` needs, the tables, and a database to count in that keeps to the same limits."""

    clinic: Clinic
    tables: Tables
    con: duckdb.DuckDBPyConnection


@contextmanager
def open_clinic(place: str, means: Means, groups: Path | None = None) -> Iterator[Opened]:
    """Give the cohort of the tables at a place until the work is done; what it wrote is gone afterwards.

    `groups` is a file of more columns of the patients. Raises TablesError, and ImpactError (BW654).
    """
    with TemporaryDirectory(prefix="boosterwatch-") as work, ExitStack() as held:
        folder = Path(work)
        tables = open_tables(place, folder / "tables")
        evaluate = _by_rows(tables) if means.engine == "rows" else _Files(tables, means, folder, held)
        con = ibis.duckdb.connect()
        held.callback(con.disconnect)
        people = _people(con, tables)
        if groups is not None:
            people = _with_groups(people, groups)
        clinic = Clinic(evaluate, _records(tables), people, lambda name: _own(con, tables, name))
        yield Opened(clinic, tables, held.enter_context(_counting(means, folder)))


@contextmanager
def _counting(means: Means, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database in memory up to a limit and on disk beyond it."""
    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": means.memory,
        "temp_directory": str(folder / "counting"),
        "preserve_insertion_order": False,  # which costs memory; whatever needs an order asks for it
    }
    con = duckdb.connect(config=limits if means.threads is None else {**limits, "threads": means.threads})
    try:
        yield con
    finally:
        con.close()


# ---------------------------------------------------------------- evaluated whole


class _Files:
    """Evaluates into files, by chunks."""

    def __init__(self, tables: Tables, means: Means, folder: Path, held: ExitStack) -> None:
        self._tables, self._means, self._folder = tables, means, folder
        self._spark = _spark(means, held) if means.engine == "spark" else None
        self._cuts: tuple[str, ...] | None = None
        self._files: dict[str, Path] = {}
        self._made = 0

    def __call__(self, pack: LoadedPack, as_of: int, name: str) -> Source:
        """Return the file of the results."""
        worker = self._worker(pack, as_of)
        if self._cuts is None:
            self._cuts = tuple(worker.cuts(self._means.chunk))
        self._made += 1  # a name of its own: the database may remember what an older file held
        file = self._folder / f"results-{self._made}.parquet"
        with pq.ParquetWriter(file, result_schema(pack.ir)) as writer:
            for chunk in chunks_of(self._cuts):
                writer.write_table(worker.evaluate(chunk).results)
        before = self._files.get(name)
        if before is not None:
            before.unlink()
        self._files[name] = file
        return file

    def _worker(self, pack: LoadedPack, as_of: int) -> Worker:
        if self._spark is not None:
            return SparkWorker(self._tables, pack, as_of, self._spark)
        limits = Limits(self._means.memory, self._folder / "spill", self._means.threads)
        return DuckWorker(self._tables, pack, as_of, limits)


def _spark(means: Means, held: ExitStack) -> BaseBackend:
    from boosterwatch.engine.cohort.run.spark import connect, spark_session

    return connect(held.enter_context(spark_session(means.spark_master, means.spark_remote)))


def _by_rows(tables: Tables) -> Evaluate:
    def evaluate(pack: LoadedPack, as_of: int, name: str) -> pa.Table:
        every = list(records_of(tables))
        found = by_rows(pack, [{**record, "patient": id} for id, record in every if record is not None], as_of)
        none = [refused(id, as_of) for id, record in every if record is None]
        broken = pa.Table.from_pylist(none, schema=result_schema(pack.ir))
        return pa.concat_tables([found, broken]).sort_by("patient")

    return evaluate


# ---------------------------------------------------------------- one by one


def _records(tables: Tables) -> Records:
    def records(patients: Collection[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for patient, record in records_of(tables, patients):
            if record is not None:
                yield patient, record

    return records


def _people(con: BaseBackend, tables: Tables) -> pa.Table:
    """Return the patients with the columns that can group them, each once."""
    raw = raw_table(con, tables, PATIENTS)
    names = [name for name in raw.columns if name in ("patient", BIRTH) or raw[name].type().is_string()]
    names += [name for name in raw.columns if raw[name].type().is_array()]
    known = raw.filter(raw.patient.notnull())
    first = known.mutate(nth=ibis.row_number().over(group_by=known.patient, order_by=[known[FILE], known[ROW]]))
    found: pa.Table = first.filter(first.nth == 0).select(names).order_by("patient").to_pyarrow()
    return found


def _own(con: BaseBackend, tables: Tables, name: str) -> int:
    """Return how many patients have a value of their own of a parameter."""
    raw = raw_table(con, tables, OVERRIDES)
    mine = raw.filter((raw.parameter == name) & ~raw.entered_in_error.fill_null(False))
    return int(mine.patient.nunique().to_pyarrow().as_py())


def _with_groups(people: pa.Table, file: Path) -> pa.Table:
    """Return the patients with the columns of a file, Parquet or CSV, that has one row for each of them."""
    con = duckdb.connect()
    try:
        given = con.read_parquet(str(file)) if file.suffix == ".parquet" else con.read_csv(str(file), all_varchar=True)
        more = given.to_arrow_table()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0].partition(": ")[2] or "it cannot be read"
        raise ImpactError([Diagnostic("BW654", f"`{file}` holds no groups: {reason}", None, _HINT)]) from None
    finally:
        con.close()
    return joined_groups(people, more, str(file))


_HINT = "give a CSV or Parquet file with a column `patient` and one row for each patient"


def joined_groups(people: pa.Table, more: pa.Table, shown: str) -> pa.Table:
    """Return the patients with more columns; those without a row there have no value. Raises ImpactError (BW654)."""
    fault = _group_fault(people, more)
    if fault is not None:
        raise ImpactError([Diagnostic("BW654", f"`{shown}` holds no groups: {fault}", None, _HINT)])
    named = more.rename_columns([name if name == "patient" else _prefixed(name) for name in more.column_names])
    taken = set(people.column_names) & set(named.column_names) - {"patient"}
    lists = [name for name in people.column_names if pa.types.is_nested(people.schema.field(name).type)]
    plain = people.drop_columns([*lists, *taken])  # Arrow joins no lists
    both = plain.join(named.set_column(0, "patient", named["patient"].cast(pa.string())), "patient").sort_by("patient")
    ordered = people.sort_by("patient")
    for name in lists:
        both = both.append_column(name, ordered[name])
    return both


def _prefixed(name: str) -> str:
    return name if name.startswith(PREFIX) else PREFIX + name


def _group_fault(people: pa.Table, more: pa.Table) -> str | None:
    if "patient" not in more.column_names:
        return "it has no column `patient`"
    if len(more.column_names) == 1:
        return "it has no column besides `patient`"
    ids = more["patient"].cast(pa.string())
    if len(ids.unique()) < len(ids):
        return "a patient stands there twice"
    return None

"""One patient of a cohort, by rows and by columns: the trace that only the row engine tells, and whether both agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.results import result_of, result_schema
from boosterwatch.engine.cohort.run.chunk import Evaluated, chunks_of
from boosterwatch.engine.cohort.run.duck import Limits
from boosterwatch.engine.cohort.run.errors import RunFault, run_fault
from boosterwatch.engine.cohort.run.evaluate import MEMORY, DuckWorker
from boosterwatch.engine.cohort.tables.assemble import records_of
from boosterwatch.engine.cohort.tables.opened import Tables, open_tables
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.record.read import record_from_mapping

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """A column of a row in which two ways of working it out differ."""

    column: str
    rows: object
    other: object


@dataclass(frozen=True)
class Single:
    """A patient's decision, and where the columns, or a file of results, say otherwise (None: nobody asked)."""

    decision: Decision
    columns: tuple[Difference, ...]
    file: tuple[Difference, ...] | None


def evaluate_single(place: str, pack: LoadedPack, as_of: date, patient: str, results: Path | None) -> Single:
    """Return one patient of the tables at a place, evaluated both ways; `results` is a file to compare with, too.

    Raises RunFault: BW726 for somebody whom the tables (or the file) do not name, BW729 for somebody refused.
    """
    with TemporaryDirectory(prefix="boosterwatch-") as folder:
        work = Path(folder)
        tables = open_tables(place, work / "tables")
        assembled = dict(records_of(tables, [patient], as_of.isoformat()))
        if patient not in assembled:
            message = f"`{patient}` is not in the tables"
            raise RunFault([run_fault("BW726", message, "an id is written as in the column `patient`")])
        by_columns = _alone(tables, pack, as_of, patient, work)
        record = assembled[patient]
        if by_columns.refused or record is None:
            raise _is_refused(patient, by_columns)
        decision = evaluate(pack, record_from_mapping(record))
    row = _as_held(pack, result_of(pack.ir, patient, decision))
    told = None if results is None else _differing(row, _row_in(results, patient, as_of))
    return Single(decision, _differing(row, by_columns.results.to_pylist()[0]), told)


def _alone(tables: Tables, pack: LoadedPack, as_of: date, patient: str, work: Path) -> Evaluated:
    """Return the results of a chunk that one patient makes up: nobody's id lies between it and itself with a mark."""
    cuts = (patient, f"{patient}\x01")
    chunk = chunks_of(cuts)[1]
    worker = DuckWorker(
        replace(tables, cuts={chunk.count: cuts}), pack, as_of.toordinal(), Limits(MEMORY, work / "spill")
    )
    return worker.evaluate(chunk)


def _is_refused(patient: str, evaluated: Evaluated) -> RunFault:
    problems = [run_fault(str(row["code"]), str(row["message"])) for row in evaluated.refused]
    hint = "mend the row, or take it out of the tables"
    return RunFault([run_fault("BW729", f"`{patient}` is refused, so there is nothing to explain", hint), *problems])


def _as_held(pack: LoadedPack, row: Row) -> Row:
    """Return a row as a table of results holds it: whole numbers as floats, tuples as lists."""
    held: Row = pa.Table.from_pylist([row], schema=result_schema(pack.ir)).to_pylist()[0]
    return held


def _row_in(results: Path, patient: str, as_of: date) -> Row:
    try:
        found = pq.read_table(results, filters=[("patient", "=", patient), ("as_of", "=", as_of)]).to_pylist()
    except (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        reason = " ".join(str(error).split())[:200]
        raise RunFault([run_fault("BW726", f"`{results}` cannot be read as results: {reason}")]) from None
    if not found:
        message = f"`{patient}` has no row for {as_of} in `{results}`"
        raise RunFault([run_fault("BW726", message, "the file may be of another day, or of other tables")])
    row: Row = found[0]
    return row


def _differing(row: Row, other: Row) -> tuple[Difference, ...]:
    return tuple(
        Difference(name, value, other.get(name)) for name, value in row.items() if value != other.get(name, "not there")
    )

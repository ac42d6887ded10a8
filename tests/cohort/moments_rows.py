"""What the row engine finds at a moment, and the other measures in columns of the same patients at the same moments."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.columns.courses import Courses, find_courses
from boosterwatch.engine.cohort.columns.forms import Forms, read_forms
from boosterwatch.engine.cohort.columns.look import value_type
from boosterwatch.engine.cohort.columns.others import other_measures
from boosterwatch.engine.cohort.columns.roles import newest_day_column
from boosterwatch.engine.cohort.facts import Cohort, parameters_in_force
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.run.duck import DuckStage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.measures.derive import Cycles, History, derive_measures, open_history
from boosterwatch.engine.measures.plan import SCALE_KINDS
from boosterwatch.engine.model import Record, Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.cohort.moments_tables import cohort_of, moved
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import RULES

AS_OF = date(2026, 3, 14)
TYPES = {"boolean": pa.bool_(), "string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}


class Patient(NamedTuple):
    """A record opened by the row engine, with its parameters in force."""

    record: Record
    parameters: Mapping[str, int | float]
    history: History


class Opened(NamedTuple):
    """Some patients and the same patients as a cohort, with what the columns of measures start from."""

    pack: LoadedPack
    patients: Sequence[Patient]
    cohort: Cohort
    parameters: Parameters
    forms: Forms
    courses: Courses
    stage: DuckStage
    con: Backend
    folder: Path


class Look(NamedTuple):
    """One moment: a patient by place, a date, and whether before its infusions."""

    pid: int
    at: int
    before: bool


def patient_of(pack: LoadedPack, record: Record) -> Patient:
    """Return a record opened by the row engine."""
    chosen = values_in_force(pack.ir, record.as_of, record.overrides)
    parameters = {name: choice.value for name, choice in chosen.items()}
    return Patient(record, parameters, open_history(pack.plan, record, parameters))


def open_all(con: Backend, folder: Path, pack: LoadedPack, records: Sequence[Record]) -> Opened:
    """Return the patients of records that share their date."""
    stage, as_of = DuckStage(con), records[0].as_of
    cohort = cohort_of(con, pack.ir, records, folder)
    parameters = parameters_in_force(pack, cohort, as_of)
    forms = read_forms(pack.ir, cohort, stage)
    courses = find_courses(pack.ir, cohort, parameters, stage)
    patients = [patient_of(pack, record) for record in records]
    return Opened(pack, patients, cohort, parameters, forms, courses, stage, con, folder)


# ---------------------------------------------------------------- records


def random_records(pack: ir.Pack, count: int, seed: str) -> list[Record]:
    """Return made-up records, moved to one date, without what the pack does not know."""
    rng = random.Random(seed)
    return [_known(pack, moved(random_record(rng), AS_OF)) for _ in range(count)]


def _known(pack: ir.Pack, record: Record) -> Record:
    instruments = {one.id for one in pack.instruments}
    ranges = {one.name: one.allowed for one in pack.parameters}
    overrides = [(one, ranges.get(one.parameter)) for one in record.overrides]
    return replace(
        record,
        assessments=tuple(form for form in record.assessments if form.instrument in instruments),
        overrides=tuple(one for one, allowed in overrides if allowed and allowed[0] <= one.value <= allowed[1]),
    )


def case_records(pack: LoadedPack) -> list[Record]:
    """Return the records of every case of the pack, moved to one date."""
    from boosterwatch.engine.author.cases import find_cases
    from boosterwatch.engine.pack.open import open_pack

    opened = open_pack(str(RULES / pack.id / pack.version))
    return [moved(case.record, AS_OF) for case in find_cases(opened)]


# ---------------------------------------------------------------- both forms


def scores_of(found: Opened, looks: Sequence[Look]) -> Table:
    """Return the measures of scales that the row engine finds, and the newest day of each scale, by moment."""
    pack = found.pack.ir
    kinds = {one.name: value_type(one) for one in pack.measures if one.kind in SCALE_KINDS}
    scales = [scale for role in pack.roles for scale in role.scales]
    schema = pa.schema(
        {"mid": pa.int64()}
        | {measure_column(name): TYPES[kind] for name, kind in kinds.items()}
        | {newest_day_column(scale): pa.int64() for scale in scales}
    )
    rows: list[dict[str, Any]] = []
    for mid, look in enumerate(looks):
        patient = found.patients[look.pid]
        values = derived(found.pack, patient, look).items()
        row = {"mid": mid} | {measure_column(name): value for name, value in values if name in kinds}
        rows.append(row | {newest_day_column(scale): _newest_day(pack, patient, scale, look) for scale in scales})
    path = found.folder / "scores.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return found.con.read_parquet(path)


def derived(pack: LoadedPack, patient: Patient, look: Look, cycles: Cycles | None = None) -> Mapping[str, Scalar]:
    """Return the measures that the row engine derives at a moment."""
    measures = derive_measures(
        pack.plan, patient.history, patient.parameters, look.at, before_infusion=look.before, cycles=cycles
    )
    return measures.values


def _newest_day(pack: ir.Pack, patient: Patient, scale: str, look: Look) -> int | None:
    track = patient.history.track(next(one for one in pack.scales if one.id == scale), pack.course.baseline_days)
    keys = [key for key in track.series.keys if key <= 2 * look.at + 1 - look.before] if track else []
    return keys[-1] >> 1 if keys else None


def looked(found: Opened, looks: Sequence[Look], cycles: Table | None = None) -> list[dict[str, Any]]:
    """Return the other measures in columns at the moments, one row each, in order."""
    schema = pa.schema({"mid": pa.int64(), "pid": pa.int64(), "at": pa.int64(), "before": pa.bool_()})
    asked = [{"mid": mid, **look._asdict()} for mid, look in enumerate(looks)]
    path = found.folder / "looks.parquet"
    pq.write_table(pa.Table.from_pylist(asked, schema=schema), path)
    moments = found.stage.keep(found.courses.at(found.con.read_parquet(path)), "moments")
    scored = scores_of(found, looks)
    pack, stage = found.pack.ir, found.stage
    made = other_measures(pack, found.cohort, found.forms, moments, scored, found.parameters, None, stage, cycles)
    rows: list[dict[str, Any]] = made.order_by("mid").to_pyarrow().to_pylist()
    return rows


def differences(
    found: Opened, looks: Sequence[Look], rows: Sequence[Mapping[str, Any]], cycles: Sequence[Cycles] | None = None
) -> Iterator[tuple[Look, str, object, object]]:
    """Yield each measure of which the columns and the row engine say different things."""
    assert len(rows) == len(looks)
    names = [one.name for one in found.pack.ir.measures]
    for mid, (look, row) in enumerate(zip(looks, rows, strict=True)):
        wanted = derived(found.pack, found.patients[look.pid], look, cycles[mid] if cycles else None)
        for name in names:
            given, right = row[measure_column(name)], wanted.get(name)
            if given != right or isinstance(given, bool) is not isinstance(right, bool):
                yield look, name, given, right


def moments_of(found: Opened, rng: random.Random, each: int) -> list[Look]:
    """Return the date of the evaluation and some dates on and beside what is recorded, of every patient."""
    looks: list[Look] = []
    for pid, (record, _, history) in enumerate(found.patients):
        days = [form.day for form in record.assessments] + [fact.day for fact in record.facts]
        near = sorted({day for day in [*days, *history.infusions] for day in (day, day + 1)})
        some = rng.sample(near, min(each, len(near)))
        looks.append(Look(pid, record.as_of, before=False))
        looks += [Look(pid, day, rng.random() < 0.5) for day in some if day <= record.as_of]
    return looks

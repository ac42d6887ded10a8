"""Opened tables -> the cohort of one chunk of patients, and who is refused and why.

A patient is refused exactly when the row engine would refuse the record that their rows make. Forms and facts stay
views of the files, since each is read once or twice; what is small, or has to be sorted out first, is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.fact_rows import EXTRA, extra_names
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.tables.checks import first_of, shape_checks, withdrawn
from boosterwatch.engine.cohort.tables.chunks import Range, collect, range_of, within
from boosterwatch.engine.cohort.tables.errors import Fault, TablesError, problem
from boosterwatch.engine.cohort.tables.layout import (
    ASSESSMENTS,
    BOOKED,
    CYCLES,
    INFUSIONS,
    MARKED,
    OVERRIDES,
    PATIENTS,
    SAFETY,
    fact_fields,
    layouts,
)
from boosterwatch.engine.cohort.tables.opened import Tables, as_written
from boosterwatch.engine.cohort.tables.pack_checks import pack_checks, pair_faults
from boosterwatch.engine.cohort.tables.raw import FILE, ROW, day_of, place_of, raw_table
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.record.against import names_of

STRANGER, NOBODY = "BW706", "BW705"
FUTURE, NOT_YET = "future_dated", "not_yet"
AFTER = "after_infusion"  # a word of the record's schema
_PLACED = pa.schema({name: pa.int64() if name in ("file", "row") else pa.string() for name in Fault._fields})
Raw = dict[str, Table]


@dataclass(frozen=True)
class Refused:
    """Who is refused in a chunk. `patients` has one column, `patient`; `faults` one row for each row at fault."""

    patients: Table
    faults: Table
    count: int


@dataclass(frozen=True)
class Loaded:
    """The cohort of a chunk and who of the chunk is refused: together, every patient whom the tables name."""

    cohort: Cohort
    refused: Refused


def load_cohort(
    con: BaseBackend,
    tables: Tables,
    pack: LoadedPack,
    as_of: int,
    stage: Stage,
    part: tuple[int, int] | None = None,
) -> Loaded:
    """Return the cohort of the tables at a date; with `part` `(k, n)`, of chunk `k` of `n`, counted from 0.

    Raises TablesError when a row belongs to nobody, and RecordError when a parameter has no value on that day.
    """
    range, day = range_of(con, tables, part), date.fromordinal(as_of)
    raw = {name: within(raw_table(con, tables, name), range) for name in layouts()}
    refused = _refuse(con, tables, pack, raw, day, range, stage)
    return Loaded(_cohort(con, pack, raw, refused, day, stage), refused)


# ---------------------------------------------------------------- who is refused


def _refuse(
    con: BaseBackend, tables: Tables, pack: LoadedPack, raw: Raw, day: date, range: Range, stage: Stage
) -> Refused:
    found = [rows for name in tables.parts for rows in _faults(name, raw, pack, day)]
    if tables.faults:
        found.append(within(_written(tables), range))
    faults = stage.keep(ibis.union(*found), "faults")
    counted = faults.aggregate(refused=faults.patient.nunique(), nobody=faults.patient.isnull().sum().fill_null(0))
    row = collect(con, counted, pa.schema({"refused": pa.int64(), "nobody": pa.int64()})).to_pylist()[0]
    refused = Refused(faults.select("patient").distinct(), faults, row["refused"])
    if row["nobody"]:
        raise _of_nobody(con, tables, refused, range)
    return refused


def _faults(name: str, raw: Raw, pack: LoadedPack, day: date) -> Iterator[Table]:
    """Yield the rows at fault of one table, in the columns of a fault; the file is its number."""
    table, known = raw[name], names_of(pack.ir).instruments
    fault = first_of([*shape_checks(name, table, day, known), *pack_checks(name, table, pack.ir, day)])
    judged = table.select("patient", FILE, ROW, fault=fault)
    yield _fault_rows(name, judged.filter(judged.fault.notnull()))
    pairs = pair_faults(name, table)
    if pairs is not None:
        yield _fault_rows(name, pairs)
    if name != PATIENTS:
        strangers = table.anti_join(raw[PATIENTS], "patient")
        strangers = strangers.filter(strangers.patient.notnull())
        firsts = strangers.group_by("patient").aggregate(**{FILE: strangers[FILE].min(), ROW: strangers[ROW].min()})
        yield _fault_rows(name, firsts.select("patient", FILE, ROW, fault=ibis.literal(f"{STRANGER} patient")))


def _fault_rows(name: str, rows: Table) -> Table:
    return rows.select(
        "patient",
        table=ibis.literal(name),
        file=rows[FILE],
        row=rows[ROW] + 1,
        column=rows.fault.substr(6),
        code=rows.fault.substr(0, 5),
    )


def _written(tables: Tables) -> Table:
    """Return who has rows without types, found as the tables were opened; where these rows are is known there."""
    rows = [
        {"patient": fault.patient, "table": fault.table, "column": fault.column, "code": fault.code}
        for fault in tables.faults
    ]
    schema = pa.schema(
        {
            "patient": pa.string(),
            "table": pa.string(),
            "file": pa.int64(),
            "row": pa.int64(),
            "column": pa.string(),
            "code": pa.string(),
        }
    )
    return ibis.memtable(pa.Table.from_pylist(rows, schema=schema))


def told(
    con: BaseBackend, tables: Tables, refused: Refused, range: Range = (None, None), most: int = 20
) -> list[Fault]:
    """Return the first faults of a chunk, by patient: which row of which file, and what is wrong with it."""
    found = refused.faults.filter(refused.faults.row.notnull())
    first = found.order_by(["patient", "table", "file", "row"]).limit(most)
    rows = collect(con, first, _PLACED).to_pylist()
    faults = [_placed(tables, Fault(**row)) for row in rows]
    faults += [fault for fault in tables.faults if _inside(fault.patient, range)]
    return sorted(faults, key=lambda fault: (fault.patient or "", *fault[1:]))[:most]


def _placed(tables: Tables, fault: Fault) -> Fault:
    """Return a fault with the name of its file, and the row's number there."""
    part, number = tables.parts[fault.table], int(fault.file)
    return fault._replace(file=part.shown[number], row=as_written(fault.row, part.skipped[number]))


def _inside(patient: str | None, range: Range) -> bool:
    low, high = range
    return (low is None or (patient or "") >= low) and (high is None or (patient or "") < high)


def _of_nobody(con: BaseBackend, tables: Tables, refused: Refused, range: Range) -> TablesError:
    """Return the problem of rows without a patient, to be raised: nobody knows whose facts are missing."""
    nobody = Refused(refused.patients, refused.faults.filter(refused.faults.patient.isnull()), 0)
    first = next(fault for fault in told(con, tables, nobody, range) if fault.patient is None)
    message = f"row {first.row} of `{first.file}` has no patient"
    return problem(
        NOBODY, message, "a fact that may be anybody's leaves everybody's record in doubt; mend or remove it"
    )


# ---------------------------------------------------------------- who is left


def _cohort(con: BaseBackend, pack: LoadedPack, raw: Raw, refused: Refused, day: date, stage: Stage) -> Cohort:
    people = stage.keep(_people(raw[PATIENTS], refused, day), "patients")
    mine = {name: _mine(raw[name], people) for name in raw if name != PATIENTS}
    overrides = stage.keep(_overrides(mine[OVERRIDES], day), "overrides")
    own = collect(con, overrides.select("parameter").distinct(), pa.schema({"parameter": pa.string()}))
    return Cohort(
        patients=people.drop("ahead"),
        infusions=stage.keep(_infusions(mine[INFUSIONS], people, day), "infusions"),
        bookings=stage.keep(_days(mine[BOOKED].filter(mine[BOOKED].date >= ibis.literal(day))), "bookings"),
        cycles=stage.keep(_cycles(mine[CYCLES], day), "cycles"),
        forms=stage.name(_forms(mine[ASSESSMENTS], pack, day), "forms"),
        facts=stage.name(_facts(mine[SAFETY], day), "facts"),
        overrides=overrides,
        noted=stage.keep(_noted(mine, people, day), "noted"),
        own=frozenset(own["parameter"].to_pylist()),
    )


def _people(patients: Table, refused: Refused, day: date) -> Table:
    """Return the patients left, counted in the order of their ids; `ahead` says that a marked course lies ahead."""
    left = patients.anti_join(refused.patients, "patient")
    first, last, error = (left[f"{MARKED}_{part}"] for part in ("first", "last", "entered_in_error"))
    marked = first.notnull() & ~error.fill_null(False)
    counts = marked & (first <= ibis.literal(day))
    nobody = ibis.null().cast("int64")
    return left.select(
        pid=ibis.row_number().over(order_by=left.patient).cast("int64"),
        patient=left.patient,
        birth_date=left.birth_date,
        sex=left.sex,
        indications=left.indications.unique().sort().fill_null(ibis.literal([], type="array<string>")),
        marked_first=ibis.ifelse(counts, day_of(first), nobody),
        marked_last=ibis.ifelse(counts, day_of(last), nobody),
        ahead=(marked & (first > ibis.literal(day))).fill_null(False),
    )


def _mine(rows: Table, people: Table) -> Table:
    """Return the rows of the patients left, with their number."""
    columns = [rows[name] for name in rows.columns if name != "patient"]
    return rows.join(people, rows.patient == people.patient).select(
        pid=people.pid, **{c.get_name(): c for c in columns}
    )


def _days(rows: Table) -> Table:
    return rows.select(pid=rows.pid, day=day_of(rows.date)).distinct()


def _infusions(rows: Table, people: Table, day: date) -> Table:
    given = rows.filter(rows.date <= ibis.literal(day))
    marked = [
        people.filter(people[name].notnull() & (people[name] <= day.toordinal())).select("pid", day=people[name])
        for name in ("marked_first", "marked_last")
    ]
    days = given.select(pid=given.pid, day=day_of(given.date))
    return ibis.union(days, *marked).distinct()


def _cycles(rows: Table, day: date) -> Table:
    known = rows.filter(~withdrawn(rows) & (_outcome(rows) <= ibis.literal(day)))
    return known.select(pid=known.pid, infusion=day_of(known.infusion), loss=day_of(known.loss_of_benefit))


def _outcome(rows: Table) -> Any:
    return ibis.coalesce(rows.loss_of_benefit, rows.infusion)


def _forms(rows: Table, pack: LoadedPack, day: date) -> Table:
    used = rows.filter(~withdrawn(rows) & (rows.date <= ibis.literal(day)))
    return used.select(
        pid=used.pid,
        row=place_of(used),
        instrument=used.instrument,
        day=day_of(used.date),
        total=used.total,
        items=used["items"],
        method=used.scale,
        version=used.version,
        after=(used.time == AFTER).fill_null(False),
        **{EXTRA + name: used[name] for name in extra_names(pack.ir)},
    )


def _facts(rows: Table, day: date) -> Table:
    used = rows.filter(~withdrawn(rows) & (rows.date <= ibis.literal(day)))
    fields = {name: used[name] for name in fact_fields()}
    return used.select(pid=used.pid, row=place_of(used), type=used["type"], day=day_of(used.date), **fields)


def _overrides(rows: Table, day: date) -> Table:
    """Return each patient's newest value of each parameter; values of one day are alike, or the patient is refused."""
    due = rows.filter(~withdrawn(rows) & (rows.date <= ibis.literal(day)))
    return due.group_by(["pid", "parameter"]).aggregate(value=due["value"].argmax(due.date))


def _noted(mine: Raw, people: Table, day: date) -> Table:
    """Return what was set aside for its date, as the row engine notes it."""
    today = ibis.literal(day)
    later = [mine[name].filter(mine[name].date > today) for name in (INFUSIONS,)]
    later += [rows.filter(~withdrawn(rows) & (rows.date > today)) for rows in (mine[ASSESSMENTS], mine[SAFETY])]
    later.append(people.filter(people.ahead))
    overrides, cycles = mine[OVERRIDES], mine[CYCLES]
    not_yet = [
        overrides.filter(~withdrawn(overrides) & (overrides.date > today)),
        cycles.filter(~withdrawn(cycles) & (_outcome(cycles) > today)),
    ]
    coded = [rows.select("pid", code=ibis.literal(FUTURE)) for rows in later]
    coded += [rows.select("pid", code=ibis.literal(NOT_YET)) for rows in not_yet]
    return ibis.union(*coded).distinct()

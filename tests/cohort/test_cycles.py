"""Observed cycles and the interval they suggest: in columns as the row engine observes them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.duckdb import Backend
from ibis.expr.types import Table

from boosterwatch.engine import load_pack
from boosterwatch.engine.cohort.columns.cycles import observe_cycles
from boosterwatch.engine.measures.cycles import observe_cycles as observe_rows
from boosterwatch.engine.measures.derive import Cycles
from boosterwatch.engine.measures.interval import lengths, median
from boosterwatch.engine.model import Measures, Record
from boosterwatch.tests.cohort.moments_rows import (
    AS_OF,
    Look,
    Opened,
    Patient,
    case_records,
    derived,
    differences,
    looked,
    open_all,
    random_records,
)
from boosterwatch.tests.cohort.moments_tables import moved
from boosterwatch.tests.packs.files import RULES

PACK = load_pack(str(RULES / "ketamine-maintenance" / "1.1.0"), purpose="shadow")
Asked = Callable[[Opened, Table], Table]


def rules_say(found: Opened, moments: Table) -> Table:
    """Return where the row engine's rules find a loss, as the columns of rules would."""
    lost = found.pack.evaluators.reference.lost
    rows = []
    for row in moments.to_pyarrow().to_pylist():
        patient = found.patients[row["pid"]]
        values = derived(found.pack, patient, Look(row["pid"], row["at"], row["before"]))
        rows.append({"mid": row["mid"], "lost": bool(lost(values, patient.parameters))})
    path = found.folder / "lost.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=pa.schema({"mid": pa.int64(), "lost": pa.bool_()})), path)
    return found.con.read_parquet(path)


def in_columns(found: Opened, says: Asked = rules_say) -> Table:
    """Return what the columns observe."""
    as_of = found.patients[0].record.as_of
    return observe_cycles(
        found.pack.ir,
        found.cohort,
        found.forms,
        found.courses,
        found.parameters,
        lambda moments: says(found, moments),
        found.stage,
        as_of=as_of,
    )


def in_rows(found: Opened, patient: Patient) -> Cycles:
    """Return what the row engine observes."""

    def lost_at(measures: Measures) -> bool:
        return found.pack.evaluators.reference.lost(measures.values, patient.parameters)

    return observe_rows(found.pack.plan, patient.history, patient.parameters, lost_at)


def observed(table: Table) -> dict[int, tuple[int, int]]:
    """Return how many cycles were observed of each patient with one, and twice the median of the last ones."""
    rows = table.to_pyarrow().to_pylist()
    return {row["pid"]: (row["observed"], row["twice_median__cycles_used"]) for row in rows}


def wanted(found: Opened, cycles: list[Cycles]) -> dict[int, tuple[int, int]]:
    """Return the same of the row engine's cycles."""
    made = {}
    for pid, (patient, own) in enumerate(zip(found.patients, cycles, strict=True)):
        days = lengths(own)
        if days:
            recent = days[-int(patient.parameters["cycles_used"]) :]
            made[pid] = (len(days), int(2 * median(recent)))
    return made


def test_cycles_of_every_case_and_of_random_patients(con: Backend, tmp_path: Path) -> None:
    """Losses found by rules, by reports, and recorded; and every measure that is made from them."""
    records = [*case_records(PACK), *random_records(PACK.ir, 500, "cycles"), *long_records(150)]
    found = open_all(con, tmp_path, PACK, records)
    cycles = [in_rows(found, patient) for patient in found.patients]
    table = in_columns(found)
    assert observed(table) == wanted(found, cycles)
    assert sum(cycle.recorded and cycle.loss is not None for own in cycles for cycle in own) > 20
    assert sum(not cycle.recorded and cycle.loss is not None for own in cycles for cycle in own) > 100
    assert sum(len(lengths(own)) > 3 for own in cycles) > 20

    looks = [Look(pid, patient.record.as_of, before=False) for pid, patient in enumerate(found.patients)]
    rows = looked(found, looks, table)
    wrong = list(differences(found, looks, rows, cycles))
    assert not wrong, wrong[:5]


def test_the_same_dates_are_looked_at(con: Backend, tmp_path: Path) -> None:
    """Were a loss found wherever one is looked for, each cycle would end at its first date, also on its own first day."""
    records = [*random_records(PACK.ir, 300, "dates looked at"), *long_records(100)]
    found = open_all(con, tmp_path, PACK, records)
    cycles = [
        observe_rows(found.pack.plan, patient.history, patient.parameters, lambda _: True) for patient in found.patients
    ]
    table = in_columns(found, lambda _, moments: moments.select("mid", lost=ibis.literal(True)))
    assert observed(table) == wanted(found, cycles)
    own_day = [cycle for own in cycles for cycle in own if cycle.loss == cycle.infusion and not cycle.recorded]
    assert len(own_day) > 50


def long_records(count: int) -> list[Record]:
    """Return patients with many infusions, a form or a report now and then, and outcomes recorded of some cycles."""
    rng = random.Random("many infusions")
    return [moved(long_record(rng), AS_OF) for _ in range(count)]


def long_record(rng: random.Random) -> dict[str, Any]:
    """Return one such patient as a plain record."""
    start = AS_OF - timedelta(days=rng.randrange(400, 900))
    days = [start + timedelta(days=5 * n) for n in range(6)]
    while days[-1] < AS_OF:
        days.append(days[-1] + timedelta(days=rng.choice((21, 28, 30, 35, 50, 60))))
    days.pop()
    forms: list[dict[str, Any]] = []
    for day in days[6:]:
        for near, total in ((-14, 5), (-1, rng.choice((4, 14, 20))), (0, rng.choice((6, 13, 22)))):
            form: dict[str, Any] = {"instrument": "phq9", "date": text(day + timedelta(days=near)), "total": total}
            forms += [form | {"time": "after_infusion"} if near == 0 and rng.random() < 0.5 else form]
    reports = [
        {"type": "report", "date": text(day + timedelta(days=rng.choice((-3, 0, 1)))), "kind": "loss_of_benefit"}
        for day in rng.sample(days[6:], 2)
    ]
    prior = [
        {"infusion": text(day), **({"censored": True} if rng.random() < 0.3 else {"loss_of_benefit": text(day + loss)})}
        for day in rng.sample(days, 4)
        for loss in [timedelta(days=rng.choice((0, 9, 20, 33, 90)))]
    ]
    marked = {"induction": {"first": text(days[0]), "last": text(days[rng.choice((5, 7))])}}
    return {
        "as_of": text(AS_OF),
        "infusions": [text(day) for day in days],
        "assessments": [{"instrument": "phq9", "date": text(start), "total": 20}, *forms],
        "safety": [{**report, "by": "patient"} for report in reports],
        "prior_cycles": prior,
        **(marked if rng.random() < 0.3 else {}),
    }


def text(day: date) -> str:
    """Return a date as a record has it."""
    return day.isoformat()


# ---------------------------------------------------------------- boundaries


def outcomes(*losses: int | None) -> list[dict[str, Any]]:
    """Return recorded outcomes of the infusions after the induction, in order; None for a cycle without a loss."""
    days = [day(60 + 40 * n) for n in range(len(losses))]
    return [
        {"infusion": text(one), "loss_of_benefit": text(one + timedelta(days=lost))}
        if lost is not None
        else {"infusion": text(one), "censored": True}
        for one, lost in zip(days, losses, strict=True)
    ]


def day(number: int) -> date:
    """Return a day, counted from the first infusion."""
    return date(2025, 1, 6) + timedelta(days=number)


def plain(entries: list[dict[str, Any]], *, last: int = 400, **more: Any) -> Record:
    """Return a record with an induction of four weeks, an infusion for each entry, and nothing else."""
    given = [day(7 * n) for n in range(4)] + [day(60 + 40 * n) for n in range(len(entries))]
    return moved(
        {"as_of": text(day(last)), "infusions": [text(one) for one in given], "prior_cycles": entries, **more},
        AS_OF,
    )


ROWS = {
    "none": (plain([]), None),
    "one": (plain(outcomes(20)), (1, 40)),
    "an even number has half days": (plain(outcomes(20, 25)), (2, 45)),
    "an odd number has a middle": (plain(outcomes(20, 39, 25)), (3, 50)),
    "the last three count": (plain(outcomes(39, 10, 20, 30)), (4, 40)),
    "a censored cycle is none": (plain(outcomes(39, None, 20, 30, None)), (3, 60)),
    "a loss on the date counts": (plain(outcomes(20, 300), last=400), (2, 320)),
    "a loss after it does not": (plain(outcomes(20, 301), last=400), (1, 40)),
    "lost on the day of the infusion": (plain(outcomes(0)), (1, 0)),
    "an outcome of no infusion": (
        plain([{"infusion": text(day(50)), "loss_of_benefit": text(day(58))}], infusions=[]),
        None,
    ),
    "the marked induction is not over": (
        plain(outcomes(20), induction={"first": text(day(0)), "last": text(day(401))}),
        None,
    ),
    "it is over on the date": (
        plain(outcomes(20), induction={"first": text(day(0)), "last": text(day(400))}),
        None,
    ),
}


def test_recorded_outcomes_and_their_median(con: Backend, tmp_path: Path) -> None:
    """Each boundary of what counts as an observed cycle, with the median of the last ones."""
    found = open_all(con, tmp_path, PACK, [record for record, _ in ROWS.values()])
    assert wanted(found, [in_rows(found, patient) for patient in found.patients]) == observed(in_columns(found))
    seen = observed(in_columns(found))
    assert {name: seen.get(pid) for pid, name in enumerate(ROWS)} == {name: right for name, (_, right) in ROWS.items()}


def test_reports_alone_end_cycles(con: Backend, tmp_path: Path) -> None:
    """On the next infusion's day the report ends the cycle before it; a report on the induction's last day ends none."""
    reports = {60: (1, 78), 61: (1, 2), 100: (1, 80), 101: (1, 2), 27: (1, 12), 21: None, 22: (1, 2)}
    given = [text(day(number)) for number in (0, 7, 14, 21, 60, 100)]
    facts = [{"type": "report", "date": text(day(at)), "by": "patient", "kind": "loss_of_benefit"} for at in reports]
    found = open_all(con, tmp_path, PACK, [plain([], infusions=given, safety=[fact]) for fact in facts])
    rows = wanted(found, [in_rows(found, patient) for patient in found.patients])
    seen = observed(in_columns(found))
    assert seen == rows
    assert {at: seen.get(pid) for pid, at in enumerate(reports)} == reports

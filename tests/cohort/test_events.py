"""Event sets at moments: made-up sets with every filter, over crowded records, in columns as in rows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend

from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack import ir
from boosterwatch.tests.cohort.moments_packs import SPAN, clause, compared, measure, pack_with, said
from boosterwatch.tests.cohort.moments_rows import AS_OF, Look, differences, looked, moments_of, open_all
from boosterwatch.tests.cohort.moments_tables import moved

DAYS = ("si_current_days", "panic_fresh_days", "panic_free_days", "trigger_lookback")
OWN = {"si_current_days": (7, 45), "panic_free_days": (14, 60), "phq9.delta": (3, 8)}


# ---------------------------------------------------------------- made-up sets

VALUE = ir.Any((compared("value", ">=", "self_harm_present"), compared("value", "<", "phq9.delta")))
NEW = ir.Any((clause(ir.Known("best_before", known=False)), compared("value", ">", "best_before", kind="field")))
WHERE: dict[str, tuple[ir.Condition | None, ...]] = {
    "infusions": (None,),
    "booked": (None,),
    "answers": (None, VALUE, NEW, ir.All((VALUE, NEW)), ir.Not(NEW), clause(ir.Known("value"))),
    "report": (
        None,
        said("kind", "panic_attack"),
        ir.Not(said("kind", "benefit")),
        said("by", "clinician", negated=True),
        said("by", "clinician", negated=True, recorded=True),
        said("kind", True, negated=True),
    ),
    "cssrs": (
        None,
        said("q1", False),
        ir.All((said("q1", True, negated=True), clause(ir.Known("q2")))),
        ir.Any((said("q4", True), ir.Not(said("q5", True)))),
        said("q4", True, negated=True, recorded=True),
        said("q4", True, recorded=True),
    ),
    "review": (None, said("kind", "safety")),
    "urinary": (compared("duration_days", ">=", "urinary_days"), compared("duration_days", "<", "gain_lost_probable", "phq9.delta", )),
}  # fmt: skip
SCALES = ("phq9_self_harm", "who5", "brs", "phq9")


def made_up(rng: random.Random, number: int) -> list[ir.EventSet]:
    """Return so many event sets, each of which may wait for those before it."""
    sets: list[ir.EventSet] = []
    known = {scale.id for scale in pack_with(()).ir.scales}
    scales = [scale for scale in SCALES if scale in known]
    for n in range(number):
        source = rng.choice([*WHERE, "answers", "report", "cssrs"])
        spec = ir.EventSet(f"e{n}", source, SPAN, where=rng.choice(WHERE[source]))
        if source == "answers":
            spec = replace(spec, scale=rng.choice(scales))
        sets.append(_filtered(rng, spec, [one.id for one in sets]))
    return sets


def _filtered(rng: random.Random, spec: ir.EventSet, before: list[str]) -> ir.EventSet:
    if rng.random() < 0.4:
        spec = replace(spec, within=rng.choice(DAYS))
    if rng.random() < 0.3:
        spec = replace(spec, since=rng.choice(("course", "last_infusion")))
    if before and rng.random() < 0.2:
        spec = replace(spec, followed_by=rng.choice(before))
    if before and rng.random() < 0.2:
        spec = replace(spec, not_followed_by=rng.choice(before))
    if before and rng.random() < 0.2:
        spec = replace(spec, silenced_by=rng.choice(before))
    if before and rng.random() < 0.3:
        closers = rng.sample(before, min(len(before), 2))
        spec = replace(spec, closed_by=tuple((id, rng.choice(("on_or_after", "after"))) for id in closers))
    if before and rng.random() < 0.25:
        spec = replace(spec, not_preceded_by=(rng.choice(before), rng.choice(DAYS)))
    return spec


def asked_of(spec: ir.EventSet) -> list[ir.Measure]:
    """Return every kind of measure of an event set."""
    id = spec.id
    return [
        measure(f"{id}.any", "any_event", "truth", of=id),
        measure(f"{id}.any.date", "event_date", "date", of=id),
        measure(f"{id}.next", "days_to_next", "days", of=id),
        measure(f"{id}.all", "count", "count", of=id),
        measure(f"{id}.young", "count", "count", of=id, younger_than="si_current_days"),
        measure(f"{id}.outside", "count", "count", of=id, younger_than="trigger_lookback", outside="induction"),
    ]


# ---------------------------------------------------------------- crowded records


def crowded(rng: random.Random) -> Record:
    """Return a record with many happenings in a short time, several of them on one day."""

    def day(most: int = 120) -> str:
        return (AS_OF - timedelta(days=rng.randrange(most))).isoformat()

    given = AS_OF - timedelta(days=rng.choice((20, 60, 100, 130)))
    infusions = [(given + timedelta(days=n)).isoformat() for n in rng.choice(((), (0, 7, 14, 21, 40), (0, 7, 14, 80)))]
    overrides = [(name, rng.choice(ends)) for name, ends in OWN.items() if rng.random() < 0.3]
    plain: dict[str, Any] = {
        "as_of": AS_OF.isoformat(),
        "infusions": [one for one in infusions if one <= AS_OF.isoformat()],
        "booked": [(AS_OF + timedelta(days=rng.choice((0, 1, 5, 30)))).isoformat() for _ in range(rng.randrange(3))],
        "assessments": [_form(rng, day()) for _ in range(rng.randrange(6))],
        "safety": [_fact(rng, day()) for _ in range(rng.randrange(14))],
        "overrides": [
            {"parameter": name, "value": value, "reason": "own", "by": "clinician", "date": "2020-01-01"}
            for name, value in overrides
        ],
    }
    return moved(plain, AS_OF)


def _form(rng: random.Random, day: str) -> dict[str, Any]:
    time = {"time": "after_infusion"} if rng.random() < 0.3 else {}
    match rng.choice(("phq9", "phq9", "who5", "brs")):
        case "phq9":
            items = [rng.choice((0, 1, 2, 3, None)) for _ in range(8)] + [rng.choice((0, 1, 2, 3, 4, None))]
            return {"instrument": "phq9", "date": day, "items": items, **time}
        case "who5":
            return {"instrument": "who5", "date": day, "total": rng.choice((0, 20, 60, 101, 50.5)), **time}
    return {"instrument": "brs", "date": day, "total": rng.choice((1, 2.5, 5, 6)), **time}


def _fact(rng: random.Random, day: str) -> dict[str, Any]:
    match rng.choice(("report", "report", "cssrs", "cssrs", "review", "urinary")):
        case "report":
            kind = rng.choice(("panic_attack", "benefit", "loss_of_benefit", "suicidal_plan"))
            by = {"by": rng.choice(("patient", "clinician"))}
            return {"type": "report", "date": day, "kind": kind, **by}
        case "cssrs":
            answers = {f"q{n}": rng.random() < 0.5 for n in (1, 2, 4, 5) if rng.random() < 0.6}
            return {"type": "cssrs", "date": day, **answers}
        case "review":
            return {"type": "review", "date": day, "kind": "safety"}
    return {"type": "urinary", "date": day, "duration_days": rng.choice((1, 2, 3, 7, 14))}


def test_made_up_sets_over_crowded_records(con: Backend, tmp_path: Path) -> None:
    """Forty sets with all filters, windows of the patient's own among them, at several dates of 400 records."""
    rng = random.Random("event sets")
    sets = made_up(rng, 40)
    pack = pack_with([one for spec in sets for one in asked_of(spec)], sets)
    found = open_all(con, tmp_path, pack, [crowded(rng) for _ in range(400)])
    looks = moments_of(found, rng, each=2)
    rows = looked(found, looks)
    wrong = list(differences(found, looks, rows))
    assert not wrong, (len(wrong), wrong[:5])
    happened = {spec.id: {row[measure_column(f"{spec.id}.any")] for row in rows} for spec in sets}
    assert sum(seen == {True, False} for seen in happened.values()) > 30


def test_filters_at_their_boundaries(con: Backend, tmp_path: Path) -> None:
    """Below, at and above each limit: the window, the course, what closes, silences and precedes."""
    window, free = "panic_fresh_days", "panic_free_days"  # 35 and 28 days
    closer = ir.EventSet("closer", "review", SPAN)
    first = ir.EventSet("first", "report", SPAN, where=said("kind", "panic_attack"))
    sets = [
        closer,
        first,
        replace(first, id="within", within=window),
        replace(first, id="course", since="course"),
        replace(first, id="last", since="last_infusion"),
        replace(first, id="followed", followed_by="closer"),
        replace(first, id="not_followed", not_followed_by="closer"),
        replace(first, id="closed", closed_by=(("closer", "on_or_after"),)),
        replace(first, id="closed_after", closed_by=(("closer", "after"),)),
        replace(first, id="silenced", silenced_by="closer"),
        replace(first, id="alone", not_preceded_by=("first", free)),
    ]
    newest = measure("alone.date", "event_date", "date", of="alone")
    opens = [measure(f"{spec.id}.open", "any_event", "truth", of=spec.id) for spec in sets]
    pack = pack_with([*opens, newest], sets)
    cases = {
        "35 days old": (_attacks(35), {"within"}),
        "36 days old": (_attacks(36), set()),
        "on the first infusion": (_attacks(60, infusions=(60, 53, 46, 39)), {"course"}),
        "the day before it": (_attacks(61, infusions=(60, 53, 46, 39)), set()),
        "on the last infusion": (_attacks(39, infusions=(60, 53, 46, 39)), {"course"}),
        "the day after it": (_attacks(38, infusions=(60, 53, 46, 39)), {"course", "last"}),
        "reviewed the day before": (_attacks(30, review=31), {"within", "not_followed", "closed", "closed_after", "silenced"}),
        "reviewed that day": (_attacks(30, review=30), {"within", "followed", "closed_after"}),
        "reviewed the day after": (_attacks(30, review=29), {"within", "followed"}),
        "28 days after another": (_attacks(30, 2), {"within"}),
        "29 days after another": (_attacks(31, 2), {"within"}),
    }  # fmt: skip
    found = open_all(con, tmp_path, pack, [record for record, _ in cases.values()])
    looks = [Look(pid, AS_OF.toordinal(), before=False) for pid in range(len(cases))]
    rows = looked(found, looks)
    assert list(differences(found, looks, rows)) == []
    asked = ("within", "course", "last", "followed", "not_followed", "closed", "closed_after", "silenced")
    unreviewed = {"not_followed", "closed", "closed_after", "silenced"}
    for (name, (record, right)), row in zip(cases.items(), rows, strict=True):
        seen = {id for id in asked if row[f"{id}__open"]}
        reviewed = any(fact.type == "review" for fact in record.facts)
        assert seen == (right if reviewed else right | unreviewed), name
    ages = [AS_OF.toordinal() - row["alone__date"] for row in rows]
    assert ages[-2:] == [30, 2]  # the second attack 28 days later is no new one


def _attacks(*ages: int, infusions: tuple[int, ...] = (), review: int | None = None) -> Record:
    """Return a record of attacks, infusions and a review so many days ago."""

    def day(age: int) -> str:
        return (AS_OF - timedelta(days=age)).isoformat()

    facts = [{"type": "report", "date": day(age), "kind": "panic_attack", "by": "patient"} for age in ages]
    reviews = [] if review is None else [{"type": "review", "date": day(review), "kind": "safety"}]
    return moved({"as_of": day(0), "infusions": [day(age) for age in infusions], "safety": [*facts, *reviews]}, AS_OF)

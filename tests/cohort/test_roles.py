"""Roles, the schedule and what is due: in columns as in rows."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ibis.backends.duckdb import Backend

from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack import ir
from boosterwatch.tests.cohort.moments_packs import PACK, SPAN, measure, pack_with
from boosterwatch.tests.cohort.moments_rows import AS_OF, Look, differences, looked, moments_of, open_all
from boosterwatch.tests.cohort.moments_tables import moved

SCALES = ("phq9_self_harm", "phq9", "gad7")
OTHER = ir.Role("other", SCALES, ("newest_invalid", "change_from_best"), "made up", SPAN)
ALONE = ir.Role("alone", ("gad7",), (), "made up", SPAN)
SCORES = [
    one
    for one in PACK.ir.measures
    if one.scale in (*SCALES, "qids_sr16", "madrs")
    and one.name.rpartition(".")[2]
    in ("latest", "latest_date", "assessable", "best_since_induction", "change_from_best", "newest_invalid", "reason")
]
ROLES = [
    *(measure(role, "choice", "text", role=role) for role in ("primary", "other", "alone")),
    *(measure(f"{role}.latest", "role", "points of phq9", role=role, measure="latest") for role in ("primary", "alone")),
    measure("other.change", "role", "points of phq9", role="other", measure="change_from_best"),
    measure("primary.reason", "role", "one of missing, stale", role="primary", measure="reason"),
    measure("primary.delta", "role_parameter", "points of phq9", role="primary", parameter="delta"),
    measure("alone.delta", "role_parameter", "points of gad7", role="alone", parameter="delta"),
    measure("interval", "scheduled_interval", "days", role="primary"),
    *(measure(f"{role}.due", "due_date", "date", role=role) for role in ("primary", "other", "alone")),
    measure("late", "days_since", "days", of="primary.due"),
    measure("after", "date_after", "date", from_="primary.due", days="interval"),
]  # fmt: skip


def made_up_pack() -> Any:
    """Return the default pack with two more roles, and with every measure of any kind that reads one."""
    made = [one for one in PACK.ir.measures if one.name.startswith("phq9_self_harm.")]
    needed = {one.name for one in SCORES} | {one.name for one in made}
    scores = [one for one in PACK.ir.measures if one.name in needed]
    invalid = next(one for one in PACK.ir.measures if one.kind == "newest_invalid")
    for scale in SCALES:
        if f"{scale}.newest_invalid" not in needed:
            scores.append(replace(invalid, name=f"{scale}.newest_invalid", scale=scale))
        for name, kind in (("change_from_best", "change"), ("latest", "latest")):
            if f"{scale}.{name}" not in needed:
                model = next(one for one in PACK.ir.measures if one.name == f"phq9.{name}")
                scores.append(replace(model, name=f"{scale}.{name}", kind=kind, scale=scale))
    return pack_with([*scores, *ROLES], roles=(*PACK.ir.roles, OTHER, ALONE))


def day(age: int) -> str:
    """Return the date so many days before the evaluation."""
    return (AS_OF - timedelta(days=age)).isoformat()


def varied(rng: random.Random) -> Record:
    """Return a record with forms of several scales, some of them wrong, in a course or out of one."""
    infusions = rng.choice(((), (200, 193, 186, 179), (100, 93, 86, 79, 40), (40, 33, 26, 19), (28, 21, 14, 7)))
    forms = [_form(rng) | {"date": day(rng.randrange(120))} for _ in range(rng.randrange(7))]
    own = {"phq9.delta": (3, 8), "cadence_early": (7, 60), "cadence_late": (7, 60), "cadence_unstarted": (8, 59)}
    return moved(
        {
            "as_of": AS_OF.isoformat(),
            "infusions": [day(age) for age in infusions],
            "assessments": forms,
            "overrides": [
                {"parameter": name, "value": rng.choice(ends), "reason": "own", "by": "clinician", "date": "2020-01-01"}
                for name, ends in own.items()
                if rng.random() < 0.2
            ],
        },
        AS_OF,
    )


def _form(rng: random.Random) -> dict[str, Any]:
    time = {"time": "after_infusion"} if rng.random() < 0.2 else {}
    match rng.choice(("phq9", "items", "gad7", "qids_sr16", "madrs")):
        case "phq9":
            return {"instrument": "phq9", "total": rng.choice((3, 14, 30)), **time}
        case "items":
            return {"instrument": "phq9", "items": [1] * 8 + [rng.choice((0, 1, None))], **time}
        case other:
            return {"instrument": other, "total": rng.choice((3, 9, 70)), **time}


def test_every_role_over_varied_records(con: Backend, tmp_path: Path) -> None:
    """The first scale that meets the first preference that any meets; a truth that is no, or nothing, meets none."""
    rng = random.Random("roles")
    pack = made_up_pack()
    found = open_all(con, tmp_path, pack, [varied(rng) for _ in range(500)])
    looks = moments_of(found, rng, each=2)
    rows = looked(found, looks)
    wrong = list(differences(found, looks, rows))
    assert not wrong, (len(wrong), wrong[:5])
    chosen = {role: {row[role] for row in rows} for role in ("primary", "other", "alone")}
    assert chosen == {"primary": {"phq9", "qids_sr16", "madrs"}, "other": set(SCALES), "alone": {"gad7"}}
    assert {one.name for one in ROLES if len({row[measure_column(one.name)] for row in rows}) < 2} == {
        "alone",
        "alone.delta",
    }


def test_the_schedule_steps_on_the_day_after_its_limits(con: Backend, tmp_path: Path) -> None:
    """28 days after the induction the early interval still holds, 29 days after it the next; so at the second limit."""
    given = [date(2025, 1, 6) + timedelta(days=7 * n) for n in range(4)]
    record = {"as_of": "2026-01-06", "infusions": [one.isoformat() for one in given]}
    found = open_all(con, tmp_path, made_up_pack(), [moved(record, date(2026, 1, 6))])
    ages = (28, 29, 84, 85)
    looks = [Look(0, (given[-1] + timedelta(days=age)).toordinal(), before=False) for age in ages]
    rows = looked(found, [*looks, Look(0, given[0].toordinal(), before=False)])
    numbers = found.parameters.numbers
    early, middle, late = (numbers[f"cadence_{part}"] for part in ("early", "middle", "late"))
    assert [row["interval"] for row in rows] == [early, middle, middle, late, numbers["cadence_unstarted"]]
    last = given[-1].toordinal()
    assert [row["primary__due"] for row in rows] == [last + early, last + middle, last + middle, last + late, None]

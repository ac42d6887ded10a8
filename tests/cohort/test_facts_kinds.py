"""Measures of the latest safety fact: every order, key and condition, in columns as in rows."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ibis.backends.duckdb import Backend

from boosterwatch.engine.cohort.columns.refuse import CohortError
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack import ir
from boosterwatch.tests.cohort.moments_packs import PACK, SPAN, clause, compared, measure, pack_with, said
from boosterwatch.tests.cohort.moments_rows import AS_OF, Look, differences, looked, moments_of, open_all
from boosterwatch.tests.cohort.moments_tables import moved

PAIRS = {"fact": "lab", "field": "value", "per": "upper_limit"}


def dated(name: str, kind: str, dimension: str, **settings: Any) -> list[ir.Measure]:
    """Return a measure of facts with the measure of its date."""
    args = {key: value for key, value in settings.items() if key != "order"}
    return [measure(name, kind, dimension, **settings), measure(f"{name}.date", "fact_date", "date", **args)]


MEASURES = [
    *dated("systolic.high", "latest_fact", "mmHg", fact="bp", field="systolic", order=("highest",)),
    *dated("systolic.low", "latest_fact", "mmHg", fact="bp", field="systolic", order=("lowest",)),
    *dated("ratio.alt", "latest_fact", "times", **PAIRS, key="test", value="alt", order=("highest",)),
    *dated("ratio.any", "latest_fact", "times", **PAIRS, order=("lowest",)),
    *dated("status", "latest_fact", "text", fact="pregnancy", field="status", order=("pregnant",)),
    *dated("status.by_text", "latest_fact", "text", fact="pregnancy", field="status"),
    *dated("status.sized", "latest_fact", "text", fact="pregnancy", field="status", order=("highest",)),
    *dated("feeding", "latest_fact", "truth", fact="pregnancy", field="breastfeeding", order=("true", "false")),
    *dated("feeding.no", "latest_fact", "truth", fact="pregnancy", field="breastfeeding", order=("false",)),
    *dated("feeding.sized", "latest_fact", "truth", fact="pregnancy", field="breastfeeding", order=("highest",)),
    *dated(
        "class", "latest_fact", "text", fact="medication", field="status", key="class", value="maoi", order=("active",)
    ),
    *dated(
        "lasting",
        "latest_fact_meets",
        "truth",
        fact="urinary",
        stating="symptoms",
        where=ir.All((said("symptoms", True), compared("duration_days", ">=", "si_current_days"))),
    ),
    *dated("asked", "latest_fact_meets", "truth", fact="urinary", stating="duration_days"),
    *dated(
        "keyed",
        "latest_fact_meets",
        "truth",
        fact="lab",
        stating="upper_limit",
        key="test",
        value="ast",
        where=compared("value", ">", "upper_limit", kind="field"),
    ),
    measure("systolic.stands", "stands", "truth", date="systolic.high.date", hold="blood_pressure"),
    measure("class.stands", "stands", "truth", date="class.date", hold="clinician"),
    measure("never.stands", "stands", "truth", date="nobody.date", hold="clinician"),
    measure("nobody.date", "fact_date", "date", fact="consent", field="status"),
]  # fmt: skip
CHECKS = (
    ir.FactCheck("bp", compared("diastolic", "<", "systolic", kind="field"), "invalid_reading", "made up", SPAN),
    ir.FactCheck("bp", compared("systolic", ">=", "trigger_lookback"), "invalid_reading", "made up", SPAN),
    ir.FactCheck("lab", clause(ir.Known("value")), "invalid_reading", "made up", SPAN),
)


def crowded(rng: random.Random) -> Record:
    """Return a record of a few weeks with several facts a day, and parameters of the patient's own."""

    def day() -> str:
        return (AS_OF - timedelta(days=rng.randrange(12))).isoformat()

    overrides = {"si_current_days": rng.choice((7, 45)), "trigger_lookback": rng.choice((30, 120))}
    return moved(
        {
            "as_of": AS_OF.isoformat(),
            "safety": [_fact(rng) | {"date": day()} for _ in range(rng.randrange(25))],
            "overrides": [
                {"parameter": name, "value": value, "reason": "own", "by": "clinician", "date": "2020-01-01"}
                for name, value in overrides.items()
                if rng.random() < 0.3
            ],
        },
        AS_OF,
    )


def _fact(rng: random.Random) -> dict[str, Any]:
    maybe = rng.random() < 0.7
    match rng.choice(("bp", "bp", "lab", "lab", "pregnancy", "medication", "urinary", "review")):
        case "bp":
            high = {"systolic": rng.choice((30, 89, 90, 119.5, 120, 200))} if maybe else {}
            return {"type": "bp", "diastolic": rng.choice((60, 90, 119.5)), **high}
        case "lab":
            limit = {"upper_limit": rng.choice((0.1, 0.7, 40, 33.3))} if maybe else {}
            return {"type": "lab", "test": rng.choice(("alt", "ast")), "value": rng.choice((0, 0.3, 2.1, 120)), **limit}
        case "pregnancy":
            status = {"status": rng.choice(("pregnant", "not_pregnant", "unknown"))} if maybe else {}
            return {"type": "pregnancy", "breastfeeding": rng.random() < 0.5, **status}
        case "medication":
            kind = rng.choice(("maoi", "stimulant"))
            return {"type": "medication", "class": kind, "status": rng.choice(("active", "stopped"))}
        case "urinary":
            lasts = {"duration_days": rng.choice((6, 7, 8, 45))} if maybe else {}
            return {"type": "urinary", **({"symptoms": rng.random() < 0.7} if rng.random() < 0.7 else {}), **lasts}
    return {"type": "review", "kind": "hold_cleared", "hold": rng.choice(("blood_pressure", "clinician", "vascular"))}


def test_every_order_and_condition_over_crowded_days(con: Backend, tmp_path: Path) -> None:
    """Several facts a day, fields left out, checks and conditions with parameters of the patient's own."""
    rng = random.Random("facts")
    pack = pack_with(MEASURES, fact_checks=CHECKS)
    found = open_all(con, tmp_path, pack, [crowded(rng) for _ in range(500)])
    looks = moments_of(found, rng, each=3)
    rows = looked(found, looks)
    wrong = list(differences(found, looks, rows))
    assert not wrong, (len(wrong), wrong[:5])
    seen = {one.name: {row[measure_column(one.name)] for row in rows} for one in MEASURES}
    assert {name for name, values in seen.items() if len(values) < 3} == {
        "status.sized",
        "never.stands",
        "nobody.date",
        "asked",
    }


def test_a_quotient_is_rounded_once(con: Backend, tmp_path: Path) -> None:
    """Decimals divide as decimals: 0.3 by 0.1 is 3, and 2.1 by 0.7 too, which is not so for the nearest doubles."""
    values = [(0.3, 0.1), (2.1, 0.7), (120, 40), (33.3, 11.1), (0, 40), (99.9, 33.3)]
    facts = [{"type": "lab", "test": "alt", "value": value, "upper_limit": limit} for value, limit in values]
    records = [moved({"as_of": "2026-03-14", "safety": [{**fact, "date": "2026-03-14"}]}, AS_OF) for fact in facts]
    found = open_all(
        con, tmp_path, pack_with(dated("ratio", "latest_fact", "times", **PAIRS, order=("highest",))), records
    )
    rows = looked(found, [Look(pid, AS_OF.toordinal(), before=False) for pid in range(len(values))])
    assert [row["ratio"] for row in rows] == [3, 3, 3, 3, 0, 3]


def test_a_hold_stands_until_a_review_of_that_day_or_later(con: Backend, tmp_path: Path) -> None:
    """A review the day before the fact clears nothing; on its day, or later, it does; one of another hold never."""
    reviews = {None: True, (-1, "blood_pressure"): True, (0, "blood_pressure"): False, (1, "blood_pressure"): False}
    reviews |= {(1, "vascular"): True}
    facts: list[list[dict[str, Any]]] = []
    for review in reviews:
        reading = {"type": "bp", "date": "2026-03-10", "systolic": 190, "diastolic": 110}
        cleared = []
        if review is not None:
            day, hold = f"2026-03-{10 + review[0]:02d}", review[1]
            cleared = [{"type": "review", "date": day, "kind": "hold_cleared", "hold": hold}]
        facts.append([reading, *cleared])
    records = [moved({"as_of": "2026-03-14", "safety": one}, AS_OF) for one in [*facts, facts[2][1:]]]
    found = open_all(con, tmp_path, pack_with(MEASURES), records)
    rows = looked(found, [Look(pid, AS_OF.toordinal(), before=False) for pid in range(len(records))])
    assert [row["systolic__stands"] for row in rows] == [*reviews.values(), None]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            measure("first", "latest_fact", "mmHg", fact="bp", field="systolic"),
            "`first` takes the first of some numbers in the order of their text",
        ),
        (measure("free", "latest_fact", "text", fact="review", field="hold"), "`free` reads a field of free text"),
    ],
    ids=["numbers by text", "free text"],
)
def test_what_has_no_columns_is_refused_by_name(con: Backend, tmp_path: Path, asked: ir.Measure, message: str) -> None:
    """What would need the text of a value is not done in columns."""
    found = open_all(con, tmp_path, pack_with([asked]), [crowded(random.Random("one"))])
    with pytest.raises(CohortError) as refused:
        looked(found, [Look(0, AS_OF.toordinal(), before=False)])
    assert [(one.code, one.message) for one in refused.value.diagnostics] == [("BW666", message)]
    assert PACK.ir.measures  # the pack of the tree has none of these

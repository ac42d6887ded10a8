"""Made-up records of a chosen size: one induction, infusions every few weeks, and visits with questionnaires.

After each infusion the scores fall and then climb back, so that signs appear, are confirmed, and go. The same seed
gives the same record.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

Record = dict[str, Any]

FORMS = {"phq9": (9, 3), "gad7": (7, 3), "isi": (7, 4), "pss10": (10, 4), "wsas": (5, 8)}  # answers, and the highest
PSS_REVERSED = (3, 4, 6, 7)  # places of the answers that count backwards
END = date(2026, 3, 2)
INDUCTION = 6  # infusions, three days apart
CYCLE = 42  # days from one infusion to the next


def record(assessments: int = 60, seed: int = 0, days: int = 365) -> Record:
    """Return a record with so many assessments, five at a visit, over some days or as many more as they need."""
    rng = random.Random(seed)
    visits = max(1, assessments // len(FORMS))
    days = max(days, visits * 2)
    start = END - timedelta(days=days)
    infusions = [start + timedelta(days=14 + 3 * n) for n in range(INDUCTION)]
    while infusions[-1] + timedelta(days=CYCLE) < END:
        infusions.append(infusions[-1] + timedelta(days=CYCLE + rng.randrange(-7, 8)))
    dates = _visit_dates(rng, visits, start, days)
    severity = rng.uniform(0.3, 0.9)
    forms = [form for day in dates for form in _visit(rng, day, infusions, severity)]
    return {
        "as_of": END.isoformat(),
        "patient": f"made-up-{seed}",
        "birth_date": f"{rng.randrange(1950, 2000)}-06-15",
        "sex": rng.choice(("female", "male")),
        "indications": ["depression", "anxiety"],
        "infusions": [day.isoformat() for day in infusions],
        "assessments": forms[:assessments],
        "safety": _safety(rng, dates),
    }


def _visit_dates(rng: random.Random, visits: int, start: date, days: int) -> list[date]:
    """Return that many days: one in the week before the induction, the last in the week before the end."""
    if visits == 1:
        return [END - timedelta(days=rng.randrange(7))]
    step = (days - 8) / (visits - 1)
    early = [start + timedelta(days=7 + round(n * step)) for n in range(visits - 1)]
    return [*early, END - timedelta(days=rng.randrange(2))]


def _visit(rng: random.Random, day: date, infusions: list[date], severity: float) -> list[Record]:
    given = [one for one in infusions if one < day]
    since = (day - given[-1]).days if given else None
    level = severity if since is None else severity * min(1.0, 0.25 + since / CYCLE * rng.uniform(0.3, 1.0))
    return [_form(rng, name, day, level) for name in FORMS]


def _form(rng: random.Random, name: str, day: date, level: float) -> Record:
    count, highest = FORMS[name]
    items = [min(highest, max(0, round(rng.gauss(level, 0.2) * highest))) for _ in range(count)]
    reversed_ = PSS_REVERSED if name == "pss10" else ()
    total = sum(highest - item if at in reversed_ else item for at, item in enumerate(items))
    if name == "phq9":
        items[8] = 0  # no answer on self-harm, or every record would be about safety alone
        total = sum(items)
    return {"instrument": name, "date": day.isoformat(), "items": items, "total": total}


def _safety(rng: random.Random, dates: list[date]) -> list[Record]:
    pressures = [
        {"type": "bp", "date": day.isoformat(), "systolic": rng.randrange(105, 145), "diastolic": rng.randrange(65, 90)}
        for day in dates[-12:]
    ]
    last = dates[-1].isoformat()
    screen = {"type": "cssrs", "date": last, "q1": False, "q2": False, "q6_recent": False}
    return [*pressures, screen, {"type": "consent", "date": last, "status": "given"}]

"""Made-up records for comparing the engine with this second reading of the policy.

`random_record` gives any valid record, from an empty one to years of maintenance, with values at
and beside the limits of every rule. The same seed gives the same record. Lists are shuffled: the
order of facts must never matter.
"""

import datetime
import random
from typing import Any

from .patient_courses import Timeline, draw_timeline, plus
from .patient_forms import draw_forms
from .patient_safety import draw_safety
from .table import ALLOWED

BOOKED = (-3, 0, 1, 5, 13, 14, 15, 20, 28, 29)


def random_record(rng: random.Random) -> dict[str, Any]:
    """Return a record of valid shape, dates as ISO text.

    >>> random_record(random.Random(1)) == random_record(random.Random(1))
    True
    """
    line = draw_timeline(rng)
    record: dict[str, Any] = {"as_of": line.as_of.isoformat()}
    if rng.random() < 0.5:
        record["patient"] = f"made-up-{rng.randrange(10_000)}"
    record |= _person(rng, line.as_of)
    if line.marked:
        first, last = line.marked
        record["induction"] = {"first": first.isoformat(), "last": last.isoformat()}
    parts: dict[str, list[Any]] = {
        "infusions": [date.isoformat() for date in line.infusions],
        "booked": _booked(rng, line.as_of),
        "prior_cycles": _prior_cycles(rng, line),
        "assessments": draw_forms(rng, line),
        "safety": draw_safety(rng, line),
        "overrides": _overrides(rng, line),
    }
    for key, facts in parts.items():
        rng.shuffle(facts)
        if facts or rng.random() < 0.1:
            record[key] = facts
    return record


def _person(rng: random.Random, as_of: datetime.date) -> dict[str, Any]:
    person: dict[str, Any] = {}
    if rng.random() < 0.4:
        years = rng.choice((16, 18, 18, 19, 40, 40, 55, 70, 70))
        birth = as_of.replace(year=as_of.year - years, day=min(as_of.day, 28))
        person["birth_date"] = plus(birth, rng.choice((-1, 0, 1))).isoformat()
    if rng.random() < 0.6:
        person["sex"] = rng.choice(("female", "male", "unknown"))
    if rng.random() < 0.5:
        known = ("depression", "anxiety", "ptsd", "panic", "other")
        person["indications"] = rng.sample(known, rng.randint(1, 3))
    return person


def _booked(rng: random.Random, as_of: datetime.date) -> list[str]:
    if rng.random() < 0.75:
        return []
    return [plus(as_of, rng.choice(BOOKED)).isoformat() for _ in range(rng.randint(1, 2))]


def _prior_cycles(rng: random.Random, line: Timeline) -> list[dict[str, Any]]:
    """Return recorded outcomes of some cycles; a few match no infusion or lie ahead."""
    if rng.random() < 0.75:
        return []
    entries: list[dict[str, Any]] = []
    for infusion in sorted(set(line.given))[3:]:
        if rng.random() < 0.5:
            entry: dict[str, Any] = {"infusion": infusion.isoformat()}
            if rng.random() < 0.25:
                entry["censored"] = True
            else:
                entry["loss_of_benefit"] = plus(infusion, rng.randrange(8, 75)).isoformat()
            entries.append(entry)
    if rng.random() < 0.15:
        stray = plus(line.as_of, -rng.randrange(60, 500))
        loss = plus(stray, 20).isoformat()
        entries.append({"infusion": stray.isoformat(), "loss_of_benefit": loss})
    unique = {entry["infusion"]: entry for entry in entries}
    return list(unique.values())


def _overrides(rng: random.Random, line: Timeline) -> list[dict[str, Any]]:
    """Return a few thresholds of the patient's own, inside the allowed range."""
    overrides: list[dict[str, Any]] = []
    names: list[str] = []
    if rng.random() < 0.15:
        names = rng.sample(sorted(ALLOWED), rng.randint(1, 3))
        names = ["max_infusions_28d"] if rng.random() < 0.3 else names
    if line.short_gap and rng.random() < 0.6:
        names.append("induction_gap_days")
    for name in names:
        _, low, high = ALLOWED[name]
        if high <= 1:
            value: float = rng.randint(round(low * 20), round(high * 20)) / 20
        else:
            value = rng.choice((int(low), int(high), rng.randint(int(low), int(high))))
        if name == "induction_gap_days" and line.short_gap:
            value = 28
        override: dict[str, Any] = {
            "parameter": name,
            "value": value,
            "reason": "agreed with the patient",
            "by": "clinician",
            "date": plus(line.as_of, rng.choice((-200, -30, -1, 0, 0, 1))).isoformat(),
        }
        if rng.random() < 0.05:
            override["entered_in_error"] = True
        overrides.append(override)
    return overrides

"""Safety facts of made-up patients: mostly quiet, sometimes every type with clears and reviews."""

import datetime
import random
from collections.abc import Callable
from typing import Any

from .patient_courses import Timeline, plus
from .safety import CONDITION_HOLDS

Fact = dict[str, Any]
AGES = (0, 0, 1, 2, 5, 6, 7, 8, 13, 20, 27, 28, 34, 35, 36, 44, 60, 89, 90, 91, 92, 150, 200)
HOLDS = sorted({*CONDITION_HOLDS.values(), "pregnancy", "blood_pressure", "urinary", "consent"})
QUESTIONS = ("q1", "q2", "q3", "q4", "q5", "q6_recent", "q6_lifetime")


def _negative(rng: random.Random) -> Fact:
    fact: Fact = {"type": "cssrs"} | dict.fromkeys(QUESTIONS, False)
    if rng.random() < 0.08:
        fact["q6_lifetime"] = True
    for key in ("q3", "q4", "q5", "q6_lifetime"):
        if rng.random() < 0.1:
            fact.pop(key)
    return fact


def _screener(rng: random.Random) -> Fact:
    fact = _negative(rng)
    for key in rng.sample(QUESTIONS, rng.choice((0, 1, 1, 2))):
        fact[key] = rng.random() < 0.7
    for key in QUESTIONS:
        if rng.random() < 0.08:
            fact.pop(key, None)
    if rng.random() < 0.05:
        fact = {"type": "cssrs", "q6_lifetime": rng.random() < 0.5}
    return fact


def _history(rng: random.Random) -> Fact:
    return _negative(rng) | {"q6_lifetime": True}


def _bp(rng: random.Random) -> Fact:
    systolic = rng.choice((49, 50, 118, 126, 140, 141, 150, 159, 160, 172, 179, 180, 200, 260, 261))
    diastolic = rng.choice((29, 30, 70, 82, 90, 91, 99, 100, 110, 119, 120, 160, 161))
    if rng.random() < 0.15:
        systolic, diastolic = rng.choice(((100, 100), (101, 100), (180, 160), (260, 90)))
    fact: Fact = {"type": "bp", "systolic": systolic, "diastolic": diastolic}
    if rng.random() < 0.05:
        fact.pop(rng.choice(("systolic", "diastolic")))
    return fact


def _normal_bp(rng: random.Random) -> Fact:
    return {"type": "bp", "systolic": rng.choice((118, 130, 140, 141)), "diastolic": 80}


def _pregnancy(rng: random.Random) -> Fact:
    fact: Fact = {"type": "pregnancy"}
    if rng.random() < 0.85:
        fact["status"] = rng.choice(("pregnant", "not_pregnant", "not_pregnant", "unknown"))
    if rng.random() < 0.3 or "status" not in fact:
        fact["breastfeeding"] = rng.random() < 0.5
    return fact


def _lab(rng: random.Random) -> Fact:
    value = rng.choice((25, 40, 41, 80, 119, 120, 121, 300))
    fact: Fact = {"type": "lab", "test": rng.choice(("alt", "ast")), "value": value}
    if rng.random() < 0.85:
        fact["upper_limit"] = 40
    return fact


def _condition(rng: random.Random) -> Fact:
    name = rng.choice(sorted(CONDITION_HOLDS))
    return {"type": "condition", "name": name, "status": rng.choice(("active", "resolved"))}


def _drug_screen(rng: random.Random) -> Fact:
    result = rng.choice(("negative", "positive_explained", "positive_unexplained"))
    return {"type": "drug_screen", "result": result}


def _urinary(rng: random.Random) -> Fact:
    fact: Fact = {"type": "urinary"}
    if rng.random() < 0.85:
        fact["symptoms"] = rng.random() < 0.5
        if fact["symptoms"] and rng.random() < 0.7:
            fact["duration_days"] = rng.choice((3, 13, 14, 30))
    if rng.random() < 0.35 or "symptoms" not in fact:
        fact["haematuria"] = rng.random() < 0.4
    return fact


def _consent(rng: random.Random) -> Fact:
    return {"type": "consent", "status": rng.choice(("given", "given", "withdrawn", "absent"))}


def _medication(rng: random.Random) -> Fact:
    drug = rng.choice(("benzodiazepine", "stimulant", "maoi"))
    return {"type": "medication", "class": drug, "status": rng.choice(("active", "stopped"))}


def _intent(rng: random.Random) -> Fact:
    kind = rng.choice(("suicidal_intent", "suicidal_plan", "suicide_attempt"))
    return {"type": "report", "by": rng.choice(("patient", "staff", "clinician")), "kind": kind}


def _safety_review(_: random.Random) -> Fact:
    return {"type": "review", "kind": "safety"}


def _clear(rng: random.Random) -> Fact:
    return {"type": "review", "kind": "hold_cleared", "hold": rng.choice(HOLDS)}


LOUD: tuple[tuple[Callable[[random.Random], Fact], int], ...] = (
    (_screener, 4), (_history, 1), (_bp, 4), (_pregnancy, 3), (_lab, 3), (_condition, 6), (_drug_screen, 2),
    (_urinary, 3), (_consent, 2), (_medication, 3), (_intent, 1), (_safety_review, 4), (_clear, 2),
)  # fmt: skip
QUIET: tuple[tuple[Callable[[random.Random], Fact], float], ...] = (
    (_negative, 0.4), (_normal_bp, 0.3), (_medication, 0.15), (_safety_review, 0.12),
)  # fmt: skip


def draw_safety(rng: random.Random, line: Timeline) -> list[Fact]:
    """Return the safety facts of a patient, reports of benefit and panic among them."""
    facts: list[Fact] = []

    def add(fact: Fact, date: datetime.date) -> None:
        facts.append(fact | {"date": date.isoformat()})

    for make, chance in QUIET:
        if rng.random() < chance:
            add(make(rng), plus(line.as_of, -rng.choice(AGES)))
    if rng.random() < 0.36:
        makers, weights = zip(*LOUD, strict=True)
        for make in rng.choices(makers, weights=weights, k=rng.choice((1, 1, 2, 3, 6))):
            date = plus(line.as_of, -rng.choice(AGES))
            add(make(rng), date)
            if rng.random() < 0.12:  # another fact of the type on the same day
                add(make(rng), date)
            if rng.random() < 0.18:
                _answer(rng, facts, date)
    facts += _reports(rng, line)
    for fact in facts:
        if rng.random() < 0.02:
            fact["entered_in_error"] = True
        elif rng.random() < 0.01:
            fact["date"] = plus(line.as_of, rng.choice((1, 3))).isoformat()
    return facts


def _answer(rng: random.Random, facts: list[Fact], date: datetime.date) -> None:
    """Let a clinician review, or clear the hold of the last fact, about its date."""
    last = facts[-1]
    hold = {
        "bp": "blood_pressure", "pregnancy": "pregnancy", "lab": "hepatic", "consent": "consent",
        "drug_screen": "substance", "urinary": "urinary",
    }.get(last["type"]) or CONDITION_HOLDS.get(last.get("name", ""))  # fmt: skip
    review = {"type": "review", "kind": "hold_cleared", "hold": hold}
    if hold is None:
        review = {"type": "review", "kind": "safety"}
    facts.append(review | {"date": plus(date, rng.choice((-1, 0, 0, 1))).isoformat()})


def _reports(rng: random.Random, line: Timeline) -> list[Fact]:
    """Return panic attacks, and reports of benefit and of its loss, some on infusion days."""
    reports: list[Fact] = []

    def add(kind: str, by: str, date: datetime.date) -> None:
        if date <= line.as_of:
            fact = {"type": "report", "by": by, "kind": kind, "date": date.isoformat()}
            reports.append(fact)

    given = line.given
    if rng.random() < 0.14:
        last = plus(line.as_of, -rng.choice((0, 1, 5, 10, 34, 35, 36)))
        add("panic_attack", "patient", last)
        if rng.random() < 0.5:
            add("panic_attack", "staff", plus(last, -rng.choice((0, 1, 1, 14, 27, 28, 29, 40))))
    if given and rng.random() < 0.18:
        by = rng.choice(("clinician", "clinician", "clinician", "patient", "staff"))
        add("benefit", by, plus(rng.choice(given), rng.choice((0, 0, 10, 20))))
    for infusion in given[3:]:
        if rng.random() < 0.1:
            by = rng.choice(("patient", "staff", "clinician"))
            add("loss_of_benefit", by, plus(infusion, rng.choice((0, 10, 20, 21, 28, 35, 45))))
    return reports

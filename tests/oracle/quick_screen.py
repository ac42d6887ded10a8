"""A second reading of the quick screen (`rules/quick-screen/1.0.0`) in plain Python, to compare the engine with.

Written from the policy text and from the pack's prose. It shares no code with the engine or with the reading of the
default policy beside it; `quick_patient.py` reads the record, this decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .quick_patient import ANSWERS, Patient, Read

SAME_DAY_HOLDS = {"psychosis", "mania"}


def decide(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recommendation of the quick screen, its urgency, the signs, the holds and the benefit."""
    patient = Patient(record)
    phq9, gad7 = patient.read("phq9"), patient.read("gad7")
    success = patient.benefit_reported() or (
        gad7.baseline is not None and gad7.baseline >= 10 and (gad7.gain or 0) >= patient.number("gad7.delta", 4)
    )
    answers = {word: patient.read("phq9", place).level for word, place in ANSWERS.items()}
    signs = _signs(phq9, gad7, answers, success)
    holds, benefit = patient.holds(), _benefit(phq9)
    recommendation, urgency = _row(patient, phq9, gad7, signs, success, holds, benefit)
    return {
        "recommendation": recommendation,
        "urgency": urgency,
        "signs": signs,
        "holds": sorted(holds),
        "response": benefit,
    }


def _signs(phq9: Read, gad7: Read, answers: Mapping[str, str | None], success: bool) -> dict[str, str]:
    signs = {
        "symptom_severity": _highest([phq9.level, gad7.level if gad7.level != "absent" else None]),
        "motivation": _pair(answers["interest"], answers["energy"]),
        "negative_thinking": _pair(answers["self_worth"], answers["low_mood"]),
        "coping": answers["difficulty"] or "cannot_assess",
        "sleep": answers["sleep"] or "cannot_assess",
    }
    anxiety = gad7.level or "cannot_assess"
    if not success:
        anxiety = "not_applicable" if gad7.gain is not None else "cannot_assess"
    return signs | {"anxiety": anxiety}


def _benefit(phq9: Read) -> str:
    if phq9.baseline is None or phq9.gain is None:
        return "unknown"
    if phq9.baseline < 10:
        return "not_evaluable"
    return "benefited" if phq9.gain / phq9.baseline >= 0.25 else "not_benefited"


def _row(
    patient: Patient, phq9: Read, gad7: Read, signs: Mapping[str, str], success: bool, holds: set[str], benefit: str
) -> tuple[str, str | None]:
    """Return the first row that is true."""
    due = patient.triggers()
    if "now" in due:
        return "urgent_safety_review", "now"
    if "same_day" in due or holds & SAME_DAY_HOLDS:
        return "provider_check_in", "same_day"
    if due or holds:
        return "provider_check_in", "within_7_days"
    if phq9.reason in ("missing", "stale", "no_reference") or patient.newest_failed():
        return "reassess", "within_7_days"
    anxious = gad7.level == "probable" and success
    depressed = phq9.level == "probable"
    lit = ("possible", "probable")
    answered = any(signs[name] in lit for name in ("motivation", "negative_thinking", "coping", "sleep"))
    two = (phq9.level in lit or answered) and gad7.level in lit
    agreed = two or (depressed and phq9.confirmed) or (anxious and gad7.confirmed)
    helped = benefit == "benefited" or patient.benefit_reported() or anxious
    criteria = (depressed or anxious) and agreed and helped and phq9.reason is None
    if criteria and not patient.child() and patient.asked_about_suicide():
        if patient.booked():
            return "continue", None
        return ("consider_booster" if patient.spaced() else "provider_check_in"), "within_7_days"
    if "probable" in signs.values() or agreed or _hopeless(patient, phq9, benefit):
        return "provider_check_in", "within_7_days"
    if "possible" in signs.values() or patient.overdue() or not patient.asked_about_suicide():
        return "reassess", None
    return "continue", None


def _hopeless(patient: Patient, phq9: Read, benefit: str) -> bool:
    """Return whether PHQ-9 shows no benefit in time, or is worse than before treatment."""
    if phq9.reason is not None or phq9.latest is None:
        return False
    waited = (patient.today - patient.course[1]).days if patient.course else 0
    if benefit == "not_benefited" and waited >= patient.number("nonresponse_days", 28):
        return True
    return phq9.baseline is not None and phq9.latest - phq9.baseline >= patient.number("phq9.delta", 5)


def _highest(levels: Iterable[str | None]) -> str:
    found = set(levels)
    return next((level for level in ("probable", "possible", "absent") if level in found), "cannot_assess")


def _pair(one: str | None, other: str | None) -> str:
    return "probable" if one == other == "possible" else _highest([one, other])

"""Safety rules, holds and cautions of section 6. They do not know the signs."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .facts import Fact, Form
from .series import days
from .table import Parameters, day

CONDITION_HOLDS = {
    "psychosis": "psychosis",
    "mania": "mania",
    "unstable_angina": "cardiovascular",
    "decompensated_heart_failure": "cardiovascular",
    "myocardial_infarction": "cardiovascular",
    "stroke": "cardiovascular",
    "aneurysmal_disease": "vascular",
    "arteriovenous_malformation": "vascular",
    "intracerebral_haemorrhage": "vascular",
    "substance_use_disorder": "substance",
    "ketamine_misuse": "substance",
    "severe_hepatic_impairment": "hepatic",
    "ketamine_hypersensitivity": "hypersensitivity",
    "raised_intracranial_pressure": "intracranial_pressure",
    "other_hold": "clinician",
}
RECENT_EVENTS = ("myocardial_infarction", "stroke")  # 90 days, whatever the status
INTENT = ("suicidal_intent", "suicidal_plan", "suicide_attempt")


@dataclass(frozen=True, slots=True)
class Safety:
    """What the safety rules found. `urgent`: U1 to U4; `same_day`: C1; `week`: C2."""

    urgent: bool
    same_day: bool
    week: bool
    suicidality_assessed: bool
    holds: tuple[str, ...]
    cautions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The facts that the safety rules read, all of them up to `as_of`."""

    as_of: datetime.date
    safety: Sequence[Fact]
    forms: Sequence[Form]
    item_nine: Sequence[tuple[datetime.date, int]]
    infusions: Sequence[datetime.date]
    induction: tuple[datetime.date, datetime.date] | None
    sex: str | None
    parameters: Parameters

    def of(self, kind: str) -> list[Fact]:
        """Return the safety facts of one type."""
        return [fact for fact in self.safety if fact["type"] == kind]


def read_safety(chart: Chart) -> Safety:
    """Return the safety findings, apart from the caution for the number of infusions."""
    crisis = any(systolic >= 180 or diastolic >= 120 for systolic, diastolic in _recent_bp(chart))
    holds = {hold for hold, date in raised_holds(chart) if not _cleared(chart, hold, date)}
    if crisis:
        holds.add("blood_pressure")  # `hold_cleared` does not end this one
    urgent, same_day, week = _triggers(chart)
    return Safety(
        urgent=crisis or any(_open(chart, date) for date in urgent),
        same_day=any(_open(chart, date) and _remembered(chart, date) for date in same_day),
        week=any(_open(chart, date) and _remembered(chart, date) for date in week),
        suicidality_assessed=_suicidality_assessed(chart),
        holds=tuple(sorted(holds)),
        cautions=tuple(sorted(_cautions(chart))),
    )


def _triggers(
    chart: Chart,
) -> tuple[list[datetime.date], list[datetime.date], list[datetime.date]]:
    """Return the dates of the triggers of U1, U2 and U4; of C1; of C2; open or not."""
    urgent = [day(f["date"]) for f in chart.of("report") if f["kind"] in INTENT]
    same_day: list[datetime.date] = []
    week: list[datetime.date] = []
    for fact in chart.of("cssrs"):
        if fact.get("q4") or fact.get("q5") or fact.get("q6_recent"):
            urgent.append(day(fact["date"]))
        if fact.get("q1") or fact.get("q2") or fact.get("q3"):
            same_day.append(day(fact["date"]))
    same_day += _lifetime_triggers(chart)
    screened = [day(f["date"]) for f in chart.of("cssrs") if fully_negative(f)]
    for date, answer in chart.item_nine:
        negative = any(screen >= date for screen in screened)
        if answer >= 2:
            (same_day if negative else urgent).append(date)
        elif answer == 1 and not negative:
            same_day.append(date)
        elif answer == 1 and _above_best(chart, date, answer):
            week.append(date)
    return urgent, same_day, week


def fully_negative(fact: Fact) -> bool:
    """True for a fully negative C-SSRS; lifetime behaviour does not matter."""
    answered_no = all(fact.get(key) is False for key in ("q1", "q2", "q6_recent"))
    return answered_no and not any(fact.get(key) for key in ("q3", "q4", "q5"))


def _lifetime_triggers(chart: Chart) -> list[datetime.date]:
    """C1, last part: a safety review on or after the first such record silences them all."""
    dates = [day(fact["date"]) for fact in chart.of("cssrs") if fact.get("q6_lifetime") and not fact.get("q6_recent")]
    silenced = bool(dates) and any(review >= min(dates) for review in _safety_reviews(chart))
    return [] if silenced else dates


def _above_best(chart: Chart, date: datetime.date, answer: int) -> bool:
    """C2: above the best earlier post-induction answer, or there is none."""
    earlier = [
        value for other, value in chart.item_nine if chart.induction is not None and chart.induction[1] < other < date
    ]
    return not earlier or answer > min(earlier)


def _safety_reviews(chart: Chart) -> list[datetime.date]:
    return [day(f["date"]) for f in chart.of("review") if f["kind"] == "safety"]


def _open(chart: Chart, date: datetime.date) -> bool:
    reviewed = any(review >= date for review in _safety_reviews(chart))
    return not reviewed and not any(infusion > date for infusion in chart.infusions)


def _remembered(chart: Chart, date: datetime.date) -> bool:
    return days(chart.as_of, date) <= chart.parameters["trigger_lookback"]


def _suicidality_assessed(chart: Chart) -> bool:
    """The opposite of C3."""
    current = chart.parameters["si_current_days"]
    keys = ("q1", "q2", "q3", "q4", "q5", "q6_recent")
    dates = [date for date, _ in chart.item_nine]
    dates += [day(fact["date"]) for fact in chart.of("cssrs") if any(fact.get(key) is not None for key in keys)]
    return any(days(chart.as_of, date) <= current for date in dates)


def latest(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts of the last date; the caller lets the more cautious of them win."""
    found = list(facts)
    last = max((day(fact["date"]) for fact in found), default=None)
    return [fact for fact in found if day(fact["date"]) == last]


def stating(facts: Iterable[Fact], field: str) -> list[Fact]:
    """Return the latest facts that state a field."""
    return latest(fact for fact in facts if fact.get(field) is not None)


def _valid_bp(fact: Fact) -> bool:
    """Check 5 of section 4."""
    systolic, diastolic = fact.get("systolic"), fact.get("diastolic")
    if systolic is None or diastolic is None:
        return False
    return 50 <= systolic <= 260 and 30 <= diastolic <= 160 and bool(diastolic < systolic)


def _bp(chart: Chart) -> list[Fact]:
    return latest(fact for fact in chart.of("bp") if _valid_bp(fact))


def _recent_bp(chart: Chart) -> list[tuple[float, float]]:
    recent = [fact for fact in _bp(chart) if days(chart.as_of, day(fact["date"])) <= 7]
    return [(fact["systolic"], fact["diastolic"]) for fact in recent]


def _labs(chart: Chart) -> list[Fact]:
    """Return the latest evaluable result of each test."""
    evaluable = [
        fact for fact in chart.of("lab") if fact.get("value") is not None and fact.get("upper_limit") is not None
    ]
    return [f for test in ("alt", "ast") for f in latest(f for f in evaluable if f["test"] == test)]


def _score(chart: Chart, name: str) -> tuple[float, datetime.date] | None:
    """Return the latest valid score and its date, if it is recent enough for a hold."""
    valid = [(f.date, f.total) for f in chart.forms if f.instrument == name and f.total is not None]
    if not valid:
        return None
    date, total = max(valid)  # of two on a date, the more cautious
    return (total, date) if _remembered(chart, date) else None


def _pregnancy(chart: Chart) -> tuple[str, datetime.date] | None:
    facts = stating(chart.of("pregnancy"), "status")
    for status in ("pregnant", "unknown", "not_pregnant"):  # the more cautious first
        for fact in facts:
            if fact["status"] == status:
                return status, day(fact["date"])
    return None


def raised_holds(chart: Chart) -> list[tuple[str, datetime.date]]:
    """Return each hold with the date of a fact that raises it, cleared or not."""
    raised = [*_condition_holds(chart), *_score_holds(chart)]
    pregnancy = _pregnancy(chart)
    if pregnancy and pregnancy[0] == "pregnant":
        raised.append(("pregnancy", pregnancy[1]))

    def add(hold: str, facts: Iterable[Fact], test: Callable[[Fact], bool]) -> None:
        raised.extend((hold, day(fact["date"])) for fact in facts if test(fact))

    urinary = chart.of("urinary")
    add("blood_pressure", _bp(chart), lambda f: f["systolic"] >= 160 or f["diastolic"] >= 100)
    add("hepatic", _labs(chart), lambda f: bool(f["value"] >= 3 * f["upper_limit"]))
    add(
        "substance",
        stating(chart.of("drug_screen"), "result"),
        lambda f: f["result"] == "positive_unexplained",
    )
    add("urinary", stating(urinary, "symptoms"), _lasting_symptoms)
    add("urinary", stating(urinary, "haematuria"), lambda f: bool(f["haematuria"]))
    add("consent", stating(chart.of("consent"), "status"), lambda f: f["status"] != "given")
    return raised


def _lasting_symptoms(fact: Fact) -> bool:
    duration = fact.get("duration_days")
    return bool(fact["symptoms"]) and (duration is None or duration >= 14)


def _condition_holds(chart: Chart) -> list[tuple[str, datetime.date]]:
    raised = []
    for name, hold in CONDITION_HOLDS.items():
        for fact in latest(fact for fact in chart.of("condition") if fact["name"] == name):
            date = day(fact["date"])
            recent = name in RECENT_EVENTS and days(chart.as_of, date) <= 90
            if recent or (name not in RECENT_EVENTS and fact["status"] == "active"):
                raised.append((hold, date))
    return raised


def _score_holds(chart: Chart) -> list[tuple[str, datetime.date]]:
    raised = []
    for name, cut, hold in (
        ("asrm", 6, "mania"),
        ("ymrs", 13, "mania"),
        ("audit_c", 8, "substance"),
    ):
        score = _score(chart, name)
        if score and score[0] >= cut:
            raised.append((hold, score[1]))
    return raised


def _cleared(chart: Chart, hold: str, date: datetime.date) -> bool:
    return any(
        fact["kind"] == "hold_cleared" and fact.get("hold") == hold and day(fact["date"]) >= date
        for fact in chart.of("review")
    )


def _cautions(chart: Chart) -> set[str]:
    """Return the cautions, whether or not a hold of the same name is active or cleared."""
    cautions = set()
    if any(fact["systolic"] > 140 or fact["diastolic"] > 90 for fact in _bp(chart)):
        cautions.add("blood_pressure")
    alcohol = _score(chart, "audit_c")
    if alcohol and alcohol[0] >= (4 if chart.sex == "male" else 3):
        cautions.add("alcohol")
    if any(fact["value"] > fact["upper_limit"] for fact in _labs(chart)):
        cautions.add("hepatic")
    if any(fact["breastfeeding"] for fact in stating(chart.of("pregnancy"), "breastfeeding")):
        cautions.add("breastfeeding")
    pregnancy = _pregnancy(chart)
    if pregnancy and pregnancy[0] == "unknown":
        cautions.add("pregnancy_unknown")
    for drug in ("benzodiazepine", "stimulant", "maoi"):
        taken = latest(fact for fact in chart.of("medication") if fact["class"] == drug)
        if any(fact["status"] == "active" for fact in taken):
            cautions.add("co_medication")
    return cautions

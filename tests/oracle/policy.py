"""The whole policy for one record: `decide` (sections 2, 6 and 7).

A plain second reading of the policy text. It takes the record as JSON and gives plain data, and
shares no code with the engine, so that a difference between the two means a misreading.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .course import (
    Course,
    Schedule,
    comparable_dates,
    find_course,
    interval,
    observed_cycles,
    schedule,
)
from .facts import check_forms, in_force, item_nine_answers, seen
from .safety import Chart, Safety, read_safety
from .series import Reading, View, days, post_induction, read_instrument, scores_of
from .signs import Signs, clinician_benefit, read_signs
from .table import DEPRESSION, ROWS, Parameters, day, parameters_for


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that the rows of section 7 look at."""

    view: View
    signs: Signs
    safety: Safety
    schedule: Schedule
    primary: Reading
    response: str
    response_pct: float | None
    newest_invalid: bool
    outside_population: bool
    booked: bool
    at_limit: bool

    @property
    def suicidality_assessed(self) -> bool:
        """The opposite of C3."""
        return self.safety.suicidality_assessed

    @property
    def non_responder(self) -> bool:
        """The condition of the flag, not just of the response."""
        if self.response != "non_responder" or not self.primary.assessable:
            return False
        induction = self.view.induction
        waited = induction is not None and days(self.view.as_of, induction[1])
        return waited >= self.view.parameters["nonresponse_days"]

    @property
    def worse_than_baseline(self) -> bool:
        """Section 2."""
        read = self.primary
        if not read.assessable or read.latest is None or read.baseline is None:
            return False
        return read.latest.value >= read.baseline + read.delta

    @property
    def core(self) -> bool:
        """CORE of section 7."""
        signs = self.signs
        helped = (
            self.response in ("responder", "partial")
            or clinician_benefit(self.view)
            or signs.states["anxiety_panic"].state == "probable"
        )
        return (
            bool(signs.anchors)
            and (len(signs.sources) >= 2 or signs.anchor_confirmed)
            and self.primary.assessable
            and helped
            and not signs.contradictory
            and not self.outside_population
        )


def decide(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the decision of the policy for a record, as plain data."""
    as_of = day(record["as_of"])
    parameters = parameters_for(record, as_of)
    course = find_course(record, as_of, parameters)
    raw = seen(record.get("assessments") or (), as_of)
    facts = seen(record.get("safety") or (), as_of)
    view = View(
        as_of=as_of,
        infusions=course.infusions,
        induction=course.induction,
        after_earlier_induction=course.after_earlier_induction,
        forms=tuple(check_forms(raw, course.infusions)),
        reports=tuple(fact for fact in facts if fact["type"] == "report"),
        ptsd="ptsd" in (record.get("indications") or ()),
        parameters=parameters,
    )
    cycles = observed_cycles(view, record.get("prior_cycles") or (), comparable_dates(view))
    review_interval = interval(cycles, parameters)
    item_nine = item_nine_answers(raw)
    chart = Chart(
        as_of, facts, view.forms, item_nine, course.infusions, course.induction,
        record.get("sex"), parameters,
    )  # fmt: skip
    case = _case(record, view, read_safety(chart), review_interval)
    row, recommendation, urgency = choose(case)
    return {
        "response": case.response,
        "signs": {name: sign.state for name, sign in case.signs.states.items()},
        "reasons": {n: s.reason for n, s in case.signs.states.items() if s.reason is not None},
        "recommendation": recommendation,
        "row": row,
        "urgency": urgency,
        "holds": list(case.safety.holds),
        "cautions": sorted({*case.safety.cautions, *(["infusion_count"] * case.at_limit)}),
        "flags": sorted(_flags(record, case, course, row)),
        "sources": case.signs.sources,
        "anchors": case.signs.anchors,
        "core": case.core,
        "measures": _measures(case),
        "next": {
            "assessment_date": _iso(case.schedule.next_assessment),
            "review_date": _iso(case.schedule.review_date),
        },
        "interval_days": review_interval,
        "observed_cycles": cycles,
        "induction": [d.isoformat() for d in course.induction] if course.induction else None,
        "primary": case.primary.name,
    }


def _iso(date: datetime.date | None) -> str | None:
    return date.isoformat() if date else None


def _case(record: Mapping[str, Any], view: View, safety: Safety, review_interval: int) -> Case:
    primary = _primary(view)
    response, pct = _response(view, primary)
    ahead = [days(day(d), view.as_of) for d in record.get("booked") or ()]
    return Case(
        view=view,
        signs=read_signs(view),
        safety=safety,
        schedule=schedule(view, primary.name, review_interval),
        primary=primary,
        response=response,
        response_pct=pct,
        newest_invalid=_newest_invalid(view, primary.name),
        outside_population=_is_minor(record, view.as_of),
        booked=any(0 <= n <= view.parameters["booked_window_days"] for n in ahead),
        at_limit=_at_limit(view, view.parameters),
    )


def _primary(view: View) -> Reading:
    """Return the primary depression instrument (section 2, below the table)."""
    readings = [read_instrument(view, name) for name in DEPRESSION]
    for reading in readings:
        if reading.assessable:
            return reading
    for reading in readings:
        if post_induction(view, scores_of(view, reading.name)):
            return reading
    return readings[0]


def _response(view: View, primary: Reading) -> tuple[str, float | None]:
    """Return the response and its fraction (section 2, `response_pct`)."""
    baseline, gain = primary.baseline, primary.gain
    if baseline is None or gain is None:
        return "unknown", None
    if baseline < (ROWS[primary.name].cut or 0):
        return "not_evaluable", None
    pct = gain / baseline
    if pct >= view.parameters["responder_pct"]:
        return "responder", pct
    return ("partial" if pct >= view.parameters["partial_pct"] else "non_responder"), pct


def _newest_invalid(view: View, name: str) -> bool:
    """Row 10: the newest record of a total of the primary was rejected."""
    records = [f for f in view.forms if f.instrument == name and f.is_record_of_total]
    newest = max(((f.date, f.after) for f in records), default=None)
    last = [f for f in records if (f.date, f.after) == newest]
    return bool(last) and all(form.failed is not None for form in last)


def _is_minor(record: Mapping[str, Any], as_of: datetime.date) -> bool:
    if record.get("birth_date") is None:
        return False
    birth = day(record["birth_date"])
    return (as_of.year - 18, as_of.month, as_of.day) < (birth.year, birth.month, birth.day)


def _at_limit(view: View, parameters: Parameters) -> bool:
    """True when one more infusion would exceed the 28-day or the 365-day limit (row 6)."""
    span = view.induction
    month = [d for d in view.infusions if days(view.as_of, d) < 28 and not (span and span[0] <= d <= span[1])]
    year = [d for d in view.infusions if days(view.as_of, d) < 365]
    return len(month) >= parameters["max_infusions_28d"] or len(year) >= parameters["max_infusions_365d"]


def choose(case: Case) -> tuple[int, str, str | None]:
    """Return the number of the first matching row of section 7, its output and its urgency."""
    safety, core = case.safety, case.core
    last = case.view.last_infusion
    if safety.urgent:
        return 1, "urgent_safety_review", "now"
    if safety.same_day or {"mania", "psychosis"} & set(safety.holds):
        return 2, "provider_check_in", "same_day"
    if safety.holds:
        return 3, "provider_check_in", "within_7_days"
    if core and not safety.week and case.suicidality_assessed and case.booked:
        return 4, "continue", None
    least = case.view.parameters["min_interval_days"]
    if core and last is not None and days(case.view.as_of, last) < least:
        return 5, "provider_check_in", "within_7_days"
    if core and case.at_limit:
        return 6, "provider_check_in", "within_7_days"
    if core and not case.suicidality_assessed:
        return 7, "provider_check_in", "within_7_days"
    if core and not safety.week:
        return 8, "consider_booster", "within_7_days"
    if _needs_look(case):
        return 9, "provider_check_in", "within_7_days"
    if _needs_form(case):
        return 10, "reassess", None
    return 11, "continue", None


def _needs_look(case: Case) -> bool:
    """Row 9."""
    states = {sign.state for sign in case.signs.states.values()}
    return (
        case.safety.week
        or "probable" in states
        or len(case.signs.sources) >= 2
        or case.signs.contradictory
        or case.non_responder
        or case.worse_than_baseline
    )


def _needs_form(case: Case) -> bool:
    """Row 10."""
    return (
        any(sign.state == "possible" for sign in case.signs.states.values())
        or case.primary.reason in ("missing", "stale", "no_reference")
        or case.newest_invalid
        or case.schedule.overdue
        or case.schedule.review_due
    )


def _flags(record: Mapping[str, Any], case: Case, course: Course, row: int) -> set[str]:
    """Return the flags of the closed list in section 7."""
    flags = {flag for form in case.view.forms for flag in form.flags}
    dated = [*(record.get("assessments") or ()), *(record.get("safety") or ())]
    later = any(in_force(f) and day(f["date"]) > case.view.as_of for f in dated)
    scores = scores_of(case.view, case.primary.name)
    unanchored = bool(post_induction(case.view, scores)) and case.primary.baseline is None
    conditions = {
        "future_dated": later or course.future_dated,
        "settling": case.primary.reason == "settling",
        "stale": case.primary.reason == "stale",
        "baseline_missing": unanchored,
        "contradictory": case.signs.contradictory,
        "suicidality_not_assessed": not case.suicidality_assessed,
        "non_responder": case.non_responder,
        "worse_than_baseline": case.worse_than_baseline,
        "assessment_overdue": case.schedule.overdue,
        "review_due": case.schedule.review_due,
        "suppressed_booked": row == 4,
        "suppressed_min_interval": row == 5,
        "suppressed_max_frequency": row == 6,
        "outside_population": case.outside_population,
    }
    return flags | {name for name, holds in conditions.items() if holds}


def _measures(case: Case) -> dict[str, float | None]:
    """Return the measures of section 2; scores in the points of the form."""
    last = case.view.last_infusion
    measures: dict[str, float | None] = {
        "days_since_infusion": None if last is None else days(case.view.as_of, last),
        "response_pct": case.response_pct,
    }
    for name, row in ROWS.items():
        read = read_instrument(case.view, name)
        measures[f"{name}.latest"] = None if read.latest is None else row.sign * read.latest.value
        measures[f"{name}.best"] = None if read.best is None else row.sign * read.best
        measures[f"{name}.change_from_best"] = read.change
        measures[f"{name}.fraction_gain_lost"] = read.fraction
    return measures

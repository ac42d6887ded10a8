"""One patient as far as the quick screen reads a record: course, readings, holds, triggers and dates.

Written from the policy text (sections 1, 2, 5, 6 and 8) with the numbers typed again. Scores are higher-is-worse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from .quick_forms import Fact, Form, Moment, check_form, day_of, fullness, whole, without_conflicts

DELTA = {"phq9": 5, "gad7": 4}
ANSWERS = {"interest": 0, "low_mood": 1, "sleep": 2, "energy": 3, "self_worth": 5, "difficulty": 9}
INTENT = ("suicidal_intent", "suicidal_plan", "suicide_attempt")
HOLDS = {"psychosis": "psychosis", "mania": "mania", "other_hold": "clinician"}


@dataclass(frozen=True)
class Read:
    """What one scale says: the reason it cannot be assessed, else a level; and what that rests on."""

    reason: str | None
    level: str | None = None
    latest: float | None = None
    baseline: float | None = None
    best_of_all: float | None = None
    confirmed: bool = False

    @property
    def gain(self) -> float | None:
        """Return the points gained from the baseline to the best score since induction."""
        return None if self.baseline is None or self.best_of_all is None else self.baseline - self.best_of_all


class Patient:
    """One record as far as the screen reads it."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record, self.today = record, day_of(record["as_of"])
        self.own: dict[str, float] = {}
        overrides = [o for o in record.get("overrides", ()) if self._seen(o)]
        for override in sorted(overrides, key=lambda one: str(one["date"])):
            self.own[override["parameter"]] = override["value"]
        self.facts = [fact for fact in record.get("safety", ()) if self._seen(fact)]
        self._find_course()
        raw = [one for one in record.get("assessments", ()) if self._seen(one)]
        self.forms = without_conflicts([check_form(one, self.given) for one in raw if one.get("version") is None])
        nines = [(day_of(one["date"]), list(one.get("items") or ())[8:9]) for one in raw]
        self.nines = [(day, int(found[0])) for day, found in nines if found and whole(found[0], 3)]

    def number(self, name: str, usual: float) -> float:
        """Return a parameter: the patient's own, else the policy's."""
        return self.own.get(name, usual)

    def _seen(self, fact: Fact) -> bool:
        return not fact.get("entered_in_error") and day_of(fact["date"]) <= self.today

    def _find_course(self) -> None:
        marked = self.record.get("induction")
        span = (day_of(marked["first"]), day_of(marked["last"])) if marked else None
        if span and span[0] > self.today:
            span = None
        given = {day_of(one) for one in self.record.get("infusions", ())} | set(span or ())
        self.given = sorted(day for day in given if day <= self.today)
        found = [span] if span else []
        for at, first in enumerate(self.given):
            block = [day for day in self.given[at:] if (day - first).days <= 28][:8]
            gap = at == 0 or (first - self.given[at - 1]).days >= self.number("induction_gap_days", 56)
            if gap and len(block) >= 4 and not (span and first <= span[1]):
                found.append((first, block[-1]))
        self.courses = sorted(found)
        self.course = self.courses[-1] if found else None

    # ------------------------------------------------------------ scores

    def series(self, name: str, place: int | None = None) -> list[tuple[Moment, float]]:
        """Return the valid scores of a total, or of one answer, oldest first."""
        if place is None:
            found = [(form.moment, form.total) for form in self.forms if form.name == name]
        else:
            forms = self.forms if place == ANSWERS["difficulty"] else self._item_forms()
            found = [(form.moment, form.answers[place]) for form in forms if form.name == name]
        return sorted((moment, value) for moment, value in found if value is not None)

    def _item_forms(self) -> list[Form]:
        """Return one PHQ-9 form with usable answers per moment: with a valid total before one without."""
        usable = [form for form in self.forms if form.name == "phq9" and any(x is not None for x in form.answers[:9])]
        best: dict[Moment, Form] = {}
        for form in usable:
            best[form.moment] = max(best.get(form.moment, form), form, key=fullness)
        return list(best.values())

    def read(self, name: str, place: int | None = None) -> Read:
        """Return what a questionnaire, or one answer of PHQ-9, says today."""
        scores = self.series(name, place)
        latest = scores[-1] if place is None and scores else None
        counted = any(form.counts for form in self.forms if form.name == name)
        if place is not None:
            latest = self._current_answer(place)
        course = self.course
        after = [(moment, value) for moment, value in scores if course and moment[0] > course[1]]
        best_of_all = min((value for _, value in after), default=None)
        baseline = self._baseline(scores)
        if latest is None:
            return Read("invalid" if counted else "missing", baseline=baseline, best_of_all=best_of_all)
        best = _best_before(after, latest)
        reason = self._reason(latest[0][0], best)
        delta, floor = (1, 2) if place is not None else (self.number(f"{name}.delta", DELTA[name]), 5)
        worse = _worse(latest, best, delta, floor)
        confirmed = worse and self._confirmed(scores, after, latest, delta, floor)
        level = "possible" if worse else "absent"
        if worse and place is None and latest[1] >= 10 and (confirmed or self._half(latest, best, baseline, delta)):
            level = "probable"
        return Read(reason, None if reason else level, latest[1], baseline, best_of_all, confirmed)

    def _current_answer(self, place: int) -> tuple[Moment, float] | None:
        """Return the answer of the one form that answers are read from: not older than the latest valid total."""
        totals = self.series("phq9")
        fit = [form for form in self._item_forms() if not totals or form.moment >= totals[-1][0]]
        newest = max(fit, key=lambda form: (form.moment[0], form.total is not None, form.moment[1]), default=None)
        value = None if newest is None else newest.answers[place]
        return None if newest is None or value is None else (newest.moment, value)

    def _baseline(self, scores: Sequence[tuple[Moment, float]]) -> float | None:
        if self.course is None:
            return None
        first = self.course[0]
        fit = [one for one in scores if 0 <= (first - one[0][0]).days <= 28 and one[0] != (first, True)]
        earlier = [day for day in self.given if day < first]
        if len(self.courses) > 1 and earlier:
            fit = [one for one in fit if one[0] > (earlier[-1], False)]
        return fit[-1][1] if fit else None

    def _reason(self, day: date, best: float | None) -> str | None:
        if self.given and (day - self.given[-1]).days < 14:
            return "settling" if (self.today - self.given[-1]).days < 14 else "missing"
        if (self.today - day).days > 35:
            return "stale"
        return "no_reference" if best is None else None

    def _half(self, latest: tuple[Moment, float], best: float | None, baseline: float | None, delta: float) -> bool:
        if best is None or baseline is None or baseline - best < delta:
            return False
        return (latest[1] - best) / (baseline - best) >= self.number("gain_lost_probable", 0.5)

    def _confirmed(self, scores: Any, after: Any, latest: tuple[Moment, float], delta: float, floor: float) -> bool:
        least, most = self.number("confirm_gap_min", 5), self.number("confirm_gap_max", 42)
        before = [one for one in scores if least <= (latest[0][0] - one[0][0]).days <= most]
        before = [one for one in before if not self.given or one[0] > (self.given[-1], False)]
        if not before or (self.given and (before[-1][0][0] - self.given[-1]).days < 14):
            return False
        return _worse(before[-1], _best_before(after, before[-1]), delta, floor)

    def newest_failed(self) -> bool:
        """Return whether every PHQ-9 of the newest moment failed a check."""
        records = [form for form in self.forms if form.name == "phq9" and form.counts]
        newest = max((form.moment for form in records), default=None)
        return bool(records) and all(form.failed for form in records if form.moment == newest)

    # ------------------------------------------------------------ safety

    def of(self, kind: str, field: str | None = None) -> list[Fact]:
        """Return the facts of a type; with a field, those of the latest day that states it."""
        found = [fact for fact in self.facts if fact["type"] == kind]
        return found if field is None else _latest([fact for fact in found if fact.get(field) is not None])

    def holds(self) -> set[str]:
        """Return the holds that stand: raised, and not cleared on or after the fact's day."""
        raised = [("consent", fact) for fact in self.of("consent", "status") if fact["status"] != "given"]
        raised += [("pregnancy", fact) for fact in self.of("pregnancy", "status") if fact["status"] == "pregnant"]
        raised += [("blood_pressure", fact) for fact in self._crisis()]
        for name, hold in HOLDS.items():
            latest = _latest([fact for fact in self.of("condition") if fact["name"] == name])
            raised += [(hold, fact) for fact in latest if fact["status"] == "active"]
        cleared = {(fact["hold"], day_of(fact["date"])) for fact in self.of("review") if fact["kind"] == "hold_cleared"}
        return {hold for hold, fact in raised if not any(h == hold and d >= day_of(fact["date"]) for h, d in cleared)}

    def _crisis(self) -> list[Fact]:
        both = [fact for fact in self.of("bp") if fact.get("systolic") and fact.get("diastolic")]
        latest = _latest([fact for fact in both if fact["diastolic"] < fact["systolic"]])
        return [fact for fact in latest if fact["systolic"] >= 180 or fact["diastolic"] >= 120]

    def triggers(self) -> set[str]:
        """Return how soon open triggers ask for a clinician: `now`, `same_day`, `within_7_days`."""
        found = [("now", fact) for fact in self.of("report") if fact["kind"] in INTENT]
        screens = self.of("cssrs")
        found += [("now", fact) for fact in screens if _yes(fact, "q4", "q5", "q6_recent")]
        found += [("same_day", fact) for fact in screens if _yes(fact, "q1", "q2", "q3")]
        lifetime = [fact for fact in screens if _yes(fact, "q6_lifetime") and not _yes(fact, "q6_recent")]
        reviews = [day_of(fact["date"]) for fact in self.of("review") if fact["kind"] == "safety"]
        if lifetime and not any(day >= min(day_of(fact["date"]) for fact in lifetime) for day in reviews):
            found += [("same_day", fact) for fact in lifetime]
        dated = [(due, day_of(fact["date"])) for due, fact in found] + list(self._nine_triggers(screens))
        still = {due for due, day in dated if self._open(day, reviews) and (due == "now" or self._recent(day))}
        crisis = any((self.today - day_of(fact["date"])).days <= 7 for fact in self._crisis())
        return still | ({"now"} if crisis else set())

    def _nine_triggers(self, screens: Iterable[Fact]) -> Iterable[tuple[str, date]]:
        clean = [day_of(fact["date"]) for fact in screens if _negative(fact)]
        for day, value in self.nines:
            screened = any(one >= day for one in clean)
            before = [x for other, x in self.nines if self.course and self.course[1] < other < day]
            if value >= 2:
                yield "same_day" if screened else "now", day
            elif value == 1 and not screened:
                yield "same_day", day
            elif value == 1 and (not before or value > min(before)):
                yield "within_7_days", day

    def _open(self, day: date, reviews: Iterable[date]) -> bool:
        return not any(one >= day for one in reviews) and not any(one > day for one in self.given)

    def _recent(self, day: date) -> bool:
        return (self.today - day).days <= self.number("trigger_lookback", 90)

    def asked_about_suicide(self) -> bool:
        """Return whether item 9 or a question of the screener was answered lately."""
        keys = ("q1", "q2", "q3", "q4", "q5", "q6_recent")
        days = [day_of(fact["date"]) for fact in self.of("cssrs") if any(fact.get(key) is not None for key in keys)]
        days += [day for day, _ in self.nines]
        return any((self.today - day).days <= self.number("si_current_days", 35) for day in days)

    # ------------------------------------------------------------ time

    def overdue(self) -> bool:
        """Return whether the next PHQ-9 is more than 7 days late."""
        days = [moment[0] for moment, _ in self.series("phq9")]
        every = 28
        if self.course:
            since = (self.today - self.course[1]).days
            every = 7 if since <= 28 else 14 if since <= 84 else 28
            days = [day for day in days if day > self.course[1]] or [self.course[1]]
        return not days or (self.today - days[-1]).days > every + 7

    def spaced(self) -> bool:
        """Return whether neither the last infusion nor the number in a year speaks against another."""
        year = [day for day in self.given if (self.today - day).days < 365]
        last = (self.today - self.given[-1]).days if self.given else None
        return not (last is not None and last < self.number("min_interval_days", 21)) and len(year) < 18

    def booked(self) -> bool:
        """Return whether an infusion is booked soon."""
        ahead = [(day_of(one) - self.today).days for one in self.record.get("booked", ())]
        return any(0 <= days <= self.number("booked_window_days", 14) for days in ahead)

    def child(self) -> bool:
        """Return whether the patient is under 18."""
        if "birth_date" not in self.record:
            return False
        born = day_of(self.record["birth_date"])
        return self.today.year - born.year - ((self.today.month, self.today.day) < (born.month, born.day)) < 18

    def benefit_reported(self) -> bool:
        """Return whether a clinician recorded benefit in this course."""
        reports = [fact for fact in self.of("report") if fact["kind"] == "benefit" and fact["by"] == "clinician"]
        return any(self.course and day_of(fact["date"]) >= self.course[0] for fact in reports)


def _best_before(after: Iterable[tuple[Moment, float]], judged: tuple[Moment, float]) -> float | None:
    return min((value for moment, value in after if moment[0] < judged[0][0]), default=None)


def _worse(score: tuple[Moment, float], best: float | None, delta: float, floor: float) -> bool:
    return best is not None and score[1] - best >= delta and score[1] >= floor


def _latest(facts: Sequence[Fact]) -> list[Fact]:
    last = max((day_of(fact["date"]) for fact in facts), default=None)
    return [fact for fact in facts if day_of(fact["date"]) == last]


def _yes(fact: Fact, *keys: str) -> bool:
    return any(fact.get(key) is True for key in keys)


def _negative(fact: Fact) -> bool:
    return all(fact.get(key) is False for key in ("q1", "q2", "q6_recent")) and not _yes(fact, "q3", "q4", "q5")

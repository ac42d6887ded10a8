"""Measures of section 2 and rule G of section 5, for one instrument or one PHQ-9 item.

A `View` is what an evaluation at one moment may see. Scores are oriented: higher is worse.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .facts import DIFFICULTY, Fact, Form, item_sources
from .table import ITEM, ROWS, Parameters, Row, day

LEVELS = ("absent", "possible", "probable")
NEAREST = ("no_reference", "stale", "settling", "invalid", "missing")


@dataclass(frozen=True, slots=True)
class View:
    """The facts up to one moment. `infusions` are those given by then, in order."""

    as_of: datetime.date
    infusions: tuple[datetime.date, ...]
    induction: tuple[datetime.date, datetime.date] | None
    after_earlier_induction: bool
    forms: tuple[Form, ...]
    reports: tuple[Fact, ...]
    ptsd: bool
    parameters: Parameters

    @property
    def last_infusion(self) -> datetime.date | None:
        """The date of the last infusion, or None."""
        return self.infusions[-1] if self.infusions else None


@dataclass(frozen=True, slots=True)
class Score:
    """One valid oriented score."""

    date: datetime.date
    after: bool
    value: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What one input says: a reason when it is not assessable, else a level; and its measures."""

    name: str
    reason: str | None
    level: str
    confirmed: bool
    latest: Score | None = None
    best: float | None = None
    baseline: float | None = None
    best_of_all: float | None = None
    change: float | None = None
    fraction: float | None = None
    delta: float = 1

    @property
    def assessable(self) -> bool:
        """True when valid, interpretable, fresh and with a reference."""
        return self.reason is None

    @property
    def positive(self) -> bool:
        """True at `possible` and `probable`."""
        return self.level in LEVELS[1:]

    @property
    def gain(self) -> float | None:
        """Baseline minus the best of all post-induction scores; None without both."""
        if self.baseline is None or self.best_of_all is None:
            return None
        return self.baseline - self.best_of_all


def days(later: datetime.date, earlier: datetime.date) -> int:
    """Return whole days between two dates."""
    return (later - earlier).days


def rewind(view: View, date: datetime.date, before_infusion: bool) -> View:
    """Return the view at an earlier date; `before_infusion` leaves out an infusion of that day."""
    return replace(
        view,
        as_of=date,
        infusions=tuple(d for d in view.infusions if d < date or (d == date and not before_infusion)),
        forms=tuple(
            form
            for form in view.forms
            if form.date < date or (form.date == date and not (before_infusion and form.after))
        ),
        reports=tuple(fact for fact in view.reports if day(fact["date"]) <= date),
    )


def scores_of(view: View, name: str) -> list[Score]:
    """Return the valid scores of an instrument, oldest first."""
    sign = ROWS[name].sign
    found = [
        Score(form.date, form.after, sign * form.total)
        for form in view.forms
        if form.instrument == name and form.total is not None
    ]
    return sorted(found, key=lambda score: (score.date, score.after))


def post_induction(view: View, scores: Sequence[Score]) -> list[Score]:
    """Return the scores dated strictly after the induction's last date."""
    return [s for s in scores if view.induction and s.date > view.induction[1]]


def baseline_of(view: View, scores: Sequence[Score]) -> float | None:
    """Return the baseline of section 1, or None."""
    if view.induction is None:
        return None
    first = view.induction[0]
    fit = [s for s in scores if 0 <= days(first, s.date) <= 28 and not (s.date == first and s.after)]
    earlier = [d for d in view.infusions if d < first]
    if view.after_earlier_induction and earlier:
        fit = [s for s in fit if (s.date, s.after) > (earlier[-1], False)]
    return fit[-1].value if fit else None


def reference(view: View, scores: Sequence[Score], judged: Score) -> float | None:
    """Return the best post-induction score dated strictly before the judged one, or None."""
    earlier = [s.value for s in post_induction(view, scores) if s.date < judged.date]
    return min(earlier, default=None)


def interpretable(view: View, row: Row, score: Score) -> bool:
    """True when the settling window had passed; without any infusion there is no window."""
    return view.last_infusion is None or days(score.date, view.last_infusion) >= row.settle


def read_instrument(view: View, name: str) -> Reading:
    """Return the reading of one instrument of table 3.1."""
    scores = scores_of(view, name)
    latest = scores[-1] if scores else None
    reason = None
    if latest is None:
        known = any(form.instrument == name and form.is_record_of_total for form in view.forms)
        reason = "invalid" if known else "missing"
    return _read(view, name, ROWS[name], scores, latest, reason)


def read_answer(view: View, place: int) -> Reading:
    """Return the reading of a PHQ-9 item (place 0 to 8) or of its difficulty item (place 9)."""
    sources = item_sources(view.forms)
    history = []
    for form in _answering_forms(view) if place == DIFFICULTY else sources:
        given = form.answers[place]
        if given is not None:
            history.append(Score(form.date, form.after, given))
    source = _current_source(view, sources)
    answer = None if source is None else source.answers[place]
    latest = None
    if source is not None and answer is not None:
        latest = Score(source.date, source.after, answer)
    reason = None if latest else _answer_reason(view, sources, source, place)
    name = "phq9_difficulty" if place == DIFFICULTY else f"phq9_item{place + 1}"
    return _read(view, name, ITEM, history, latest, reason)


def _answering_forms(view: View) -> list[Form]:
    """Return every PHQ-9 form with a usable difficulty item: it needs no items to be an earlier reference."""
    forms = [form for form in view.forms if form.instrument == "phq9" and form.answers[DIFFICULTY] is not None]
    return sorted(forms, key=lambda form: (form.date, form.after))


def _current_source(view: View, sources: Sequence[Form]) -> Form | None:
    """Return the one record that items and difficulty are read from (check 3)."""
    totals = scores_of(view, "phq9")
    newest = (totals[-1].date, totals[-1].after) if totals else None
    fit = [form for form in sources if newest is None or (form.date, form.after) >= newest]
    return max(fit, key=lambda f: (f.date, f.total is not None, f.after), default=None)


def _answer_reason(view: View, sources: Sequence[Form], source: Form | None, place: int) -> str | None:
    """Return why an answer is not there: rejected (`invalid`), or blank or unknown (`missing`)."""
    if source is not None:
        return "invalid" if source.stated[place] else "missing"
    if sources:  # a newer valid total without items
        return "missing"
    comparable = [form for form in view.forms if form.comparable and form.stated[place]]
    return "invalid" if comparable and all(form.answers[place] is None for form in comparable) else "missing"


def _read(
    view: View,
    name: str,
    row: Row,
    scores: Sequence[Score],
    latest: Score | None,
    reason: str | None,
) -> Reading:
    delta = view.parameters.get(f"{name}.delta", row.delta)
    if latest is None:
        return Reading(name, reason, "absent", False, delta=delta)
    best = reference(view, scores, latest)
    baseline = baseline_of(view, scores)
    change = None if best is None else latest.value - best
    reason = _reason(view, row, latest, best)
    fraction = _fraction(latest.value, best, baseline, delta)
    confirmed = _confirmed(view, row, scores, latest, delta)
    return Reading(
        name=name,
        reason=reason,
        level=LEVELS[0] if reason else _level(view, row, latest, change, delta, confirmed, fraction),
        confirmed=confirmed,
        latest=latest,
        best=best,
        baseline=baseline,
        best_of_all=min((s.value for s in post_induction(view, scores)), default=None),
        change=change,
        fraction=fraction,
        delta=delta,
    )


def _reason(view: View, row: Row, latest: Score, best: float | None) -> str | None:
    """Return the first reason against a valid latest score, in the order of `Assessable`."""
    last = view.last_infusion
    if last is not None and not interpretable(view, row, latest):
        return "settling" if days(view.as_of, last) < row.settle else "missing"
    if days(view.as_of, latest.date) > row.fresh:
        return "stale"
    return "no_reference" if best is None else None


def _fraction(latest: float, best: float | None, baseline: float | None, delta: float) -> float | None:
    if best is None or baseline is None or baseline - best < delta:
        return None
    return (latest - best) / (baseline - best)


def _possible(row: Row, value: float, change: float | None, delta: float) -> bool:
    return change is not None and change >= delta and value >= row.sign * row.floor


def _level(
    view: View,
    row: Row,
    latest: Score,
    change: float | None,
    delta: float,
    confirmed: bool,
    fraction: float | None,
) -> str:
    """Rule G for an assessable input."""
    if not _possible(row, latest.value, change, delta):
        return "absent"
    lost = fraction is not None and fraction >= view.parameters["gain_lost_probable"]
    if row.cut is not None and latest.value >= row.sign * row.cut and (confirmed or lost):
        return "probable"
    return "possible"


def _confirmed(view: View, row: Row, scores: Sequence[Score], latest: Score, delta: float) -> bool:
    """True when the latest and the preceding score of this cycle both meet `possible`."""
    low, high = view.parameters["confirm_gap_min"], view.parameters["confirm_gap_max"]
    start = view.last_infusion
    earlier = [
        s
        for s in scores
        if low <= days(latest.date, s.date) <= high and (start is None or (s.date, s.after) > (start, False))
    ]
    if not earlier:
        return False
    for score in (earlier[-1], latest):
        best = reference(view, scores, score)
        change = None if best is None else score.value - best
        if not interpretable(view, row, score) or not _possible(row, score.value, change, delta):
            return False
    return True

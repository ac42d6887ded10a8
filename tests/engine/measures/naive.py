"""The score kinds said as plainly as the policy says them: every date scans the whole record. An oracle for tests.

It starts from the checked forms, truncates them, and shares no formula with the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from boosterwatch.engine.measures.derive import open_history
from boosterwatch.engine.model import Record, Undefined, Value
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import Scored
from boosterwatch.tests.engine.measures.build import PARAMETERS, SCALES, SCORES

Number = int | float


class Score(NamedTuple):
    """One usable value: its day, whether it comes after that day's infusion, and raw points."""

    day: int
    after: bool
    raw: Number


class Seen(NamedTuple):
    """What is known at a date."""

    at: int
    infusions: Sequence[int]
    induction: tuple[int, int] | None
    floor: int | None
    forms: Mapping[str, Sequence[Scored]]


def see(facts: Record, at: int, *, before_infusion: bool = False) -> Seen:
    """Return what is known of the record at a date."""
    given = {*facts.infusions, *(facts.induction or ())}
    infusions = sorted(day for day in given if day < at or (day == at and not before_infusion))
    marked = facts.induction
    if marked is not None and (marked[0] > at or (marked[0] == at and before_infusion)):
        marked = None
    induction, floor = find_course(infusions, marked)
    scored = open_history(SCORES, facts, PARAMETERS).scored
    forms = {
        id: [one for one in many if (one.key < 2 * at + (not before_infusion) or one.key == 2 * at)]
        if before_infusion
        else [one for one in many if one.key // 2 <= at]
        for id, many in scored.items()
    }
    return Seen(at, infusions, induction, floor, forms)


def find_course(infusions: Sequence[int], marked: tuple[int, int] | None) -> tuple[tuple[int, int] | None, int | None]:
    """Return the latest induction, and the last infusion before it where there was an earlier one."""
    found: list[tuple[int, int]] = [] if marked is None else [marked]
    taken_until = None if marked is None else marked[1]
    for n, day in enumerate(infusions):
        if taken_until is not None and day <= taken_until:
            continue
        if n and day - infusions[n - 1] < PARAMETERS["gap_days"]:
            continue
        block = [other for other in infusions if 0 <= other - day <= PARAMETERS["span_days"]]
        block = block[: int(PARAMETERS["most"])]
        if len(block) >= PARAMETERS["least"]:
            found.append((block[0], block[-1]))
    if not found:
        return None, None
    latest = max(found)
    earlier = [day for day in infusions if day < latest[0]]
    return latest, max(earlier) if len(found) > 1 else None


# ---------------------------------------------------------------- one scale


class Naive:
    """One scale at one date."""

    def __init__(self, seen: Seen, scale: ir.Scale) -> None:
        self.seen = seen
        self.scale = scale
        self.sign = 1 if scale.worse == "high" else -1
        self.forms = sorted(seen.forms.get(scale.instrument, ()), key=lambda one: one.key)
        self.scores = self._scores()
        self.latest: Score | None = None
        self.why = self._find_latest()

    def _scores(self) -> list[Score]:
        usable = []
        for one in self.forms:
            raw = one.total if self.scale.part is None else self._answer(one)
            if raw is not None:
                usable.append((one.key, one.total is not None, self.sign * raw))
        return [Score(key // 2, key % 2 == 1, self.sign * points) for key, _, points in sorted(usable)]

    def _answer(self, one: Scored) -> Number | None:
        assert self.scale.part is not None
        kind, place = self.scale.part
        if kind == "field":
            return one.extra.get(str(place))
        return dict(enumerate(one.items, start=1)).get(int(place))

    def _given(self, one: Scored) -> bool:
        assert self.scale.part is not None
        kind, place = self.scale.part
        if kind == "field":
            return str(place) in one.form.extra
        return dict(enumerate(one.form.items or (), start=1)).get(int(place)) is not None

    def _find_latest(self) -> str:
        if self.scale.part is not None:
            return self._find_answer()
        if self.scores:
            self.latest = self.scores[-1]
            return ""
        return "invalid" if any(one.failed for one in self.forms) else "missing"

    def _find_answer(self) -> str:
        totals = [one.key for one in self.forms if one.total is not None]
        newest_total = max(totals, default=-1)
        sources = [one for one in self.forms if any(i is not None for i in one.items) and one.key >= newest_total]
        if not sources:
            given = [one.key for one in self.forms if self._given(one)]
            answered = any(self._answer(one) is not None for one in self.forms)
            with_items = any(item is not None for one in self.forms for item in one.items)
            return "invalid" if given and not answered and not with_items else "missing"
        day = max(one.key // 2 for one in sources)
        on_day = [one for one in sources if one.key // 2 == day]
        source = max(on_day, key=lambda one: (one.total is not None, one.key, weight(one)))
        raw = self._answer(source)
        if raw is not None:
            self.latest = Score(day, source.key % 2 == 1, raw)
            return ""
        return "invalid" if self._given(source) else "missing"

    # ---- references

    def worst_is_high(self, score: Score) -> Number:
        return self.sign * score.raw

    def post(self) -> list[Score]:
        if self.seen.induction is None:
            return []
        return [score for score in self.scores if score.day > self.seen.induction[1]]

    def best_before(self, day: int) -> Number | None:
        earlier = [self.worst_is_high(score) for score in self.post() if score.day < day]
        return min(earlier) if earlier else None

    def baseline(self) -> Number | None:
        if self.seen.induction is None:
            return None
        first = self.seen.induction[0]
        fitting = [
            score
            for score in self.scores
            if 0 <= first - score.day <= PARAMETERS["baseline_days"]
            and not (score.day == first and score.after)
            and (self.seen.floor is None or (score.day, score.after) > (self.seen.floor, False))
        ]
        return self.worst_is_high(fitting[-1]) if fitting else None

    def cycle_start(self, score: Score) -> int | None:
        earlier = [day for day in self.seen.infusions if day < score.day or (day == score.day and score.after)]
        return max(earlier, default=None)

    def previous(self) -> Score | None:
        if self.latest is None:
            return None
        low, high = PARAMETERS["from_days"], PARAMETERS["to_days"]
        fitting = [
            score
            for score in self.scores
            if low <= self.latest.day - score.day <= high and self.cycle_start(score) == self.cycle_start(self.latest)
        ]
        return fitting[-1] if fitting else None

    def settled(self, score: Score, infusion: int | None) -> bool:
        if infusion is None:
            return True
        after = score.day > infusion or (score.day == infusion and score.after)
        return after and score.day - infusion >= PARAMETERS["settle"]


def weight(one: Scored) -> tuple[int, list[tuple[bool, Number]]]:
    """Return what decides between two forms of one time: more answers, then higher ones."""
    return sum(item is not None for item in one.items), [(item is not None, item or 0) for item in one.items]


# ---------------------------------------------------------------- the measures


def measures_of(seen: Seen, scale: ir.Scale) -> dict[str, Value]:
    """Return every score measure of the toy pack for one scale."""
    it = Naive(seen, scale)
    latest, sign, why = it.latest, it.sign, it.why
    no_course = seen.induction is None
    best = it.best_before(latest.day) if latest else None
    baseline = it.baseline()
    since = min((it.worst_is_high(score) for score in it.post()), default=None)
    now = it.worst_is_high(latest) if latest else None
    found: dict[str, Value] = {
        "latest": latest.raw if latest else Undefined(why),
        "latest_date": latest.day if latest else Undefined(why),
        "age": seen.at - latest.day if latest else Undefined(why),
        "recent": recent(seen, it, why),
        "best": sign * best if best is not None else Undefined(why or "no_reference"),
        "baseline": sign * baseline if baseline is not None else Undefined(missing_baseline(no_course)),
        "best_since_induction": sign * since if since is not None else Undefined(missing_best(no_course)),
        "change_from_best": now - best if now is not None and best is not None else Undefined(why or "no_reference"),
    }
    if now is None or baseline is None:
        found["change_from_baseline"] = Undefined(why or missing_baseline(no_course))
    else:
        found["change_from_baseline"] = now - baseline
    found["gain"] = gain(baseline, since, no_course)
    found["fraction_lost"] = fraction(now, best, baseline, why)
    found["response_fraction"] = response(sign, baseline, since, no_course)
    found["reason"] = reason(it, seen, latest, why, best)
    found["assessable"] = found["reason"] == "assessable"
    found |= previous(it)
    found["slope"] = slope(it, seen)
    found["newest_invalid"] = newest_invalid(it)
    return found


def missing_baseline(no_course: bool) -> str:
    return "no_induction" if no_course else "no_baseline"


def missing_best(no_course: bool) -> str:
    return "no_induction" if no_course else "no_reference"


def recent(seen: Seen, it: Naive, why: str) -> Value:
    if it.latest is None:
        return Undefined(why)
    if seen.at - it.latest.day > PARAMETERS["recent"]:
        return Undefined("stale")
    return it.sign * max(it.worst_is_high(score) for score in it.scores if score.day == it.latest.day)


def gain(baseline: Number | None, since: Number | None, no_course: bool) -> Value:
    if baseline is None:
        return Undefined(missing_baseline(no_course))
    return Undefined("no_reference") if since is None else baseline - since


def fraction(now: Number | None, best: Number | None, baseline: Number | None, why: str) -> Value:
    if now is None or best is None:
        return Undefined(why or "no_reference")
    if baseline is None:
        return Undefined("no_baseline")
    if baseline - best < PARAMETERS["delta"]:
        return Undefined("small_gain")
    return (now - best) / (baseline - best)


def response(sign: int, baseline: Number | None, since: Number | None, no_course: bool) -> Value:
    if baseline is None:
        return Undefined(missing_baseline(no_course))
    if since is None:
        return Undefined("no_reference")
    if baseline < sign * PARAMETERS["case"]:
        return Undefined("not_evaluable")
    if baseline == 0:
        return Undefined("zero_baseline")
    return (sign * baseline - sign * since) / (sign * baseline)


def reason(it: Naive, seen: Seen, latest: Score | None, why: str, best: Number | None) -> str:
    if latest is None:
        return why
    infusion = max(seen.infusions, default=None)
    if not it.settled(latest, infusion):
        assert infusion is not None
        return "settling" if seen.at - infusion < PARAMETERS["settle"] else "missing"
    if seen.at - latest.day > PARAMETERS["fresh"]:
        return "stale"
    return "no_reference" if best is None else "assessable"


def previous(it: Naive) -> dict[str, Value]:
    score = it.previous()
    if score is None:
        return dict.fromkeys(("previous", "previous_change", "previous_interpretable"), Undefined("no_preceding"))
    best = it.best_before(score.day)
    change: Value = Undefined("no_reference") if best is None else it.worst_is_high(score) - best
    return {
        "previous": score.raw,
        "previous_change": change,
        "previous_interpretable": it.settled(score, it.cycle_start(score)),
    }


def slope(it: Naive, seen: Seen) -> Value:
    infusion = max(seen.infusions, default=None)
    if infusion is None:
        return Undefined("too_few")
    points = [(score.day, it.worst_is_high(score)) for score in it.scores if it.settled(score, infusion)]
    if len(points) < PARAMETERS["points"] or points[-1][0] - points[0][0] < PARAMETERS["span"]:
        return Undefined("too_few")
    mean_day = Fraction(sum(day for day, _ in points), len(points))
    mean = sum(Fraction(points_) for _, points_ in points) / len(points)
    spread = sum((day - mean_day) ** 2 for day, _ in points)
    return float(7 * sum((day - mean_day) * (Fraction(y) - mean) for day, y in points) / spread)


def newest_invalid(it: Naive) -> bool:
    known = [one for one in it.forms if one.failed or one.total is not None]
    newest = max((one.key for one in known), default=-1)
    return bool(known) and all(one.failed for one in known if one.key == newest)


def expected(facts: Record, at: int, *, before_infusion: bool = False) -> dict[str, Value]:
    """Return every score measure of the toy pack by name."""
    seen = see(facts, at, before_infusion=before_infusion)
    return {f"{one.id}.{name}": found for one in SCALES for name, found in measures_of(seen, one).items()}

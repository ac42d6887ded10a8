"""The forms of one instrument: dated visits, and for each a total and answers that fit together.

Scales of one instrument share its forms: a total, some items and an extra answer may all be wanted of the same visit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from boosterwatch.engine.author.patients.course import Course, Parameters
from boosterwatch.engine.author.patients.days import AS_OF, iso
from boosterwatch.engine.author.patients.scores import VISITS, Values, choose_values, needed, range_of
from boosterwatch.engine.author.patients.wants import EXACT, ScaleWants, Wants
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import item_sum, whole

Form = dict[str, Any]
_USUAL_GAP = 14  # days between visits


def make_forms(
    pack: ir.Pack, parameters: Parameters, instrument: ir.Instrument, wants: Wants, course: Course
) -> list[Form]:
    """Return the forms of an instrument that show what is wanted of its scales, oldest first."""
    told = {scale.id: wants.scales.get(scale.id, {}) for scale in pack.scales if scale.instrument == instrument.id}
    visits = set().union(*map(needed, told.values())) if told else set()
    wanted_invalid = any(one.get("reason") == "invalid" or one.get("newest_invalid") is True for one in told.values())
    if not visits and not wanted_invalid:
        return []
    days = plan_visits(pack, parameters, wants, list(told), visits, course)
    values = {
        scale.id: choose_values(
            range_of(scale, _step(instrument, scale)), told[scale.id], days, wants.loose.get(scale.id, EXACT)
        )
        for scale in pack.scales
        if scale.instrument == instrument.id and needed(told[scale.id])
    }
    scales = {scale.id: scale for scale in pack.scales if scale.id in values}
    forms = [_form_of(instrument, scales, values, visit, days[visit]) for visit in VISITS if visit in days]
    if wanted_invalid:
        forms.append(spoilt_form(instrument, AS_OF))
    return forms


def _step(instrument: ir.Instrument, scale: ir.Scale) -> float:
    """Return the points between two values of the scale: more than one where totals are multiplied."""
    if scale.part is not None:
        return 1
    method = _method(instrument)
    return method.times if method else 1


# ---------------------------------------------------------------- when


def plan_visits(
    pack: ir.Pack, parameters: Parameters, wants: Wants, scales: Sequence[str], visits: set[str], course: Course
) -> dict[str, int]:
    """Return the day of each visit, in the order that the measures need."""
    told = [wants.scales.get(id, {}) for id in scales]
    settle, fresh = _window(parameters, wants, scales, "settle"), _window(parameters, wants, scales, "fresh")
    days: dict[str, int] = {}
    if "latest" in visits or "previous" in visits:
        days["latest"] = _latest_day(told, course, settle, fresh)
    start = course.induction[-1] if course.induction else None
    newest = days.get("latest", AS_OF - 1)
    if "previous" in visits:
        days["previous"] = newest - _previous_gap(parameters, wants, scales, course, newest, settle)
    if "best" in visits:
        end = days.get("previous", newest)
        away = _previous_window(parameters, wants, scales)[1] if _denies_previous(told) else 0
        days["best"] = _best_day(start, end, newest - away)
    if "baseline" in visits and start is not None:
        days["baseline"] = course.induction[0] - min(3, int(parameters[pack.course.baseline_days]))
    return {visit: days[visit] for visit in VISITS if visit in days and visit in visits | {"latest"}}


def _latest_day(told: Sequence[ScaleWants], course: Course, settle: int, fresh: int) -> int:
    for one in told:
        date, age = one.get("latest_date"), one.get("age")
        if isinstance(date, int):
            return date
        if isinstance(age, int | float):
            return AS_OF - int(age)
    reasons = {one.get("reason") for one in told}
    if "stale" in reasons:
        return AS_OF - fresh - 1
    if "settling" in reasons and course.last is not None:
        return min(AS_OF, course.last + 1)
    if course.last is not None and AS_OF - 1 - course.last < settle:
        return min(AS_OF, course.last + settle)
    return AS_OF - 1


def _best_day(start: int | None, end: int, denied_until: int) -> int:
    """Return a day after the induction and before the next visit, four weeks after it where there is room."""
    if start is None:
        return end - 2 * _USUAL_GAP
    day = min(start + 2 * _USUAL_GAP, (start + end) // 2)
    if denied_until < day:
        day = denied_until - 1 if denied_until - 1 > start else day
    return max(min(day, end - 1), start + 1)


def _denies_previous(told: Sequence[ScaleWants]) -> bool:
    return any("previous" in one and one["previous"] is None for one in told)


def _previous_gap(
    parameters: Parameters, wants: Wants, scales: Sequence[str], course: Course, newest: int, settle: int
) -> int:
    """Return the days between the last two visits: two weeks where the window and the last infusion allow it."""
    least, most = _previous_window(parameters, wants, scales)
    gap = min(max(_USUAL_GAP, least), most)
    if course.last is not None and newest - gap < course.last + settle:
        gap = max(least, newest - course.last - settle)
    return gap


def _previous_window(parameters: Parameters, wants: Wants, scales: Sequence[str]) -> tuple[int, int]:
    for measure in wants.measures.values():
        if measure.kind in ("previous", "previous_change") and measure.scale in scales:
            args = dict(measure.args)
            return int(parameters[args["from"]]), int(parameters[args["to"]])
    return _USUAL_GAP, _USUAL_GAP


def _window(parameters: Parameters, wants: Wants, scales: Sequence[str], setting: str) -> int:
    """Return the longest `settle`, or the shortest `fresh`, of the scales."""
    found = [
        int(parameters[dict(measure.args)[setting]])
        for measure in wants.measures.values()
        if measure.kind in ("assessable", "reason") and measure.scale in scales
    ]
    return (max(found) if setting == "settle" else min(found)) if found else 0


# ---------------------------------------------------------------- what


def _form_of(
    instrument: ir.Instrument, scales: Mapping[str, ir.Scale], values: Mapping[str, Values], visit: str, day: int
) -> Form:
    """Return one form; a total that nobody asked for is given only where items make it."""
    form: Form = {"instrument": instrument.id, "date": iso(day)}
    total: float | None = None
    items: dict[int, float] = {}
    for id, scale in scales.items():
        value = values[id].get(visit)
        if value is None:
            continue
        if scale.part is None:
            total = value
        elif scale.part[0] == "item":
            items[int(scale.part[1])] = value
        else:
            form[str(scale.part[1])] = value
    return form | scored(instrument, total, items)


def scored(instrument: ir.Instrument, total: float | None, items: Mapping[int, float]) -> Form:
    """Return the total and the items of a form: answers (counted from 1) that add up to the total, where they can."""
    if not items and total is not None:
        return stated_total(instrument, total)
    answers = fill_items(instrument, total, items)
    if answers is None:
        return stated_total(instrument, total if total is not None else instrument.low)
    summed = total_of(instrument, answers)
    return {**stated_total(instrument, summed), "items": answers}


def stated_total(instrument: ir.Instrument, total: float) -> Form:
    """Return a total as it is stated on a form, with its method where there are several."""
    method = _method(instrument)
    if method is None:
        return {"total": whole(total)}
    return {"total": whole(total / method.times), "scale": method.name}


def total_of(instrument: ir.Instrument, answers: Sequence[float]) -> float:
    """Return the total of complete answers on the instrument's own range."""
    spec = instrument.items
    if spec is None:
        return instrument.low
    times = next((method.times for method in instrument.methods if method.name == spec.method), 1)
    return item_sum(spec, tuple(answers)) * times


def fill_items(instrument: ir.Instrument, total: float | None, fixed: Mapping[int, float]) -> list[int] | None:
    """Return complete answers with these ones among them that come nearest to the total; None without items."""
    spec = instrument.items
    if spec is None or any(not 1 <= place <= spec.count for place in fixed):
        return None
    answers = [int(fixed.get(place, _least(spec, place))) for place in range(1, spec.count + 1)]
    free = [place for place in range(1, spec.count + 1) if place not in fixed]
    while total is not None and free and total_of(instrument, answers) < total:
        place = free.pop(0)
        answers[place - 1] = _raised(instrument, spec, answers, place, total)
    return answers


def _least(spec: ir.Items, place: int) -> int:
    return spec.high if place in spec.reversed else spec.low


def _raised(instrument: ir.Instrument, spec: ir.Items, answers: Sequence[int], place: int, total: float) -> int:
    """Return the answer that takes the total nearest to the wanted one without passing it."""
    steps = range(spec.high, spec.low - 1, -1) if place not in spec.reversed else range(spec.low, spec.high + 1)
    for value in steps:
        if total_of(instrument, [*answers[: place - 1], value, *answers[place:]]) <= total:
            return value
    return answers[place - 1]


def _method(instrument: ir.Instrument) -> ir.Method | None:
    usable = [method for method in instrument.methods if method.usable]
    return min(usable, key=lambda method: (method.times != 1, method.name), default=None)


def spoilt_form(instrument: ir.Instrument, day: int) -> Form:
    """Return a form whose total is out of range."""
    form: Form = {"instrument": instrument.id, "date": iso(day)}
    method = _method(instrument)
    high = instrument.high if method is None else method.high
    return form | {"total": whole(high + 1)} | ({"scale": method.name} if method else {})

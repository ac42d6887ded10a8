"""Levers for the newest form of each instrument: its total, its single answers, its extra answer, and its date.

A total with answers is moved by moving answers, so that the two still fit: first those that are no scale of their own,
last those that are events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.patients.days import iso, ordinal
from boosterwatch.engine.author.patients.edits import replaced, with_answers
from boosterwatch.engine.author.patients.forms import total_of
from boosterwatch.engine.author.what_if.change import Change, Lever, Record, plural, tidy
from boosterwatch.engine.decide.values import joined
from boosterwatch.engine.pack import ir

MOST_DAYS = 35  # a form is moved by at most so many days
Form = dict[str, Any]
Weights = Mapping[int, int]  # of answers, counted from 1: how late they are moved


def form_levers(pack: ir.Pack, record: Mapping[str, Any]) -> Iterator[Lever]:
    """Yield the levers of the newest form of each instrument."""
    for instrument in pack.instruments:
        at = newest_form(record, instrument.id)
        if at is None:
            continue
        scales = [scale for scale in pack.scales if scale.instrument == instrument.id]
        weights = _weights(pack, scales)
        form = record["assessments"][at]
        for way in (-1, 1):
            if "total" in form or form.get("items"):
                yield _total_lever(instrument, weights, at, way)
            for scale in scales:
                if scale.part is not None and _answer(form, scale) is not None:
                    yield _answer_lever(instrument, scale, at, way)
            yield _date_lever(instrument, at, way)


def newest_form(record: Mapping[str, Any], instrument: str) -> int | None:
    """Return the place of the newest form that can be compared, up to the evaluation; None without one."""
    as_of = ordinal(record["as_of"])
    found = [
        (ordinal(form["date"]), at)
        for at, form in enumerate(record.get("assessments", ()))
        if form["instrument"] == instrument and not form.get("entered_in_error") and ordinal(form["date"]) <= as_of
        if form.get("version", instrument) == instrument
    ]
    return max(found)[1] if found else None


# ---------------------------------------------------------------- totals


def _total_lever(instrument: ir.Instrument, weights: Weights, at: int, way: int) -> Lever:
    most = int(instrument.high - instrument.low)
    return Lever(
        "points",
        f"assessments[{at}].total",
        most,
        instrument.high - instrument.low,
        lambda record, steps: _pull_total(instrument, weights, at, way, record, steps),
    )


def _weights(pack: ir.Pack, scales: list[ir.Scale]) -> Weights:
    """Return the answers that are scales of their own (1), and those of them that are events as well (2)."""
    events = {event.scale for event in pack.events}
    items = [scale for scale in scales if scale.part is not None and scale.part[0] == "item"]
    return {int(scale.part[1]): 2 if scale.id in events else 1 for scale in items if scale.part is not None}


def _pull_total(
    instrument: ir.Instrument, weights: Weights, at: int, way: int, record: Record, steps: int
) -> tuple[Record, Change] | None:
    form = record["assessments"][at]
    items = form.get("items")
    if not items or None in items:
        moved = _with_total(instrument, form, steps * way)
    else:
        moved = _with_items(instrument, weights, form, steps * way)
    if moved is None:
        return None
    was, now = _final(instrument, form), _final(instrument, moved)
    says = _says(instrument.short, form, was, now, _through(weights, items, moved.get("items")))
    change = Change("points", f"assessments[{at}].total", was, now, abs(tidy(now - was)), "points", says)
    return replaced(record, "assessments", at, moved), change


def _through(weights: Weights, before: list[Any] | None, after: list[Any] | None) -> str:
    """Return which answers moved, where one of them is a scale of its own."""
    pairs = zip(before or (), after or (), strict=False)
    moved = [n for n, (was, now) in enumerate(pairs, 1) if was != now]
    return f", through items {joined([*map(str, moved)])}" if any(n in weights for n in moved) else ""


def _with_total(instrument: ir.Instrument, form: Form, by: int) -> Form | None:
    if "total" not in form:
        return None
    method = _method(instrument, form)
    low, high = (method.low, method.high) if method else (instrument.low, instrument.high)
    total = form["total"] + by
    return form | {"total": tidy(total)} if low <= total <= high else None


def _with_items(instrument: ir.Instrument, weights: Weights, form: Form, by: int) -> Form | None:
    """Return the form after its answers moved its total by so many steps of the item sum."""
    items = list(form["items"])
    for _ in range(abs(by)):
        moved = _one_answer(instrument, weights, items, 1 if by > 0 else -1)
        if moved is None:
            return None
        items = moved
    return with_answers(instrument, form, items)


def _one_answer(instrument: ir.Instrument, weights: Weights, items: list[int], way: int) -> list[int] | None:
    """Return the answers after one of them moved the total one step; None when none can."""
    spec, total = instrument.items, total_of(instrument, items)
    if spec is None or len(items) != spec.count:
        return None
    for place in sorted(range(1, spec.count + 1), key=lambda one: (weights.get(one, 0), way * items[one - 1], one)):
        value = items[place - 1] + (-way if place in spec.reversed else way)
        moved = [*items[: place - 1], value, *items[place:]]
        if spec.low <= value <= spec.high and (total_of(instrument, moved) - total) * way > 0:
            return moved
    return None


def _final(instrument: ir.Instrument, form: Form) -> int | float:
    """Return the total of a form on the instrument's own scale."""
    if "total" not in form:
        return tidy(total_of(instrument, form["items"]))
    method = _method(instrument, form)
    return tidy(form["total"] * (method.times if method else 1))


def _method(instrument: ir.Instrument, form: Form) -> ir.Method | None:
    named = form.get("scale") or (instrument.unstated.otherwise if instrument.unstated else None)
    return next((method for method in instrument.methods if method.name == named), None)


# ---------------------------------------------------------------- single answers


def _answer(form: Mapping[str, Any], scale: ir.Scale) -> float | None:
    kind, place = scale.part or ("", 0)
    if kind == "field":
        found: float | None = form.get(str(place))
        return found
    items = form.get("items") or ()
    return items[int(place) - 1] if int(place) <= len(items) else None


def _answer_lever(instrument: ir.Instrument, scale: ir.Scale, at: int, way: int) -> Lever:
    name = f"assessments[{at}].{_place(scale)}"
    width = scale.high - scale.low
    return Lever(
        "points", name, int(width), width, lambda record, steps: _pull_answer(instrument, scale, at, way, record, steps)
    )


def _place(scale: ir.Scale) -> str:
    kind, place = scale.part or ("", 0)
    return f"items[{int(place) - 1}]" if kind == "item" else str(place)


def _pull_answer(
    instrument: ir.Instrument, scale: ir.Scale, at: int, way: int, record: Record, steps: int
) -> tuple[Record, Change] | None:
    form = record["assessments"][at]
    was = _answer(form, scale)
    if was is None or not scale.low <= was + steps * way <= scale.high:
        return None
    now = tidy(was + steps * way)
    kind, place = scale.part or ("", 0)
    if kind == "field":
        moved = form | {str(place): now}
    else:
        answers = [now if n == int(place) else answer for n, answer in enumerate(form["items"], 1)]
        moved = with_answers(instrument, form, answers)
    says = _says(scale.short, form, tidy(was), now)
    change = Change("points", f"assessments[{at}].{_place(scale)}", tidy(was), now, steps, "points", says)
    return replaced(record, "assessments", at, moved), change


def _says(short: str, form: Form, was: float, now: float, through: str = "") -> str:
    by = f"{plural(abs(tidy(now - was)), 'points')} {'higher' if now > was else 'lower'}"
    return f"{short} of {form['date']} were {now:g} instead of {was:g} ({by}{through})"


# ---------------------------------------------------------------- dates of forms


def _date_lever(instrument: ir.Instrument, at: int, way: int) -> Lever:
    return Lever(
        "days",
        f"assessments[{at}].date",
        MOST_DAYS,
        MOST_DAYS,
        lambda record, steps: _pull_date(instrument, at, way, record, steps),
    )


def _pull_date(
    instrument: ir.Instrument, at: int, way: int, record: Record, steps: int
) -> tuple[Record, Change] | None:
    form = record["assessments"][at]
    day = ordinal(form["date"]) + steps * way
    if day > ordinal(record["as_of"]):
        return None
    moved = replaced(record, "assessments", at, form | {"date": iso(day)})
    later = "later" if way > 0 else "earlier"
    says = f"{instrument.short} of {form['date']} were dated {iso(day)} ({plural(steps, 'days')} {later})"
    return moved, Change("days", f"assessments[{at}].date", str(form["date"]), iso(day), steps, "days", says)

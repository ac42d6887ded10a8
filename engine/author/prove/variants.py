"""The second patient of a two-patient property, as a record: the first one's with a score worse, or facts left out.

These are edits of the record and know nothing of the model: what they say of a pair does not hang on it. An edit of an
answer can turn out better, or change another scale too, so the measures are looked at before a pair counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from boosterwatch.engine.author.prove.properties import Property, Unknown, Worse
from boosterwatch.engine.author.symbolic import Scene
from boosterwatch.engine.measures.source import sign_of
from boosterwatch.engine.model import Measures
from boosterwatch.engine.pack import ir

Record = dict[str, Any]
PERSON = ("birth_date", "sex")
MOST_LEFT_OUT = 2  # kinds of facts at a time


def seconds_of(which: Property, pack: ir.Pack, record: Record, scenes: Sequence[Scene]) -> Iterator[Record]:
    """Yield records that could be the second patient of a pair, the likely ones first; none for one patient."""
    match which.statement:
        case Worse(scales):
            yield from _worse(pack, record, _changed(pack, scales, scenes))
        case Unknown():
            yield from _less_known(record)


def is_second(which: Property, pack: ir.Pack, before: Measures, after: Measures) -> bool:
    """Return whether the second patient differs as the property says: no latest score better, and no other changed."""
    if not isinstance(which.statement, Worse):
        return True
    sign = {scale.id: sign_of(scale.worse) for scale in pack.scales}
    for one in (one for one in pack.measures if one.kind == "latest" and one.scale is not None):
        was, now = before.values.get(one.name), after.values.get(one.name)
        if was == now:
            continue
        if one.scale not in which.statement.scales or not isinstance(was, (int, float)):
            return False
        if not isinstance(now, (int, float)) or sign[str(one.scale)] * now < sign[str(one.scale)] * was:
            return False
    return True


def _changed(pack: ir.Pack, scales: Sequence[str], scenes: Sequence[Scene]) -> list[ir.Scale]:
    """Return the scales of which the two scenes show another latest value."""
    latest = {one.scale: one.name for one in pack.measures if one.kind == "latest" and one.scale in scales}
    differ = [scale for scale, name in latest.items() if scenes[0].get(name) != scenes[-1].get(name)]
    return [scale for scale in pack.scales if scale.id in differ]


# ---------------------------------------------------------------- a worse score


def _worse(pack: ir.Pack, record: Record, scales: Sequence[ir.Scale]) -> Iterator[Record]:
    instruments = {one.id: one for one in pack.instruments}
    for scale in scales:
        forms = record.get("assessments", [])
        days = [form["date"] for form in forms if form["instrument"] == scale.instrument]
        for at, form in enumerate(forms):
            if form["instrument"] == scale.instrument and form["date"] == max(days):
                for worse in _worse_forms(instruments[scale.instrument], scale, form):
                    yield {**record, "assessments": [*forms[:at], worse, *forms[at + 1 :]]}


def _worse_forms(instrument: ir.Instrument, scale: ir.Scale, form: Record) -> Iterator[Record]:
    """Yield the form with a worse total, or with a worse answer and the total that goes with it."""
    step = sign_of(scale.worse)
    worst = scale.high if step > 0 else scale.low
    if scale.part is None and form.get("items") is None and isinstance(form.get("total"), (int, float)):
        value = form["total"] + step
        while step * value <= step * worst:
            yield {**form, "total": value}
            value += step
    elif scale.part is None:
        for position in range(len(form.get("items") or ())):
            yield from _worse_items(instrument, form, position)
    elif scale.part[0] == "item":
        yield from _worse_items(instrument, form, int(scale.part[1]) - 1)
    else:
        name = str(scale.part[1])
        yield from (
            {**form, name: value} for value in range(int(form.get(name, worst)) + step, int(worst) + step, step)
        )


def _worse_items(instrument: ir.Instrument, form: Record, position: int) -> Iterator[Record]:
    items, spec = list(form.get("items") or ()), instrument.items
    if spec is None or position >= len(items) or items[position] is None:
        return
    for answer in range(spec.low, spec.high + 1):
        if answer != items[position]:
            changed = {**form, "items": [*items[:position], answer, *items[position + 1 :]]}
            changed.pop("total", None)  # the items say it
            yield changed


# ---------------------------------------------------------------- facts left out


def _less_known(record: Record) -> Iterator[Record]:
    """Yield the record without one or two kinds of what it holds, all of a kind at once."""
    kinds = [("assessments", "instrument", one["instrument"]) for one in record.get("assessments", [])]
    kinds += [("safety", "type", one["type"]) for one in record.get("safety", [])]
    kinds += [(key, "", key) for key in PERSON if key in record]
    kinds = list(dict.fromkeys(kinds))
    for number in range(1, MOST_LEFT_OUT + 1):
        for left_out in combinations(kinds, number):
            yield _without(record, left_out)


def _without(record: Mapping[str, Any], kinds: Sequence[tuple[str, str, str]]) -> Record:
    found = dict(record)
    for place, key, kind in kinds:
        if key:
            found[place] = [one for one in found[place] if one[key] != kind]
        else:
            del found[place]
    return found

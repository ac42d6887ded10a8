"""The second patient of a two-patient property, as a record: a score worse, facts left out, or numbers of their own.

These are edits of the record and know nothing of the model: what they say of a pair does not hang on it. An edit of an
answer can turn out better, or change another scale too, so the measures are looked at before a pair counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from boosterwatch.engine.author.prove.properties import NeverLoosens, Property, Unknown, Worse
from boosterwatch.engine.author.symbolic import Scene
from boosterwatch.engine.measures.source import sign_of
from boosterwatch.engine.model import Measures
from boosterwatch.engine.overlay.loosen import guard_of
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force

Record = dict[str, Any]
PERSON = ("birth_date", "sex")
MOST_LEFT_OUT = 2  # kinds of facts at a time
_MAY_SET = "a number that a layer may set"


def seconds_of(which: Property, pack: ir.Pack, record: Record, scenes: Sequence[Scene]) -> Iterator[Record]:
    """Yield records that could be the second patient of a pair, the likely ones first; none for one patient."""
    match which.statement:
        case Worse(scales):
            yield from _worse(pack, record, _changed(pack, scales, scenes))
        case Unknown():
            yield from _less_known(record)
        case NeverLoosens():
            yield from _own_numbers(which, pack, record, scenes[-1])


def firsts_of(which: Property, pack: ir.Pack, record: Record, scenes: Sequence[Scene]) -> Iterator[Record]:
    """Yield records of the first patient that are tried for one: the record, and of layers the same some days later."""
    if isinstance(which.statement, NeverLoosens):
        yield from _waited(which, pack, record, scenes[-1])
    else:
        yield record


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


# ---------------------------------------------------------------- numbers of a layer


def _waited(which: Property, pack: ir.Pack, record: Record, scene: Scene) -> Iterator[Record]:
    """Yield the record without numbers of the patient's own, and as it is after days that a number speaks of."""
    bare = {key: value for key, value in record.items() if key != "overrides"}
    yield bare
    as_of = date.fromisoformat(str(record["as_of"]))
    days = {one.name for one in pack.parameters if one.unit == "days"}
    numbers = [value for own in _settings(which, pack, record, scene) for name, value in own.items() if name in days]
    for wait in sorted({int(value) for value in numbers}):
        yield {**bare, "as_of": (as_of + timedelta(wait)).isoformat()}


def _own_numbers(which: Property, pack: ir.Pack, record: Record, scene: Scene) -> Iterator[Record]:
    """Yield the record with the patient's own numbers.

    What a site may set, a patient may have set for themselves, so no second one needs an overlay.
    """
    for own in _settings(which, pack, record, scene):
        yield {**record, "overrides": [_own(name, value, record) for name, value in own.items()]}


def _settings(which: Property, pack: ir.Pack, record: Record, scene: Scene) -> list[dict[str, float]]:
    """Return numbers that a layer could set: those of the scene, then the ends of the ranges that decide something."""
    free = [one for one in pack.parameters if one.allowed is not None and one.name not in which.fixed]
    in_force = values_in_force(pack, date.fromisoformat(str(record["as_of"])).toordinal())
    shown = {one.name: scene.get(f"param.{one.name}") for one in free}
    moved = {name: value for name, value in shown.items() if isinstance(value, int | float)}
    moved = {name: value for name, value in moved.items() if value != in_force[name].value}
    sides = guard_of(pack).parameters
    loose = [one for one in free if sides.get(one.name, "free") is None]  # these decide, and no side is stricter
    ends = [{one.name: end} for one in loose for end in one.allowed or ()]
    return [one for one in (moved, *({name: value} for name, value in moved.items()), *ends) if one]


def _own(name: str, value: float, record: Record) -> Record:
    value = int(value) if float(value).is_integer() else value
    return {"parameter": name, "value": value, "reason": _MAY_SET, "by": "prove", "date": str(record["as_of"])}


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

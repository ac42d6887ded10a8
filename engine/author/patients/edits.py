"""Small changes of a record, one at a time: what a search tries next, and what a smaller patient can do without.

Records are plain data; every edit is a new record, the one it was made from stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.patients.days import iso, ordinal
from boosterwatch.engine.author.patients.forms import total_of
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import whole

Record = dict[str, Any]
LISTS = ("infusions", "booked", "prior_cycles", "assessments", "safety", "overrides", "indications")
_COURSE = ("induction", "infusions", "prior_cycles")
_ALONE = ("birth_date", "sex", "patient", "indications", "booked")
_SHIFTS = (-1, 1, -7, 7, -21)


def without(record: Mapping[str, Any], key: str, at: int | None = None) -> Record:
    """Return the record without a key, or without one entry of a list; an empty list goes too."""
    if at is None:
        return {name: value for name, value in record.items() if name != key}
    entries = [entry for n, entry in enumerate(record[key]) if n != at]
    return {**record, key: entries} if entries else without(record, key)


def replaced(record: Mapping[str, Any], key: str, at: int, entry: object) -> Record:
    """Return the record with another entry at a place of a list."""
    return {**record, key: [entry if n == at else one for n, one in enumerate(record[key])]}


def plain(record: Mapping[str, Any]) -> Record:
    """Return the record with its dates as ISO text, in new lists and mappings."""

    def copy(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: copy(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [copy(inner) for inner in value]
        return value.isoformat() if hasattr(value, "isoformat") else value

    return {key: copy(value) for key, value in record.items()}


# ---------------------------------------------------------------- grafts


def grafts(record: Record, other: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the record with one part taken from another one of the same `as_of`: course, an instrument, facts."""
    yield _with_keys(record, other, _COURSE)
    for key in _ALONE:
        if record.get(key) != other.get(key):
            yield _with_keys(record, other, (key,))
    for key, name in (("assessments", "instrument"), ("safety", "type")):
        kinds = [entry[name] for entry in (*record.get(key, ()), *other.get(key, ()))]
        for kind in dict.fromkeys(kinds):
            mine = [entry for entry in record.get(key, ()) if entry[name] != kind]
            theirs = [entry for entry in other.get(key, ()) if entry[name] == kind]
            yield _with_list(record, key, [*mine, *theirs])
            if theirs:
                yield _with_list(record, key, [*record.get(key, ()), *theirs])


def _with_keys(record: Record, other: Mapping[str, Any], keys: tuple[str, ...]) -> Record:
    kept = {key: value for key, value in record.items() if key not in keys}
    return kept | {key: other[key] for key in keys if key in other}


def _with_list(record: Record, key: str, entries: list[Any]) -> Record:
    entries = sorted(entries, key=lambda entry: str(entry["date"]))
    return {**record, key: entries} if entries else without(record, key)


def moved_to(record: Record, as_of: int) -> Record:
    """Return the record with all its dates moved so that it is evaluated on another day; the birth date stays."""
    by = as_of - ordinal(record["as_of"])

    def move(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: move(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [move(inner, key) for inner in value]
        return iso(ordinal(value) + by) if key in _DATED and isinstance(value, str) else value

    return record if by == 0 else {key: move(value, key) for key, value in record.items()}


_DATED = ("as_of", "date", "first", "last", "infusion", "infusions", "booked", "loss_of_benefit")


# ---------------------------------------------------------------- steps


def steps(pack: ir.Pack, record: Record) -> Iterator[Record]:
    """Yield records one small step away: a form or fact moved or left out, a score or answer one point up or down."""
    known = {instrument.id: instrument for instrument in pack.instruments}
    for at, form in enumerate(record.get("assessments", ())):
        for other in _form_steps(known[form["instrument"]], form):
            yield replaced(record, "assessments", at, other)
        yield without(record, "assessments", at)
    for at, fact in enumerate(record.get("safety", ())):
        for shift in _SHIFTS:
            yield replaced(record, "safety", at, fact | {"date": iso(ordinal(fact["date"]) + shift)})
        yield without(record, "safety", at)
    yield from _date_steps(record)


def _form_steps(instrument: ir.Instrument, form: Record) -> Iterator[Record]:
    for shift in _SHIFTS:
        yield form | {"date": iso(ordinal(form["date"]) + shift)}
    items = form.get("items")
    if items is None and "total" in form:
        for change in (1, -1):
            yield form | {"total": form["total"] + change}
    elif items is not None and None not in items:
        for place in range(len(items)):
            for change in (1, -1):
                changed = [*items[:place], items[place] + change, *items[place + 1 :]]
                yield with_answers(instrument, form, changed)


def with_answers(instrument: ir.Instrument, form: Record, items: list[Any]) -> Record:
    """Return a form with other answers and the total that they make, where it states one."""
    if "total" not in form or None in items or instrument.items is None or len(items) != instrument.items.count:
        return form | {"items": items}
    method = next((one for one in instrument.methods if one.name == form.get("scale")), None)
    total = total_of(instrument, items) / (method.times if method else 1)
    return form | {"items": items, "total": whole(total)}


def _date_steps(record: Record) -> Iterator[Record]:
    for shift in _SHIFTS:
        yield {**record, "as_of": iso(ordinal(record["as_of"]) + shift)}
    for key in ("infusions", "booked"):
        for at, day in enumerate(record.get(key, ())):
            yield without(record, key, at)
            for shift in _SHIFTS:
                yield replaced(record, key, at, iso(ordinal(day) + shift))
    for key in ("prior_cycles", "overrides"):
        for at in range(len(record.get(key, ()))):
            yield without(record, key, at)

"""An example patient in a few lines: the facts of the record, in the order of their days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from boosterwatch.engine.decide.values import joined
from boosterwatch.engine.explain.names import words
from boosterwatch.engine.pack import ir

Record = Mapping[str, Any]
_MOST_DAYS = 3


def tell(record: Record, pack: ir.Pack) -> tuple[str, ...]:
    """Return the facts of a record, a line each; what is of no kind known here is told by its key."""
    return (*_patient(record), *_course(record), *_dated(record, pack), *_others(record))


def _patient(record: Record) -> Iterator[str]:
    parts = [str(record[key]) for key in ("sex",) if record.get(key)]
    if record.get("birth_date"):
        parts.append(f"born {record['birth_date']}")
    if record.get("indications"):
        parts.append(f"treated for {joined([words(one) for one in record['indications']])}")
    if parts:
        yield ", ".join(parts)


def _course(record: Record) -> Iterator[str]:
    induction = record.get("induction")
    if induction:
        yield f"{induction['first']} to {induction['last']}: induction"
    days = [day for day in record.get("infusions", ()) if not _inside(str(day), induction)]
    if days:
        yield f"infused on {_days(days)}"
    if record.get("booked"):
        yield f"booked for {_days(record['booked'])}"
    for cycle in record.get("prior_cycles", ()):
        yield f"earlier cycle: {_fields(cycle, ())}"


def _inside(day: str, induction: Any) -> bool:
    return bool(induction) and str(induction["first"]) <= day <= str(induction["last"])


def _days(days: Any) -> str:
    shown = [str(day) for day in days]
    if len(shown) <= _MOST_DAYS:
        return joined(shown)
    return f"{len(shown)} days from {min(shown)} to {max(shown)}"


def _dated(record: Record, pack: ir.Pack) -> Iterator[str]:
    shorts = {one.id: one.short for one in pack.instruments}
    lines = [(str(one["date"]), _form(one, shorts)) for one in record.get("assessments", ())]
    lines += [(str(one["date"]), _fact(one)) for one in record.get("safety", ())]
    for day, text in sorted(lines, key=lambda line: line[0]):
        yield f"{day}: {text}"


def _form(form: Record, shorts: Mapping[str, str]) -> str:
    short = shorts.get(form["instrument"], words(str(form["instrument"])))
    total = f" {form['total']:g}" if isinstance(form.get("total"), int | float) else ""
    return f"{short}{total}{_rest(form, ('instrument', 'date', 'total'))}"


def _fact(fact: Record) -> str:
    return f"{words(str(fact['type']))}{_rest(fact, ('type', 'date'))}"


def _rest(one: Record, told: tuple[str, ...]) -> str:
    text = _fields(one, told)
    return f", {text}" if text else ""


def _fields(one: Record, told: tuple[str, ...]) -> str:
    return ", ".join(f"{words(key)} {_value(value)}" for key, value in one.items() if key not in told)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "blank"
        case list():
            return " ".join(map(_value, value))
        case _:
            return words(str(value))


def _others(record: Record) -> Iterator[str]:
    for own in record.get("overrides", ()):
        yield f"own value: {_fields(own, ())}"

"""Hand-made patients of the default pack: one marked induction, days counted from its last infusion."""

from __future__ import annotations

import datetime
from typing import Any

from boosterwatch.engine.pack import ir

Record = dict[str, Any]
Form = dict[str, Any]

LAST = datetime.date(2026, 1, 16)
BASELINE = -14  # a day before the first infusion


def day(days: int) -> str:
    """Return the date so many days after the induction's last infusion."""
    return (LAST + datetime.timedelta(days=days)).isoformat()


def patient(as_of: int, *assessments: Form, safety: tuple[Form, ...] = (), **more: Any) -> Record:
    """Return a patient with a marked induction, seen on a day."""
    record: Record = {"as_of": day(as_of), "induction": {"first": day(-11), "last": day(0)}}
    record |= {"assessments": list(assessments), "safety": list(safety)}
    return record | more


def untreated(*safety: Form, as_of: int = 0, **more: Any) -> Record:
    """Return a patient without infusions, with these safety facts."""
    return {"as_of": day(as_of), "safety": list(safety), **more}


def form(instrument: str, on: int, total: float, **more: Any) -> Form:
    """Return a form with a total."""
    return {"instrument": instrument, "date": day(on), "total": total, **more}


def fact(type: str, on: int, /, **fields: Any) -> Form:
    """Return a safety fact."""
    return {"type": type, "date": day(on), **fields}


def items(on: int, **answers: int) -> Form:
    """Return a nine-item form, all answers 0 but those named `q<number>`."""
    given = [answers.get(f"q{number}", 0) for number in range(1, 10)]
    return {"instrument": "phq9", "date": day(on), "total": sum(given), "items": given}


def answer(pack: ir.Pack, scale: str, on: int, value: float) -> Form:
    """Return the form that gives a scale a value: a total, one item, or an extra answer."""
    known = next(one for one in pack.scales if one.id == scale)
    if known.part is None:
        instrument = next(one for one in pack.instruments if one.id == known.instrument)
        method = {"scale": instrument.methods[0].name} if instrument.methods else {}
        return form(scale, on, value, **method)
    kind, place = known.part
    if kind == "item":
        return items(on, **{f"q{place}": int(value)})
    return items(on) | {str(place): value}


def clear(on: int) -> Form:
    """Return a fully negative screener, which says that suicidality was asked about."""
    return fact("cssrs", on, **dict.fromkeys(("q1", "q2", "q3", "q4", "q5", "q6_recent", "q6_lifetime"), False))


def relapse(since: int, *more: Form, **keys: Any) -> Record:
    """Return a responder who relapsed, with two questionnaires, this many days after the last infusion."""
    return patient(
        since, form("phq9", BASELINE, 20), form("phq9", 7, 4), form("isi", 7, 4),
        form("phq9", since, 15), form("isi", since, 20), *more, safety=(clear(since),), **keys,
    )  # fmt: skip

"""Levers for days: waiting with nothing new, the last infusion, and the next one booked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.patients.days import iso, ordinal
from boosterwatch.engine.author.what_if.change import Change, Lever, Record, plural

MOST_WAIT, MOST_MOVED = 90, 60  # days


def date_levers(record: Mapping[str, Any]) -> Iterator[Lever]:
    """Yield the levers of waiting, of the last infusion and of the next one booked."""
    yield Lever("days", "as_of", MOST_WAIT, MOST_WAIT, _wait)
    as_of = ordinal(record["as_of"])
    given = _given(record)
    if given:
        yield from (_infusion_lever(max(given), way) for way in (-1, 1))
    booked = [ordinal(day) for day in record.get("booked", ()) if ordinal(day) >= as_of]
    if booked:
        yield from (_booked_lever(min(booked), way) for way in (-1, 1))


def _infusion_lever(newest: int, way: int) -> Lever:
    return Lever(
        "days", "infusions", MOST_MOVED, MOST_MOVED, lambda record, steps: _move_infusion(newest, way, record, steps)
    )


def _booked_lever(next_one: int, way: int) -> Lever:
    return Lever(
        "days", "booked", MOST_MOVED, MOST_MOVED, lambda record, steps: _move_booked(next_one, way, record, steps)
    )


def _given(record: Mapping[str, Any]) -> list[int]:
    marked = record.get("induction") or {}
    days = [*record.get("infusions", ()), *(marked[key] for key in ("first", "last") if key in marked)]
    as_of = ordinal(record["as_of"])
    return [ordinal(day) for day in days if ordinal(day) <= as_of]


def _wait(record: Record, steps: int) -> tuple[Record, Change]:
    was = str(record["as_of"])
    now = iso(ordinal(was) + steps)
    more = "1 more day" if steps == 1 else f"{steps} more days"
    says = f"nothing new were recorded for {more}, until {now}"
    return {**record, "as_of": now}, Change("days", "as_of", was, now, steps, "days", says)


def _move_infusion(newest: int, way: int, record: Record, steps: int) -> tuple[Record, Change] | None:
    """Return the record with its last infusion on another day, wherever that day stands in it."""
    day = newest + steps * way
    others = [one for one in _given(record) if one != newest]
    if day > ordinal(record["as_of"]) or (others and day <= max(others)):
        return None
    was, now = iso(newest), iso(day)
    moved = {**record}
    if "infusions" in record:
        moved["infusions"] = [now if str(one) == was else one for one in record["infusions"]]
    if record.get("induction"):
        moved["induction"] = {key: now if str(one) == was else one for key, one in record["induction"].items()}
    if "prior_cycles" in record:
        moved["prior_cycles"] = [
            cycle | {"infusion": now} if str(cycle["infusion"]) == was else cycle for cycle in record["prior_cycles"]
        ]
    says = f"the last infusion had been on {now} instead of {was} ({_by(steps, way)})"
    return moved, Change("days", "infusions", was, now, steps, "days", says)


def _move_booked(next_one: int, way: int, record: Record, steps: int) -> tuple[Record, Change] | None:
    day = next_one + steps * way
    if day < ordinal(record["as_of"]):
        return None
    was, now = iso(next_one), iso(day)
    booked = [now if str(one) == was else one for one in record["booked"]]
    says = f"the next infusion were booked for {now} instead of {was} ({_by(steps, way)})"
    return {**record, "booked": booked}, Change("days", "booked", was, now, steps, "days", says)


def _by(steps: int, way: int) -> str:
    return f"{plural(steps, 'days')} {'later' if way > 0 else 'earlier'}"

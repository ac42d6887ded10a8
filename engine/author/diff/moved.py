"""A record moved in time as a whole, so that the numbers of the day that is compared are in force for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force

Record = Mapping[str, Any]
_DAY_LENGTH = len("2000-01-01")


def same_numbers(record: Record, day: date, *packs: ir.Pack) -> dict[str, Any]:
    """Return the record, moved to be evaluated on that day unless its own day has the same numbers."""
    own = date.fromisoformat(str(record["as_of"]))
    if all(_same(pack, own, day) for pack in packs):
        return dict(record)
    moved: dict[str, Any] = move(dict(record), (day - own).days)
    return moved


def _same(pack: ir.Pack, one: date, other: date) -> bool:
    try:
        sides = [values_in_force(pack, on.toordinal()) for on in (one, other)]
    except DiagnosticError:
        return False
    return {name: chosen.value for name, chosen in sides[0].items()} == {
        name: chosen.value for name, chosen in sides[1].items()
    }


def move(value: Any, days: int) -> Any:
    """Return a record, or a part of one, with every date so many days later."""
    if isinstance(value, dict):
        return {key: move(part, days) for key, part in value.items()}
    if isinstance(value, list):
        return [move(part, days) for part in value]
    if isinstance(value, date):
        return (value + timedelta(days=days)).isoformat()
    return _moved_day(value, days) if isinstance(value, str) and len(value) == _DAY_LENGTH else value


def _moved_day(text: str, days: int) -> str:
    try:
        return (date.fromisoformat(text) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return text

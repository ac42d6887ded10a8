"""Columns of plain Python values, from NDJSON or a database -> columns of the types that tables have.

JSON has its own types, and they are taken at their word: a number in quotes is text. Databases have types of their
own for what JSON would write, and those are understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.tables.layout import ARROW, Kind
from boosterwatch.engine.cohort.tables.typed import (
    WRONG_TYPE,
    Typed,
    UnreadableTypeError,
    type_column,
)

Types = frozenset[type]
_NONE = type(None)
JSON_TYPES: Mapping[Kind, Types] = {
    "text": frozenset({str, _NONE}),
    "number": frozenset({int, float, _NONE}),
    "truth": frozenset({bool, _NONE}),
    "date": frozenset({str, _NONE}),
    "texts": frozenset({list, _NONE}),
    "numbers": frozenset({list, _NONE}),
}
DATABASE_TYPES: Mapping[Kind, Types] = {
    "text": frozenset({str, _NONE}),
    "number": frozenset({int, float, Decimal, _NONE}),
    "truth": frozenset({bool, int, _NONE}),
    "date": frozenset({str, date, datetime, _NONE}),
    "texts": frozenset({list, str, _NONE}),
    "numbers": frozenset({list, str, _NONE}),
}
_INSIDE: Mapping[Kind, Types] = {"texts": JSON_TYPES["text"], "numbers": JSON_TYPES["number"]}


def column_of_values(kind: Kind, values: Sequence[Any], allowed: Mapping[Kind, Types]) -> Typed:
    """Return the values as a column of their kind, null where one has a type that its source may not give it."""
    kept, faults = _of_type(kind, values, allowed[kind])
    try:
        typed = _typed(kind, kept)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnreadableTypeError, OverflowError):
        typed = _one_by_one(kind, kept)
    return Typed(typed.values, {**typed.faults, **faults} if faults else typed.faults)


def _of_type(kind: Kind, values: Sequence[Any], allowed: Types) -> tuple[Sequence[Any], dict[str, pa.Array]]:
    """Return the values, None where the type is wrong; and where that is, by code."""
    sound = set(map(type, values)) <= allowed
    inside = _INSIDE.get(kind)
    if sound and (inside is None or _sound_inside(values, inside)):
        return values, {}
    bad = [not _is_sound(value, allowed, inside) for value in values]
    return [None if wrong else value for value, wrong in zip(values, bad, strict=True)], {WRONG_TYPE: pa.array(bad)}


def _sound_inside(values: Sequence[Any], inside: Types) -> bool:
    return all(set(map(type, value)) <= inside for value in values if type(value) is list)


def _is_sound(value: Any, allowed: Types, inside: Types | None) -> bool:
    if type(value) is list:
        return list in allowed and inside is not None and set(map(type, value)) <= inside
    return type(value) in allowed


def _typed(kind: Kind, values: Sequence[Any]) -> Typed:
    if kind in ("date", "truth") or str in set(map(type, values)):
        return type_column(kind, pa.array(values))
    return Typed(pa.array(values, ARROW[kind]), {})  # raises for a whole number that no float holds


def _one_by_one(kind: Kind, values: Sequence[Any]) -> Typed:
    """Return the same slowly: for a column whose values differ in type, or one of which cannot be held."""
    made: list[Any] = []
    codes: list[str | None] = []
    for value in values:
        one, code = _single(kind, value)
        made.append(one)
        codes.append(code)
    faults = {code: pa.array([found == code for found in codes]) for code in {*codes} - {None} if code is not None}
    return Typed(pa.array(made, ARROW[kind]), faults)


def _single(kind: Kind, value: Any) -> tuple[Any, str | None]:
    try:
        typed = _typed(kind, [_as_floats(value) if kind in ("number", "numbers") else value])
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnreadableTypeError):
        return None, WRONG_TYPE
    return typed.values[0].as_py(), next(iter(typed.faults), None)


def _as_floats(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_floats(one) for one in value]
    return float(value) if isinstance(value, int | Decimal) else value

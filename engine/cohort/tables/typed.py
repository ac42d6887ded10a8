"""Columns as they were written -> columns of the types that tables have, and the rows whose value has no such type.

Whole columns at a time. Text is read strictly: dates as YYYY-MM-DD, numbers and lists as JSON writes them, `true` and
`false`. What a value may be beyond its type is judged later, for all formats alike (`checks.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from boosterwatch.engine.cohort.tables.layout import ARROW, Kind

WRONG_TYPE, NOT_A_DATE, NO_SUCH_DAY = "BW304", "BW306", "BW307"
_NUMBER = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_NUMBERS = rf"^\s*\[\s*(?:(?:{_NUMBER}|null)(?:\s*,\s*(?:{_NUMBER}|null))*)?\s*\]\s*$"
_DATE = r"^(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
_LENGTHS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_BITS = pa.array([0, 1])


class Typed(NamedTuple):
    """A column of the right type, null where the value had another, and by code the rows where it had."""

    values: pa.Array
    faults: Mapping[str, pa.Array]


class UnreadableTypeError(Exception):
    """A whole column of a type that has nothing to do with what it should hold."""


def type_column(kind: Kind, column: pa.Array, *, is_patient: bool = False) -> Typed:
    """Return a column as the type of its kind. Raises UnreadableTypeError."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_null(column.type):
        return Typed(pa.nulls(len(column), ARROW[kind]), {})
    if _is_text(column.type):
        return _FROM_TEXT[kind](column.cast(pa.string()))
    if fits(kind, column.type, is_patient=is_patient):
        return _cast(kind, column)
    if kind == "date" and pa.types.is_timestamp(column.type):
        return _midnights(column)
    if kind == "truth" and pa.types.is_integer(column.type):  # what some databases make of it
        return _checked(pc.equal(column, 1), column, pc.invert(pc.is_in(column, _BITS.cast(column.type))), WRONG_TYPE)
    raise UnreadableTypeError


def fits(kind: Kind, type: pa.DataType, *, is_patient: bool = False) -> bool:
    """Return whether every value of an Arrow type has a counterpart in the type of the kind.

    >>> fits("number", pa.int16()), fits("date", pa.string()), fits("date", pa.date32())
    (True, False, True)
    """
    if pa.types.is_null(type):
        return False
    match kind:
        case "text":
            return _is_text(type) or (is_patient and pa.types.is_integer(type))
        case "number":
            return _is_number(type)
        case "truth":
            return bool(pa.types.is_boolean(type))
        case "date":
            return bool(pa.types.is_date32(type))
        case "texts":
            return _is_list(type) and (_is_text(type.value_type) or pa.types.is_null(type.value_type))
        case "numbers":
            return _is_list(type) and (_is_number(type.value_type) or pa.types.is_null(type.value_type))


def _is_text(type: pa.DataType) -> bool:
    if pa.types.is_dictionary(type):
        return _is_text(type.value_type)
    return bool(pa.types.is_string(type) or pa.types.is_large_string(type) or pa.types.is_string_view(type))


def _is_number(type: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_decimal(type))


def _is_list(type: pa.DataType) -> bool:
    return bool(pa.types.is_list(type) or pa.types.is_large_list(type))


def _cast(kind: Kind, column: pa.Array) -> Typed:
    """Return a column whose type fits. A whole number that no float holds becomes the nearest: no scale goes there."""
    return Typed(column.cast(ARROW[kind], safe=False), {})


def _midnights(column: pa.Array) -> Typed:
    """Return times as dates; one that is not midnight is a fault."""
    local = column.cast(pa.timestamp("us"))
    days = local.cast(pa.date32(), safe=False)
    return _checked(days, column, pc.not_equal(days.cast(pa.timestamp("us")), local), NOT_A_DATE)


# ---------------------------------------------------------------- from text


def _checked(values: pa.Array, given: pa.Array, bad: pa.Array, code: str) -> Typed:
    """Return the values, null where `bad`, with the fault that this is where something was given."""
    bad = pc.and_(pc.fill_null(bad, False), pc.is_valid(given))
    if not pc.any(bad, min_count=0).as_py():
        return Typed(values, {})
    return Typed(pc.if_else(bad, pa.scalar(None, values.type), values), {code: bad})


def _formed(column: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array]:
    """Return the column, null where its text has not the form, and where that is."""
    bad = pc.invert(pc.fill_null(pc.match_substring_regex(column, pattern), True))
    return pc.if_else(bad, pa.scalar(None, pa.string()), column), bad


def _text(column: pa.Array) -> Typed:
    return Typed(column, {})


def _number(column: pa.Array) -> Typed:
    good, bad = _formed(column, f"^{_NUMBER}$")
    return _checked(good.cast(pa.float64()), column, bad, WRONG_TYPE)


def _truth(column: pa.Array) -> Typed:
    good, bad = _formed(column, "^(?:true|false)$")
    return _checked(pc.equal(good, "true"), column, bad, WRONG_TYPE)


def _date(column: pa.Array) -> Typed:
    good, formless = _formed(column, _DATE)
    year, month, day = (_digits(good, *place) for place in ((0, 4), (5, 7), (8, 10)))
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = _LENGTHS[np.clip(month, 1, 12) - 1] + (leap & (month == 2))
    amiss = (month < 1) | (month > 12) | (day < 1) | (day > length)
    absent = pc.and_(pa.array(amiss), pc.is_valid(good))
    days = pc.if_else(absent, pa.scalar(None, pa.string()), good).cast(pa.date32())
    faults = {NOT_A_DATE: pc.and_(formless, pc.is_valid(column)), NO_SUCH_DAY: absent}
    return Typed(days, {code: bad for code, bad in faults.items() if pc.any(bad, min_count=0).as_py()})


def _digits(column: pa.Array, start: int, stop: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the number that stands at a place of each text, 1 where there is no text."""
    part = pc.utf8_slice_codeunits(column, start, stop).cast(pa.int64())
    found: np.ndarray[tuple[int], np.dtype[np.int64]] = pc.fill_null(part, 1).to_numpy(zero_copy_only=False)
    return found


def _numbers(column: pa.Array) -> Typed:
    good, bad = _formed(column, _NUMBERS)
    inner = pc.utf8_trim(pc.utf8_trim_whitespace(good), "[]")
    pieces = pc.split_pattern(inner, ",")
    texts = pc.utf8_trim_whitespace(pieces.flatten())
    flat = pc.if_else(pc.or_(pc.equal(texts, "null"), pc.equal(texts, "")), pa.scalar(None, pa.string()), texts)
    made = pa.ListArray.from_arrays(pieces.offsets, flat.cast(pa.float64()), mask=pc.is_null(pieces))
    empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(inner), ""), False)
    if pc.any(empty, min_count=0).as_py():
        made = pc.if_else(empty, pa.scalar([], made.type), made)
    return _checked(made, column, bad, WRONG_TYPE)


def _texts(column: pa.Array) -> Typed:
    """Return lists of words; there are few different ones, so each is read once."""
    coded = column.dictionary_encode()
    read = [_words(text) for text in coded.dictionary.to_pylist()]
    lists = pa.array(read, ARROW["texts"])
    values = lists.take(coded.indices)
    return _checked(values, column, pc.is_null(values), WRONG_TYPE)


def _words(text: str) -> list[str | None] | None:
    try:
        words = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    sound = isinstance(words, list) and all(word is None or isinstance(word, str) for word in words)
    return words if sound else None


_FROM_TEXT: Mapping[Kind, Callable[[pa.Array], Typed]] = {
    "text": _text,
    "number": _number,
    "truth": _truth,
    "date": _date,
    "texts": _texts,
    "numbers": _numbers,
}

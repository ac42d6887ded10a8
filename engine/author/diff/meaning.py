"""Which parts of a compiled pack are meaning and which are words: everything here is data about `ir`.

A place in the text means nothing; neither does the stratum that a rule was put in, for it follows from the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

Plain = Any

WORDS: Mapping[type, frozenset[str]] = {
    ir.Citation: frozenset({"text", "link"}),
    ir.DatedValue: frozenset({"basis", "cites", "note"}),
    ir.Parameter: frozenset({"says"}),
    ir.Instrument: frozenset({"name", "short", "licence", "cites", "recall"}),
    ir.Scale: frozenset({"short", "says"}),
    ir.Role: frozenset({"says"}),
    ir.Leaf: frozenset({"text"}),
    ir.AtLeast: frozenset({"text"}),
    ir.FactCheck: frozenset({"says"}),
    ir.Measure: frozenset({"says"}),
    ir.Rule: frozenset({"because", "basis", "cites"}),
    ir.Sign: frozenset({"title", "says"}),
    ir.Notice: frozenset({"title", "patient_text"}),
    ir.Recommendation: frozenset({"summary"}),
}
_FOLLOWS: Mapping[type, frozenset[str]] = {
    ir.Rule: frozenset({"stratum"}),
    ir.Table: frozenset({"stratum"}),
    ir.Lookback: frozenset({"rules", "measures"}),
}
_NONE: frozenset[str] = frozenset()


def meaning(value: object) -> Plain:
    """Return a part of a pack as nested tuples of what it means: equal tuples mean the same."""
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        return (kind.__name__, *(meaning(getattr(value, name)) for name in _meant(kind)))
    if isinstance(value, tuple):
        return tuple(map(meaning, value))
    return value


def meaning_by_field(value: object) -> dict[str, Plain]:
    """Return what each field means, without those that are words."""
    return {name: meaning(getattr(value, name)) for name in _meant(type(value))}


def wording_by_field(value: object) -> dict[str, Plain]:
    """Return the words of a part of a pack: its own by field, and those inside it in the order they stand."""
    own = {name: getattr(value, name) for name in sorted(WORDS.get(type(value), _NONE))}
    return own | {name: inside for name in _meant(type(value)) if (inside := tuple(_words(getattr(value, name))))}


def _words(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for part in value:
            yield from _words(part)
    elif is_dataclass(value) and not isinstance(value, (type, Span)):
        words = WORDS.get(type(value), _NONE)
        for field in fields(value):
            part = getattr(value, field.name)
            if field.name in words:
                yield part
            else:
                yield from _words(part)


def _find_meant(kind: Any) -> tuple[str, ...]:
    """Return the fields of a type that mean something."""
    left_out = WORDS.get(kind, _NONE) | _FOLLOWS.get(kind, _NONE) | {"span"}
    return tuple(field.name for field in fields(kind) if field.name not in left_out)


_meant: Callable[[Any], tuple[str, ...]] = cache(_find_meant)

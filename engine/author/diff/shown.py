"""Parts of a compiled pack in words, for the two columns of a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from difflib import SequenceMatcher
from typing import get_args

from boosterwatch.engine.decide.values import spoken_number
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

_CONDITIONS = get_args(ir.Condition)


def shown_pair(old: object, new: object) -> tuple[str, str]:
    """Return what differs between two values, as text; of conditions and lists only the lines that differ."""
    before, after = _lines(old), _lines(new)
    if len(before) > 1 or len(after) > 1:
        before, after = differing(before, after)
    return "\n".join(before), "\n".join(after)


def differing(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the lines that only one side has, or that stand elsewhere.

    >>> differing(["a", "b", "c"], ["a", "x", "c"])
    (['b'], ['x'])
    """
    before: list[str] = []
    after: list[str] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            before += old[i:j]
            after += new[k:m]
    return before, after


def value_in_unit(value: float | int, unit: str) -> str:
    """Return a number with its unit.

    >>> value_in_unit(5.0, "points"), value_in_unit(0.5, "fraction"), value_in_unit(1, "days")
    ('5 points', '50 %', '1 day')
    """
    if unit == "fraction":
        return f"{spoken_number(value * 100)} %"
    if unit == "count":
        return spoken_number(value)
    word = unit.removesuffix("s") if value == 1 and unit in ("points", "days", "years") else unit
    return f"{spoken_number(value)} {word}"


def _lines(value: object) -> list[str]:
    if isinstance(value, _CONDITIONS):
        return list(condition_lines(value))
    if isinstance(value, tuple):
        return [text for part in value if (text := _text(part))]
    text = _text(value)
    return [text] if text else []


def condition_lines(condition: ir.Condition, depth: int = 0) -> Iterator[str]:
    """Yield the clauses of a condition, one a line, indented under `any of` and `all of`."""
    pad = "  " * depth
    match condition:
        case ir.All(parts) if depth == 0:
            for part in parts:
                yield from condition_lines(part, depth)
        case ir.All(parts) | ir.Any(parts) if len(parts) == 1:
            yield from condition_lines(parts[0], depth)
        case ir.All(parts) | ir.Any(parts):
            yield f"{pad}{'all of' if isinstance(condition, ir.All) else 'any of'}"
            for part in parts:
                yield from condition_lines(part, depth + 1)
        case ir.Not(part) if isinstance(part, (ir.Leaf, ir.AtLeast)):
            yield f"{pad}not {part.text}"
        case ir.Not(part):
            yield f"{pad}none of"
            yield from condition_lines(part, depth + 1)
        case ir.Leaf(text=text) | ir.AtLeast(text=text):
            yield f"{pad}{text}"


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return spoken_number(value)
        case str():
            return value
        case tuple():
            return " ".join(text for part in value if (text := _text(part)))
        case _ if isinstance(value, _CONDITIONS):
            return "; ".join(line.strip() for line in condition_lines(value))
        case _ if is_dataclass(value) and not isinstance(value, Span):
            named = ((field.name, _text(getattr(value, field.name))) for field in fields(value))
            return ", ".join(f"{name} {text}" for name, text in named if text and name != "span")
        case _:
            return str(value)

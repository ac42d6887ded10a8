"""Changes in the order people read them: numbers, then rules sign by sign, then what is measured.

A template writes one rule for many scales; what one line of the text changed alike is told once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boosterwatch.engine.author.diff.model import Change
from boosterwatch.engine.explain.names import Names

_KINDS = {
    "reading": "Readings of questionnaires",
    "class": "Classes",
    "finding": "Findings",
    "source": "Findings",
    "trigger": "Safety triggers",
    "hold": "Holds",
    "caution": "Cautions",
    "flag": "Flags",
    "recommendation": "Recommendations",
}
_NUMBERS, _MEASURED = "Numbers", "What is measured"


@dataclass(frozen=True, slots=True)
class Group:
    """Changes that one line of the text made alike: how the first is called, and the others."""

    title: str
    first: Change
    others: tuple[Change, ...]


def group_changes(changes: Sequence[Change], names: tuple[Names, Names]) -> Iterator[tuple[str, list[Group]]]:
    """Yield the headings with their groups. `names` are those of the new pack, then of the old."""
    found: dict[str, dict[object, list[Change]]] = {}
    for change in changes:
        found.setdefault(_heading(change, names), {}).setdefault(_alike(change), []).append(change)
    order = [_NUMBERS, *(one.title for one in names[0].pack.signs), *dict.fromkeys(_KINDS.values()), _MEASURED]
    for heading in sorted(found, key=lambda one: order.index(one) if one in order else len(order)):
        yield heading, [Group(_title(same[0], names), same[0], tuple(same[1:])) for same in found[heading].values()]


def _alike(change: Change) -> object:
    span = change.new_span or change.old_span
    if change.part != "rule" or span is None:
        return (change.part, change.id)
    sizes = tuple((field.name, field.old.count("\n"), field.new.count("\n")) for field in change.fields)
    return (change.part, change.how, change.effect, change.noted, span.file, span.line, sizes)


def _heading(change: Change, names: tuple[Names, Names]) -> str:
    if change.part in ("parameter", "budget"):
        return _NUMBERS
    if change.part in ("sign", "table"):
        titles = {one.id: one.title for side in names for one in side.pack.signs}
        return titles.get(change.id, _KINDS["recommendation"] if change.id == "recommendation" else _MEASURED)
    if change.part == "notice":
        return _KINDS.get(change.id.partition(":")[0], _MEASURED)
    if change.part == "recommendation":
        return _KINDS["recommendation"]
    rule = next((side.rules[change.id] for side in names if change.id in side.rules), None)
    if change.part != "rule" or rule is None:
        return _MEASURED
    return names[0].title("sign", rule.subject) if rule.kind == "sign" else _KINDS.get(rule.kind, _MEASURED)


def _title(change: Change, names: tuple[Names, Names]) -> str:
    if change.part in ("rule", "parameter", "budget"):
        return change.id
    return f"{change.part} {change.id}"

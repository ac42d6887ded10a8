"""Two patients in one: the facts of an example added to a worked patient who has the answer that is wanted.

A change of one threshold shows in a small example; added to a patient with a certain recommendation, the same facts
often show the change of that recommendation too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from boosterwatch.engine.author.diff.moved import move

Record = Mapping[str, Any]
_ADDED = ("assessments", "safety", "booked")


def grafts(bases: Sequence[Record], examples: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Yield each base with the facts of each example, as old as they are there."""
    for base in bases:
        for example in examples:
            yield _graft(base, example)


def _graft(base: Record, example: Record) -> dict[str, Any]:
    days = (date.fromisoformat(str(base["as_of"])) - date.fromisoformat(str(example["as_of"]))).days
    merged = dict(base)
    for key in _ADDED:
        if example.get(key):
            merged[key] = [*base.get(key, ()), *move(list(example[key]), days)]
    if "sex" in example:
        merged["sex"] = example["sex"]
    return merged

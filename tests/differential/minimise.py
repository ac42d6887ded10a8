"""A record made as small as it can be while something about it still holds: what a failing test prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Record = dict[str, Any]
Holds = Callable[[Record], bool]


def minimise(record: Record, holds: Holds) -> Record:
    """Return the record without every fact and field that `holds` does not need, dropped greedily.

    >>> minimise({"as_of": "2026-01-01", "sex": "male", "infusions": [1, 2, 3]}, lambda one: 2 in one.get("infusions", ()))
    {'as_of': '2026-01-01', 'infusions': [2]}
    """
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(record):
            if _still(holds, candidate):
                record, smaller = candidate, True
                break
    return record


def _still(holds: Holds, record: Record) -> bool:
    """Return whether it still holds; a record that cannot be asked is no smaller example."""
    try:
        return holds(record)
    except Exception:
        return False


def _smaller(record: Record) -> Iterator[Record]:
    """Yield the record with one thing less, the biggest things first."""
    for key in [key for key in record if key != "as_of"]:
        yield {name: value for name, value in record.items() if name != key}
    for key, facts in record.items():
        if isinstance(facts, list):
            for size in (len(facts) // 2, len(facts) // 4, 1):
                for start in range(0, len(facts) if size else 0, size or 1):
                    if size < len(facts):
                        yield record | {key: facts[:start] + facts[start + size :]}
    for key, facts in record.items():
        for place, fact in enumerate(facts if isinstance(facts, list) else ()):
            for field in (
                [field for field in fact if field not in ("instrument", "date", "type")]
                if isinstance(fact, dict)
                else ()
            ):
                rest = {name: value for name, value in fact.items() if name != field}
                yield record | {key: [*facts[:place], rest, *facts[place + 1 :]]}

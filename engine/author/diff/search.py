"""Examples for what no proof reaches: worked patients with one day moved to just beside a changed number of days.

Whatever differs is found by evaluating; nothing here says that no such patient exists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from boosterwatch.engine.author.diff.examples import Given, Pair, size_of

Record = Mapping[str, Any]
_DATED = ("assessments", "safety")
_MOST = 1200
_RECORDS = 60


def days_beside(old: Mapping[str, float], new: Mapping[str, float], names: Sequence[str]) -> tuple[int, ...]:
    """Return the whole days at and just past the old and the new values of these parameters.

    >>> days_beside({"a": 35}, {"a": 42}, ["a"])
    (35, 36, 42, 43, 34, 41)
    """
    found: list[int] = []
    for name in names:
        values = sorted({int(side[name]) for side in (old, new) if name in side})
        found += [day for value in values for day in (value, value + 1)]
        found += [value - 1 for value in values]
    return tuple(dict.fromkeys(day for day in found if day >= 0))


def search(pair: Pair, records: Sequence[Record], days: Sequence[int]) -> Iterator[tuple[Record, Given, Given]]:
    """Yield records that the packs answer differently, with what is lost and gained, until the search is long."""
    for record in islice(_edits(records, days), _MOST):
        differ = pair.differ(record)
        if differ is not None and (differ[0] or differ[1]):
            yield record, *differ


def _edits(records: Sequence[Record], days: Sequence[int]) -> Iterator[Record]:
    chosen = sorted((one for one in records if one.get("assessments") or one.get("safety")), key=size_of)
    step = max(1, len(chosen) // _RECORDS)
    for of_today in (True, False):
        for record in chosen[::step]:
            for gap in days:
                yield from _moved(record, gap, of_today)


def _moved(record: Record, gap: int, of_today: bool) -> Iterator[Record]:
    """Yield the record with one fact so many days before today, or before or after another fact."""
    for key in _DATED:
        for at, fact in enumerate(record.get(key, ())):
            for day in _targets(record, fact, gap, of_today):
                moved = [*record[key][:at], {**fact, "date": day}, *record[key][at + 1 :]]
                yield {**record, key: moved}


def _targets(record: Record, fact: Record, gap: int, of_today: bool) -> Iterator[str]:
    today = date.fromisoformat(str(record["as_of"]))
    if of_today:
        yield (today - timedelta(days=gap)).isoformat()
        return
    others = {str(one["date"]) for key in _DATED for one in record.get(key, ()) if one is not fact}
    others |= {str(day) for day in record.get("infusions", ())}
    for other in sorted(others):
        for day in (date.fromisoformat(other) + timedelta(days=gap), date.fromisoformat(other) - timedelta(days=gap)):
            if day <= today:
                yield day.isoformat()

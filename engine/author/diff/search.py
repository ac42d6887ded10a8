"""Examples by trial: worked patients with one day or one value moved to just beside a changed number.

Whatever differs is found by evaluating; nothing here says that no such patient exists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

from boosterwatch.engine.author.diff.examples import Given, Pair, size_of

Record = Mapping[str, Any]
_DATED = ("assessments", "safety")
_MOST = 1200
_RECORDS = 60
_EACH = 8


def numbers_beside(old: Mapping[str, float], new: Mapping[str, float], names: Sequence[str]) -> tuple[float, ...]:
    """Return the old and the new values of these parameters, and what lies one beside them.

    >>> numbers_beside({"a": 35}, {"a": 42}, ["a"])
    (35, 36, 42, 43, 34, 41)
    """
    found: list[float] = []
    for name in names:
        values = sorted({side[name] for side in (old, new) if name in side})
        found += [number for value in values for number in (value, value + 1)]
        found += [value - 1 for value in values]
    return tuple(dict.fromkeys(found))


def search(pair: Pair, records: Sequence[Record], numbers: Sequence[float]) -> Iterator[tuple[Record, Given, Given]]:
    """Yield records that the packs answer differently, with what is lost and gained, until the search is long."""
    chosen = sorted((one for one in records if one.get("assessments") or one.get("safety")), key=size_of)
    chosen = chosen[:: max(1, len(chosen) // _RECORDS)]
    days = [int(number) for number in numbers if number >= 0 and number == int(number)]
    for edits in (_valued(records, numbers), _dated(chosen, days)):
        for record in islice(edits, _MOST // 2):
            differ = pair.differ(record)
            if differ is not None and (differ[0] or differ[1]):
                yield record, *differ


def _valued(records: Sequence[Record], numbers: Sequence[float]) -> Iterator[Record]:
    """Yield records with one number of one safety fact changed; a kind of fact is tried in a few records alone."""
    tried: Counter[str] = Counter()
    for record in sorted((one for one in records if one.get("safety")), key=size_of):
        for at, fact in enumerate(record["safety"]):
            for name in [name for name, value in fact.items() if type(value) in (int, float)]:
                tried[f"{fact['type']} {name}"] += 1
                if tried[f"{fact['type']} {name}"] <= _EACH:
                    for number in numbers:
                        moved = [*record["safety"][:at], {**fact, name: number}, *record["safety"][at + 1 :]]
                        yield {**record, "safety": moved}


def _dated(records: Sequence[Record], days: Sequence[int]) -> Iterator[Record]:
    for of_today in (True, False):
        for record in records:
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

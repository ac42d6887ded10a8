"""Where a case that closes a hole can begin when no case of the pack is near: made-up patients of the rules concerned.

A patient is made for each rule that reads the parameter, then one score is put at the wanted distance from the
parameter, or one date at the wanted distance from another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, zip_longest
from typing import Any

from boosterwatch.engine.author.cases import Case
from boosterwatch.engine.author.coverage.boundaries import Boundary
from boosterwatch.engine.author.patients.usual import patient_of_rule
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.loaded import LoadedPack

_MOST = 8
_KINDS = ("sign", "reading", "recommendation", "flag")
_PLACES = {"below": -1, "at": 0, "above": 1}
_DATED = ("assessments", "safety", "infusions", "booked")
Record = Mapping[str, Any]


class Ready:
    """Made-up patients of one pack."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._loaded = LoadedPack(rehearsal.pack)
        self._known: dict[str, Record | None] = {}

    def of_rule(self, rule: str) -> Record | None:
        """Return a patient for whom a rule is true, and wins in its table; None when none was found."""
        if rule not in self._known:
            self._known[rule] = patient_of_rule(self._loaded, rule)
        return self._known[rule]

    def near(self, boundary: Boundary, side: str) -> Iterator[Record]:
        """Yield patients of the rules concerned, as they are, then with something put at the side: in turns."""
        several = list(self._patients(boundary))
        yield from several
        if side in _PLACES:
            turns = [aimed(record, boundary, side) for record in several]
            yield from (record for turn in zip_longest(*turns) for record in turn if record is not None)

    def _patients(self, boundary: Boundary) -> Iterator[Record]:
        """Yield patients of the rules that read the parameter; when none does, of those that judge scores first."""
        rules = self._rehearsal.pack.rules
        own = [rules[at] for at in self._rehearsal.reads.rules.get(boundary.parameter.name, ())]
        several = own or sorted(rules, key=lambda rule: _KINDS.index(rule.kind) if rule.kind in _KINDS else len(_KINDS))
        found = (self.of_rule(rule.id) for rule in several)
        yield from islice((record for record in found if record is not None), _MOST)


def case_of_rule(rehearsal: Rehearsal, ready: Ready, rule: str, like: Case) -> Case | None:
    """Return a case for whom a rule is true, run and found to be so; None when none was found."""
    record = ready.of_rule(rule)
    if record is None:
        return None
    case = replace(like, id=f"{rule}_is_true", record=record, expect={"fired": [rule]})
    return case if rehearsal.passes(rehearsal.keep(case)) else None


def aimed(record: Record, boundary: Boundary, side: str) -> Iterator[Record]:
    """Yield the record with one score, or one date, at the parameter, or a step beside it."""
    value = boundary.parameter.values[-1].value + _PLACES[side] * boundary.step
    for day in sorted({_day(entry) for key in _DATED for entry in record.get(key, ())}, reverse=True):
        if float(value).is_integer():
            yield {**record, "as_of": _plus(day, int(value))}
    for key in _DATED:
        entries = record.get(key, ())
        for at, entry in enumerate(entries):
            for moved in (*_scores(entries, entry, value), *_dates(record, entries, entry, value)):
                yield {**record, key: [moved if n == at else one for n, one in enumerate(entries)]}


def _scores(entries: Any, entry: Any, value: float) -> Iterator[Any]:
    """Yield the entry with a number that is the value itself, or the value away from the same number of another."""
    if not isinstance(entry, Mapping):
        return
    for name, number in entry.items():
        if isinstance(number, int | float) and not isinstance(number, bool):
            said = (one.get(name) for one in entries if isinstance(one, Mapping))
            others = {other for other in said if isinstance(other, int | float) and other != number}
            wanted = [value, *(other + sign * value for other in sorted(others) for sign in (1, -1))]
            yield from ({**entry, name: _plain(one)} for one in wanted if one >= 0)


def _dates(record: Record, entries: Any, entry: Any, value: float) -> Iterator[Any]:
    """Yield the entry on a day so many days from the evaluation, or from another entry."""
    if not float(value).is_integer():
        return
    anchors = [str(record["as_of"]), *(_day(one) for key in _DATED for one in record.get(key, ()) if one is not entry)]
    for anchor in dict.fromkeys(anchors):
        for days in (int(value), -int(value)):
            day = _plus(anchor, days)
            yield {**entry, "date": day} if isinstance(entry, Mapping) else day


def _plain(number: float) -> float | int:
    return int(number) if float(number).is_integer() else round(number, 6)


def _day(entry: Any) -> str:
    return str(entry["date"]) if isinstance(entry, Mapping) else str(entry)


def _plus(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()

"""A smaller patient who is still accepted: what is not needed is left out, then dates and numbers become plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.patients.days import iso, ordinal
from boosterwatch.engine.author.patients.edits import LISTS, Record, replaced, without

Accept = Callable[[Record], bool]
_FORM_KEYS = ("items", "difficulty", "version", "time", "id", "scale", "total", "entered_in_error")
_MOST = 250  # questions asked of `accept`
_WEEK = 7


def shrink(record: Record, accept: Accept) -> Record:
    """Return a record that `accept` says yes to and from which no single entry can be left out.

    Bounded: after some hundred questions the smallest record so far comes out.
    """
    asked = _Asked(accept)
    smaller: Record | None = record
    while smaller is not None:
        record = smaller
        smaller = asked.first(_lesser(record))
    for simpler in (_plainer_forms, _plainer_dates):
        done: set[str] = set()
        while (found := asked.first(one for one in simpler(record) if repr(one) not in done)) is not None:
            done.add(repr(record))
            record = found
    return record


class _Asked:
    """Counts the questions asked of `accept`."""

    def __init__(self, accept: Accept) -> None:
        self.accept, self.left = accept, _MOST
        self.refused: set[str] = set()

    def first(self, records: Iterator[Record]) -> Record | None:
        """Return the first record that is accepted; None when none is, or too many were asked about."""
        for record in records:
            told = repr(record)
            if told in self.refused:
                continue
            if self.left <= 0:
                return None
            self.left -= 1
            if self.accept(record):
                return record
            self.refused.add(told)
        return None


def _lesser(record: Record) -> Iterator[Record]:
    """Yield the record without one of its parts, the largest first."""
    for key in (*LISTS, "sex", "birth_date", "patient"):
        if key in record and key != "infusions":
            yield without(record, key)
    for name, key in (("instrument", "assessments"), ("type", "safety")):
        for kind in dict.fromkeys(entry[name] for entry in record.get(key, ())):
            yield _without_kind(record, key, name, kind)
    for key in LISTS:
        entries = record.get(key, ())
        for at in reversed(range(len(entries))):
            if len(entries) > 1 and not (key == "infusions" and _in_induction(record, entries[at])):
                yield without(record, key, at)
    if "induction" in record:
        yield {key: value for key, value in record.items() if key not in ("induction", "infusions")}
    elif "infusions" in record:
        yield without(record, "infusions")


def _without_kind(record: Record, key: str, name: str, kind: str) -> Record:
    entries = [entry for entry in record[key] if entry[name] != kind]
    return {**record, key: entries} if entries else without(record, key)


def _in_induction(record: Mapping[str, Any], day: str) -> bool:
    marked = record.get("induction")
    return marked is not None and str(marked["first"]) <= str(day) <= str(marked["last"])


# ---------------------------------------------------------------- plainer


def _plainer_forms(record: Record) -> Iterator[Record]:
    """Yield the record with a key less in one form or fact, as long as a form says something."""
    for at, form in enumerate(record.get("assessments", ())):
        for key in _FORM_KEYS:
            others = {name: value for name, value in form.items() if name != key}
            if key in form and {"total", "items"} & set(others):
                yield replaced(record, "assessments", at, others)
    for at, fact in enumerate(record.get("safety", ())):
        for key in fact:
            if key not in ("type", "date"):
                others = {name: value for name, value in fact.items() if name != key}
                yield replaced(record, "safety", at, others)


def _plainer_dates(record: Record) -> Iterator[Record]:
    """Yield the record with one form or fact moved to the nearest whole week before the evaluation, or its day."""
    as_of = ordinal(record["as_of"])
    for key in ("assessments", "safety"):
        for at, entry in enumerate(record.get(key, ())):
            age = as_of - ordinal(entry["date"])
            for weeks in (round(age / _WEEK) * _WEEK,):
                if weeks != age and age >= 0:
                    yield replaced(record, key, at, entry | {"date": iso(as_of - weeks)})

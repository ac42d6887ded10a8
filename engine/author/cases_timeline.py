"""The short form of a worked patient, told in days -> the full record that an evaluation takes.

Day 0 is the last infusion of the induction and falls on 2026-01-16, always, so that a case reads the same
for ever. What a day holds::

    day 35: {mood: 12, mood items: [3, 4, 5], bp: 165/95, condition: stroke resolved}

A key with a fact type of the record is a safety fact in words (`facts_words.py`), every other key is an
instrument. Shapes are checked by `schemas/case.schema.json` before, the record by its own schema after.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from boosterwatch.engine.author.facts_words import WordsError, fact_types, read_fact
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack.document import Document, Path

__all__ = ["DAY_ZERO", "TimelineError", "check_timelines", "day_of", "record_from_timeline"]

DAY_ZERO = date(2026, 1, 16)  # a Friday
DEFAULT_INDUCTION = "6 infusions"
_WEEK = (0, -2, -4)  # Friday, Wednesday, Monday
_BEFORE_INDUCTION = 3  # days from the baseline to the first infusion
_BASELINE_ALONE = -14  # the day of the baseline without an induction
_DAY = re.compile(r"day (0|-?[1-9][0-9]{0,4})")
_INDUCTION = re.compile(r"([1-9][0-9]?)( unmarked)? infusions")
_COPIED = ("birth_date", "sex", "indications")


@dataclass(frozen=True, slots=True)
class Problem:
    """A word of a timeline that means nothing, and where it stands in what was given."""

    path: Path
    message: str
    hint: str | None


class TimelineError(ValueError):
    """The timeline cannot be told as a record; `problems` holds everything that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems))


def record_from_timeline(given: Mapping[str, Any], as_of: str) -> dict[str, Any]:
    """Return the full record that a timeline tells, evaluated on the day `as_of`.

    >>> record = record_from_timeline({"baseline": {"mood": 21}, "day 14": {"mood": 4}}, "day 36")
    >>> record["as_of"], record["induction"]
    ('2026-02-21', {'first': '2026-01-05', 'last': '2026-01-16'})
    >>> record["assessments"][-1]
    {'instrument': 'mood', 'date': '2026-01-30', 'total': 4}

    Raises TimelineError when a safety fact has a word that means nothing.
    """
    telling = _Telling()
    marked, infusions = _induction(given.get("induction", DEFAULT_INDUCTION))
    record: dict[str, Any] = {"as_of": day_of(as_of)}
    record |= {key: given[key] for key in _COPIED if key in given}
    if marked:
        record["induction"] = {"first": infusions[0], "last": infusions[-1]}
    record["infusions"] = [*infusions, *map(day_of, given.get("infusions", ()))]
    record["booked"] = [day_of(day) for day in given.get("booked", ())]
    for key, on, findings in _days(given, infusions):
        telling.tell(key, on, findings)
    if telling.problems:
        raise TimelineError(tuple(telling.problems))
    record |= {"assessments": telling.assessments, "safety": telling.facts}
    return {key: value for key, value in record.items() if value != []}


def day_of(day: str) -> str:
    """Return the date of a day of the timeline, as ISO text.

    >>> day_of("day 0"), day_of("day -14")
    ('2026-01-16', '2026-01-02')
    """
    match = _DAY.fullmatch(day)
    if match is None:
        raise TimelineError((Problem((), f"`{day}` is not a day", "write it as `day 36`"),))
    return (DAY_ZERO + timedelta(days=int(match[1]))).isoformat()


def _induction(text: str) -> tuple[bool, list[str]]:
    """Return whether a clinician marked the induction, and the dates of its infusions."""
    match = _INDUCTION.fullmatch(text)
    if match is None:
        return False, []
    days = [_WEEK[index % 3] - 7 * (index // 3) for index in range(int(match[1]))]
    return match[2] is None, [day_of(f"day {day}") for day in reversed(days)]


def _days(given: Mapping[str, Any], infusions: list[str]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the key, the date and the findings of every day, the earliest first."""
    baseline = day_of(f"day {_BASELINE_ALONE}")
    if infusions:
        baseline = (date.fromisoformat(infusions[0]) - timedelta(days=_BEFORE_INDUCTION)).isoformat()
    dates = {key: baseline if key == "baseline" else day_of(key) for key in given if _is_day(key)}
    for key in sorted(dates, key=dates.__getitem__):
        yield key, dates[key], given[key]


def _is_day(key: str) -> bool:
    return key == "baseline" or key.startswith("day ")


@dataclass(slots=True)
class _Telling:
    """Collects what the days hold."""

    assessments: list[dict[str, Any]] = field(default_factory=list)
    facts: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def tell(self, key: str, on: str, findings: Mapping[str, Any]) -> None:
        """Add the forms and facts of one day."""
        forms: dict[str, dict[str, Any]] = {}
        for name, value in findings.items():
            instrument, _, part = name.partition(" ")
            if name in fact_types():
                self._facts(name, on, value, (key, name))
            else:
                form = forms.setdefault(instrument, {"instrument": instrument, "date": on})
                form[part or "total"] = value
        self.assessments += forms.values()

    def _facts(self, fact: str, on: str, value: str | list[str], path: Path) -> None:
        texts = (
            [(path, value)] if isinstance(value, str) else [((*path, index), text) for index, text in enumerate(value)]
        )
        for place, text in texts:
            try:
                self.facts.append({"type": fact, "date": on, **read_fact(fact, text)})
            except WordsError as error:
                self.problems.append(Problem(place, error.message, error.hint))


def check_timelines(document: Document) -> list[Diagnostic]:
    """Return every word that means nothing in the timelines of a case file; its shape must be valid."""
    found: list[Diagnostic] = []
    several = document.data.get("cases")
    cases = (
        [((), document.data)] if several is None else [(("cases", index), case) for index, case in enumerate(several)]
    )
    for path, case in cases:
        if "given" in case:
            found += _check(document, (*path, "given"), case)
    return found


def _check(document: Document, path: Path, case: Mapping[str, Any]) -> Iterator[Diagnostic]:
    try:
        record_from_timeline(case["given"], case["as_of"])
    except TimelineError as error:
        for problem in error.problems:
            span = document.span((*path, *problem.path))
            yield Diagnostic("BW174", problem.message, span, problem.hint)

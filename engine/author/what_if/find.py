"""The smallest changes that would change a recommendation: of facts, and of the policy's numbers.

Every lever is pulled one step at a time from small to large, so the first change of the answer is its smallest. Where
no single lever changes it, pairs are tried, at the steps at which some clause changes. What is found is evaluated again
by both engines, as is one step less.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from boosterwatch.engine.author.patients.days import ordinal
from boosterwatch.engine.author.patients.edits import plain
from boosterwatch.engine.author.what_if.change import Change, Lever, Record
from boosterwatch.engine.author.what_if.dates import date_levers
from boosterwatch.engine.author.what_if.numbers import number_levers
from boosterwatch.engine.author.what_if.rehearse import Answer, Rehearsal
from boosterwatch.engine.author.what_if.scores import form_levers
from boosterwatch.engine.author.what_if.values import value_levers
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Scalar
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import record_from_mapping

_MOST_PAIRS = 400  # pairs of steps that are tried
_MOST_TURNS = 4  # steps of one lever that are paired
_TOTAL = ".total"
_DATE = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_ORDER = ("points", "value", "days")
Told = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Found:
    """One change, or two together, with the answer that it gives. `record` is the changed record."""

    changes: tuple[Change, ...]
    recommendation: str
    urgency: str | None
    summary: str
    record: Record


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would change a decision: by facts and by numbers, the smallest of each lever, smallest first.

    `pairs` are two facts together, or two numbers, where no single one does. `tried` counts the levers by kind.
    """

    decision: Decision
    facts: tuple[Found, ...]
    numbers: tuple[Found, ...]
    fact_pairs: tuple[Found, ...]
    number_pairs: tuple[Found, ...]
    tried: Mapping[str, int]


def what_if(loaded: LoadedPack, record: Mapping[str, Any]) -> WhatIf:
    """Return the smallest changes of a record and of the policy's numbers that change its recommendation or urgency.

    `record` is plain data of `schemas/record.schema.json`. Raises RecordError when it cannot be used.
    """
    given = plain(record)
    decision = evaluate(loaded, given)
    search = _Search(loaded, given, (decision.recommendation, decision.urgency))
    facts = [*form_levers(loaded.ir, given), *value_levers(loaded.ir, given), *date_levers(given)]
    read = record_from_mapping(given)
    chosen = values_in_force(loaded.ir, read.as_of, read.overrides)
    in_force = {name: one.value for name, one in chosen.items()}
    numbers = list(number_levers(loaded.ir, in_force, search.measured(), days_of(given)))
    by_fact, by_number = search.singles(facts), search.singles(numbers)
    return WhatIf(
        decision=decision,
        facts=tuple(by_fact),
        numbers=tuple(by_number),
        fact_pairs=() if by_fact else tuple(search.pairs(facts)),
        number_pairs=() if by_number else tuple(search.pairs(numbers)),
        tried={"facts": len(facts), "numbers": len(numbers)},
    )


class _Search:
    """One search from one record: the answer now, and the steps at which clauses change on the way."""

    def __init__(self, loaded: LoadedPack, record: Record, now: Told) -> None:
        self.loaded, self.record, self.now = loaded, record, now
        self.rehearsal = Rehearsal(loaded)
        self.start = self.rehearsal.answer(record)
        self.turns: dict[int, list[int]] = {}  # by lever: the steps at which some clause changes

    def measured(self) -> Mapping[str, Scalar]:
        """Return the measures of the record as it is."""
        return {} if self.start is None else self.start.values

    # ------------------------------------------------------------ one lever

    def singles(self, levers: Iterable[Lever]) -> list[Found]:
        """Return what each lever that changes the answer does, the smallest change first."""
        made: list[tuple[tuple[float, ...], Found]] = []
        seen: set[str] = set()
        for lever in levers:
            found = self._first(lever)
            if found is not None and repr(found.record) not in seen:
                seen.add(repr(found.record))
                made.append((_rank(lever, found), found))
        return _without_repeats([found for _, found in sorted(made, key=lambda one: one[0])])

    def _first(self, lever: Lever) -> Found | None:
        """Return the first change of the answer along a lever; None when there is none."""
        last = self.start
        turns = self.turns.setdefault(id(lever), [])
        for steps in lever.steps():
            pulled = lever.pull(self.record, steps)
            answer = None if pulled is None else self.rehearsal.answer(pulled[0])
            if pulled is None or answer is None:
                return None
            if last is not None and answer.clauses != last.clauses:
                turns.append(steps)
            last = answer
            if answer.told != self.now:
                return self._confirmed((lever,), (steps,))
        return None

    # ------------------------------------------------------------ two levers

    def pairs(self, levers: Sequence[Lever]) -> list[Found]:
        """Return the smallest pair of changes that changes the answer, where one is in reach."""
        tries = sorted(self._tries(levers), key=lambda one: one[0])[:_MOST_PAIRS]
        for _, two, steps in tries:
            if self._changes(two, steps):
                found = self._confirmed(two, self._least(two, steps))
                if found is not None:
                    return [found]
        return []

    def _tries(self, levers: Sequence[Lever]) -> Iterable[tuple[float, tuple[Lever, Lever], tuple[int, int]]]:
        turning = [(lever, self.turns.get(id(lever), [])[:_MOST_TURNS]) for lever in levers]
        for (one, ones), (other, others) in combinations([pair for pair in turning if pair[1]], 2):
            if _part(one) != _part(other):
                for steps in product(ones, others):
                    yield sum(steps), (one, other), steps

    def _least(self, two: tuple[Lever, Lever], steps: tuple[int, int]) -> tuple[int, int]:
        """Return the steps after taking back each that is not needed."""
        first, second = steps
        while first > 1 and self._changes(two, (first - 1, second)):
            first -= 1
        while second > 1 and self._changes(two, (first, second - 1)):
            second -= 1
        return first, second

    def _changes(self, levers: Sequence[Lever], steps: Sequence[int]) -> bool:
        pulled = pull_all(self.record, levers, steps)
        answer: Answer | None = None if pulled is None else self.rehearsal.answer(pulled[0])
        return answer is not None and answer.told != self.now

    # ------------------------------------------------------------ both engines

    def _confirmed(self, levers: Sequence[Lever], steps: Sequence[int]) -> Found | None:
        """Return the change when both engines give another answer for it, and the same as now for one step less."""
        pulled = pull_all(self.record, levers, steps)
        if pulled is None:
            return None
        record, changes = pulled
        decision = evaluate(self.loaded, record)
        if decision.error is not None or (decision.recommendation, decision.urgency) == self.now:
            return None
        for place in range(len(steps)):
            less = [count - (n == place) for n, count in enumerate(steps)]
            before = pull_all(self.record, levers, less)
            if before is None or _told(evaluate(self.loaded, before[0])) != self.now:
                return None
        return Found(changes, decision.recommendation, decision.urgency, decision.summary, record)


def pull_all(record: Record, levers: Sequence[Lever], steps: Sequence[int]) -> tuple[Record, tuple[Change, ...]] | None:
    """Return the record after several levers, with what each changed; one of no steps changes nothing."""
    changes: list[Change] = []
    for lever, count in zip(levers, steps, strict=True):
        pulled = lever.pull(record, count) if count else None
        if count and pulled is None:
            return None
        if pulled is not None:
            record = pulled[0]
            changes.append(pulled[1])
    return record, tuple(changes)


def _without_repeats(found: Sequence[Found]) -> list[Found]:
    """Return the changes without those that say the same as another one of their form.

    An answer that moves the total as far as the total alone must move, and a total that takes along an answer of which
    less is enough.
    """
    return [one for one in found if not any(_repeats(one, other) for other in found if other is not one)]


def _repeats(one: Found, other: Found) -> bool:
    if one.changes[0].kind != "points" or other.changes[0].kind != "points" or _form(one) != _form(other):
        return False
    total = one.changes[0].name.endswith(_TOTAL)
    sizes = one.changes[0].size, other.changes[0].size
    return _answer_of(one) == _answer_of(other) and (sizes[0] > sizes[1] if total else sizes[0] >= sizes[1]) and (
        total is not other.changes[0].name.endswith(_TOTAL)
    )  # fmt: skip


def _form(found: Found) -> str:
    return found.changes[0].name.partition(".")[0]


def _answer_of(found: Found) -> Told:
    return found.recommendation, found.urgency


def days_of(record: Mapping[str, Any]) -> set[int]:
    """Return every date of a record but that of birth, as ordinals."""

    def dates(value: Any) -> Iterator[int]:
        if isinstance(value, Mapping):
            for inner in value.values():
                yield from dates(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from dates(inner)
        elif isinstance(value, str) and _DATE.fullmatch(value):
            yield ordinal(value)

    return {day for key, value in record.items() if key != "birth_date" for day in dates(value)}


def _part(lever: Lever) -> str:
    """Return the part of the record, or the number, that a lever moves; two on one form are in each other's way."""
    return lever.name if lever.kind == "number" else lever.name.partition(".")[0]


def _told(decision: Decision) -> Told:
    return decision.recommendation, decision.urgency


def _rank(lever: Lever, found: Found) -> tuple[float, ...]:
    """Return what is smaller first: points, then other values, then days, each by size; numbers by their share."""
    size = found.changes[0].size
    if lever.kind == "number":
        return 0, size / lever.range, 0
    return _ORDER.index(lever.kind), size, -lever.range

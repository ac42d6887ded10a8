"""From a scene to a patient: a record built towards it, and confirmed by both engines before anybody sees it.

A scene is what a model allows; a patient is a record that can be evaluated. When no record is found the property is not
proved either: the model may be too wide, or the search too short. The caller says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

import z3

from boosterwatch.engine.author.patients import patient_for
from boosterwatch.engine.author.prove.properties import Property
from boosterwatch.engine.author.prove.replay import Replay, replay
from boosterwatch.engine.author.prove.variants import Record, firsts_of, is_second, seconds_of
from boosterwatch.engine.author.prove.violation import violation
from boosterwatch.engine.author.symbolic import Scene
from boosterwatch.engine.loaded import LoadedPack

MOST_SECONDS = 60  # second patients tried for one first
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Counter:
    """One patient who breaks a property, or the same patient twice; each as the engines saw it."""

    of: Property
    patients: tuple[Replay, ...]


def find_counter(
    loaded: LoadedPack, which: Property, scenes: Sequence[Scene], at: int, near: Sequence[Mapping[str, Any]] = ()
) -> Counter | None:
    """Return patients evaluated on the day `at` who break the property; None when none was found."""
    search = _Search(loaded, which, scenes, at)
    record = patient_for(loaded, scenes[0], search.accepts, near=near)
    if record is None:
        return None
    found = search.confirm(record)
    return None if found is None else Counter(which, found)


@dataclass(frozen=True, slots=True)
class _Search:
    loaded: LoadedPack
    which: Property
    scenes: Sequence[Scene]
    at: int

    def accepts(self, record: Record) -> bool:
        """Return whether a record is, or has, a counter-example."""
        return self.confirm(record) is not None

    def confirm(self, record: Record) -> tuple[Replay, ...] | None:
        """Return what the engines make of the patients, when they break the property."""
        for one in firsts_of(self.which, self.loaded.ir, record, self.scenes):
            moved = on_day(one, self.at)
            first = replay(self.loaded, moved)
            if first is not None:
                found = next((found for found in self._candidates(first, moved) if self._broken(found)), None)
                if found is not None:
                    return found
        return None

    def _candidates(self, first: Replay, record: Record) -> Iterator[tuple[Replay, ...]]:
        if self.which.patients == 1:
            yield (first,)
            return
        for other in islice(seconds_of(self.which, self.loaded.ir, record, self.scenes), MOST_SECONDS):
            second = replay(self.loaded, other)
            if second is not None and is_second(self.which, self.loaded.ir, first.measures, second.measures):
                yield first, second

    def _broken(self, patients: tuple[Replay, ...]) -> bool:
        return bool(z3.is_true(z3.simplify(violation(self.which, patients))))


def on_day(record: Record, at: int) -> Record:
    """Return the record with every date moved so that it is evaluated on the day `at`."""
    days = at - date.fromisoformat(record["as_of"]).toordinal()
    moved: Record = _moved(record, timedelta(days))
    return moved


def _moved(value: Any, by: timedelta) -> Any:
    if isinstance(value, dict):
        return {key: _moved(inner, by) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, by) for inner in value]
    if isinstance(value, str) and _DATE.fullmatch(value):
        return (date.fromisoformat(value) + by).isoformat()
    return value

"""The values of one scale over time, oriented so that higher is worse, with what a course makes of them.

Built once per scale and record. Every look at a date is then a few binary searches, because the best of all scores
since an induction is a running minimum.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from boosterwatch.engine.measures.course import Course
from boosterwatch.engine.measures.undefined import Number


class Stretch(NamedTuple):
    """A course's part of a series: where its post-induction scores start, their running best, and the baseline."""

    start: int
    best: Sequence[Number]
    baseline: Number | None


class Series:
    """Oriented values in order of their keys; a key is twice the day, plus one after that day's infusion."""

    __slots__ = ("_stretches", "keys", "values")

    def __init__(self, keys: list[int], values: list[Number]) -> None:
        self.keys = keys
        self.values = values
        self._stretches: dict[int, Stretch] = {}

    def stretch(self, course: Course, baseline_days: Number) -> Stretch:
        """Return what the series holds of a course, known by its last date; a record has one `baseline_days`."""
        known = self._stretches.get(course.last)
        if known is None:
            known = self._stretches[course.last] = self._measure(course, baseline_days)
        return known

    def _measure(self, course: Course, baseline_days: Number) -> Stretch:
        keys = self.keys
        start = bisect_right(keys, 2 * course.last + 1)
        # the form after the first infusion has the odd key of that day, so it is never a baseline
        n = bisect_right(keys, 2 * course.first, 0, start)
        baseline = None
        if n and keys[n - 1] >= 2 * (course.first - baseline_days):
            floor = course.floor
            if floor is None or keys[n - 1] > 2 * floor:
                baseline = self.values[n - 1]
        return Stretch(start, running_best(self.values, start), baseline)


def running_best(values: Sequence[Number], start: int) -> list[Number]:
    """Return the lowest value from `start` on up to each place.

    >>> running_best([0, 9, 4, 6, 3], start=1)
    [9, 4, 4, 3]
    """
    best: list[Number] = []
    if start < len(values):
        lowest = values[start]
        for value in values[start:]:
            if value < lowest:
                lowest = value
            best.append(lowest)
    return best

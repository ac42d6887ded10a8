"""The values of one scale over time, oriented so that higher is worse, with what a course makes of them.

Built once per scale and record. Every look at a date is then a few binary searches, because the best of all scores
since an induction is a running minimum.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from boosterwatch.engine.measures.course import Course
from boosterwatch.engine.measures.undefined import Number


class Stretch(NamedTuple):
    """A course's part of a series: where its post-induction scores start, their running best, and the baseline."""

    start: int
    best: Sequence[Number]
    baseline: Number | None


class Sums(NamedTuple):
    """Running sums for least squares; entry n is over the first n values, days counted from the first one's."""

    day: Sequence[int]
    day_squared: Sequence[int]
    value: Sequence[Number]
    product: Sequence[Number]


class Series:
    """Oriented values in order of their keys (see `Scored.key`)."""

    __slots__ = ("_stretches", "_sums", "days", "keys", "values")

    def __init__(self, keys: list[int], values: list[Number]) -> None:
        self.keys = keys
        self.days = [key >> 1 for key in keys]
        self.values = values
        self._stretches: dict[Course, Stretch] = {}
        self._sums: Sums | None = None

    def stretch(self, course: Course, baseline_days: Number) -> Stretch:
        """Return what the series holds of a course; `baseline_days` is fixed for one record."""
        known = self._stretches.get(course)
        if known is None:
            known = self._stretches[course] = self._measure(course, baseline_days)
        return known

    def _measure(self, course: Course, baseline_days: Number) -> Stretch:
        start = bisect_right(self.days, course.last)
        best = list(accumulate(self.values[start:], min))
        # the form after the first infusion has the odd key of that day, so it is never a baseline
        n = bisect_right(self.keys, 2 * course.first) - 1
        oldest = course.first - baseline_days
        if n < 0 or self.days[n] < oldest or (course.floor is not None and self.days[n] <= course.floor):
            return Stretch(start, best, None)
        return Stretch(start, best, self.values[n])

    def sums(self) -> Sums:
        """Return the running sums, made when first asked for."""
        if self._sums is None:
            days = [day - self.days[0] for day in self.days]
            products = [day * value for day, value in zip(days, self.values, strict=True)]
            self._sums = Sums(
                day=list(accumulate(days, initial=0)),
                day_squared=list(accumulate((day * day for day in days), initial=0)),
                value=list(accumulate(self.values, initial=0)),
                product=list(accumulate(products, initial=0)),
            )
        return self._sums

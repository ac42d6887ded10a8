"""The series of dates of a backtest, from what a user writes."""

from __future__ import annotations

import re
from datetime import date

from boosterwatch.engine.cohort.backtest.model import Series
from boosterwatch.engine.cohort.impact.results import ImpactError
from boosterwatch.engine.diagnostics import Diagnostic

HORIZON = 90
_SPAN = re.compile(r"([1-9][0-9]{0,3})([dw]?)")
_DAYS = {"": 1, "d": 1, "w": 7}


def series_of(first: date, last: date, every: str, horizon: str | int = HORIZON) -> Series:
    """Return the dates from the first up to the last. Raises ImpactError (BW657) when they make no series."""
    step, ahead = days_of(every), horizon if isinstance(horizon, int) else days_of(horizon)
    if last < first:
        message = f"the series ends on {last}, before it begins on {first}"
        raise ImpactError([Diagnostic("BW657", message, None, "give `--from` a day before that of `--to`")])
    ends = first.toordinal() + (last - first).days // step * step
    return Series(first.toordinal(), ends, step, ahead)


def days_of(text: str) -> int:
    """Return a span in days. Raises ImpactError (BW657) when it is none.

    >>> days_of("7d"), days_of("2w"), days_of("30")
    (7, 14, 30)
    """
    found = _SPAN.fullmatch(text)
    if found is None:
        hint = "write a number of days or weeks: 7d, 2w"
        raise ImpactError([Diagnostic("BW657", f"`{text[:40]}` is no span of days", None, hint)])
    return int(found[1]) * _DAYS[found[2]]

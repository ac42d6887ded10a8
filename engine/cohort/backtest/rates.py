"""Shares and rates with their 95 % intervals, from counts alone."""

from __future__ import annotations

from math import sqrt

from boosterwatch.engine.cohort.backtest.model import Estimate

_Z = 1.959963984540054  # the 97.5th percentile of the standard normal distribution


def share_of(part: int, whole: int) -> Estimate | None:
    """Return a share with Wilson's interval; None of nothing.

    >>> found = share_of(8, 10)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.8, 0.4902, 0.9433)
    """
    if not whole:
        return None
    value, z = part / whole, _Z * _Z
    middle = (value + z / (2 * whole)) / (1 + z / whole)
    half = _Z * sqrt(value * (1 - value) / whole + z / (4 * whole * whole)) / (1 + z / whole)
    return Estimate(value, 0.0 if not part else middle - half, 1.0 if part == whole else middle + half)


def rate_of(events: int, years: float) -> Estimate | None:
    """Return a rate per year with Byar's interval; None without time.

    >>> found = rate_of(10, 5)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (2.0, 0.9575, 3.6783)
    """
    if years <= 0:
        return None
    more = events + 1
    high = more * (1 - 1 / (9 * more) + _Z / (3 * sqrt(more))) ** 3
    low = events * (1 - 1 / (9 * events) - _Z / (3 * sqrt(events))) ** 3 if events else 0.0
    return Estimate(events / years, max(low, 0.0) / years, high / years)

"""How time is measured: single calls, sorted; medians over rounds, because the machine is shared."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Sequence
from math import log
from time import perf_counter_ns
from typing import Any, NamedTuple


class Spread(NamedTuple):
    """Microseconds of single calls: their middle, the value that one in a hundred exceeds, and their mean."""

    p50: float
    p99: float
    mean: float


def time_each(call: Callable[[Any], object], inputs: Sequence[Any], most_seconds: float = 3.0) -> list[int]:
    """Return the nanoseconds of one call per input; it stops early when the time is up."""
    gc.collect()
    times: list[int] = []
    stop = perf_counter_ns() + int(most_seconds * 1e9)
    for one in inputs:
        before = perf_counter_ns()
        call(one)
        after = perf_counter_ns()
        times.append(after - before)
        if after > stop:
            break
    return times


def spread(nanoseconds: Sequence[int]) -> Spread:
    """Return the spread of some calls.

    >>> spread([1000, 2000, 3000])
    Spread(p50=2.0, p99=3.0, mean=2.0)
    """
    ordered = sorted(nanoseconds)
    at = min(len(ordered) - 1, int(len(ordered) * 0.99))
    return Spread(statistics.median(ordered) / 1e3, ordered[at] / 1e3, statistics.fmean(ordered) / 1e3)


def timed(call: Callable[[], object]) -> float:
    """Return the seconds of one call."""
    before = perf_counter_ns()
    call()
    return (perf_counter_ns() - before) / 1e9


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the slope of time against size on logarithmic scales: 1 is linear, 2 is quadratic.

    >>> round(exponent([10, 100, 1000], [0.1, 1, 10]), 3)
    1.0
    """
    xs, ys = [log(size) for size in sizes], [log(second) for second in seconds]
    return statistics.linear_regression(xs, ys).slope

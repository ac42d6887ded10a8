"""Kinds of measures of one scale that read more than one score: the preceding visit, and the slope of a cycle.

A cycle runs from one infusion to the next; with none before a score, its cycle has no beginning.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from operator import mul

from boosterwatch.engine.measures.look import Look, best_before
from boosterwatch.engine.measures.score import Args, Kind, settled
from boosterwatch.engine.measures.undefined import (
    NO_PRECEDING,
    NO_REFERENCE,
    TOO_FEW,
    Number,
)
from boosterwatch.engine.model import Value

DAYS_PER_WEEK = 7


# ---------------------------------------------------------------- the preceding visit


def preceding(look: Look, least_gap: Number, most_gap: Number) -> int | None:
    """Return the place in the series of the latest value dated so many days before the latest, in its cycle."""
    known = look.preceding
    if known is None or known[0] != least_gap or known[1] != most_gap:
        known = look.preceding = (least_gap, most_gap, _find_preceding(look, least_gap, most_gap))
    return known[2]


def _find_preceding(look: Look, least_gap: Number, most_gap: Number) -> int | None:
    if look.absent is not None:
        return None
    keys = look.series.keys
    n = bisect_right(keys, 2 * (look.day - least_gap) + 1, 0, look.end) - 1
    if n < 0 or keys[n] < 2 * (look.day - most_gap):
        return None
    infusion = cycle_start(look)
    return None if infusion is not None and keys[n] <= 2 * infusion else n


def cycle_start(look: Look) -> int | None:
    """Return the infusion that begins the cycle of the latest value."""
    infusions = look.moment.history.infusions
    n = bisect_right(infusions, (look.key - 1) >> 1)
    return infusions[n - 1] if n else None


def _previous(args: Args) -> Kind:
    least, most = args["from"], args["to"]

    def run(look: Look) -> Value:
        parameters = look.moment.parameters
        n = preceding(look, parameters[least], parameters[most])
        return NO_PRECEDING if n is None else look.sign * look.series.values[n]

    return run


def _previous_change(args: Args) -> Kind:
    least, most = args["from"], args["to"]

    def run(look: Look) -> Value:
        parameters = look.moment.parameters
        n = preceding(look, parameters[least], parameters[most])
        if n is None:
            return NO_PRECEDING
        best = best_before(look, look.series.keys[n] >> 1)
        return NO_REFERENCE if best is None else look.series.values[n] - best

    return run


def _previous_interpretable(args: Args) -> Kind:
    least, most, settle = args["from"], args["to"], args["settle"]

    def run(look: Look) -> Value:
        parameters = look.moment.parameters
        n = preceding(look, parameters[least], parameters[most])
        if n is None:
            return NO_PRECEDING
        infusion = cycle_start(look)
        return infusion is None or settled(look.series.keys[n], infusion, parameters[settle])

    return run


# ---------------------------------------------------------------- the slope


def slope_per_week(days: Sequence[int], values: Sequence[Number]) -> float | None:
    """Return the least-squares slope in points a week; None when all values are of one day.

    >>> slope_per_week([0, 7, 14], [1, 3, 5])
    2.0
    """
    n, day_sum, value_sum = len(days), sum(days), sum(values)
    spread = n * sum(map(mul, days, days)) - day_sum * day_sum
    shared = n * sum(map(mul, days, values)) - day_sum * value_sum
    return DAYS_PER_WEEK * shared / spread if spread else None


def _slope(args: Args) -> Kind:
    points, span, settle = args["points"], args["span"], args["settle"]

    def run(look: Look) -> Value:
        parameters, end = look.moment.parameters, look.end
        start = _first_settled(look, parameters[settle])
        if end - start < max(parameters[points], 1):
            return TOO_FEW
        keys = look.series.keys
        first = keys[start] >> 1
        if (keys[end - 1] >> 1) - first < parameters[span]:
            return TOO_FEW
        days = [(key >> 1) - first for key in keys[start:end]]  # small numbers; the slope is the same
        slope = slope_per_week(days, look.series.values[start:end])
        return TOO_FEW if slope is None else slope

    return run


def _first_settled(look: Look, wait: Number) -> int:
    """Return the place of the first interpretable value of the current cycle, or the end."""
    infusion, keys, end = look.moment.last_infusion, look.series.keys, look.end
    if infusion is None or end == 0 or keys[end - 1] < 2 * (infusion + wait):
        return end
    # with no wait at all, the forms before the infusion on its day are still of the cycle that it ended
    return bisect_left(keys, max(2 * (infusion + wait), 2 * infusion + 1), 0, end)


TREND_KINDS: Mapping[str, Callable[[Args], Kind]] = {
    "previous": _previous,
    "previous_change": _previous_change,
    "previous_interpretable": _previous_interpretable,
    "slope": _slope,
}

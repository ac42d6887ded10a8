"""Measures made from observed cycles, as columns; the column form of `engine/measures/interval.py`.

They read what `cycles.py` found of each patient: how many cycles were observed, and twice the median length of the last
ones, a whole number. Before cycles are looked for there are none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import ibis
from ibis.expr.types import IntegerValue, NumericValue, Value

from boosterwatch.engine.cohort.columns.look import Look, whole_part
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.pack import ir

OBSERVED = "observed"
SCALE = 1_000_000_000  # fractions are read as whole billionths: what follows is exact in whole numbers


def median_column(used: str) -> str:
    """Return the column of twice the median length of so many of the last observed cycles as the parameter says."""
    return f"twice_median__{measure_column(used)}"


def _observed(look: Look) -> IntegerValue:
    columns = look.table.columns
    count: IntegerValue = look.table[OBSERVED].fill_null(0) if OBSERVED in columns else ibis.literal(0, "int64")
    return count


def _observed_cycles(_measure: ir.Measure, look: Look) -> Value:
    return _observed(look)


def _individual_interval(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    fallback = look.parameter(args["fallback"]).cast("float64")
    if median_column(args["used"]) not in look.table.columns:
        return fallback
    median = look.table[median_column(args["used"])]
    enough = median.notnull() & (_observed(look) >= look.parameter(args["needed"]))
    days = interval_days(
        median,
        fraction=look.parameter(args["fraction"]),
        least=look.parameter(args["least"]),
        most=look.parameter(args["most"]),
    )
    return enough.ifelse(days.cast("float64"), fallback)


def interval_days(
    twice_median: IntegerValue, *, fraction: NumericValue, least: NumericValue, most: NumericValue
) -> IntegerValue:
    """Return the fraction of the median length, rounded half up, then kept inside `least` to `most`."""
    share = (fraction.cast("float64") * SCALE).round().cast("int64")
    scaled = share * twice_median + SCALE
    days = ((scaled - scaled % (2 * SCALE)) / (2 * SCALE)).cast("float64")
    longer = (days < least).ifelse(least, days)
    return whole_part((longer > most).ifelse(most, longer))


INTERVAL_COLUMNS: Mapping[str, Callable[[ir.Measure, Look], Value]] = {
    "observed_cycles": _observed_cycles,
    "individual_interval": _individual_interval,
}

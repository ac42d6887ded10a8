"""Kinds of measures made from observed cycles: how many there are, and the interval they suggest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import floor

from boosterwatch.engine.measures.history import Cycles, Moment
from boosterwatch.engine.measures.setup import Kind, Maker, Setup
from boosterwatch.engine.measures.undefined import Number
from boosterwatch.engine.model import Value
from boosterwatch.engine.pack import ir


def lengths(cycles: Cycles) -> list[int]:
    """Return the days from infusion to loss of each observed cycle, oldest first."""
    return [cycle.loss - cycle.infusion for cycle in cycles if cycle.loss is not None]


def median(numbers: Sequence[int]) -> Fraction:
    """Return the exact median of at least one number.

    >>> median([40, 25, 31]), median([40, 25])
    (Fraction(31, 1), Fraction(65, 2))
    """
    ordered = sorted(numbers)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[half])
    return Fraction(ordered[half - 1] + ordered[half], 2)


def interval_days(observed: Sequence[int], *, fraction: Number, least: Number, most: Number) -> int:
    """Return the fraction of the median length, rounded half up, then kept inside `least` to `most`.

    >>> interval_days([40, 85], fraction=0.8, least=21, most=365), interval_days([9], fraction=0.5, least=0, most=365)
    (50, 5)
    >>> interval_days([20], fraction=0.8, least=21, most=365)
    21
    """
    days = floor(Fraction(str(fraction)) * median(observed) + Fraction(1, 2))
    return int(min(max(days, least), most))


def observed_cycles(_measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: cycles of the course with a dated loss of benefit; 0 before they are looked for."""
    return lambda moment: len(lengths(moment.cycles or ()))


def individual_interval(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: the interval of the last observed cycles, or the fallback with too few of them."""
    args = dict(measure.args)

    def run(moment: Moment) -> Value:
        parameters = moment.parameters
        observed = lengths(moment.cycles or ())
        recent = observed[max(0, len(observed) - int(parameters[args["used"]])) :]
        if not recent or len(observed) < parameters[args["needed"]]:
            return parameters[args["fallback"]]
        return interval_days(
            recent,
            fraction=parameters[args["fraction"]],
            least=parameters[args["least"]],
            most=parameters[args["most"]],
        )

    return run


INTERVAL_KINDS: Mapping[str, Maker] = {
    "observed_cycles": observed_cycles,
    "individual_interval": individual_interval,
}

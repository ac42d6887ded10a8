"""The measures of one scale as expressions over what was gathered: the formulas of `score.py` and `trend.py`.

A measure without a value is null, whatever the reason; the reason of a scale is a measure of its own kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, NumericValue, StringValue, Table

from boosterwatch.engine.cohort.columns.scores_plan import (
    GAP,
    LINE,
    PREVIOUS,
    SLOPE,
    Track,
    setting_of,
    since,
)
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.pack import ir

_NONE = ibis.null("float64")
_NO_DAY = ibis.null("int64")
NEVER = -1  # before every key


@dataclass(frozen=True)
class Sight:
    """A scale in the wide table of moments: `columns` are what was gathered of it, empty when it has no value.

    `failed` is the newest key of a rejected total, `newest` that of a valid one, `absent` why there is no latest value;
    `begun` is the infusion that begins its cycle where that is not the last one.
    """

    track: Track
    moments: Table
    parameters: Parameters
    columns: Mapping[str, ibis.Value]
    failed: NumericValue
    newest: NumericValue
    begun: NumericValue
    absent: StringValue

    def get(self, name: str) -> NumericValue:
        """Return a number gathered; null when the scale has no value."""
        return self.columns[name]

    @property
    def day(self) -> NumericValue:
        """Return the day of the latest value."""
        return self.get("key") >> 1

    def of(self, measure: ir.Measure, arg: str) -> NumericValue:
        """Return the parameter that an argument of the measure names."""
        return self.parameters.of(self.moments, dict(measure.args)[arg])

    def raw(self, oriented: NumericValue) -> NumericValue:
        """Return points as the scale has them."""
        return oriented if self.track.sign > 0 else -oriented


def measure_of(sight: Sight, measure: ir.Measure) -> ibis.Value:
    """Return the column of a measure of the scale."""
    return KINDS[measure.kind](sight, measure)


def newest_day(sight: Sight) -> NumericValue:
    """Return the day of the newest value of the scale's series."""
    return sight.get("key" if sight.track.scale.part is None else "end_key") >> 1


# ---------------------------------------------------------------- the latest


def _latest(sight: Sight, _measure: ir.Measure) -> NumericValue:
    return sight.raw(sight.get("latest"))


def _latest_date(sight: Sight, _measure: ir.Measure) -> NumericValue:
    return sight.day


def _age(sight: Sight, _measure: ir.Measure) -> NumericValue:
    return (sight.moments["at"] - sight.day).cast("float64")


def _latest_within(sight: Sight, measure: ir.Measure) -> NumericValue:
    young = sight.moments["at"] - sight.day <= sight.of(measure, "within")
    return ibis.ifelse(young.fill_null(False), sight.raw(sight.get("worst")), _NONE)


def _newest_invalid(sight: Sight, _measure: ir.Measure) -> BooleanValue:
    return (sight.failed > ibis.coalesce(sight.newest, NEVER)).fill_null(False)


# ---------------------------------------------------------------- references


def _best(sight: Sight, _measure: ir.Measure) -> NumericValue:
    return sight.raw(sight.get("best"))


def _baseline(sight: Sight, _measure: ir.Measure) -> NumericValue:
    return sight.raw(sight.get("baseline"))


def _best_since(sight: Sight, _measure: ir.Measure) -> NumericValue:
    return sight.raw(sight.get("since"))


# ---------------------------------------------------------------- differences


def _change(sight: Sight, measure: ir.Measure) -> NumericValue:
    return sight.get("latest") - sight.get("best" if since(measure) == "best" else "baseline")


def _gain(sight: Sight, _measure: ir.Measure) -> NumericValue:
    return sight.get("baseline") - sight.get("since")


def _fraction_lost(sight: Sight, measure: ir.Measure) -> NumericValue:
    gain = sight.get("baseline") - sight.get("best")
    small = (gain < sight.of(measure, "smallest_gain")) | (gain == 0)
    return ibis.ifelse(small, _NONE, (sight.get("latest") - sight.get("best")) / gain.nullif(0))


def _response_fraction(sight: Sight, measure: ir.Measure) -> NumericValue:
    baseline = sight.raw(sight.get("baseline"))
    case = sight.get("baseline") >= sight.track.sign * sight.of(measure, "case_level")
    share = (baseline - sight.raw(sight.get("since"))) / baseline.nullif(0)
    return ibis.ifelse(case.fill_null(False), share, _NONE)


# ---------------------------------------------------------------- can it be judged


def _reason(sight: Sight, measure: ir.Measure) -> StringValue:
    unsettled, old = _doubts(sight, measure)
    waiting = sight.moments["at"] - sight.moments.last_infusion < sight.of(measure, "settle")
    return ibis.cases(
        (sight.get("latest").isnull(), sight.absent),
        (unsettled, ibis.ifelse(waiting, "settling", "missing")),
        (old, "stale"),
        (sight.get("best").isnull(), "no_reference"),
        else_="assessable",
    )


def _assessable(sight: Sight, measure: ir.Measure) -> BooleanValue:
    unsettled, old = _doubts(sight, measure)
    return sight.get("latest").notnull() & sight.get("best").notnull() & ~unsettled & ~old


def _doubts(sight: Sight, measure: ir.Measure) -> tuple[BooleanValue, BooleanValue]:
    """Return whether an infusion was too recent for the latest value, and whether that is old; never null."""
    settle = sight.of(measure, "settle")
    too_early = ~_settled(sight.get("key"), sight.moments.last_infusion, settle)
    old = sight.moments["at"] - sight.day > sight.of(measure, "fresh")
    return too_early.fill_null(False), old.fill_null(False)  # without an infusion nothing is too early


def _settled(key: NumericValue, infusion: NumericValue, settle: NumericValue) -> BooleanValue:
    return ((key >> 1) - infusion >= settle) & (key > 2 * infusion)


# ---------------------------------------------------------------- the preceding visit


def _cycle(sight: Sight) -> NumericValue:
    """Return the infusion that begins the cycle of the latest value."""
    last = sight.moments.last_infusion
    return ibis.ifelse((sight.get("key") <= 2 * last).fill_null(False), sight.begun, last)


def _gap(sight: Sight, measure: ir.Measure, column: str) -> NumericValue:
    """Return a column of the preceding value: null where it is of another cycle than the latest."""
    n = setting_of(sight.track, measure, PREVIOUS, GAP)
    other = (sight.get(f"gap{n}_key") <= 2 * _cycle(sight)).fill_null(False)
    return ibis.ifelse(other, _NO_DAY if column == "key" else _NONE, sight.get(f"gap{n}_{column}"))


def _previous(sight: Sight, measure: ir.Measure) -> NumericValue:
    return sight.raw(_gap(sight, measure, "value"))


def _previous_change(sight: Sight, measure: ir.Measure) -> NumericValue:
    return _gap(sight, measure, "value") - _gap(sight, measure, "best")


def _previous_interpretable(sight: Sight, measure: ir.Measure) -> BooleanValue:
    key, cycle = _gap(sight, measure, "key"), _cycle(sight)
    settled = _settled(key, cycle, sight.of(measure, "settle"))
    return ibis.ifelse(key.isnull(), ibis.null("boolean"), cycle.isnull() | settled)


# ---------------------------------------------------------------- the slope


def _slope(sight: Sight, measure: ir.Measure) -> NumericValue:
    return sight.get(f"line{setting_of(sight.track, measure, SLOPE, LINE)}")


KINDS = {
    "latest": _latest,
    "latest_within": _latest_within,
    "latest_date": _latest_date,
    "age": _age,
    "best": _best,
    "baseline": _baseline,
    "best_since_induction": _best_since,
    "change": _change,
    "gain": _gain,
    "fraction_lost": _fraction_lost,
    "response_fraction": _response_fraction,
    "assessable": _assessable,
    "reason": _reason,
    "newest_invalid": _newest_invalid,
    "previous": _previous,
    "previous_change": _previous_change,
    "previous_interpretable": _previous_interpretable,
    "slope": _slope,
}

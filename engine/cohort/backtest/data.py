"""A backtest as one JSON document; the same backtest gives the same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from boosterwatch.engine.cohort.backtest.model import Backtest, Calibration, Estimate, Starts, Tally

SCHEMA = "boosterwatch/backtest/1"
Plain = dict[str, object]
_QUARTILES = ("lower", "median", "upper")


def data_of(found: Backtest, calibrations: Sequence[Calibration] = ()) -> Plain:
    """Return a backtest, and those over the values of a parameter, as a JSON object."""
    series, losses = found.series, found.losses
    return {
        "schema": SCHEMA,
        "pack": dict(found.pack),
        "from": date.fromordinal(series.first).isoformat(),
        "to": date.fromordinal(series.last).isoformat(),
        "every_days": series.every,
        "horizon_days": series.horizon,
        "dates": len(series.days),
        "patients": found.patients,
        "in_view": found.in_view,
        "patient_years": round(found.years, 6),
        "losses": {
            "all": losses.all,
            "looked_at": losses.looked_at,
            "before_any_infusion": losses.before_infusion,
            "source": losses.source,
        },
        "tallies": [_tally(one) for one in found.tallies],
        "calibrations": [_calibration(one) for one in calibrations],
    }


def _tally(one: Tally) -> Plain:
    return {
        **one.thing.to_plain(),
        "losses": one.losses,
        "found": one.found,
        "sensitivity": _estimate(one.sensitivity),
        "lead_days": _quartiles(one.lead.first),
        "lasting_lead_days": _quartiles(one.lead.lasting),
        "still_on": one.lead.still_on,
        "on_from_start": one.lead.from_start,
        "starts": _starts(one.starts),
        "false_per_patient_year": _estimate(one.wrong_per_year),
        "precision": _estimate(one.precision),
    }


def _starts(one: Starts) -> Plain:
    return {
        "all": one.all,
        "before_loss": one.before_loss,
        "treated": one.treated,
        "late": one.late,
        "unresolved": one.unresolved,
        "false": one.wrong,
    }


def _estimate(one: Estimate | None) -> Plain | None:
    return None if one is None else {"value": _short(one.value), "low": _short(one.low), "high": _short(one.high)}


def _quartiles(found: tuple[float, float, float] | None) -> Plain | None:
    return None if found is None else dict(zip(_QUARTILES, map(_short, found), strict=True))


def _short(value: float) -> float:
    return round(value, 6)  # more digits than the counts carry


def _calibration(one: Calibration) -> Plain:
    return {
        "parameter": one.parameter,
        "unit": one.unit,
        "values": [
            {
                "value": setting.value,
                "marks": list(setting.marks),
                "refused": setting.refused,
                "tallies": [_tally(tally) for tally in setting.tallies],
            }
            for setting in one.settings
        ],
    }

"""How each instrument's forms are read, as a small constant table: one row per instrument, what `Reader` holds.

The part of the pack's data that differs by instrument and that every form needs; methods and extra answers, which few
forms have, are written into the expressions instead (`forms_totals.py`, `forms_answers.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import ibis
from ibis.expr.types import Table

from boosterwatch.engine.pack import ir

Cell = str | int | float | bool | None


class Range(NamedTuple):
    """What a stated total may be, and by what it is multiplied."""

    low: float
    high: float
    times: float


COLUMNS: Mapping[str, str] = {
    "instrument": "string",
    "number": "int64",
    "low_is_worse": "boolean",
    "whole": "boolean",
    # a total whose method is not stated: its range, and where it is unclear which method is meant
    "low": "float64",
    "high": "float64",
    "times": "float64",
    "unclear_low": "float64",
    "unclear_high": "float64",
    # where the items settle which method is meant: what fits them
    "fit_low": "float64",
    "fit_high": "float64",
    "fit_times": "float64",
    "settles": "boolean",
    # the items; without a count there are none
    "count": "int64",
    "item_low": "float64",
    "item_high": "float64",
    "item_times": "float64",
    "owed": "boolean",
}


def instruments_table(instruments: Iterable[ir.Instrument]) -> Table:
    """Return the table of the instruments, in the columns of `COLUMNS`, numbered in their order."""
    rows = [_row(number, instrument) for number, instrument in enumerate(instruments)]
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    return ibis.memtable(columns, schema=ibis.schema(COLUMNS))


def _row(number: int, instrument: ir.Instrument) -> dict[str, Cell]:
    unstated = instrument.unstated
    usual = range_of(instrument, None if unstated is None else unstated.otherwise)
    unclear = (None, None) if unstated is None or unstated.ambiguous is None else unstated.ambiguous
    return {
        "instrument": instrument.id,
        "number": number,
        "low_is_worse": instrument.worse == "low",
        "whole": instrument.whole,
        "low": usual.low,
        "high": usual.high,
        "times": usual.times,
        "unclear_low": unclear[0],
        "unclear_high": unclear[1],
        "settles": unstated is not None and unstated.items_settle,
        **_items(instrument, usual),
    }


def _items(instrument: ir.Instrument, usual: Range) -> dict[str, Cell]:
    spec = instrument.items
    if spec is None:
        nothing = ("count", "item_low", "item_high", "item_times", "fit_low", "fit_high", "fit_times")
        return {**dict.fromkeys(nothing), "owed": False}
    fit = range_of(instrument, spec.method) if spec.method else usual
    known = {method.name: method.times for method in instrument.methods}
    return {
        "count": spec.count,
        "item_low": float(spec.low),
        "item_high": float(spec.high),
        "item_times": float(known.get(spec.method or "", 1)),
        "fit_low": fit.low,
        "fit_high": fit.high,
        "fit_times": fit.times,
        "owed": spec.blank == "no_total",
    }


def range_of(instrument: ir.Instrument, method: str | None) -> Range:
    """Return what a total on a method may be; that of the instrument when it has no method of the name."""
    for known in instrument.methods:
        if known.name == method:
            return Range(float(known.low), float(known.high), float(known.times))
    return Range(float(instrument.low), float(instrument.high), 1.0)

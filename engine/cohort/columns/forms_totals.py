"""A stated total on the final scale, or what is wrong with it: what `read_total` says of one form, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import ibis
from ibis.expr.types import BooleanValue, NumericValue, Table

from boosterwatch.engine.cohort.columns.forms_instruments import Range, range_of
from boosterwatch.engine.pack import ir

_NONE = ibis.null("float64")


class Meant(NamedTuple):
    """How totals are meant: their range, what they are multiplied by, and whether nobody can tell (never null)."""

    low: NumericValue
    high: NumericValue
    times: NumericValue
    nobody: BooleanValue


class Total(NamedTuple):
    """Three columns: the value, null when there is none or it is wrong; and two that are never null.

    `bad_total` spoils the form. `unclear_total`: which method is meant cannot be told.
    """

    value: NumericValue
    bad_total: BooleanValue
    unclear_total: BooleanValue


def read_totals(forms: Table, meant: Meant, items: NumericValue | None = None) -> Total:
    """Return the stated totals; `items` is their sum on the final scale where they are complete, None without items."""
    stated, there = forms.total, forms.total.notnull()
    value = stated * meant.times
    unbroken = ~forms.whole | is_whole(stated)  # a fraction is wrong by any method, so that comes first
    right = stated.between(meant.low, meant.high)
    if items is not None:
        right &= (value == items).fill_null(True)  # an unknown sum contradicts nothing
    fine = unbroken & ~meant.nobody & right
    unclear = there & unbroken & meant.nobody
    return Total(
        value=ibis.ifelse(fine, value, _NONE),
        bad_total=there & ~fine & ~unclear,
        unclear_total=unclear,
    )


def meant_unstated(forms: Table) -> Meant:
    """Return how totals that state no method are meant, in forms without items."""
    nobody = forms.total.between(forms.unclear_low, forms.unclear_high)
    return Meant(forms.low, forms.high, forms.times, nobody.fill_null(False))


def meant_stated(pack: ir.Pack, forms: Table) -> Meant:
    """Return how totals that state a method are meant: nobody knows one that is not there, or cannot be used."""
    tests, ranges = _methods(pack.instruments, forms)
    low, high, times = (
        _by_case(tests, [float(known[place]) for known in ranges]) for place in range(len(Range._fields))
    )
    return Meant(low, high, times, low.isnull())


def meant_with_items(pack: ir.Pack, forms: Table, items: NumericValue) -> Meant:
    """Return how any total is meant, where the items may settle which method it is on."""
    plain, stated = meant_unstated(forms), meant_stated(pack, forms)
    silent, settled = forms.method.isnull(), forms.settles & items.notnull()
    fits = plain.nobody & settled & (forms.total * forms.item_times == items).fill_null(False)

    def column(said: NumericValue, fitting: NumericValue, usual: NumericValue) -> NumericValue:
        return ibis.cases((~silent, said), (fits, fitting), else_=usual)

    return Meant(
        column(stated.low, forms.fit_low, plain.low),
        column(stated.high, forms.fit_high, plain.high),
        column(stated.times, forms.fit_times, plain.times),
        ibis.ifelse(silent, plain.nobody & ~settled, stated.nobody),
    )


def _methods(instruments: Sequence[ir.Instrument], forms: Table) -> tuple[list[BooleanValue], list[Range]]:
    """Return the tests and the ranges of all methods that can be used."""
    usable = [
        (number, instrument, method.name)
        for number, instrument in enumerate(instruments)
        for method in instrument.methods
        if method.usable
    ]
    tests = [(forms.number == number) & (forms.method == name) for number, _, name in usable]
    return tests, [range_of(instrument, name) for _, instrument, name in usable]


def _by_case(tests: Sequence[BooleanValue], values: Sequence[float]) -> NumericValue:
    branches = [(test, ibis.literal(value)) for test, value in zip(tests, values, strict=True)]
    return ibis.cases(*branches, else_=_NONE) if branches else _NONE


def is_whole(number: NumericValue) -> BooleanValue:
    """Return whether numbers have no fraction; a test by rounding would overflow on the largest."""
    return number % 1 == 0

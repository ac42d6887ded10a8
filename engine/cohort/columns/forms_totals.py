"""A stated total on the final scale, or what is wrong with it: what `read_total` says of one form, as columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import ibis
from ibis.expr.types import BooleanValue, NumericValue, Table

from boosterwatch.engine.cohort.columns.forms_instruments import Range, range_of
from boosterwatch.engine.pack import ir

_NONE = ibis.null("float64")


class Total(NamedTuple):
    """Three columns: the value, null when there is none or it is wrong; and two that are never null.

    `invalid` spoils the form. `unclear`: which method is meant cannot be told.
    """

    value: NumericValue
    invalid: BooleanValue
    unclear: BooleanValue


def read_totals(pack: ir.Pack, forms: Table, items: NumericValue | None = None) -> Total:
    """Return the stated totals; `items` is their sum on the final scale where they are complete, None without items.

    `forms` has the columns of the instruments' table.
    """
    stated = forms.total
    fraction = forms.whole & ~is_whole(stated)  # wrong by any method, so it comes first
    nobody_knows = stated.between(forms.unclear_low, forms.unclear_high).fill_null(False)
    meant = Range(forms.low, forms.high, forms.times)
    if items is not None:
        settled = forms.settles & items.notnull()
        fits = nobody_knows & settled & (stated * forms.item_times == items).fill_null(False)
        fitting = Range(forms.fit_low, forms.fit_high, forms.fit_times)
        meant = Range(*(ibis.ifelse(fits, *pair) for pair in zip(fitting, meant, strict=True)))
        nobody_knows &= ~settled
    low, high, times = _of_method(pack.instruments, forms, meant)
    unclear = ~fraction & ibis.ifelse(forms.method.isnull(), nobody_knows, low.isnull())
    value = stated * times
    right = stated.between(low, high)
    if items is not None:
        right &= (value == items).fill_null(True)  # an unknown sum contradicts nothing
    there = stated.notnull()
    invalid = there & (fraction | ~(unclear | right.fill_null(False)))
    unclear = there & unclear
    return Total(ibis.ifelse(invalid | unclear, _NONE, value), invalid.fill_null(False), unclear.fill_null(False))


def _of_method(instruments: Iterable[ir.Instrument], forms: Table, unstated: Range) -> Range:
    """Return the range by the method that a form states; null for a method that is unknown or cannot be used."""
    stated = [
        ((forms.number == number) & (forms.method == method.name), range_of(instrument, method.name))
        for number, instrument in enumerate(instruments)
        for method in instrument.methods
        if method.usable
    ]

    def column(place: int) -> NumericValue:
        branches = [(test, ibis.literal(known[place])) for test, known in stated]
        by_method = ibis.cases(*branches, else_=_NONE) if branches else _NONE
        return ibis.ifelse(forms.method.isnull(), unstated[place], by_method)

    return Range(column(0), column(1), column(2))


def is_whole(number: NumericValue) -> BooleanValue:
    """Return whether numbers have no fraction; a test by rounding would overflow on the largest."""
    return number % 1 == 0

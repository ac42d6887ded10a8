"""Two forms of one instrument at one time: which total stands, and which form answers are read from first.

Forms at one time are rare. The few days on which a patient has several forms of one instrument are found first; only
their forms are ordered, and what comes of it is a verdict by `row` that the others do not have.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import NumericValue, StringValue, Table

from boosterwatch.engine.cohort.columns.forms_answers import fields_of, fits
from boosterwatch.engine.cohort.fact_rows import EXTRA
from boosterwatch.engine.pack import ir

_SAME_TIME = ("pid", "number", "key")
_DAYS = 1 << 22  # more than a calendar has: the days of one series fit beneath the next
_NO_ANSWER, _ABSENT = "0000", "9999"  # four digits each, below and above every answer


def crowded(pack: ir.Pack, forms: Table) -> Table:
    """Return the forms of each patient, instrument and day that has several.

    The three are one number here: that takes half the time of grouping by three, and every form is grouped.
    """
    placed = forms.mutate(place=(forms.pid * len(pack.instruments) + forms.number) * _DAYS + forms.day)
    days = placed.group_by("place").aggregate(n=placed.count())
    return placed.semi_join(days.filter(days.n > 1), "place").drop("place")


def settle_repeats(pack: ir.Pack, forms: Table) -> Table:
    """Return row, dropped, conflict, place of crowded forms that have been scored, with their items.

    Of equal totals all but the fullest are dropped, totals that differ are in conflict; `place` orders those without
    total by what answers they have.
    """
    totals = forms.filter(forms.total.notnull())
    same = ibis.window(group_by=[totals[name] for name in _SAME_TIME])
    order = [key.desc() for key in _fullness(pack, totals)] + [totals.row]
    judged = totals.select(
        "row",
        conflict=totals.total.min().over(same) != totals.total.max().over(same),
        rank=ibis.row_number().over(group_by=[totals[name] for name in _SAME_TIME], order_by=order),
    )
    settled = judged.select("row", dropped=~judged.conflict & (judged["rank"] > 0), conflict="conflict", place=_int(0))
    return settled.union(_places(forms))


def _int(number: int) -> NumericValue:
    return ibis.literal(number, type="int64")


def _fullness(pack: ir.Pack, forms: Table) -> list[ibis.Value]:
    """Return what the fullest of equal totals has most of; between equals the worse answers count."""
    extra = [_extra(scale, forms) for _, scale in sorted(fields_of(pack).items())]
    there = [code != _ABSENT for code in extra]
    n_extra = sum((each.cast("int64") for each in there), start=_int(0))
    return [
        forms.items_usable,
        n_extra,
        ibis.ifelse(forms.items_usable > 0, _turned_items(forms), ""),  # no items are as good as blank ones
        _joined(extra),
    ]


def _turned_items(forms: Table) -> StringValue:
    low, high = forms.item_low, forms.item_high
    return forms.items.map(
        lambda answer: _code(ibis.ifelse(forms.low_is_worse, low + high - answer, answer), low, high)
    ).join("")


def _code(answer: NumericValue, low: NumericValue, high: NumericValue) -> StringValue:
    """Return an answer as four digits that sort as it does, a blank or unusable one before all others."""
    digits = (answer - low + 1001).cast("int64").cast("string")
    return ibis.ifelse(fits(answer, low, high).fill_null(False), digits, _NO_ANSWER)


def _extra(scale: ir.Scale, forms: Table) -> StringValue:
    """Return an extra answer as four digits.

    Where one is missing in a form of as many, that form has a later name in its place, which comes after it.
    """
    answer = forms[EXTRA + str((scale.part or ("", ""))[1])]
    low, high = ibis.literal(float(scale.low)), ibis.literal(float(scale.high))
    mine = (forms.instrument == scale.instrument) & fits(answer, low, high)
    turned = ibis.ifelse(forms.low_is_worse, low + high - answer, answer)
    return ibis.ifelse(mine.fill_null(False), _code(turned, low, high), _ABSENT)


def _joined(codes: list[StringValue]) -> StringValue:
    joined = ibis.literal("")
    for code in codes:
        joined += code
    return joined


def _places(forms: Table) -> Table:
    """Return the places of answered forms without a total among those of their time: more, then higher answers."""
    answered = forms.filter(forms.answered & forms.total.isnull())
    order = [
        answered.items_usable,
        answered.items.map(lambda answer: _code(answer, answered.item_low, answered.item_high)).join(""),
        answered.items.map(lambda answer: ibis.ifelse(answer.notnull(), "1", "0")).join(""),
        answered.row,
    ]
    place = ibis.row_number().over(group_by=[answered[name] for name in _SAME_TIME], order_by=order)
    return answered.select("row", dropped=ibis.literal(False), conflict=ibis.literal(False), place=place)

"""Two forms of one instrument at one time: which total stands, and which form answers are read from first.

Forms at one time are rare. The few days on which a patient has several forms of one instrument are found first; only
their forms are ordered, and what comes of it is a verdict by `row` that the others do not have.
"""

from __future__ import annotations

import ibis
from ibis.expr.types import BooleanValue, NumericValue, StringValue, Table

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
    return settled.union(_places(pack, forms))


def _int(number: int) -> NumericValue:
    return ibis.literal(number, type="int64")


def _fullness(pack: ir.Pack, forms: Table) -> list[ibis.Value]:
    """Return what the fullest of equal totals has most of, as `_fullness` of the record checks does."""
    items = ibis.ifelse(forms.items_usable > 0, _turned_items(forms), "")  # no items are as good as blank ones
    usable, *others = _extra_answers(pack, forms, turned=True)
    return [forms.items_usable, usable, items, *others]


def _extra_answers(pack: ir.Pack, forms: Table, *, turned: bool) -> list[ibis.Value]:
    """Return how many extra answers can be used, those answers, how many were given, and which."""
    scales = [scale for _, scale in sorted(fields_of(pack).items())]
    usable = [_extra(scale, forms, turned) for scale in scales]
    given = [ibis.ifelse(_is_given(scale, forms), _NO_ANSWER, _ABSENT) for scale in scales]
    return [part for codes in (usable, given) for part in (_count(codes), _joined(codes))]


def _count(codes: list[StringValue]) -> NumericValue:
    """Return how many of some codes stand for an answer."""
    return sum(((code != _ABSENT).cast("int64") for code in codes), start=_int(0))


def _turned_items(forms: Table) -> StringValue:
    low, high = forms.item_low, forms.item_high
    return forms.items.map(
        lambda answer: _code(ibis.ifelse(forms.low_is_worse, low + high - answer, answer), low, high)
    ).join("")


def _code(answer: NumericValue, low: NumericValue, high: NumericValue) -> StringValue:
    """Return an answer as four digits that sort as it does, a blank or unusable one before all others."""
    digits = (answer - low + 1001).cast("int64").cast("string")
    return ibis.ifelse(fits(answer, low, high).fill_null(False), digits, _NO_ANSWER)


def _extra(scale: ir.Scale, forms: Table, turned: bool) -> StringValue:
    """Return an extra answer as four digits, the worse one higher when it is `turned`.

    Where one is missing in a form of as many, that form has a later name in its place, which comes after it.
    """
    answer = forms[EXTRA + str((scale.part or ("", ""))[1])]
    low, high = ibis.literal(float(scale.low)), ibis.literal(float(scale.high))
    mine = (forms.instrument == scale.instrument) & fits(answer, low, high)
    points = ibis.ifelse(forms.low_is_worse, low + high - answer, answer) if turned else answer
    return ibis.ifelse(mine.fill_null(False), _code(points, low, high), _ABSENT)


def _is_given(scale: ir.Scale, forms: Table) -> BooleanValue:
    """Return whether an extra answer was given, usable or not."""
    return (forms.instrument == scale.instrument) & forms[EXTRA + str((scale.part or ("", ""))[1])].notnull()


def _joined(codes: list[StringValue]) -> StringValue:
    joined = ibis.literal("")
    for code in codes:
        joined += code
    return joined


def _places(pack: ir.Pack, forms: Table) -> Table:
    """Return the places of answered forms without a total among those of their time, as `_weight` of a source does."""
    answered = forms.filter(forms.answered & forms.total.isnull())
    order = [
        answered.items_usable,
        answered.items.map(lambda answer: _code(answer, answered.item_low, answered.item_high)).join(""),
        answered.items.map(lambda answer: ibis.ifelse(answer.notnull(), "1", "0")).join(""),
        *_extra_answers(pack, answered, turned=False),
        answered.row,
    ]
    place = ibis.row_number().over(group_by=[answered[name] for name in _SAME_TIME], order_by=order)
    return answered.select("row", dropped=ibis.literal(False), conflict=ibis.literal(False), place=place)

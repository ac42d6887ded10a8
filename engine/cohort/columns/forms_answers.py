"""Items and extra answers: which can be used, and the sum of complete items, as `read_items` and `read_extra` do.

Items are looked at as whole arrays; single places are only taken out where a scale reads them, or where an instrument
does not simply add them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import ibis
from ibis.expr.types import BooleanValue, NumericValue, Table

from boosterwatch.engine.cohort.columns.forms_totals import is_whole
from boosterwatch.engine.cohort.fact_rows import EXTRA
from boosterwatch.engine.pack import ir

_NONE = ibis.null("float64")
_FALSE = ibis.literal(False)


class Items(NamedTuple):
    """What the items of forms say; the truths are never null.

    `items_usable` counts the answers that can be used, 0 for a form of the wrong length; `items_sum` is on the final
    scale, null unless all can be used. `items_fault`: the total cannot be used. `items_spoil`: nor can anything else.
    """

    items_usable: NumericValue
    items_sum: NumericValue
    items_fault: BooleanValue
    items_spoil: BooleanValue


def with_counts(forms: Table) -> Table:
    """Return the forms with their number of answers: `n_all` with the blank ones, `n_given`, and `n_usable`."""
    return forms.mutate(
        n_all=forms.items.length(),
        n_given=forms.items.filter(lambda answer: answer.notnull()).length(),
        n_usable=forms.items.filter(lambda answer: fits(answer, forms.item_low, forms.item_high)).length(),
    )


def fits(answer: NumericValue, low: NumericValue, high: NumericValue) -> BooleanValue:
    """Return whether answers are whole and in range; null for a blank one."""
    return (answer >= low) & (answer <= high) & is_whole(answer)


def read_items(pack: ir.Pack, counted: Table) -> Items:
    """Return what the items say of forms counted by `with_counts`; nothing for an instrument without items."""
    asked = counted["count"]  # a table has a method `count`
    there = counted.items.notnull() & asked.notnull()
    wrong = there & (counted.n_all != asked)
    bad = counted.n_usable < counted.n_given
    blank = counted.n_given < asked
    fault = there & (wrong | bad | (blank & counted.owed))
    complete = there & ~wrong & (counted.n_usable == asked)
    return Items(
        items_usable=ibis.ifelse((there & ~wrong).fill_null(False), counted.n_usable, 0),
        items_sum=ibis.ifelse(complete.fill_null(False), _item_sum(pack, counted) * counted.item_times, _NONE),
        items_fault=fault.fill_null(False),
        items_spoil=wrong.fill_null(False),
    )


def _item_sum(pack: ir.Pack, forms: Table) -> NumericValue:
    plain = forms.items.sums()
    special = [
        (forms.number == number, _special_sum(forms, instrument.items))
        for number, instrument in enumerate(pack.instruments)
        if instrument.items is not None and (instrument.items.reversed or instrument.items.domains)
    ]
    return ibis.cases(*special, else_=plain) if special else plain


def _special_sum(forms: Table, spec: ir.Items) -> NumericValue:
    """Return the sum of complete items of which some are reversed, or of which the highest of each domain counts."""
    turned = set(spec.reversed)

    def score(position: int) -> NumericValue:
        answer = forms.items[position - 1]
        return (spec.low + spec.high) - answer if position in turned else answer

    domains = spec.domains or tuple((position,) for position in range(1, spec.count + 1))
    highest = [ibis.greatest(*map(score, domain)) if len(domain) > 1 else score(domain[0]) for domain in domains]
    total = highest[0]
    for each in highest[1:]:
        total += each
    return total


# ---------------------------------------------------------------- the answers that scales read


def parts_of(pack: ir.Pack) -> dict[str, ir.Scale]:
    """Return the scales that read a part of a form, by id."""
    return {scale.id: scale for scale in pack.scales if scale.part is not None}


def fields_of(pack: ir.Pack) -> dict[tuple[str, str], ir.Scale]:
    """Return the scale that each extra answer's range comes from, by instrument and name; of several the last."""
    parts = parts_of(pack).values()
    return {(one.instrument, str(one.part[1])): one for one in parts if one.part is not None and one.part[0] == "field"}


def has_extra(pack: ir.Pack, forms: Table) -> BooleanValue:
    """Return whether a form has any extra answer."""
    found = _FALSE
    for name in sorted({name for _, name in fields_of(pack)}):
        found |= forms[EXTRA + name].notnull()
    return found


def has_bad_extra(pack: ir.Pack, forms: Table) -> BooleanValue:
    """Return whether a form has an extra answer of its instrument that is out of range or not whole."""
    found = _FALSE
    for (instrument, name), scale in fields_of(pack).items():
        answer = forms[EXTRA + name]
        found |= (forms.instrument == instrument) & answer.notnull() & ~fits(answer, scale.low, scale.high)
    return found.fill_null(False)


def given(scale: ir.Scale, forms: Table) -> NumericValue:
    """Return the answers to a scale as they were given, whatever the form's instrument."""
    if scale.part is None:
        return forms.total
    kind, place = scale.part
    return forms[EXTRA + str(place)] if kind == "field" else forms.items[int(place) - 1]


def usable_parts(pack: ir.Pack, forms: Table, spoilt: BooleanValue) -> Mapping[str, NumericValue]:
    """Return the usable answers of each scale with a part, by its id; null in forms of other instruments."""
    fields = fields_of(pack)

    def usable(scale: ir.Scale) -> NumericValue:
        kind, place = scale.part or ("item", 1)
        low, high = forms.item_low, forms.item_high
        if kind == "field":
            limits = fields[scale.instrument, str(place)]
            low, high = ibis.literal(float(limits.low)), ibis.literal(float(limits.high))
        answer = given(scale, forms)
        mine = (forms.instrument == scale.instrument) & ~spoilt
        return ibis.ifelse((mine & fits(answer, low, high)).fill_null(False), answer, _NONE)

    return {id: usable(scale) for id, scale in parts_of(pack).items()}


def given_parts(pack: ir.Pack, forms: Table) -> Mapping[str, NumericValue]:
    """Return the answers of each scale with a part as they were given, by its id; null in other forms."""
    return {
        id: ibis.ifelse(forms.instrument == scale.instrument, given(scale, forms), _NONE)
        for id, scale in parts_of(pack).items()
    }


def any_of(truths: Iterable[BooleanValue]) -> BooleanValue:
    """Return whether any is true; false without any."""
    found = _FALSE
    for truth in truths:
        found |= truth
    return found

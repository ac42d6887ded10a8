"""One form read as its instrument says: the total, the items and the extra answers that can be used.

Part of the record checks; `checks.py` applies it to every form and then looks for two totals on one day.
Nothing here knows an instrument: how a total is read is data (`ir.Instrument`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from boosterwatch.engine.model import Assessment, Rejection
from boosterwatch.engine.pack import ir

Number = int | float
INVALID_SCORE = "invalid_score"
NO_EXTRA: Mapping[str, Number] = MappingProxyType({})


class Scored(NamedTuple):
    """A comparable form after its checks.

    `key` orders forms: twice the day, plus one for a form given after that day's infusion.
    `items` holds the usable answers by position (None for the others), and is empty when none is usable.
    `failed` says that a total was given, or owed, and was rejected.
    """

    form: Assessment
    key: int
    total: Number | None
    items: tuple[Number | None, ...]
    extra: Mapping[str, Number]
    failed: bool


class Answers(NamedTuple):
    """The items of one form: those usable, their sum on the final scale, and what is wrong with them."""

    usable: tuple[Number | None, ...] = ()
    sum: Number | None = None
    fault: str | None = None
    spoils: bool = False
    bad: tuple[int, ...] = ()


class Total(NamedTuple):
    """A stated total on the final scale, or what is wrong with it."""

    value: Number | None = None
    code: str = INVALID_SCORE
    fault: str | None = None
    spoils: bool = False


def form_key(form: Assessment, infusion_days: frozenset[int]) -> int:
    """Return the form's `Scored.key`; before or after an infusion is read on infusion days only."""
    return 2 * form.day + (form.after_infusion and form.day in infusion_days)


class Reader:
    """What one instrument's forms are read with, prepared once. `plain` totals need no method."""

    __slots__ = (
        "allowed",
        "allowed_or_blank",
        "fields",
        "high",
        "id",
        "instrument",
        "item_times",
        "items",
        "low",
        "methods",
        "plain",
    )

    def __init__(self, instrument: ir.Instrument, fields: Mapping[str, ir.Scale]) -> None:
        self.id = instrument.id
        self.instrument = instrument
        self.fields = fields
        self.methods = {method.name: method for method in instrument.methods}
        self.plain = instrument.unstated is None
        self.low, self.high = instrument.low, instrument.high
        self.items = items = instrument.items
        low, high = (items.low, items.high) if items else (0, -1)
        self.allowed: frozenset[Number | None] = frozenset(range(low, high + 1))
        self.allowed_or_blank = self.allowed | {None}
        method = self.methods.get(items.method) if items and items.method else None
        self.item_times: Number = method.times if method else 1


def read_form(reader: Reader, form: Assessment, key: int, rejected: list[Rejection]) -> Scored:
    """Return what can be used of a form that is not of another version; add what cannot to `rejected`."""
    items, total = form.items, form.total
    answers = NO_ANSWERS if items is None else read_items(reader, items)
    stated, value = NO_TOTAL, answers.sum
    if total is not None and not _is_usual(reader, form, total, answers):
        stated = read_total(reader, form.method, total, answers)
        value = stated.value
    elif total is not None:
        value = total
    usable, extra = answers.usable, form.extra
    failed = answers.fault is not None or stated.fault is not None
    if failed:
        value = None
        if _reject_whole(reader, form, answers, stated, rejected):
            return Scored(form, key, None, (), NO_EXTRA, True)
    if extra:
        extra = read_extra(reader, form, rejected)
    return Scored(form, key, value, usable, extra, failed)


def _is_usual(reader: Reader, form: Assessment, total: Number, answers: Answers) -> bool:
    """Return whether there is nothing to say about a total: most forms, told without further ado."""
    return (
        type(total) is int
        and reader.plain
        and form.method is None
        and reader.low <= total <= reader.high
        and (answers.sum is None or answers.sum == total)
    )


def _reject_whole(reader: Reader, form: Assessment, answers: Answers, total: Total, rejected: list[Rejection]) -> bool:
    """Note why the total is not used, and which items; return whether nothing of the form is."""
    if total.fault is not None and (answers.fault is None or total.code == INVALID_SCORE):  # the first check names it
        rejected.append(Rejection(form.part, total.code, total.fault))
    if answers.fault is not None:
        rejected.append(Rejection(form.part, INVALID_SCORE, answers.fault))
    spoilt = answers.spoils or total.spoils
    if not spoilt:
        for position in answers.bad:
            reason = f"item {position + 1} of `{reader.id}` is out of range or not whole"
            rejected.append(Rejection(f"{form.part}.items[{position}]", INVALID_SCORE, reason))
    return spoilt


NO_ANSWERS = Answers()
NO_TOTAL = Total()


# ---------------------------------------------------------------- items


def read_items(reader: Reader, items: tuple[Number | None, ...]) -> Answers:
    """Return the usable answers of a form, and their sum when all are there and in range."""
    spec = reader.items
    if spec is None:
        return NO_ANSWERS
    if len(items) != spec.count:
        return Answers(fault=f"`{reader.id}` has the wrong number of items", spoils=True)
    if reader.allowed.issuperset(items):
        items = whole_numbers(items)
        return Answers(items, whole(item_sum(spec, items) * reader.item_times))
    if reader.allowed_or_blank.issuperset(items):
        return _blank(reader, spec, whole_numbers(items))
    return _out_of_range(reader, items)


def _blank(reader: Reader, spec: ir.Items, items: tuple[Number | None, ...]) -> Answers:
    owed = spec.blank == "no_total"
    fault = f"`{reader.id}` with a blank item has no total" if owed else None
    usable = items if any(item is not None for item in items) else ()
    return Answers(usable, fault=fault)


def _out_of_range(reader: Reader, items: tuple[Number | None, ...]) -> Answers:
    allowed = reader.allowed_or_blank
    bad = tuple(n for n, item in enumerate(items) if item not in allowed)
    usable = whole_numbers(tuple(item if item in allowed else None for item in items))
    if all(item is None for item in usable):
        usable = ()
    return Answers(usable, fault=f"`{reader.id}` has an item out of range or not whole", bad=bad)


def item_sum(spec: ir.Items, items: tuple[Number | None, ...]) -> Number:
    """Return the sum of complete items: reversed where the form says so, the highest of each domain.

    >>> item_sum(ir.Items(count=3, low=0, high=4, reversed=(2,)), (1, 4, 2))
    3
    >>> item_sum(ir.Items(count=3, low=0, high=3, domains=((1, 2), (3,))), (1, 3, 0))
    3
    """
    scores = [item for item in items if item is not None]
    for position in spec.reversed:
        scores[position - 1] = spec.low + spec.high - scores[position - 1]
    if spec.domains:
        return sum(max(scores[position - 1] for position in domain) for domain in spec.domains)
    return sum(scores)


# ---------------------------------------------------------------- totals


def read_total(reader: Reader, method: str | None, stated: Number, answers: Answers) -> Total:
    """Return a stated total on the final scale, checked for unit, range, whole number and item sum."""
    if reader.instrument.whole and not is_whole(stated):  # wrong by any method, so it comes first
        return Total(fault=f"the `{reader.id}` total is not a whole number", spoils=True)
    if method is None and reader.plain:
        return _checked(reader, None, stated, answers)
    meant = _method_meant(reader, stated, answers) if method is None else _usable(reader, method)
    if meant is None:
        return Total(code="unit_ambiguous", fault=f"the unit of the `{reader.id}` total is unclear")
    return _checked(reader, reader.methods.get(meant), stated, answers)


def _usable(reader: Reader, method: str) -> str | None:
    known = reader.methods.get(method)
    return method if known is not None and known.usable else None


def _method_meant(reader: Reader, stated: Number, answers: Answers) -> str | None:
    """Return the method of a total that states none, or None when nobody can tell."""
    unstated, spec = reader.instrument.unstated, reader.items
    if unstated is None:
        return None
    if unstated.ambiguous is None or not unstated.ambiguous[0] <= stated <= unstated.ambiguous[1]:
        return unstated.otherwise
    if not unstated.items_settle or answers.sum is None or spec is None:
        return None
    by_items = stated * reader.item_times == answers.sum
    return spec.method if by_items and spec.method else unstated.otherwise  # fitting neither, it is refused there


def _checked(reader: Reader, method: ir.Method | None, stated: Number, answers: Answers) -> Total:
    instrument = reader.instrument
    low, high = (instrument.low, instrument.high) if method is None else (method.low, method.high)
    if not low <= stated <= high:
        return Total(fault=f"the `{reader.id}` total is out of range", spoils=True)
    value = whole(stated if method is None else stated * method.times)
    if answers.sum is not None and value != answers.sum:
        return Total(fault=f"the `{reader.id}` total does not match its items", spoils=True)
    return Total(value)


# ---------------------------------------------------------------- extra answers and whole numbers


def read_extra(reader: Reader, form: Assessment, rejected: list[Rejection]) -> Mapping[str, Number]:
    """Return the extra answers that the pack knows and that are whole and in range; reject the others."""
    usable: dict[str, Number] = {}
    for name, answer in form.extra.items():
        scale = reader.fields.get(name)
        if scale is None:
            continue
        if is_whole(answer) and scale.low <= answer <= scale.high:
            usable[name] = whole(answer)
            continue
        reason = f"`{name}` of `{reader.id}` is out of range or not whole"
        rejected.append(Rejection(f"{form.part}.{name}", INVALID_SCORE, reason))
    return usable


def is_whole(number: Number) -> bool:
    """Return whether a number has no fraction; 12.0 has none.

    >>> is_whole(12), is_whole(12.0), is_whole(12.5), is_whole(float("nan"))
    (True, True, False, False)
    """
    return type(number) is int or float(number).is_integer()


def whole(number: Number) -> Number:
    """Return 12 for 12.0, so that a number reads the same however it was written.

    >>> whole(12.0), whole(12.5)
    (12, 12.5)
    """
    return number if type(number) is int or not float(number).is_integer() else int(number)


def whole_numbers(items: tuple[Number | None, ...]) -> tuple[Number | None, ...]:
    """Return the answers with 2 for 2.0."""
    if float in map(type, items):
        return tuple(None if item is None else whole(item) for item in items)
    return items

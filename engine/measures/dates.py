"""Kinds of measures that are dates, days between dates, counts and plain attributes of the record."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date

from boosterwatch.engine.measures.events import select
from boosterwatch.engine.measures.history import Moment
from boosterwatch.engine.measures.setup import Kind, Maker, Setup, value_of
from boosterwatch.engine.measures.undefined import (
    NO_BIRTH_DATE,
    NO_INDUCTION,
    NO_INFUSION,
    NONE,
    NOT_RECORDED,
    Number,
)
from boosterwatch.engine.model import Undefined, Value
from boosterwatch.engine.pack import ir

# ---------------------------------------------------------------- dates


def course_date(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: the last infusion, or the first or last date of the induction."""
    return COURSE_DATES[dict(measure.args)["which"]]


def _last_infusion(moment: Moment) -> Value:
    return NO_INFUSION if moment.last_infusion is None else moment.last_infusion


def _induction_first(moment: Moment) -> Value:
    return NO_INDUCTION if moment.course is None else moment.course.first


def _induction_last(moment: Moment) -> Value:
    return NO_INDUCTION if moment.course is None else moment.course.last


COURSE_DATES: Mapping[str, Kind] = {
    "last_infusion": _last_infusion,
    "induction_first": _induction_first,
    "induction_last": _induction_last,
}


def days_since(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: days from a date measure to `at`; negative when it lies ahead."""
    of = dict(measure.args)["of"]
    return lambda moment: _difference(value_of(moment, of), moment.at)


def days_between(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: days from one date measure to another."""
    args = dict(measure.args)
    start, end = args["from"], args["to"]
    return lambda moment: _difference(value_of(moment, start), value_of(moment, end))


def days_apart(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: days between two date measures, whichever comes first."""
    args = dict(measure.args)
    one, other = args["from"], args["to"]

    def run(moment: Moment) -> Value:
        days = _difference(value_of(moment, one), value_of(moment, other))
        return abs(days) if isinstance(days, int) else days

    return run


def _difference(start: Value, end: Value) -> Value:
    if isinstance(start, int) and isinstance(end, int):
        return end - start
    return start if isinstance(start, Undefined) else end


def date_after(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: a date measure plus a days measure."""
    args = dict(measure.args)
    start, days = args["from"], args["days"]

    def run(moment: Moment) -> Value:
        day, more = value_of(moment, start), value_of(moment, days)
        if isinstance(day, int) and isinstance(more, (int, float)):
            return day + int(more)
        return day if isinstance(day, Undefined) else more

    return run


# ---------------------------------------------------------------- events


def any_event(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: whether the set holds an event."""
    of = dict(measure.args)["of"]
    return lambda moment: bool(select(setup.events, of, moment))


def event_date(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: the newest date of the set."""
    of = dict(measure.args)["of"]

    def run(moment: Moment) -> Value:
        days = select(setup.events, of, moment)
        return days[-1] if days else NONE

    return run


def days_to_next(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: days to the first date of the set on or after `at`."""
    of = dict(measure.args)["of"]

    def run(moment: Moment) -> Value:
        days = select(setup.events, of, moment)
        n = bisect_left(days, moment.at)
        return days[n] - moment.at if n < len(days) else NONE

    return run


def count(measure: ir.Measure, setup: Setup) -> Kind:
    """Return the kind: how many events are younger than `younger_than` days, perhaps outside the induction block."""
    args = dict(measure.args)
    of, limit, outside = args["of"], args.get("younger_than"), args.get("outside") == "induction"

    def run(moment: Moment) -> Value:
        days = select(setup.events, of, moment)
        young = 0
        if limit is not None:
            young = bisect_right(days, moment.at - moment.parameters[limit])
        block = 0
        if outside and moment.course is not None:
            first = bisect_left(days, moment.course.first, young)
            block = bisect_right(days, moment.course.last, first) - first
        return len(days) - young - block

    return run


# ---------------------------------------------------------------- the record


def age_years(_measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: whole years of age at `at`."""

    def run(moment: Moment) -> Value:
        born = moment.history.record.birth_date
        return NO_BIRTH_DATE if born is None else whole_years(born, date.fromordinal(moment.at))

    return run


def whole_years(born: date, day: date) -> Number:
    """Return the birthdays passed; one born on 29 February has theirs on 1 March in other years.

    >>> whole_years(date(2008, 3, 14), date(2026, 3, 13)), whole_years(date(2008, 3, 14), date(2026, 3, 14))
    (17, 18)
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def attribute(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: a plain attribute of the record, such as `sex`."""
    of = dict(measure.args)["of"]
    if of != "sex":
        raise KeyError(of)
    return lambda moment: moment.history.record.sex or NOT_RECORDED


def includes(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: whether a list of the record holds a value."""
    args = dict(measure.args)
    if args["list"] != "indications":
        raise KeyError(args["list"])
    value = args["value"]
    return lambda moment: value in moment.history.record.indications


def any_rejected(measure: ir.Measure, _setup: Setup) -> Kind:
    """Return the kind: whether a part of the record was left out, or a form up to `at` rejected, with the code."""
    code = dict(measure.args)["code"]

    def run(moment: Moment) -> Value:
        history = moment.history
        since = history.rejected_since.get(code)
        if since is not None and since <= moment.key:
            return True
        return any(rejection.code == code for rejection in history.record.rejected)

    return run


DATE_KINDS: Mapping[str, Maker] = {
    "course_date": course_date,
    "days_since": days_since,
    "days_between": days_between,
    "days_apart": days_apart,
    "date_after": date_after,
    "any_event": any_event,
    "event_date": event_date,
    "days_to_next": days_to_next,
    "count": count,
    "age_years": age_years,
    "attribute": attribute,
    "includes": includes,
    "any_rejected": any_rejected,
}

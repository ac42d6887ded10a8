"""Measures that are dates, days between dates, counts and plain attributes; the column form of `measures/dates.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import ibis
from ibis.expr.types import IntegerValue, Table, Value

from boosterwatch.engine.cohort.columns.events import Ask
from boosterwatch.engine.cohort.columns.facts import cleared_column, stands
from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.look import Look, whole_part
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.pack import ir

EPOCH = 719163  # the ordinal of 1 January 1970
KEY, NOTED = "rejected_key__", "noted__"
COURSE_DATES = {"last_infusion": "last_infusion", "induction_first": "course_first", "induction_last": "course_last"}
ATTRIBUTES = ("sex",)
LISTS = ("indications",)


def _course_date(measure: ir.Measure, look: Look) -> Value:
    return look.table[COURSE_DATES[dict(measure.args)["which"]]]


def _days_since(measure: ir.Measure, look: Look) -> Value:
    return look.table["at"] - look.days(dict(measure.args)["of"])


def _days_between(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    return look.days(args["to"]) - look.days(args["from"])


def _days_apart(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    return (look.days(args["to"]) - look.days(args["from"])).abs()


def _date_after(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    return look.days(args["from"]) + whole_part(look.measure(args["days"]))


def _stands(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    return stands(measure, look.days(args["date"]), look.table[cleared_column(args["hold"])])


# ---------------------------------------------------------------- events


def asks_of(measures: Iterable[ir.Measure]) -> list[Ask]:
    """Return what the measures ask of event sets; the answer to a question is in the measure's own column."""
    asks = []
    for measure in measures:
        args = dict(measure.args)
        column = measure_column(measure.name)
        match measure.kind:
            case "any_event":
                asks.append(Ask(args["of"], f"newest_of__{args['of']}", "newest"))
            case "event_date":
                asks.append(Ask(args["of"], f"newest_of__{args['of']}", "newest"))
            case "days_to_next":
                asks.append(Ask(args["of"], f"next_of__{args['of']}", "next"))
            case "count":
                outside = args.get("outside") == "induction"
                asks.append(Ask(args["of"], f"count_of__{column}", "count", args.get("younger_than"), outside))
    return list(dict.fromkeys(asks))


def _any_event(measure: ir.Measure, look: Look) -> Value:
    return _newest(measure, look).notnull()


def _event_date(measure: ir.Measure, look: Look) -> Value:
    return _newest(measure, look)


def _newest(measure: ir.Measure, look: Look) -> IntegerValue:
    days: IntegerValue = look.table[f"newest_of__{dict(measure.args)['of']}"]
    return days


def _days_to_next(measure: ir.Measure, look: Look) -> Value:
    return look.table[f"next_of__{dict(measure.args)['of']}"] - look.table["at"]


def _count(measure: ir.Measure, look: Look) -> Value:
    return look.table[f"count_of__{measure_column(measure.name)}"].fill_null(0)


# ---------------------------------------------------------------- the record


def _age_years(_measure: ir.Measure, look: Look) -> Value:
    """Return the birthdays passed; one born on 29 February has theirs on 1 March in other years."""
    born = look.table["birth_date"]
    day = (ibis.date("1970-01-01") + (look.table["at"] - EPOCH).as_interval("D")).cast("date")
    early = day.month() * 100 + day.day() < born.month() * 100 + born.day()
    return (day.year() - born.year() - early.cast("int32")).cast("int64")


def _attribute(measure: ir.Measure, look: Look) -> Value:
    of = dict(measure.args)["of"]
    if of not in ATTRIBUTES:
        raise KeyError(of)
    return look.table[of].nullif("")


def _includes(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    if args["list"] not in LISTS:
        raise KeyError(args["list"])
    return look.table[args["list"]].contains(args["value"])


def _any_rejected(measure: ir.Measure, look: Look) -> Value:
    code = dict(measure.args)["code"]
    by_now = (look.table[KEY + code] <= look.table["key"]).fill_null(False)
    return by_now | look.table[NOTED + code].fill_null(False)


def rejected_tables(measures: Iterable[ir.Measure], cohort: Cohort, forms: Forms) -> list[Table]:
    """Return tables with `pid` and when, or whether, something was rejected with each code that measures ask for."""
    codes = sorted({dict(one.args)["code"] for one in measures if one.kind == "any_rejected"})
    if not codes:
        return []
    faults, noted = forms.faults, cohort.noted
    return [
        faults.group_by("pid").aggregate(**{KEY + code: faults.key.min(where=faults.code == code) for code in codes}),
        noted.group_by("pid").aggregate(**{NOTED + code: (noted.code == code).any() for code in codes}),
    ]


def attributes_read(measures: Iterable[ir.Measure]) -> list[str]:
    """Return the columns of patients that measures read."""
    read: dict[str, None] = {}
    for one in measures:
        args = dict(one.args)
        match one.kind:
            case "age_years":
                read["birth_date"] = None
            case "attribute":
                read[args["of"]] = None
            case "includes":
                read[args["list"]] = None
    return list(read)


DATE_COLUMNS: Mapping[str, Callable[[ir.Measure, Look], Value]] = {
    "course_date": _course_date,
    "days_since": _days_since,
    "days_between": _days_between,
    "days_apart": _days_apart,
    "date_after": _date_after,
    "stands": _stands,
    "any_event": _any_event,
    "event_date": _event_date,
    "days_to_next": _days_to_next,
    "count": _count,
    "age_years": _age_years,
    "attribute": _attribute,
    "includes": _includes,
    "any_rejected": _any_rejected,
}

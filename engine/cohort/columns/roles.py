"""Measures of a role, and the schedule, as columns; the column form of `engine/measures/roles.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import ibis
from ibis.expr.types import BooleanValue, NumericValue, StringValue, Value

from boosterwatch.engine.cohort.columns.look import Look, whole_part
from boosterwatch.engine.pack import ir

NEWEST_DAY = "__newest_day"


def newest_day_column(scale: str) -> str:
    """Return the column of the day of a scale's newest value at the moment, which the measures of scales give."""
    return scale + NEWEST_DAY


def chosen_column(role: str) -> str:
    """Return the column of the scale that stands for a role."""
    return f"chosen__{role}"


def roles_read(measures: Iterable[ir.Measure]) -> list[str]:
    """Return the roles that measures ask for."""
    kinds = ("choice", "role", "role_parameter", "due_date")
    return list(dict.fromkeys(dict(one.args)["role"] for one in measures if one.kind in kinds))


def choose(role: ir.Role, look: Look) -> StringValue:
    """Return the first scale that meets the first preference that any scale meets, else the first scale."""
    met = [
        (_is_met(look.measure(f"{scale}.{preference}")), scale) for preference in role.prefer for scale in role.scales
    ]
    chosen: StringValue = ibis.cases(*met, else_=role.scales[0]) if met else ibis.literal(role.scales[0])
    return chosen


def _is_met(value: Value) -> BooleanValue:
    return value.fill_null(False) if isinstance(value, BooleanValue) else value.notnull()


def _choice(measure: ir.Measure, look: Look) -> Value:
    return look.table[chosen_column(dict(measure.args)["role"])]


def _of_chosen(look: Look, role: ir.Role, values: Mapping[str, Value]) -> Value:
    """Return the value of the scale that stands for the role."""
    if len(role.scales) == 1:
        return values[role.scales[0]]
    chosen = look.table[chosen_column(role.id)]
    return ibis.cases(*((chosen == scale, values[scale]) for scale in role.scales))


def _role_measure(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    role = look.role(args["role"])
    return _of_chosen(look, role, {scale: look.measure(f"{scale}.{args['measure']}") for scale in role.scales})


def _role_parameter(measure: ir.Measure, look: Look) -> Value:
    args = dict(measure.args)
    role = look.role(args["role"])
    groups = {scale.id: scale.group for scale in look.pack.scales}
    values = {id: look.parameter(f"{groups[id]}.{args['parameter']}").cast("float64") for id in role.scales}
    return _of_chosen(look, role, values)


# ---------------------------------------------------------------- the schedule


def scheduled_days(look: Look) -> NumericValue:
    """Return how many days may pass between assessments at this point of the course."""
    schedule, last = look.pack.schedule, look.table["course_last"]
    days = look.table["at"] - last
    steps = [(days <= look.parameter(until), _number(look, every)) for until, every in schedule.steps]
    interval: NumericValue = ibis.cases(
        (last.isnull(), _number(look, schedule.unstarted)), *steps, else_=_number(look, schedule.otherwise)
    )
    return interval


def _number(look: Look, name: str) -> NumericValue:
    number: NumericValue = look.parameter(name).cast("float64")
    return number


def _scheduled_interval(_measure: ir.Measure, look: Look) -> Value:
    return scheduled_days(look)


def _due_date(measure: ir.Measure, look: Look) -> Value:
    role = look.role(dict(measure.args)["role"])
    newest = _of_chosen(look, role, {scale: _newest_day(look, scale) for scale in role.scales})
    end = look.table["course_last"]
    last = (newest > end).fill_null(end.isnull()).ifelse(newest, end)
    return last + whole_part(scheduled_days(look))


def _newest_day(look: Look, scale: str) -> Value:
    column = newest_day_column(scale)
    return look.table[column] if column in look.table.columns else ibis.null("int64")


ROLE_COLUMNS: Mapping[str, Callable[[ir.Measure, Look], Value]] = {
    "choice": _choice,
    "role": _role_measure,
    "role_parameter": _role_parameter,
    "scheduled_interval": _scheduled_interval,
    "due_date": _due_date,
}

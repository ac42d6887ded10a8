"""Measures of the latest safety fact stating something, as columns; the column form of `engine/measures/facts.py`.

The facts of one type are read once for all measures of that type. A value that has words is read with its day as one
number, whose greatest is the newest day and on that day the most cautious word; numbers are settled by day first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, NumericValue, Table, Value

from boosterwatch.engine.cohort.columns.conditions import is_true
from boosterwatch.engine.cohort.columns.refuse import CohortError
from boosterwatch.engine.cohort.columns.where import Fields, meets, own_read
from boosterwatch.engine.cohort.facts import Cohort, with_parameters
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.measures.facts import NUMERIC
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.dimensions import words_of
from boosterwatch.engine.pack.compile.events import record_fields

CLEARED = "cleared__"
TRUTHS = ("false", "true")
MILLION = 1_000_000  # decimals are compared as whole millionths, so that a quotient is rounded once
NO_DAY = ibis.null("int64")


@dataclass(frozen=True)
class Facts:
    """What the measures of facts are read from: the usable facts of each type."""

    pack: ir.Pack
    cohort: Cohort
    parameters: Parameters

    def of(self, type: str, condition: ir.Condition | None = None) -> Fields:
        """Return the usable facts of a type: pid, row, day and fields; with what the condition reads of parameters."""
        checks = [check for check in self.pack.fact_checks if check.fact == type]
        rows = self.cohort.facts.filter(self.cohort.facts.type == type)
        if any(own_read(one, self.parameters) for one in (*(check.keep for check in checks), condition)):
            rows = with_parameters(rows, self.cohort, self.parameters)
        fields = Fields(rows, frozenset(record_fields()[type]), self.parameters)
        kept = [is_true(meets(check.keep, fields)) for check in checks]
        if not kept:
            return fields
        return Fields(rows.filter(*kept), fields.names, self.parameters)


def fact_tables(facts: Facts, moments: Table, measures: Iterable[ir.Measure], stage: Stage) -> list[Table]:
    """Return tables with `mid` and the measures of one type of fact each; moments without such a fact may be missing.

    The measures are of the kinds `latest_fact`, `latest_fact_meets`, `fact_date` and `stands`. For the last the table
    has when its hold was last cleared (`cleared_column`).
    """
    types: dict[str, list[ir.Measure]] = {}
    holds: dict[str, None] = {}
    for measure in measures:
        args = dict(measure.args)
        if measure.kind == "stands":
            holds[args["hold"]] = None
        else:
            types.setdefault(args["fact"], []).append(measure)
    made = [stage.keep(_of_type(facts, moments, type, group), f"facts_{type}") for type, group in types.items()]
    if holds:
        made.append(stage.keep(_cleared(facts, moments, list(holds)), "cleared"))
    return made


def cleared_column(hold: str) -> str:
    """Return the column that holds the newest day on which a review cleared a hold."""
    return CLEARED + hold


def stands(measure: ir.Measure, date: IntegerValue, cleared: IntegerValue) -> BooleanValue:
    """Return the measure of kind `stands`: its date has not been cleared on that day or later."""
    return date.notnull().ifelse((cleared < date).fill_null(True), ibis.null("boolean"))


def _cleared(facts: Facts, moments: Table, holds: Sequence[str]) -> Table:
    rows = facts.of("review").table
    rows = rows.filter(rows.kind == "hold_cleared").select("pid", "day", "hold")
    seen = _seen(rows, moments)
    return seen.group_by("mid").aggregate(
        **{cleared_column(hold): seen.day.max(where=seen.hold == hold) for hold in holds}
    )


def _seen(rows: Table, moments: Table) -> Table:
    """Return the rows up to each moment's date, with `mid`."""
    when = moments.select("mid", "at", of="pid")
    return rows.inner_join(when, [rows.pid == when.of, rows.day <= when.at])


# ---------------------------------------------------------------- the measures of one type


@dataclass(frozen=True)
class _Reading:
    """One measure, what each fact says of it, and how the newest is taken.

    `words` are the values from the least to the most cautious; numbers have none, and `lowest` is the most cautious.
    """

    column: str
    said: Value
    words: Sequence[str | bool] = ()
    lowest: bool = False

    @property
    def is_date(self) -> bool:
        return not self.words and self.said.type().is_integer()


def _of_type(facts: Facts, moments: Table, type: str, measures: Sequence[ir.Measure]) -> Table:
    where = ir.All(tuple(one.where for one in measures if one.where is not None))
    fields = facts.of(type, where)
    readings = [_reading(measure, fields) for measure in measures]
    rows = fields.table.select("pid", "day", **{one.column: one.said for one in readings})
    numbers = any(not one.words and not one.is_date for one in readings)
    if numbers:
        rows = _by_day(rows, readings)
    return _newest(_seen(rows, moments), readings)


def _by_day(rows: Table, readings: Sequence[_Reading]) -> Table:
    """Return the most cautious of each day."""
    return rows.group_by(["pid", "day"]).aggregate(
        **{one.column: rows[one.column].min() if one.lowest else rows[one.column].max() for one in readings}
    )


def _newest(seen: Table, readings: Sequence[_Reading]) -> Table:
    taken: dict[str, Any] = {}
    for one in readings:
        said = seen[one.column]
        taken[one.column] = said.max() if one.words or one.is_date else said.argmax(seen.day, where=said.notnull())
    newest = seen.group_by("mid").aggregate(**taken)
    return newest.select("mid", **{one.column: _decoded(newest[one.column], one.words) for one in readings})


def _reading(measure: ir.Measure, fields: Fields) -> _Reading:
    args, column = dict(measure.args), measure_column(measure.name)
    rows = fields.table
    stated = _about(args, fields)
    if "stating" in args:
        stated &= rows[args["stating"]].notnull()
        if measure.kind == "fact_date":
            return _Reading(column, stated.ifelse(rows.day, NO_DAY))
        met = ibis.literal(True) & is_true(meets(measure.where, fields))
        return _Reading(column, stated.ifelse(2 * rows.day + met.cast("int64"), NO_DAY), (False, True))
    value = _ratio(rows, args) if "per" in args else rows[args["field"]]
    stated &= value.notnull()
    if measure.kind == "fact_date":
        return _Reading(column, stated.ifelse(rows.day, NO_DAY))
    if value.type().is_string() or value.type().is_boolean():
        return _worded(measure, column, stated, value, rows)
    if measure.order not in NUMERIC:
        message = f"`{measure.name}` takes the first of some numbers in the order of their text"
        raise CohortError([Diagnostic("BW660", message, measure.span, "order it by `highest` or `lowest`")])
    return _Reading(column, stated.ifelse(value, ibis.null("float64")), lowest=measure.order == ("lowest",))


def _about(args: Mapping[str, str], fields: Fields) -> BooleanValue:
    """Return which facts have the key's value."""
    if "key" not in args:
        return ibis.literal(True)
    key = fields.table[args["key"]]
    return (key == args["value"]).fill_null(False) if key.type().is_string() else ibis.literal(False)


def _ratio(rows: Table, args: Mapping[str, str]) -> NumericValue:
    """Return the quotient of two decimals, rounded once; null unless both are stated and the second is above 0."""
    value, per = rows[args["field"]], rows[args["per"]]
    over, under = ((part * MILLION).round().cast("float64") for part in (value, per))
    return (per > 0).ifelse(over / under.nullif(0), ibis.null("float64"))


# ---------------------------------------------------------------- words


def _worded(measure: ir.Measure, column: str, stated: BooleanValue, value: Value, rows: Table) -> _Reading:
    """Return the reading of a field with words: its day and its place in the order of caution, as one number."""
    words = _by_caution(measure)
    if measure.order in NUMERIC and value.type().is_string():  # a word is no size, so none is ever the latest
        return _Reading(column, NO_DAY, words)
    if value.type().is_boolean():
        places = value.ifelse(*(words.index(truth) for truth in (True, False)))
    else:
        places = ibis.cases(*((value == word, place) for place, word in enumerate(words)), else_=ibis.null("int64"))
    return _Reading(column, stated.ifelse(rows.day * len(words) + places, NO_DAY), words)


def _by_caution(measure: ir.Measure) -> Sequence[str | bool]:
    """Return every value of the field, the most cautious last: those named by the order first, the rest by text."""
    args = dict(measure.args)
    dimension = record_fields()[args["fact"]][args["field"]]
    truth = dimension == "truth"
    known = TRUTHS if truth else words_of(dimension)
    order = {("highest",): ("true", "false"), ("lowest",): TRUTHS}.get(measure.order, measure.order)
    ranked = [*(word for word in order if word in known), *sorted(set(known) - set(order))]
    if not ranked:
        message = f"`{measure.name}` reads a field of free text"
        raise CohortError([Diagnostic("BW660", message, measure.span, "read a field that has words of its own")])
    ranked.reverse()
    return [word == "true" for word in ranked] if truth else ranked


def _decoded(number: Value, words: Sequence[str | bool]) -> Value:
    if not words:
        return number
    place = number % len(words)
    return ibis.cases(*((place == n, word) for n, word in enumerate(words)))

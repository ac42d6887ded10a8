"""Measures of the latest safety fact stating something, as columns; the column form of `engine/measures/facts.py`.

The facts of one type are read once for all measures of that type. A value that has words is read with its day as one
number, whose greatest is the newest day and on that day the most cautious word; numbers are settled by day first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, NumericValue, Table, Value

from boosterwatch.engine.cohort.columns.conditions import is_true
from boosterwatch.engine.cohort.columns.refuse import CohortError
from boosterwatch.engine.cohort.columns.where import Fields, meets, own_read
from boosterwatch.engine.cohort.facts import Cohort, with_parameters
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.tables.layout import fact_fields, fact_node
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.measures.facts import NUMERIC
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.dimensions import words_of
from boosterwatch.engine.pack.compile.events import record_fields

CLEARED = "cleared__"
TRUTHS = ("false", "true")
SIZED: Mapping[tuple[str, ...], tuple[str, ...]] = {("highest",): ("true", "false"), ("lowest",): TRUTHS}
MILLION = 1_000_000  # decimals are compared as whole millionths, so that a quotient is rounded once
STATED = ("field", "key", "value", "per", "stating")  # what a fact must state to count
NO_DAY = ibis.null("int64")


@dataclass(frozen=True)
class Facts:
    """What the measures of facts and events are read from: the usable facts, each type taken out of the cohort once."""

    pack: ir.Pack
    cohort: Cohort
    parameters: Parameters
    stage: Stage
    taken: dict[str, Table] = field(default_factory=dict)

    def of(self, type: str, condition: ir.Condition | None = None) -> Fields:
        """Return the usable facts of a type: pid, day and its fields; with what the condition reads of parameters."""
        names = frozenset(fact_node(type)["properties"]) & fact_fields().keys()
        rows = self.taken.get(type)
        if rows is None:
            rows = self.taken[type] = self.stage.keep(self._usable(type, names), f"usable_{type}")
        if own_read(condition, self.parameters):
            rows = with_parameters(rows, self.cohort, self.parameters)
        return Fields(rows, names, self.parameters)

    def _usable(self, type: str, names: frozenset[str]) -> Table:
        facts = self.cohort.facts
        rows = facts.filter(facts.type == type).select("pid", "day", *sorted(names))
        checks = [check.keep for check in self.pack.fact_checks if check.fact == type]
        if any(own_read(keep, self.parameters) for keep in checks):
            rows = with_parameters(rows, self.cohort, self.parameters)
        fields = Fields(rows, names, self.parameters)
        kept = [is_true(meets(keep, fields)) for keep in checks]
        return rows.filter(*kept).select("pid", "day", *sorted(names)) if kept else rows


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

    `words` are the values from the least to the most cautious; numbers have none, and `lowest` is the most cautious. A
    date has no words either: it is the day of what is stated, so two that state the same (`stated`) are read once.
    """

    column: str
    said: Value
    stated: tuple[str | None, ...]
    words: Sequence[str | bool] = ()
    lowest: bool = False
    dated: bool = False

    @property
    def is_number(self) -> bool:
        return not self.words and not self.dated


def _of_type(facts: Facts, moments: Table, type: str, measures: Sequence[ir.Measure]) -> Table:
    where = ir.All(tuple(one.where for one in measures if one.where is not None))
    fields = facts.of(type, where)
    readings = [_reading(measure, fields) for measure in measures]
    worded = {one.stated: one for one in readings if one.words}
    asked = [one for one in readings if not (one.dated and one.stated in worded)]
    rows = fields.table.select("pid", "day", **{one.column: one.said for one in asked})
    if any(one.is_number for one in asked):
        rows = _by_day(rows, asked)
    newest = _newest(_seen(rows, moments), asked)
    return newest.select("mid", **{one.column: _told(newest, one, worded) for one in readings})


def _told(newest: Table, reading: _Reading, worded: Mapping[tuple[str | None, ...], _Reading]) -> Value:
    """Return a measure of the newest of its kind; a date comes with the word that was stated then, if one is read."""
    beside = worded.get(reading.stated)
    if reading.dated and beside is not None:
        number, base = newest[beside.column], len(beside.words)
        return ((number - number % base) / base).cast("int64")
    return _decoded(newest[reading.column], reading.words)


def _by_day(rows: Table, readings: Sequence[_Reading]) -> Table:
    """Return the most cautious of each day."""
    return rows.group_by(["pid", "day"]).aggregate(
        **{one.column: rows[one.column].min() if one.lowest else rows[one.column].max() for one in readings}
    )


def _newest(seen: Table, readings: Sequence[_Reading]) -> Table:
    taken: dict[str, Any] = {}
    for one in readings:
        said = seen[one.column]
        taken[one.column] = said.argmax(seen.day, where=said.notnull()) if one.is_number else said.max()
    return seen.group_by("mid").aggregate(**taken)


def _reading(measure: ir.Measure, fields: Fields) -> _Reading:
    args, column, rows = dict(measure.args), measure_column(measure.name), fields.table
    stated = tuple(args.get(key) for key in STATED)
    value = _ratio(rows, args) if "per" in args else rows[args["stating" if "stating" in args else "field"]]
    there = _about(args, fields) & value.notnull()
    if measure.kind == "fact_date":
        return _Reading(column, there.ifelse(rows.day, NO_DAY), stated, dated=True)
    if "stating" in args:
        met = ibis.literal(True) & is_true(meets(measure.where, fields))
        return _Reading(column, there.ifelse(2 * rows.day + met.cast("int64"), NO_DAY), stated, (False, True))
    if value.type().is_string() or value.type().is_boolean():
        return _worded(measure, column, there, value, rows)
    if measure.order not in NUMERIC:
        message = f"`{measure.name}` takes the first of some numbers in the order of their text"
        raise CohortError([Diagnostic("BW666", message, measure.span, "order it by `highest` or `lowest`")])
    number = there.ifelse(value, ibis.null("float64"))
    return _Reading(column, number, stated, lowest=measure.order == ("lowest",))


def _about(args: Mapping[str, str], fields: Fields) -> BooleanValue:
    """Return which facts have the key's value."""
    if "key" not in args:
        return ibis.literal(True)
    key = fields.table[args["key"]]
    return (key == args["value"]).fill_null(False) if key.type().is_string() else ibis.literal(False)


def _ratio(rows: Table, args: Mapping[str, str]) -> NumericValue:
    """Return the quotient of two decimals, rounded once; null unless both are stated and the second is above 0.

    Of numbers with more than six decimals it is the quotient of the floats, which may be off by their last bit.
    """
    value, per = rows[args["field"]], rows[args["per"]]
    over, under = ((part * MILLION).round().cast("float64") for part in (value, per))
    short = (over / MILLION == value) & (under / MILLION == per)
    quotient = short.ifelse(over / under.nullif(0), value / per.nullif(0))
    return (per > 0).ifelse(quotient, ibis.null("float64"))


# ---------------------------------------------------------------- words


def _worded(measure: ir.Measure, column: str, there: BooleanValue, value: Value, rows: Table) -> _Reading:
    """Return the reading of a field with words: its day and its place in the order of caution, as one number."""
    words, args = _by_caution(measure), dict(measure.args)
    stated = tuple(args.get(key) for key in STATED)
    if measure.order in NUMERIC and value.type().is_string():  # a word is no size, so none is ever the latest
        return _Reading(column, NO_DAY, ("never", column), words)
    if value.type().is_boolean():
        places = value.ifelse(*(words.index(truth) for truth in (True, False)))
    else:
        places = ibis.cases(*((value == word, place) for place, word in enumerate(words)), else_=ibis.null("int64"))
    return _Reading(column, there.ifelse(rows.day * len(words) + places, NO_DAY), stated, words)


def _by_caution(measure: ir.Measure) -> Sequence[str | bool]:
    """Return every value of the field, the most cautious last: those named by the order first, the rest by text."""
    args = dict(measure.args)
    dimension = record_fields()[args["fact"]].get(args["field"], "")  # free text has none
    truth = dimension == "truth"
    known = TRUTHS if truth else words_of(dimension) if dimension else ()
    order = SIZED.get(measure.order, measure.order)
    ranked = [*(word for word in order if word in known), *sorted(set(known) - set(order))]
    if not ranked:
        message = f"`{measure.name}` reads a field of free text"
        raise CohortError([Diagnostic("BW666", message, measure.span, "read a field that has words of its own")])
    ranked.reverse()
    return [word == "true" for word in ranked] if truth else ranked


def _decoded(number: Value, words: Sequence[str | bool]) -> Value:
    if not words:
        return number
    place = number % len(words)
    return ibis.cases(*((place == n, word) for n, word in enumerate(words)))

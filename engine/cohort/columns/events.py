"""Event sets at moments: which dated happenings count, as columns; the column form of `engine/measures/events.py`.

Sets ask each other mostly for their newest date. So sets are taken in levels: those that wait for no other first, then
those that wait for these, and at each level all sets of one source in one pass over pairs of moment and happening.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table, Value

from boosterwatch.engine.chain.conditions import parameters_read
from boosterwatch.engine.cohort.columns.conditions import is_true
from boosterwatch.engine.cohort.columns.courses import Courses
from boosterwatch.engine.cohort.columns.event_rows import Sources, any_of, inside_column, reads_best
from boosterwatch.engine.cohort.columns.joins import attach
from boosterwatch.engine.cohort.columns.where import Fields, meets
from boosterwatch.engine.cohort.names import parameter_column
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.pack import ir

Take = Literal["newest", "next", "count", "on"]
NEWEST = "newest__"
NO_DAY = ibis.null("int64")
MOMENT = ("mid", "pid", "at", "key", "last_infusion", "course_first", "course_last")


@dataclass(frozen=True)
class Ask:
    """What is asked of an event set at every moment, and the column that answers.

    `newest` and `next` are days (`next` the first on or after the moment's date), `on` is whether one is dated that
    day. `count` counts, with `younger` those less than so many days old, with `outside` those not inside the induction.
    """

    event: str
    column: str
    take: Take
    younger: str | None = None
    outside: bool = False


@dataclass(frozen=True)
class Events:
    """The event sets of a pack and what they select from."""

    specs: Mapping[str, ir.EventSet]
    sources: Sources
    parameters: Parameters
    stage: Stage


def event_tables(events: Events, moments: Table, asks: Sequence[Ask]) -> list[Table]:
    """Return tables with `mid` and the answers to what is asked; moments without an event may be missing."""
    levels = _levels(events.specs, {ask.event for ask in asks})
    waited = {id for one in levels for id in newest_needed(events.specs[one])}
    asks = [*asks, *(Ask(id, newest_column(id), "newest") for id in sorted(waited) if not _is_given(events.specs[id]))]
    seen = moments.select(*MOMENT, *_own_read(events, levels, asks))
    made: list[Table] = []
    for level in range(max(levels.values(), default=-1) + 1):
        now = [ask for ask in asks if levels[ask.event] == level]
        tables = [events.stage.keep(_answers(events, seen, group), "events") for group in _groups(events.specs, now)]
        made += tables
        if level < max(levels.values()):
            seen = events.stage.keep(_with_newest(seen, tables), "moments_seen")
    return [table.drop(*(name for name in table.columns if name.startswith(NEWEST))) for table in made]


def happened(events: Events, id: str, courses: Courses, as_of: int) -> Table:
    """Return pid and day of every event of a set, whatever its windows say, as seen from the evaluation date."""
    spec = events.specs[id]
    if reads_best(spec):
        now = courses.now(as_of)
        rows = _pairs(events, now.select(*MOMENT, *_own_read(events, [id], ())), [spec])
    else:
        rows = events.sources.rows([spec])
    return rows.filter(rows[inside_column(spec)]).select("pid", "day").distinct()


def _own_read(events: Events, sets: Iterable[str], asks: Iterable[Ask]) -> list[str]:
    """Return the columns of the parameters of the patients' own that these sets and questions read."""
    read = {ask.younger for ask in asks}
    for spec in (events.specs[id] for id in sets):
        read |= {spec.within, spec.not_preceded_by and spec.not_preceded_by[1]}
        if spec.where is not None and reads_best(spec):
            read |= set(parameters_read(spec.where))
    return [parameter_column(name) for name in sorted(events.parameters.own & read)]


def newest_column(id: str) -> str:
    """Return the column that holds the newest date of an event set while others wait for it."""
    return NEWEST + id


def newest_needed(spec: ir.EventSet) -> list[str]:
    """Return the sets whose newest date a set asks for."""
    named = (spec.followed_by, spec.not_followed_by, spec.silenced_by, *(id for id, _ in spec.closed_by))
    return [id for id in named if id is not None]


# ---------------------------------------------------------------- what waits for what


def _is_given(spec: ir.EventSet) -> bool:
    """Return whether a set is all infusions: its newest date is the moment's own last infusion."""
    plain = ir.EventSet(spec.id, "infusions", spec.span)
    return spec == plain


def _levels(specs: Mapping[str, ir.EventSet], asked: Iterable[str]) -> dict[str, int]:
    """Return the level of each set asked for or waited for.

    A set that none waits for goes with the last of its source: its rows are read then anyway.
    """
    levels: dict[str, int] = {}

    def level(id: str) -> int:
        if id not in levels:
            spec = specs[id]
            waits = [level(other) + 1 for other in newest_needed(spec) if not _is_given(specs[other])]
            beside = [level(spec.not_preceded_by[0])] if spec.not_preceded_by is not None else []
            levels[id] = max([0, *waits, *beside])
        return levels[id]

    for id in asked:
        level(id)
    waited = {other for id in levels for other in newest_needed(specs[id])}
    last: dict[tuple[str, str | None], int] = {}
    for id, number in levels.items():
        source = specs[id].source, specs[id].scale
        last[source] = max(number, last.get(source, 0))
    return {id: n if id in waited else last[specs[id].source, specs[id].scale] for id, n in levels.items()}


def _groups(specs: Mapping[str, ir.EventSet], asks: Iterable[Ask]) -> list[list[Ask]]:
    """Return the questions by source; a set that looks at earlier events of another is asked alone.

    Sets that read the best answer before are asked together and apart: they need few answers, but more of each.
    """
    groups: dict[tuple[object, ...], list[Ask]] = {}
    for ask in asks:
        spec = specs[ask.event]
        alone = spec.id if spec.not_preceded_by is not None else ""
        groups.setdefault((spec.source, spec.scale, alone, reads_best(spec)), []).append(ask)
    return list(groups.values())


def _with_newest(seen: Table, tables: Iterable[Table]) -> Table:
    """Return the moments with the newest dates found so far."""
    kept = [table.select("mid", *names) for table in tables if (names := _newest_names(table))]
    return attach(seen, kept)


def _newest_names(table: Table) -> list[str]:
    return [name for name in table.columns if name.startswith(NEWEST)]


# ---------------------------------------------------------------- one pass over one source


def _answers(events: Events, seen: Table, asks: Sequence[Ask]) -> Table:
    """Return the answers about the sets of one source."""
    specs = [events.specs[id] for id in dict.fromkeys(ask.event for ask in asks)]
    if specs[0].not_preceded_by is not None:
        chosen = _chosen(events, seen, specs[0]).mutate(**{_picked(specs[0]): ibis.literal(True)})
        return _taken(events, chosen, asks)
    pairs = _picks(events, _pairs(events, seen, specs), specs)
    return _taken(events, pairs, asks)


def _pairs(events: Events, seen: Table, specs: Sequence[ir.EventSet]) -> Table:
    """Return each moment with every happening known by then that some set can hold; of bookings all are known."""
    rows = events.sources.rows(specs).rename(row_pid="pid", row_key="key")
    there = [seen.pid == rows.row_pid]
    if specs[0].source != "booked":
        there.append(rows.row_key <= seen.key)
    pairs = seen.inner_join(rows, there).drop("row_pid", "row_key")
    late = [spec for spec in specs if reads_best(spec)]
    if not late:
        return pairs
    pairs = events.sources.with_best(events.stage.keep(pairs, "pairs"), str(specs[0].scale))
    fields = Fields(pairs, frozenset({"value", "best_before"}), events.parameters)
    settled = {inside_column(spec): ibis.literal(True) & is_true(meets(spec.where, fields)) for spec in late}
    return pairs.mutate(**settled)


def _picks(events: Events, pairs: Table, specs: Sequence[ir.EventSet]) -> Table:
    """Return the pairs with `pick__<set>`: the event counts at the moment, but for what silences the whole set."""
    picks = {_picked(spec): _counts(events, spec, pairs) for spec in specs}
    return pairs.mutate(**picks)


def _picked(spec: ir.EventSet) -> str:
    return f"pick__{spec.id}"


def _counts(events: Events, spec: ir.EventSet, pairs: Table) -> BooleanValue:
    day = pairs.day
    tests = [pairs[inside_column(spec)]]
    if spec.within is not None:
        tests.append(day >= pairs.at - events.parameters.of(pairs, spec.within))
    if spec.since is not None:
        tests.append(day >= pairs.course_first if spec.since == "course" else day > pairs.last_infusion)
    if spec.followed_by is not None:
        tests.append(day <= _newest(events, pairs, spec.followed_by))
    if spec.not_followed_by is not None:
        tests.append((day > _newest(events, pairs, spec.not_followed_by)).fill_null(True))
    for id, when in spec.closed_by:
        newest = _newest(events, pairs, id)
        tests.append((day > newest if when == "on_or_after" else day >= newest).fill_null(True))
    found = tests[0]
    for test in tests[1:]:
        found &= test
    return found.fill_null(False)


def _newest(events: Events, pairs: Table, id: str) -> IntegerValue:
    return pairs.last_infusion if _is_given(events.specs[id]) else pairs[newest_column(id)]


def _chosen(events: Events, seen: Table, spec: ir.EventSet) -> Table:
    """Return the pairs of moment and event of one set, with all of its filters."""
    pairs = _picks(events, _pairs(events, seen, [spec]), [spec])
    if spec.silenced_by is not None:
        inside = pairs.filter(pairs[inside_column(spec)])
        first = inside.day.min().over(ibis.window(group_by="mid"))
        pairs = inside.mutate(loud=(_newest(events, inside, spec.silenced_by) < first).fill_null(True))
        pairs = pairs.filter(pairs.loud).drop("loud")
    chosen = pairs.filter(pairs[_picked(spec)]).select(*seen.columns, "day")
    if spec.not_preceded_by is None:
        return chosen
    other, free = spec.not_preceded_by
    before = _chosen(events, seen, events.specs[other]).select(other_mid="mid", other_day="day")
    chosen = chosen.mutate(free_from=chosen.day - events.parameters.of(chosen, free))
    preceded = [
        chosen.mid == before.other_mid,
        before.other_day < chosen.day,
        before.other_day >= chosen.free_from,
    ]
    return chosen.anti_join(before, preceded).drop("free_from")


# ---------------------------------------------------------------- what is asked


def _taken(events: Events, pairs: Table, asks: Sequence[Ask]) -> Table:
    specs = {ask.event: events.specs[ask.event] for ask in asks}
    silent = {id: spec for id, spec in specs.items() if spec.silenced_by is not None and spec.not_preceded_by is None}
    used = pairs.filter(
        any_of(pairs[inside_column(spec) if id in silent else _picked(spec)] for id, spec in specs.items())
    )
    taken: dict[str, Any] = {ask.column: _take(events, ask, specs[ask.event], used) for ask in asks}
    for id, spec in silent.items():
        taken[f"first__{id}"] = used.day.min(where=used[inside_column(spec)])
        taken[f"silencer__{id}"] = _newest(events, used, str(spec.silenced_by)).max()
    found = used.group_by("mid").aggregate(**taken)
    return found.select("mid", **{ask.column: _unless_silenced(found, ask, silent) for ask in asks})


def _take(events: Events, ask: Ask, spec: ir.EventSet, pairs: Table) -> Value:
    picked, day = pairs[_picked(spec)], pairs.day
    match ask.take:
        case "newest":
            return day.max(where=picked)
        case "next":
            return day.min(where=picked & (day >= pairs.at))
        case "on":
            return (picked & (day == pairs.at)).any()
        case "count":
            if ask.younger is not None:
                picked &= day > pairs.at - events.parameters.of(pairs, ask.younger)
            if ask.outside:
                picked &= ~((day >= pairs.course_first) & (day <= pairs.course_last)).fill_null(False)
            return picked.sum()


def _unless_silenced(found: Table, ask: Ask, silent: Mapping[str, ir.EventSet]) -> Value:
    value = found[ask.column]
    if ask.event not in silent:
        return value
    silenced = found[f"silencer__{ask.event}"] >= found[f"first__{ask.event}"]
    none: Value = {"count": ibis.literal(0, "int64"), "on": ibis.literal(False)}.get(ask.take, NO_DAY)
    return silenced.fill_null(False).ifelse(none, value)

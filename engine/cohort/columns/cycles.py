"""Observed cycles of a cohort: how long relief lasted after each infusion; the column form of `measures/cycles.py`.

All dates on which a loss can be found are looked at together: the days of forms and of lookback events after the
induction. The newest infusion known at such a date began the cycle that the date belongs to, and a cycle's first loss
counts.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis
from ibis.expr.types import IntegerValue, Table

from boosterwatch.engine.cohort.columns.courses import FAR, Courses, moment_id
from boosterwatch.engine.cohort.columns.event_rows import Sources, any_of
from boosterwatch.engine.cohort.columns.events import Ask, Events, event_tables, happened
from boosterwatch.engine.cohort.columns.facts import Facts
from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.interval import OBSERVED, median_column
from boosterwatch.engine.cohort.columns.joins import attach
from boosterwatch.engine.cohort.facts import Cohort, with_parameters
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.pack import ir

LostAt = Callable[[Table], Table]


def observe_cycles(
    pack: ir.Pack,
    cohort: Cohort,
    forms: Forms,
    courses: Courses,
    parameters: Parameters,
    lost_at: LostAt,
    stage: Stage,
    *,
    as_of: int,
) -> Table:
    """Return what was observed of each patient with an observed cycle of the course at `as_of`, one row each.

    pid, observed (how many cycles had a loss), and for each parameter that says how many of the last ones count,
    `median_column`: twice the median of their lengths in days. `lost_at` is given moments as `Courses.at` makes them
    and returns `mid` and `lost` (bool): whether the lookback's rules find a loss there.
    """
    losses = _recorded_losses(cohort, courses, as_of)
    if pack.lookback is not None:
        facts = Facts(pack, cohort, parameters, stage)
        events = Events({spec.id: spec for spec in pack.events}, Sources(facts, forms), parameters, stage)
        moments = stage.keep(_moments(pack.lookback, events, courses, as_of), "earlier")
        if parameters.own:  # there are many moments, and few of them are of patients with a value of their own
            moments = stage.name(with_parameters(moments, cohort, parameters), "earlier_own")
        losses = losses.union(_first_losses(pack.lookback, events, moments, lost_at(moments)))
    return stage.keep(_observed(pack, losses, cohort, parameters), "cycles")


def _courses_now(courses: Courses, as_of: int) -> Table:
    """Return pid and course_last of the induction that counts at `as_of`, where it is over."""
    found = courses.inductions
    return found.filter(found.until == FAR, found.last <= as_of).select("pid", course_last="last")


# ---------------------------------------------------------------- as the record has it


def _entries(cohort: Cohort, as_of: int) -> Table:
    """Return the record's own outcomes that are known by `as_of`, one of each infusion: the earliest loss, or none."""
    known = cohort.cycles.filter(cohort.cycles.loss.isnull() | (cohort.cycles.loss <= as_of))
    return known.group_by(["pid", "infusion"]).aggregate(loss=known.loss.min())


def _recorded_losses(cohort: Cohort, courses: Courses, as_of: int) -> Table:
    """Return pid, start and loss of the recorded cycles that began with an infusion of the course."""
    entries = _entries(cohort, as_of)
    given = courses.infusions.select("pid", "day")
    now = _courses_now(courses, as_of)
    lost = entries.filter(entries.loss.notnull()).inner_join(given, [("pid", "pid"), ("infusion", "day")])
    lost = lost.select("pid", start="infusion", loss="loss")
    return lost.inner_join(now, [lost.pid == now.pid, lost.start >= now.course_last]).select("pid", "start", "loss")


# ---------------------------------------------------------------- looking back


def _moments(lookback: ir.Lookback, events: Events, courses: Courses, as_of: int) -> Table:
    """Return the moments, without parameters, at which a loss can be found in a cycle that the record says nothing of.

    What is dated on an infusion day belongs to the cycle that ends there, a form given after the infusion to the next.
    """
    keys = events.sources.forms.scored.select("pid", "key")
    for id in lookback.events:
        days = happened(events, id, courses, as_of)
        keys = keys.union(days.select("pid", key=2 * days.day))
    now = _courses_now(courses, as_of).rename(course_pid="pid")
    after = keys.inner_join(now, [keys.pid == now.course_pid, keys.key > 2 * now.course_last])
    days = after.select("pid", "key").distinct()
    days = days.select(
        "pid",
        mid=moment_id(days),
        at=((days.key - days.key % 2) / 2).cast("int64"),
        before=days.key % 2 == 0,
    )
    moments = courses.bare(days)
    entries = _entries(courses.cohort, as_of).select(entry_pid="pid", infusion="infusion")
    return moments.anti_join(entries, [moments.pid == entries.entry_pid, moments.last_infusion == entries.infusion])


def _first_losses(lookback: ir.Lookback, events: Events, moments: Table, found: Table) -> Table:
    """Return pid, start and loss of the cycles in which the rules find a loss, or an event is one."""
    asks = [Ask(id, f"on__{id}", "on") for id in lookback.events]
    tables = event_tables(events, moments.filter(moments.before), asks)
    seen = attach(moments.select("mid", "pid", "at", start="last_infusion"), [found.select("mid", "lost"), *tables])
    lost = seen.filter(any_of(seen[name].fill_null(False) for name in ("lost", *(ask.column for ask in asks))))
    return lost.group_by(["pid", "start"]).aggregate(loss=lost["at"].min())


# ---------------------------------------------------------------- what was observed


def _observed(pack: ir.Pack, losses: Table, cohort: Cohort, parameters: Parameters) -> Table:
    """Return the number of cycles with a loss, and the medians of the last ones' lengths."""
    used = dict.fromkeys(dict(one.args)["used"] for one in pack.measures if one.kind == "individual_interval")
    cycles = with_parameters(losses, cohort, parameters) if parameters.own & used.keys() else losses
    newest_first = ibis.window(group_by="pid", order_by=ibis.desc("start"))
    cycles = cycles.mutate(length=cycles.loss - cycles.start, place=ibis.row_number().over(newest_first) + 1)
    lengths = {
        median_column(name): cycles.length.collect(where=cycles.place <= parameters.of(cycles, name)) for name in used
    }
    found = cycles.group_by("pid").aggregate(**{OBSERVED: cycles.count()}, **lengths)
    return found.mutate(**{name: _twice_median(found[name].sort()) for name in lengths})


def _twice_median(ordered: ibis.Value) -> IntegerValue:
    """Return the sum of the two middle numbers of a list in order: the middle one twice where there is one."""
    count = ordered.length().nullif(0)
    low = ((count - 1 - (count - 1) % 2) / 2).cast("int64")
    high = ((count - count % 2) / 2).cast("int64")
    return ordered[low] + ordered[high]

"""Inductions of a cohort, and moments: a patient, a date, and what was known of the course then.

The column form of `engine/measures/course.py`. Infusions less than the gap apart form an island. A block that ends
inside an island, by its span or its count, is followed only by infusions with a smaller gap before them, so an island
begins at most one block, at its first infusion; and a day lies in the time of at most one induction.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerColumn, Table

from boosterwatch.engine.cohort.facts import Cohort, with_parameters
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.pack import ir

FAR = 1 << 40  # after every day: the end of what has not ended
KEYS = 1 << 21  # more than any key: a day is at most the last of the year 2199


@dataclass(frozen=True)
class Courses:
    """The infusions and inductions of each patient, each with the days on which it is the one that counts.

    infusions   pid, day, until: the newest infusion on the days from `day` to before `until`
    inductions  pid, since, until, first, last, floor, marked: the induction that counts when infusions up to a day from
                `since` to before `until` are known; while a detected one goes on, its last date is the newest infusion
    """

    infusions: Table
    inductions: Table
    cohort: Cohort
    parameters: Parameters

    def now(self, as_of: int) -> Table:
        """Return the moments at the evaluation date, one of each patient, with `mid` equal to `pid`.

        The columns are those of `at`.
        """
        given = self.infusions.filter(self.infusions.until > as_of)
        courses = self.inductions
        days = self.cohort.patients.select(
            "pid", mid="pid", at=ibis.literal(as_of, "int64"), before=ibis.literal(False)
        )
        counting = courses.filter(courses.since <= as_of, courses.until > as_of)
        return with_parameters(self._moments(days, given, counting), self.cohort, self.parameters)

    def at(self, days: Table) -> Table:
        """Return the moments of a table of days: mid (int64, unique), pid, at, before (bool), and nothing else.

        mid, pid, at, before  as given; `before` looks at the day before its infusions
        key                   int64; 2 * at + 1, or 2 * at for `before`: what has a greater key is not there yet
        last_infusion         int64 | null; the newest infusion known
        course_first, course_last, course_floor   int64 | null; the induction that counts, as `measures.course.Course`
        p__<parameter>        float64; for each parameter that somebody has a value of their own of
        """
        return with_parameters(self.bare(days), self.cohort, self.parameters)

    def bare(self, days: Table) -> Table:
        """Return the moments of `at` without parameters."""
        return self._moments(days, self.infusions, self.inductions)

    def _moments(self, days: Table, infusions: Table, inductions: Table) -> Table:
        known = days.at - days.before.cast("int64")
        given = infusions.select(given_pid="pid", given_day="day", given_until="until")
        course = inductions.rename({f"course_{name}": name for name in inductions.columns})
        joined = days.left_join(
            given, [days.pid == given.given_pid, given.given_day <= known, given.given_until > known]
        ).left_join(course, [days.pid == course.course_pid, course.course_since <= known, course.course_until > known])
        return joined.select(
            "mid",
            "pid",
            "at",
            "before",
            "course_first",
            "course_floor",
            key=2 * joined.at + 1 - joined.before.cast("int64"),
            last_infusion=joined.given_day,
            course_last=ibis.cases(
                (joined.course_marked | (joined.course_last <= joined.given_day), joined.course_last),
                (joined.course_first.notnull(), joined.given_day),
            ),
        )


def moment_id(table: Table) -> IntegerColumn:
    """Return the `mid` of a table with a `pid` and a `key`: unique to the two."""
    return table.pid * KEYS + table.key


def find_courses(pack: ir.Pack, cohort: Cohort, parameters: Parameters, stage: Stage) -> Courses:
    """Return the infusions and inductions of a cohort, ready to be looked at on any date."""
    given = stage.keep(_placed(cohort.infusions), "infusions")
    inductions = stage.keep(_inductions(pack.course, given, cohort, parameters), "inductions")
    return Courses(given.select("pid", "day", "until"), inductions, cohort, parameters)


def _placed(infusions: Table) -> Table:
    """Return the infusions with the ones before and after, and their place."""
    order = ibis.window(group_by="pid", order_by="day")
    return infusions.select(
        "pid",
        "day",
        previous=infusions.day.lag().over(order),
        until=infusions.day.lead().over(order).fill_null(FAR),
        place=ibis.row_number().over(order),
    )


def _inductions(names: ir.Course, given: Table, cohort: Cohort, parameters: Parameters) -> Table:
    """Return what can count, the blocks found and those marked, each until the next one begins to count."""
    patients = cohort.patients
    marked = patients.filter(patients.marked_first.notnull()).select("pid", "marked_first", "marked_last")
    found = _blocks(given, _starts(names, given, marked, cohort, parameters))
    stated = marked.select(
        "pid",
        since="marked_first",
        first="marked_first",
        last="marked_last",
        floor=ibis.null("int64"),
        marked=ibis.literal(True),
    )
    both = found.union(stated)
    until = both.since.lead().over(ibis.window(group_by="pid", order_by="since")).fill_null(FAR)
    return both.mutate(until=until)


def _starts(names: ir.Course, given: Table, marked: Table, cohort: Cohort, parameters: Parameters) -> Table:
    """Return the first infusion of each island that can begin a block, and where the block ends at the latest.

    Before a marked induction blocks are found as if it and what follows were not; after it those count that begin
    after its last date.
    """
    own = parameters.own & {names.gap_days, names.span_days, names.least, names.most}
    given = with_parameters(given, cohort, parameters) if own else given
    opens = given.previous.isnull() | (given.day - given.previous >= parameters.of(given, names.gap_days))
    islands = given.filter(opens).rename(first="day")
    most = parameters.of(islands, names.most).ceil().cast("int64")
    least = parameters.of(islands, names.least).floor().cast("int64")
    starts = islands.select(
        "pid",
        "first",
        "previous",
        "place",
        next=islands.first.lead().over(ibis.window(group_by="pid", order_by="first")).fill_null(FAR),
        span_end=(islands.first + parameters.of(islands, names.span_days)).floor().cast("int64") + 1,
        past=islands.place + ibis.greatest(most, 1),
        enough=islands.place + least - 1,
    )
    joined = starts.left_join(marked.rename(marked_pid="pid"), starts.pid == marked.pid)
    late = (joined.first > joined.marked_last).fill_null(False)
    early = joined.marked_first.isnull() | (joined.first < joined.marked_first)
    cut = early.ifelse(joined.marked_first.fill_null(FAR), FAR)
    return joined.filter(early | late).select(
        "pid", "first", "previous", "past", "enough", late=late, end=ibis.least(joined.next, joined.span_end, cut)
    )


def _blocks(given: Table, starts: Table) -> Table:
    """Return the blocks long enough, each counting since the infusion that made it so.

    The floor is the infusion before an induction that another one precedes; the one marked always does.
    """
    start = starts.rename(start_pid="pid", before="previous")
    member = given.inner_join(
        start,
        [
            given.pid == start.start_pid,
            given.day >= start.first,
            given.day < start.end,
            given.place < start.past,
        ],
    )
    blocks = member.group_by(["pid", "first"]).aggregate(
        last=member.day.max(),
        since=member.day.max(where=member.place == member.enough),
        before=member.before.max(),
        late=member.late.any(),
    )
    whole = blocks.filter(blocks.since.notnull())
    follows = whole.first.lag().over(ibis.window(group_by="pid", order_by="first")).notnull()
    return whole.select(
        "pid",
        "since",
        "first",
        "last",
        floor=(whole.late | follows).ifelse(whole.before, ibis.null("int64")),
        marked=ibis.literal(False),
    )

"""The happenings that event sets select from, as rows: before any window, and whatever the moment.

The column form of the second half of `engine/measures/events.py`. Whether a row can belong to a set is said here for
all sets of one source at once; what a moment decides comes in `events.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

import ibis
from ibis.expr.types import BooleanValue, NumericValue, Table

from boosterwatch.engine.cohort.columns.facts import Facts
from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.where import Fields, fields_read, may_meet, own_read
from boosterwatch.engine.cohort.facts import with_parameters
from boosterwatch.engine.measures.source import sign_of
from boosterwatch.engine.pack import ir

INSIDE = "in__"
BEST = "best_before"
NO_FIELDS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Sources:
    """What events are found in: the safety facts, the forms, and with both the cohort."""

    facts: Facts
    forms: Forms
    given: dict[str, Table] = field(default_factory=dict)

    def rows(self, sets: Sequence[ir.EventSet]) -> Table:
        """Return the happenings of some sets of one source: pid, key, day, for answers `value`, and `in__<set>`.

        `in__<set>` is whether the set can hold the row; rows that no set can hold are not here. For a set that reads
        the best answer before, only the moment settles it.
        """
        fields = self._fields(sets)
        inside = {inside_column(one): ibis.literal(True) & may_meet(one.where, fields) for one in sets}
        columns = [name for name in ("pid", "key", "day", "value") if name in fields.table.columns]
        rows = fields.table.select(*columns, **inside)
        if any(one.where is None for one in sets):
            return rows
        return rows.filter(any_of(rows[inside_column(one)] for one in sets))

    def _fields(self, sets: Sequence[ir.EventSet]) -> Fields:
        source, cohort, parameters = sets[0].source, self.facts.cohort, self.facts.parameters
        match source:
            case "infusions":
                rows = cohort.infusions.select("pid", "day", key=2 * cohort.infusions.day + 1)
                return Fields(rows, NO_FIELDS, parameters)
            case "booked":
                rows = cohort.bookings.select("pid", "day", key=2 * cohort.bookings.day)
                return Fields(rows, NO_FIELDS, parameters)
            case "answers":
                rows = self.answers(str(sets[0].scale))
                if any(own_read(one.where, parameters) for one in sets):
                    rows = with_parameters(rows, cohort, parameters)
                return Fields(rows, frozenset({"value"}), parameters, unsure=frozenset({BEST}))
        fields = self.facts.of(source, ir.All(tuple(one.where for one in sets if one.where is not None)))
        return Fields(fields.table.mutate(key=2 * fields.table.day), fields.names, parameters)

    def answers(self, scale: str) -> Table:
        """Return every answer to a scale: pid, key, day and value, taken out of the forms once."""
        if scale not in self.given:
            self.given[scale] = self.facts.stage.keep(self.forms.answers(scale), "answers")
        return self.given[scale]

    def with_best(self, pairs: Table, scale: str) -> Table:
        """Return pairs of a moment and an answer with the best answer of the course dated before it, in raw points."""
        answers = self.answers(scale).select(other="pid", earlier="day", points="value")
        asked = pairs.select("mid", "pid", "day", "course_last").distinct()
        older = asked.inner_join(
            answers,
            [asked.pid == answers.other, answers.earlier > asked.course_last, answers.earlier < asked.day],
        )
        best = older.group_by(["mid", "day"]).aggregate(best_before=self._best(older.points, scale))
        best = best.rename(best_mid="mid", best_day="day")
        joined = pairs.left_join(best, [pairs.mid == best.best_mid, pairs.day == best.best_day])
        return joined.drop("best_mid", "best_day")

    def _best(self, points: NumericValue, scale: str) -> NumericValue:
        return points.min() if sign_of(self.forms.scales[scale].worse) == 1 else points.max()


def inside_column(spec: ir.EventSet) -> str:
    """Return the column that says whether an event set can hold a row."""
    return INSIDE + spec.id


def reads_best(spec: ir.EventSet) -> bool:
    """Return whether the set asks for the best answer before."""
    return BEST in fields_read(spec.where)


def any_of(truths: Iterable[BooleanValue]) -> BooleanValue:
    """Return where one at least is true; false for none."""
    return reduce(or_, truths, ibis.literal(False))

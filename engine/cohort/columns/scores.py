"""The measures of scales as columns at moments: the column form of `engine/measures/{look,score,trend}.py`.

Flow: forms checked -> **values -> looks -> measures of scales** -> other measures -> rules. Every value of every scale
is one row of a long table, with the best of its course before it; a moment gathers the values up to it. What a
patient's course decides is worked out once (`open_scores`), however many moments are looked at then
(`Scores.measures`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce

from ibis.expr.types import Table

from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.scores_answers import answers_of, choose_forms
from boosterwatch.engine.cohort.columns.scores_looks import (
    cycles_begun,
    ends_of,
    gather,
    superseded,
    values_now,
    values_then,
)
from boosterwatch.engine.cohort.columns.scores_plan import PREVIOUS, Work, plan_scores
from boosterwatch.engine.cohort.columns.scores_series import (
    COURSE,
    answers_given,
    states_of,
    totals_of,
    with_spells,
)
from boosterwatch.engine.cohort.columns.scores_wide import Gathered, measure_columns
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.pack import ir


def score_measures(
    pack: ir.Pack,
    forms: Forms,
    cohort: Cohort,
    moments: Table,
    parameters: Parameters,
    names: Collection[str] | None,
    stage: Stage,
) -> Table:
    """Return `mid` and a column for each measure of a scale among `names` (all for None), one row per moment.

    The columns are `names.measure_column`: float64, dates int64 days, truths boolean (never null but for that of a
    preceding visit that is not there), the reason a string that is never null. A due date among `names` adds
    `roles.newest_day_column` for the scales of its role.

    Moments are as `Courses.at` gives them; `mid` is below 2 ** 55.
    """
    scores = open_scores(pack, forms, cohort, moments, parameters, names, stage, one_course=False)
    return scores.measures(moments, names)


@dataclass(frozen=True)
class Scores:
    """The values of a cohort's scales in the courses of its patients, ready to be looked at at any moment of these.

    `totals` and `parts` are `states_of` them; without a part to be read there are none. `now` are the moments of the
    evaluation date, one per patient; None when patients may have several courses.
    """

    pack: ir.Pack
    forms: Forms
    cohort: Cohort
    parameters: Parameters
    stage: Stage
    totals: Table
    parts: Table | None
    now: Table | None

    def measures(self, moments: Table, names: Collection[str] | None) -> Table:
        """Return what `score_measures` does, for names and for moments in courses that the scores were opened with.

        At the moments that they were opened with it is quicker: nothing that is recorded is later.
        """
        work = plan_scores(self.pack, names)
        if not work.tracks:
            return moments.select("mid")
        asking = with_spells(moments, one_course=self.now is not None)
        if self.now is None:
            asking = self.stage.keep(asking, "moments")
        gathered = self._gathered(work, asking, now=moments is self.now) if work.gathers else None
        wide = measure_columns(work, asking, gathered or self.totals, self.forms, self.parameters)
        return self.stage.keep(wide, "scores")

    def _gathered(self, work: Work, moments: Table, *, now: bool) -> Gathered:
        keep = self.stage.keep
        seen = self._seen(work.totals, self.totals, moments, now=now)
        totals = keep(gather(work.totals, seen, None, self.parameters), "totals")
        parts = chosen = None
        if work.parts.tracks and self.parts is not None:
            chosen = keep(choose_forms(work.parts, self.forms, totals, moments), "chosen")
            seen = self._seen(work.parts, self.parts, moments, now=now)
            parts = keep(gather(work.parts, seen, answers_of(work.parts, chosen), self.parameters), "parts")
        return Gathered(totals, parts, chosen, self._begun(work, totals, parts, moments))

    def _seen(self, work: Work, states: Table, moments: Table, *, now: bool) -> Table:
        """Return the values that each moment sees."""
        if now:
            return values_now(work, states, moments, self.parameters)
        ends = self.stage.keep(ends_of(work, states, moments, self.parameters), "ends")
        return values_then(ends, states)

    def _begun(self, work: Work, totals: Table, parts: Table | None, moments: Table) -> Table | None:
        """Return the cycles that are searched for, of totals and parts."""
        tables = [(totals, len(work.totals.gaps)), *([] if parts is None else [(parts, len(work.parts.gaps))])]
        late = [superseded(table, gaps, moments) for table, gaps in tables if gaps]
        codes = [track.code for track in work.tracks if track.asks(PREVIOUS)]
        return cycles_begun(reduce(Table.union, late), self.cohort.infusions, codes) if late else None


def open_scores(
    pack: ir.Pack,
    forms: Forms,
    cohort: Cohort,
    moments: Table,
    parameters: Parameters,
    names: Collection[str] | None,
    stage: Stage,
    *,
    one_course: bool = True,
) -> Scores:
    """Return the scores of the courses that these moments are in, for all measures that will be asked.

    With `one_course` these are the moments of the evaluation date, one per patient, and all that are ever asked about a
    patient are in the same course: so are those that it looks back at. It saves telling courses apart.
    """
    work = plan_scores(pack, names)
    spells = with_spells(moments, one_course=one_course).select("sid", "pid", *COURSE)
    spells = spells if one_course else spells.distinct()
    totals = stage.keep(states_of(work.totals, totals_of(work, forms), spells), "values")
    parts = None
    if work.parts.tracks:
        parts = stage.keep(states_of(work.parts, answers_given(work, forms), spells), "answers")
    return Scores(pack, forms, cohort, parameters, stage, totals, parts, moments if one_course else None)

"""The measures of scales as columns at moments: the column form of `engine/measures/{look,score,trend}.py`.

Flow: forms checked -> **series -> looks -> measures of scales** -> other measures -> rules. Every value of every scale
is one row of a long table, with the best of its course before it; a moment finds its newest values there and gathers
the earlier ones in a second join. What a patient's course decides is worked out once (`open_scores`), however many
moments are looked at then (`Scores.measures`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis
from ibis.expr.types import NumericValue, StringValue, Table

from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.forms_names import given_column
from boosterwatch.engine.cohort.columns.roles import newest_day_column
from boosterwatch.engine.cohort.columns.scores_answers import answers_of, choose_forms
from boosterwatch.engine.cohort.columns.scores_kinds import Sight, measure_of, newest_day
from boosterwatch.engine.cohort.columns.scores_looks import (
    ends_of,
    gather,
    looks_at_answers,
    looks_at_ends,
    with_cycles,
)
from boosterwatch.engine.cohort.columns.scores_plan import Track, Work, plan_scores
from boosterwatch.engine.cohort.columns.scores_series import COURSE, states_of, with_spells
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.names import measure_column
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
    return open_scores(pack, forms, cohort, moments, parameters, names, stage, one_course=False).measures(
        moments, names
    )


@dataclass(frozen=True)
class Scores:
    """The values of a cohort's scales in the courses of its patients, ready to be looked at at any moment of these."""

    pack: ir.Pack
    forms: Forms
    cohort: Cohort
    parameters: Parameters
    stage: Stage
    states: Table
    one_course: bool

    def measures(self, moments: Table, names: Collection[str] | None) -> Table:
        """Return what `score_measures` does, for names and for moments in courses that the scores were opened with."""
        work = plan_scores(self.pack, names)
        if not work.tracks:
            return moments.select("mid")
        moments = self.stage.keep(with_spells(moments, one_course=self.one_course), "moments")
        ends = self.stage.keep(ends_of(work, self.states, moments, self.parameters), "ends")
        chosen = None
        if work.parts:
            chosen = self.stage.keep(choose_forms(work, self.forms, ends, moments), "chosen")
        looks = self._looks(work, ends, chosen)
        wide = _Wide(work, moments, looks, chosen, _failed(work, self.forms, moments))
        return self.stage.keep(wide.measures(self.parameters), "scores")

    def _looks(self, work: Work, ends: Table, chosen: Table | None) -> Table:
        """Return the long table of looks with all that their measures need."""
        if not work.gathers:
            return looks_at_ends(ends)
        looks = looks_at_ends(ends)
        if chosen is not None:
            codes = [track.code for track in work.parts]
            parts = looks_at_answers(ends.filter(ends.code.isin(codes)), answers_of(work, chosen))
            totals = looks.filter(looks.code.notin(codes))
            looks = totals.union(parts.select(*totals.columns))
        gathered = self.stage.keep(gather(work, self.states, looks, self.parameters), "gathered")
        if not work.gaps:
            return gathered
        cycles = with_cycles(gathered, self.cohort.infusions, one_course=self.one_course)
        return self.stage.keep(cycles, "looks")


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

    With `one_course` all moments ever asked about one patient are in the course of that patient's moment here: so are
    the evaluation's own, and those that it looks back at. It saves telling courses apart.
    """
    work = plan_scores(pack, names)
    spells = with_spells(moments, one_course=one_course).select("sid", "pid", *COURSE)
    spells = spells if one_course else spells.distinct()
    states = stage.keep(states_of(work, forms, spells), "states")
    return Scores(pack, forms, cohort, parameters, stage, states, one_course)


def _failed(work: Work, forms: Forms, moments: Table) -> Table:
    """Return mid and, for each instrument that is read, the newest key of a form whose total was rejected."""
    failed = forms.scored.filter(forms.scored.failed).select("pid", "key", "number")
    asking = moments.select("mid", asking="pid", until="key")
    seen = failed.inner_join(asking, [failed.pid == asking.asking, failed.key <= asking.until])
    numbers = sorted({track.number for track in work.tracks})
    newest = {f"failed__{number}": seen.key.max(where=seen.number == number) for number in numbers}
    return seen.group_by("mid").aggregate(**newest).rename(failed_mid="mid")


class _Wide:
    """The moments with what was gathered of each scale beside them: one join per scale that is read."""

    def __init__(self, work: Work, moments: Table, looks: Table, chosen: Table | None, failed: Table) -> None:
        self.work = work
        self.gathered = [name for name in looks.columns if name not in _CARRIED]
        self.types = looks.schema()
        table = moments.left_join(failed, moments.mid == failed.failed_mid)
        for code in sorted(work.read_codes()):
            columns = {f"{name}__{code}": name for name in self.gathered}
            own = looks.filter(looks.code == code).select(**{f"mid__{code}": "mid"}, **columns)
            table = table.left_join(own, moments.mid == own[f"mid__{code}"])
        for number in sorted({track.number for track in work.parts}) if chosen is not None else ():
            own = _form_chosen(work, chosen, number)
            table = table.left_join(own, moments.mid == own[f"form__{number}"])
        self.table = table

    def measures(self, parameters: Parameters) -> Table:
        """Return mid and the measures."""
        columns: dict[str, ibis.Value] = {}
        for track in self.work.tracks:
            sight = self._sight(track, parameters)
            columns |= {measure_column(one.name): measure_of(sight, one) for one in track.measures}
            if track.scale.id in self.work.newest:
                columns[newest_day_column(track.scale.id)] = newest_day(sight)
        return self.table.select("mid", **columns)

    def _sight(self, track: Track, parameters: Parameters) -> Sight:
        table = self.table
        failed = table[f"failed__{track.number}"]
        return Sight(
            self.work,
            track,
            table,
            parameters,
            {name: table[f"{name}__{track.code}"] for name in self.gathered},
            failed=failed,
            newest=table[f"end_key__{track.number}"],
            absent=self._absent(track, failed),
        )

    def _absent(self, track: Track, failed: NumericValue) -> StringValue:
        """Return why the scale has no latest value."""
        if track.scale.part is None:
            return ibis.ifelse(failed.notnull(), "invalid", "missing")
        table = self.table
        never = ibis.literal(False)
        unusable = table[given_column(track.scale.id)].notnull()
        spoilt = table[f"spoilt__{track.code}"] & table[f"end_key__{track.code}"].isnull()
        spoilt &= ~table[f"answered__{track.number}"]
        read = table[f"read__{track.number}"].notnull()
        return ibis.ifelse(ibis.ifelse(read, unusable, spoilt.fill_null(never)), "invalid", "missing")


_CARRIED = frozenset({"look", "code", "mid", "sid", "gid", "until", "last_infusion", "day", *COURSE})


def _form_chosen(work: Work, chosen: Table, number: int) -> Table:
    """Return mid and what the form says of an instrument's parts why they have no answer."""
    tracks = [track for track in work.parts if track.number == number]
    mine = chosen.filter(chosen.number == number)
    return mine.select(
        *(given_column(track.scale.id) for track in tracks),
        *(f"spoilt__{track.code}" for track in tracks),
        **{f"form__{number}": "mid", f"answered__{number}": "answered", f"read__{number}": "chosen"},
    )

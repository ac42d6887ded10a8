"""The record checks of forms as columns: which forms can be compared, their totals and answers, and what is wrong.

The column form of `engine/record/scoring.py` and `checks.py`; a test holds the two equal. Most forms are a total and
nothing else, and go a short way; those with items or extra answers (`forms_steps.read_rich`) go the long one, and only
forms of a day with several are ordered (`forms_repeats.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ibis.expr.types import Table

from boosterwatch.engine.cohort.columns.forms_answers import given
from boosterwatch.engine.cohort.columns.forms_instruments import instruments_table
from boosterwatch.engine.cohort.columns.forms_names import given_column, part_column
from boosterwatch.engine.cohort.columns.forms_repeats import crowded, settle_repeats
from boosterwatch.engine.cohort.columns.forms_steps import (
    CHECKED,
    SCORED,
    comparable,
    faults_of,
    is_bare,
    parts_table,
    read_bare,
    read_rich,
    rich_columns,
    settled,
    with_keys,
    with_reading,
)
from boosterwatch.engine.cohort.columns.forms_totals import is_whole
from boosterwatch.engine.cohort.facts import Cohort
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.pack import ir

__all__ = ["Forms", "given_column", "part_column", "read_forms"]


@dataclass(frozen=True)
class Forms:
    """The forms of a chunk after their checks.

    `scored`: one row per comparable form (forms of another version are not here; of two equal totals at one key only
    the fuller is; two totals that differ are both here, without total, failed).
        pid, row        int64; the patient and the form, as in the cohort
        number          int64; the instrument by its place in `ir.Pack.instruments`: cheaper to group by than its id
        instrument      string
        key             int64; twice the day, plus one for a form given after that day's infusion
        day             int64
        total           float64 | null; the valid total on the final scale, as it stands (not turned)
        failed          bool, never null; a total was given, or owed, and was rejected
        answered        bool, never null; the form has usable items

    `parts`: the few forms of `scored` that answers can be read from: those answered, and those where an answer to a
    part of a scale was given. Forms with a total only are not here.
        pid, row, number, instrument, key, day, total, failed, answered   as in `scored`
        reading         int64 | null; of the answered forms of one patient and instrument with a key in a range, the one
                        with the greatest `reading` is that which `Source.newest_answers` reads; null when not answered
        part__<scale>   float64 | null; for each scale with a part (`part_column`): its usable answer, as it stands
        given__<scale>  float64 | null; the same as it was given (`given_column`), usable or not
    A part is null in forms of other instruments.

    `faults`: pid, code (string), key (int64): the earliest key of each code, one row per pid and code.

    `keyed`: every form of the cohort as it is there, with its key. `fractions`: instruments whose totals need not be
    whole.
    """

    scored: Table
    parts: Table
    faults: Table
    keyed: Table
    scales: Mapping[str, ir.Scale]
    fractions: frozenset[str]

    def answers(self, scale: str) -> Table:
        """Return pid, key, day, value (float64) of every answer to a scale that was given, whole and in range.

        Those of rejected forms and of other versions are here too, and both of two on one day.
        """
        asked = self.scales[scale]
        forms = self.keyed.filter(self.keyed.instrument == asked.instrument)
        value = given(asked, forms)
        right = value.between(asked.low, asked.high)
        if asked.part is not None or asked.instrument not in self.fractions:
            right &= is_whole(value)
        return forms.filter(right).select("pid", "key", "day", value=value)


def read_forms(pack: ir.Pack, cohort: Cohort, stage: Stage) -> Forms:
    """Return the forms of a cohort after their checks."""
    instruments = stage.keep(instruments_table(pack.instruments), "instruments")
    keyed = stage.keep(with_keys(cohort.forms, cohort.infusions, instruments), "keyed")
    crowd = stage.keep(with_reading(crowded(pack, keyed), instruments), "crowd")
    crowd_read = stage.keep(read_rich(pack, comparable(crowd), stage), "crowd_read")
    verdicts = stage.keep(settle_repeats(pack, crowd_read), "verdicts")

    ours = with_reading(comparable(keyed), instruments)
    bare = is_bare(pack, ours)
    rich = stage.keep(read_rich(pack, ours.filter(~bare), stage).select(*rich_columns(pack)), "rich")
    read = read_bare(pack, ours.filter(bare), stage).union(rich.select(*CHECKED))
    scored = stage.keep(settled(read, verdicts), "scored")
    return Forms(
        scored=scored.select(*SCORED),
        parts=stage.name(parts_table(pack, rich, verdicts), "parts"),
        faults=stage.keep(faults_of(keyed, scored, crowd_read), "faults"),
        keyed=keyed,
        scales={scale.id: scale for scale in pack.scales},
        fractions=frozenset(instrument.id for instrument in pack.instruments if not instrument.whole),
    )

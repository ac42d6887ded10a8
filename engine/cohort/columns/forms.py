"""The record checks of forms as columns: which forms can be compared, their totals and answers, and what is wrong.

The column form of `engine/record/scoring.py` and `checks.py`; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ibis.expr.types import Table

from boosterwatch.engine.pack import ir

PART = "part__"
GIVEN = "given__"


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
    """

    scored: Table
    parts: Table
    faults: Table
    keyed: Table
    scales: Mapping[str, ir.Scale]

    def answers(self, scale: str) -> Table:
        """Return pid, key, day, value (float64) of every answer to a scale that was given, whole and in range.

        Those of rejected forms and of other versions are here too, and both of two on one day.
        """
        raise NotImplementedError


def part_column(scale: str) -> str:
    """Return the column of the usable answers of a scale with a part."""
    return PART + scale


def given_column(scale: str) -> str:
    """Return the column of the answers of a scale with a part as they were given."""
    return GIVEN + scale

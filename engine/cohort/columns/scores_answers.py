"""The one form that answers are read from at each moment: `Source.newest_answers` as columns.

Forms with answers are few beside those with a total only, so they are joined with moments by themselves.
"""

from __future__ import annotations

from functools import reduce

import ibis
from ibis.expr.types import Table

from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.forms_names import given_column, part_column
from boosterwatch.engine.cohort.columns.scores_plan import Track, Work


def spoilt_column(code: int) -> str:
    """Return the column of whether an answer was given and could not be used."""
    return f"spoilt__{code}"


def choose_forms(work: Work, forms: Forms, totals: Table, moments: Table) -> Table:
    """Return one row per moment and instrument that has forms to read answers from.

    mid, number      the moment and the instrument
    row, key         of the form chosen; null when there is none
    answered         bool; some form up to the moment has usable items
    part__*, given__*    of the form chosen
    spoilt__<code>   bool; an answer to the scale was given up to the moment, and could not be used

    `totals` has mid, code and the key of the newest valid total.
    """
    columns = [name(track.scale.id) for track in work.tracks for name in (part_column, given_column)]
    parts = forms.parts.filter(forms.parts.number.isin(work.numbers()))
    asking = moments.select("mid", asking="pid", until="key")
    seen = parts.inner_join(asking, [parts.pid == asking.asking, parts.key <= asking.until])
    newest = totals.select("code", moment="mid", newest="key")
    known = seen.left_join(newest, [seen.mid == newest.moment, seen.number == newest.code])
    readable = (known.answered & (known.key >= known.newest.fill_null(0))).fill_null(False)
    found = known.group_by("mid", "number").aggregate(
        chosen=known.row.argmax(known.reading, where=readable),
        answered=known.answered.any(),
        **{spoilt_column(track.code): _spoilt(track, known).any() for track in work.tracks},
    )
    return found.left_join(parts.select("row", "key", *columns), found.chosen == parts.row).drop("chosen")


def _spoilt(track: Track, forms: Table) -> ibis.Value:
    return forms[part_column(track.scale.id)].isnull() & forms[given_column(track.scale.id)].notnull()


def answers_of(work: Work, chosen: Table) -> Table:
    """Return look, key and latest (higher is worse) of every answer that can be used in the forms chosen."""
    return reduce(Table.union, [_answer(work, track, chosen) for track in work.tracks])


def _answer(work: Work, track: Track, chosen: Table) -> Table:
    answer = part_column(track.scale.id)
    mine = chosen.filter(chosen.number == track.number, chosen[answer].notnull())
    look = mine.mid * work.codes + ibis.literal(track.code, type="int64")
    return mine.select("key", look=look, latest=track.sign * mine[answer])

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


def choose_forms(work: Work, forms: Forms, ends: Table, moments: Table) -> Table:
    """Return one row per moment and instrument that has forms to read answers from.

    mid, number      the moment and the instrument
    key, day         of the form chosen; null when there is none
    answered         bool; some form up to the moment has usable items
    part__*, given__*    of the form chosen
    spoilt__<code>   bool; an answer to the scale was given up to the moment, and could not be used
    """
    tracks = work.parts
    parts = forms.parts.filter(forms.parts.number.isin(sorted({track.number for track in tracks})))
    asking = moments.select("mid", asking="pid", until="key")
    seen = parts.inner_join(asking, [parts.pid == asking.asking, parts.key <= asking.until])
    totals = ends.select("look", newest="key")
    known = seen.left_join(totals, seen.mid * work.codes + seen.number == totals.look)
    readable = (known.answered & (known.key >= known.newest.fill_null(0))).fill_null(False)
    spoilt = {
        f"spoilt__{one.code}": (
            known[part_column(one.scale.id)].isnull() & known[given_column(one.scale.id)].notnull()
        ).any()
        for one in tracks
    }
    found = known.group_by("mid", "number").aggregate(
        chosen=known.row.argmax(known.reading, where=readable), answered=known.answered.any(), **spoilt
    )
    columns = [name for one in tracks for name in (part_column(one.scale.id), given_column(one.scale.id))]
    read = parts.select("row", "key", "day", *columns)
    return found.left_join(read, found.chosen == read.row).drop("row")


def answers_of(work: Work, chosen: Table) -> Table:
    """Return look, key, day and latest (higher is worse) of every answer that can be used in the forms chosen."""
    return reduce(Table.union, [_answer(work, track, chosen) for track in work.parts])


def _answer(work: Work, track: Track, chosen: Table) -> Table:
    answer = chosen[part_column(track.scale.id)]
    mine = chosen.filter(chosen.number == track.number, answer.notnull())
    return mine.select(
        "key",
        "day",
        look=mine.mid * work.codes + ibis.literal(track.code, type="int64"),
        latest=track.sign * mine[part_column(track.scale.id)],
    )

"""The values of all scales over time, one row per value, with the best of the course before it.

The column form of `engine/measures/series.py` and `source.py`. A spell is a patient's course: what a value means
depends on the course alone, so it is worked out once per spell, however many moments are looked at.
"""

from __future__ import annotations

from functools import reduce

import ibis
from ibis.expr.types import IntegerValue, NumericValue, Table

from boosterwatch.engine.cohort.columns.forms import Forms
from boosterwatch.engine.cohort.columns.forms_names import part_column
from boosterwatch.engine.cohort.columns.scores_plan import Track, Work
from boosterwatch.engine.pack import ir

FAR = 1 << 40  # after every key
NO_BEST = 1e300  # above every value: an aggregate that picks a row passes over nulls on one engine and not on another
COURSE = ("course_first", "course_last", "course_floor")
SPELLS = 1 << 16  # more courses than a patient has
DAY = 16  # how far apart two days are in the order of values, times what one day takes; well above four

_NONE = ibis.null("float64")


def with_spells(moments: Table, *, one_course: bool) -> Table:
    """Return the moments with `sid`, the spell: one per patient, or one per patient and course."""
    if one_course:
        return moments.mutate(sid=moments.pid)
    order = [ibis.coalesce(moments[name], -1) for name in COURSE]
    nth = ibis.dense_rank().over(ibis.window(group_by="pid", order_by=order))
    return moments.mutate(sid=moments.pid * SPELLS + nth)


def states_of(work: Work, series: Table, spells: Table) -> Table:
    """Return every value of a series (`totals_of`, `answers_given`) in every spell of its patient.

    gid           int64; spell and code
    sid           int64
    key, day      as in `Forms.scored`
    value         float64; higher is worse
    place         int64; the order of the values: by key, then beside a valid total or not, then the worse one
    next          int64; the key of the next value of the series, or `FAR`: the last of one key has a greater one
    newest        int64; the key of the newest value of the series
    best          float64; the best value of the course on an earlier day, or `NO_BEST`
    """
    own = spells.select("sid", "course_last", spell_pid="pid")
    joined = series.inner_join(own, series.pid == own.spell_pid)
    flat = joined.select(
        "sid",
        "key",
        "day",
        "value",
        "place",
        gid=joined.sid * work.codes + joined.code,
        counting=ibis.ifelse(joined.day > joined.course_last, joined.value, _NONE),
    )
    series_of = ibis.window(group_by="gid", order_by="place")
    earlier = ibis.range_window(group_by="gid", order_by="place", preceding=(None, _step(work) // 2))
    return flat.select(
        "gid",
        "sid",
        "key",
        "day",
        "value",
        "place",
        next=flat.key.lead().over(series_of).fill_null(FAR),
        newest=flat.key.last().over(series_of),
        best=flat.counting.min().over(earlier).fill_null(NO_BEST),
    )


# ---------------------------------------------------------------- totals


def totals_of(work: Work, forms: Forms) -> Table:
    """Return pid, code, key, day, value and place of the totals of the instruments that are read, parts too."""
    scored = forms.scored.filter(forms.scored.total.notnull())
    numbers = work.numbers()
    if len(numbers) < len(work.pack.instruments):
        scored = scored.filter(scored.number.isin(numbers))
    turned = [track.code for track in work.tracks if track.code == track.number and track.sign < 0]
    value = ibis.ifelse(scored.number.isin(turned), -scored.total, scored.total) if turned else scored.total
    first = scored.select("pid", "key", "day", code="number", value=value, place=_place(scored, _step(work.totals)))
    others = [track for track in work.totals.tracks if track.code != track.number]
    return reduce(Table.union, [_totals_again(work, track, forms) for track in others], first)


def _totals_again(work: Work, track: Track, forms: Forms) -> Table:
    """Return the totals for another scale of the same instrument."""
    mine = forms.scored.filter(forms.scored.total.notnull(), forms.scored.number == track.number)
    value = track.sign * mine.total
    return mine.select("pid", "key", "day", code=_code(track), value=value, place=_place(mine, _step(work.totals)))


def _code(track: Track) -> IntegerValue:
    return ibis.literal(track.code, type="int64")


# ---------------------------------------------------------------- answers


def answers_given(work: Work, forms: Forms) -> Table:
    """Return the same of every usable answer to the parts."""
    return reduce(Table.union, [_answers(work, track, forms) for track in work.parts.tracks])


def _answers(work: Work, track: Track, forms: Forms) -> Table:
    """Return the usable answers of a part; of two at one time the one beside a total comes last, then the worse."""
    parts = forms.parts
    given = parts.filter(parts[part_column(track.scale.id)].notnull())
    value = track.sign * given[part_column(track.scale.id)]
    beside = given.total.notnull().cast("int64")
    low, high = answer_range(work.pack, track.scale)
    wide, least = high - low + 1, low if track.sign > 0 else -high
    place = _place(given, _step(work.parts), 2 * wide) + beside * wide + (value - least).cast("int64")
    return given.select("pid", "key", "day", code=_code(track), value=value, place=place)


def answer_range(pack: ir.Pack, scale: ir.Scale) -> tuple[int, int]:
    """Return the lowest and highest usable answer to a part; both are whole."""
    bounds = [(scale.low, scale.high)]
    bounds += [(other.low, other.high) for other in pack.scales if other.part == scale.part]
    bounds += [(one.items.low, one.items.high) for one in pack.instruments if one.items and one.id == scale.instrument]
    return int(min(low for low, _ in bounds)), int(max(high for _, high in bounds))


# ---------------------------------------------------------------- the order of values


def _place(forms: Table, step: int, after: int = 1) -> NumericValue:
    """Return the order of forms; those after an infusion are `after` later than those before it."""
    return forms.day * step + (forms.key - 2 * forms.day) * after


def _step(work: Work) -> int:
    """Return how far apart two days are in the order: the values of a day fill less than half of it."""
    spans = [answer_range(work.pack, track.scale) for track in work.tracks if track.scale.part is not None]
    return DAY * max((high - low + 1 for low, high in spans), default=1)

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

_NONE = ibis.null("float64")


def with_spells(moments: Table, *, one_course: bool) -> Table:
    """Return the moments with `sid`, the spell: one per patient, or one per patient and course."""
    if one_course:
        return moments.mutate(sid=moments.pid)
    order = [ibis.coalesce(moments[name], -1) for name in COURSE]
    nth = ibis.dense_rank().over(ibis.window(group_by="pid", order_by=order))
    return moments.mutate(sid=moments.pid * SPELLS + nth)


def pid_of(sid: IntegerValue, *, one_course: bool) -> IntegerValue:
    """Return the patient of a spell."""
    return sid if one_course else sid >> 16


def states_of(work: Work, forms: Forms, spells: Table) -> Table:
    """Return every value in every spell of its patient.

    gid           int64; spell and code
    sid           int64
    key, day      as in `Forms.scored`
    value         float64; higher is worse
    place         int64; the order of the values: by key, then beside a valid total or not, then the worse one
    next          int64; the key of the next value of the series, or `FAR`: the last of one key has a greater one
    best          float64; the best value of the course on an earlier day, or `NO_BEST`
    """
    step = _step(work)
    series = _series(work, forms, step)
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
    earlier = ibis.range_window(group_by="gid", order_by="place", preceding=(None, step // 2))
    return flat.select(
        "gid",
        "sid",
        "key",
        "day",
        "value",
        "place",
        next=flat.key.lead().over(ibis.window(group_by="gid", order_by="place")).fill_null(FAR),
        best=flat.counting.min().over(earlier).fill_null(NO_BEST),
    )


def _series(work: Work, forms: Forms, step: int) -> Table:
    """Return pid, code, key, day, value and place of every value of the codes that are read."""
    tables = [_totals(work, forms, step)]
    tables += [_doubles(track, forms, step) for track in work.tracks if _is_double(track)]
    tables += [_answers(work.pack, track, forms, step) for track in work.parts]
    return reduce(Table.union, tables)


def _totals(work: Work, forms: Forms, step: int) -> Table:
    codes = work.read_codes()
    scored = forms.scored.filter(forms.scored.total.notnull())
    if not codes >= set(range(len(work.pack.instruments))):
        scored = scored.filter(
            scored.number.isin([code for code in sorted(codes) if code < len(work.pack.instruments)])
        )
    turned = [track.code for track in work.tracks if track.code == track.number and track.sign < 0]
    value = ibis.ifelse(scored.number.isin(turned), -scored.total, scored.total) if turned else scored.total
    return scored.select("pid", "key", "day", code="number", value=value, place=_place(scored, step))


def _is_double(track: Track) -> bool:
    """Return whether the track reads totals that another scale reads too."""
    return track.scale.part is None and track.code != track.number


def _doubles(track: Track, forms: Forms, step: int) -> Table:
    scored = forms.scored
    mine = scored.filter(scored.total.notnull(), scored.number == track.number)
    return mine.select("pid", "key", "day", code=_code(track), value=track.sign * mine.total, place=_place(mine, step))


def _answers(pack: ir.Pack, track: Track, forms: Forms, step: int) -> Table:
    """Return the usable answers of a part; of two at one time the one beside a total comes last, then the worse."""
    answer = forms.parts[part_column(track.scale.id)]
    given = forms.parts.filter(answer.notnull())
    value = track.sign * given[part_column(track.scale.id)]
    beside = given.total.notnull().cast("int64")
    low, high = answer_range(pack, track.scale)
    least = low if track.sign > 0 else -high
    rank = beside * (high - low + 1) + (value - least).cast("int64")
    place = _place(given, step, 2 * (high - low + 1)) + rank
    return given.select("pid", "key", "day", code=_code(track), value=value, place=place)


def _code(track: Track) -> IntegerValue:
    return ibis.literal(track.code, type="int64")


def _place(forms: Table, step: int, after: int = 1) -> NumericValue:
    """Return the order of forms; those after an infusion are `after` later than those before it."""
    return forms.day * step + (forms.key - 2 * forms.day) * after


def _step(work: Work) -> int:
    """Return how far apart two days are in the order: more than twice what one day takes."""
    spans = [high - low + 1 for low, high in (answer_range(work.pack, track.scale) for track in work.parts)]
    return 16 * max(spans, default=1)


def answer_range(pack: ir.Pack, scale: ir.Scale) -> tuple[int, int]:
    """Return the lowest and highest usable answer to a part; both are whole."""
    bounds = [(scale.low, scale.high)]
    bounds += [(other.low, other.high) for other in pack.scales if other.part == scale.part]
    bounds += [(one.items.low, one.items.high) for one in pack.instruments if one.items and one.id == scale.instrument]
    return int(min(low for low, _ in bounds)), int(max(high for _, high in bounds))

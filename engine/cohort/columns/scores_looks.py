"""What each scale shows at each moment: its latest value, and what is gathered from the values before it.

The column form of `engine/measures/look.py` and of the searches of `trend.py`. One long table has a row for each
moment and series that has a value; two joins make it, one to find the newest value, one to gather the others.
"""

from __future__ import annotations

from functools import reduce

import ibis
from ibis.expr.types import BooleanValue, NumericValue, Table

from boosterwatch.engine.cohort.columns.scores_plan import Work, by_code, own_columns
from boosterwatch.engine.cohort.columns.scores_series import COURSE, NO_BEST, pid_of
from boosterwatch.engine.cohort.values import Parameters

EXACT = 1_000_000  # sums of values with decimals are sums of whole numbers of these: the same in any order

_NONE = ibis.null("float64")


def ends_of(work: Work, states: Table, moments: Table, parameters: Parameters) -> Table:
    """Return the newest value of each series at each moment, with what of the moment is read later.

    look          int64; moment and code
    mid, sid, gid, code, until, last_infusion, course_*   of the moment; `until` is its key
    key, day, value, best                                 of the newest value
    """
    read = ["mid", "last_infusion", *COURSE, *own_columns(parameters, _gathered(work))]
    asking = moments.select(*read, asking="sid", until="key")
    joined = asking.inner_join(
        states, [asking.asking == states.sid, states.key <= asking.until, states.next > asking.until]
    )
    code = joined.gid - joined.sid * work.codes
    return joined.select(
        *read, "sid", "gid", "until", "key", "day", "value", "best", code=code, look=joined.mid * work.codes + code
    )


def _gathered(work: Work) -> set[str]:
    """Return the parameters that are read where values are gathered."""
    settings = [*work.gaps, *work.settles]
    named = {name for setting in settings for names in setting.values() for name in names}
    return named | {work.pack.course.baseline_days}


def looks_at_ends(ends: Table) -> Table:
    """Return the looks of totals: the latest value is the newest."""
    renamed = ends.rename(end_key="key", latest="value")
    return renamed.mutate(key=renamed.end_key)


def looks_at_answers(ends: Table, answers: Table) -> Table:
    """Return the looks of parts: the latest answer is that of the form chosen, and there may be none.

    `answers` has look, key, day, latest; the best before them is found while gathering.
    """
    chosen = answers.rename(chosen_look="look", chosen_key="key", chosen_day="day")
    joined = (
        ends.rename(end_key="key", end_day="day")
        .drop("value", "best")
        .left_join(chosen, ends.look == chosen.chosen_look)
    )
    kept = joined.drop("chosen_look", "end_day").rename(key="chosen_key", day="chosen_day")
    return kept.mutate(best=_NONE)


# ---------------------------------------------------------------- gathering


def gather(work: Work, states: Table, looks: Table, parameters: Parameters) -> Table:
    """Return one row per look with what its measures need.

    look, code, sid, mid, last_infusion
    end_key                   the newest value of the series
    key, latest, best         the latest value, null for an answer that is not there; and the best before its day
    baseline, since, worst    as `look.py` has them, where they are asked for
    gap<n>_key, gap<n>_value, gap<n>_best   the candidate for the preceding visit; `trend.cycle_start` is to be asked
    slope<n>_count, _first, _d, _dd, _v, _dv   of the values since the infusion that have settled
    """
    values = states.select("gid", "place", "value", value_key="key", value_day="day", value_best="best")
    both = looks.rename(look_gid="gid").inner_join(values, [looks.gid == values.gid, values.value_key <= looks.until])
    flat = both.select(
        "look",
        "code",
        "sid",
        "mid",
        "last_infusion",
        "end_key",
        "key",
        "latest",
        "best",
        "place",
        "value",
        "value_key",
        "value_day",
        "value_best",
        **_marks(work, both, parameters),
    )
    carried = {name: flat[name].max() for name in ("code", "sid", "mid", "last_infusion", "end_key", "key", "latest")}
    return flat.group_by("look").aggregate(**carried, best=_best(work, flat), **_gathering(work, flat))


def _marks(work: Work, both: Table, parameters: Parameters) -> dict[str, ibis.Value]:
    """Return which values count for what, worked out once per row."""
    marks: dict[str, ibis.Value] = {}
    if work.baseline:
        marks["before_course"] = _before_course(work, both, parameters)
    marks["in_course"] = both.value_day > both.course_last
    marks["of_day"] = both.value_key.between(2 * both.day, 2 * both.day + 1)
    for n, gaps in enumerate(work.gaps):
        least = by_code(both, parameters, {code: names[0] for code, names in gaps.items()})
        most = by_code(both, parameters, {code: names[1] for code, names in gaps.items()})
        marks[f"gap{n}"] = (both.value_key <= 2 * (both.day - least) + 1) & (both.value_key >= 2 * (both.day - most))
    for n, settles in enumerate(work.settles):
        wait = by_code(both, parameters, {code: name for code, (name,) in settles.items()})
        infusion = both.last_infusion
        marks[f"slope{n}"] = (both.value_key >= 2 * (infusion + wait)) & (both.value_key > 2 * infusion)
    if work.settles:
        marks["days"] = (both.value_day - both.last_infusion).cast("float64")
        marks["exact"] = _exact(work, both)
    return marks


def _before_course(work: Work, both: Table, parameters: Parameters) -> BooleanValue:
    first, floor, key = both.course_first, both.course_floor, both.value_key
    oldest = 2 * (first - parameters.of(both, work.pack.course.baseline_days))
    return (key <= 2 * first) & (key >= oldest) & (floor.isnull() | (key > 2 * floor))


def _exact(work: Work, both: Table) -> NumericValue:
    """Return the values as whole numbers, for sums that do not depend on the order of rows."""
    rough = fractional_codes(work)
    value = both.value
    return ibis.ifelse(both.code.isin(rough), (value * EXACT).round(), value) if rough else value


def fractional_codes(work: Work) -> list[int]:
    """Return the codes of totals that need not be whole."""
    rough = {
        instrument.id
        for instrument in work.pack.instruments
        if not instrument.whole or any(method.times % 1 for method in instrument.methods)
    }
    return [track.code for track in work.tracks if track.scale.part is None and track.scale.instrument in rough]


def _best(work: Work, flat: Table) -> NumericValue:
    best = flat.best.max()
    if work.parts:  # of an answer: that of any value of its day
        best = ibis.coalesce(best, flat.value_best.max(where=flat.of_day))
    return best.nullif(NO_BEST)


def _gathering(work: Work, flat: Table) -> dict[str, ibis.Value]:
    gathered: dict[str, ibis.Value] = {}
    if work.baseline:
        gathered["baseline"] = flat.value.argmax(flat.place, where=flat.before_course)
    gathered["since"] = flat.value.min(where=flat.in_course)
    if work.asks({"latest_within"}):
        gathered["worst"] = flat.value.max(where=flat.of_day)
    for n in range(len(work.gaps)):
        mark = flat[f"gap{n}"]
        gathered[f"gap{n}_key"] = flat.value_key.max(where=mark)
        gathered[f"gap{n}_value"] = flat.value.argmax(flat.place, where=mark)
        gathered[f"gap{n}_best"] = flat.value_best.argmax(flat.place, where=mark).nullif(NO_BEST)
    for n in range(len(work.settles)):
        gathered |= _sums(flat, n)
    return gathered


def _sums(flat: Table, n: int) -> dict[str, ibis.Value]:
    mark, days, value = flat[f"slope{n}"], flat.days, flat.exact
    return {
        f"slope{n}_count": flat.count(where=mark),
        f"slope{n}_first": flat.value_day.min(where=mark),
        f"slope{n}_d": days.sum(where=mark),
        f"slope{n}_dd": (days * days).sum(where=mark),
        f"slope{n}_v": value.sum(where=mark),
        f"slope{n}_dv": (days * value).sum(where=mark),
    }


# ---------------------------------------------------------------- the cycle of the latest value


def with_cycles(gathered: Table, infusions: Table, *, one_course: bool) -> Table:
    """Return the looks with `cycle`, the infusion that begins the cycle of the latest value (`trend.cycle_start`).

    Mostly that is the last infusion; only for a latest value from before it the others are asked, and only where a
    value may be the preceding one.
    """
    gaps = [name for name in gathered.columns if name.startswith("gap") and name.endswith("_key")]
    if not gaps:
        return gathered
    has_gap = reduce(lambda one, other: one | other, [gathered[name].notnull() for name in gaps])
    superseded = (gathered.key <= 2 * gathered.last_infusion).fill_null(False)
    late = gathered.filter(has_gap & superseded)
    late = late.select(late_look="look", late_pid=pid_of(late.sid, one_course=one_course), newest=(late.key - 1) >> 1)
    found = late.inner_join(infusions, [late.late_pid == infusions.pid, infusions.day <= late.newest])
    begun = found.group_by("late_look").aggregate(begun=found.day.max())
    joined = gathered.left_join(begun, gathered.look == begun.late_look)
    superseded = (joined.key <= 2 * joined.last_infusion).fill_null(False)
    return joined.select(*gathered.columns, cycle=ibis.ifelse(superseded, joined.begun, joined.last_infusion))

"""What each scale shows at each moment: its latest value, and what is gathered from the values before it.

The column form of `engine/measures/look.py` and of the searches of `trend.py`: a long table with one row for each
moment and series that has a value. A look is a moment and a code, as one number.
"""

from __future__ import annotations

from functools import reduce

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, NumericValue, Table

from boosterwatch.engine.cohort.columns.scores_plan import SINCE, WORST, Work, by_code, own_columns
from boosterwatch.engine.cohort.columns.scores_series import COURSE, NO_BEST
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.measures.trend import DAYS_PER_WEEK

EXACT = 1_000_000  # sums of values with decimals are sums of whole numbers of these: the same in any order

_NONE = ibis.null("float64")


@ibis.udf.agg.builtin(name="max_by")  # type: ignore[untyped-decorator]
def value_at_greatest(value: float, place: int) -> float:
    """Return the value at the greatest place; Ibis has a name of its own for it, which sorts every group on DuckDB."""
    raise NotImplementedError


# ---------------------------------------------------------------- the values that moments see


def ends_of(work: Work, states: Table, moments: Table, parameters: Parameters) -> Table:
    """Return the newest value of each series at each moment.

    look, mid, code, sid, gid; until: the key of the moment; last_infusion, course_*, own parameters: of the moment
    key, value, best: of the value
    """
    read = _read_of_moments(work, parameters)
    asking = moments.select(*read, asking="sid", until="key")
    seen = asking.inner_join(
        states, [asking.asking == states.sid, states.key <= asking.until, states.next > asking.until]
    )
    return seen.select(*read, "sid", "gid", "until", "key", "value", "best", **_look(work, seen))


def values_then(ends: Table, states: Table) -> Table:
    """Return the values of each series up to each moment, with `end_key`, the key of the newest."""
    values = _values(states).drop("sid", "end_key").rename(value_gid="gid")
    newest = ends.drop("value", "best", "sid").rename(end_key="key")
    return newest.inner_join(values, [newest.gid == values.value_gid, values.value_key <= newest.until])


def values_now(work: Work, states: Table, moments: Table, parameters: Parameters) -> Table:
    """Return the same for moments after everything that is recorded, one of each spell."""
    read = _read_of_moments(work, parameters)
    asking = moments.select(*read, asking="sid")
    values = _values(states)
    seen = values.inner_join(asking, values.sid == asking.asking)
    return seen.mutate(**_look(work, seen))


def _read_of_moments(work: Work, parameters: Parameters) -> list[str]:
    return ["mid", "last_infusion", *COURSE, *own_columns(parameters, work.parameters())]


def _values(states: Table) -> Table:
    own = {"value_key": "key", "value_day": "day", "value_best": "best", "end_key": "newest"}
    return states.select("gid", "sid", "place", "value", **own)


def _look(work: Work, seen: Table) -> dict[str, IntegerValue]:
    code = seen.gid - seen.sid * work.codes
    return {"code": code, "look": seen.mid * work.codes + code}


# ---------------------------------------------------------------- gathering


def gather(work: Work, values: Table, answers: Table | None, parameters: Parameters) -> Table:
    """Return one row per look, of totals or else of parts, with what the measures of its scale need.

    mid, code
    key, latest, best       the latest value, and the best before its day
    end_key                 the newest value of the series, only for parts: of totals it is the latest
    baseline, since, worst  as `look.py` has them, where they are asked for
    gap<n>_key, gap<n>_value, gap<n>_best   the candidate for the preceding visit; `trend.cycle_start` is to be asked
    line<n>                 the slope

    `answers` has look, key, latest of the parts' answers in the forms chosen; None for totals.
    """
    if answers is None:
        values = values.mutate(key=values.end_key)
    else:
        said = answers.select("key", said_look="look", said="latest")
        values = values.left_join(said, values.look == said.said_look)
    rows = _rows(work, values, parameters)
    newest = {"end_key": rows.value_key.max()} if answers is not None else {}
    gathered = rows.group_by("look").aggregate(
        mid=rows.mid.max(), **newest, **_latest(rows), **_gathering(work, rows, parameters)
    )
    coded = gathered.mutate(code=gathered.look - gathered.mid * work.codes)
    passing = {*_own_of_lines(work, parameters), "look"}
    kept = [name for name in coded.columns if name not in passing and not name.startswith("sum")]
    return coded.select(*kept, **{f"line{n}": _slope(work, coded, parameters, n) for n in range(len(work.lines))})


def _rows(work: Work, values: Table, parameters: Parameters) -> Table:
    """Return the values with what each counts for, worked out once."""
    key, day = values.value_key, values.key >> 1
    marks: dict[str, ibis.Value] = {}
    if work.baseline:
        marks["before_course"] = _before_course(work, values, parameters)
    if work.asks(SINCE):
        marks["in_course"] = values.value_day > values.course_last
    if work.asks(WORST) or "said" in values.columns:
        marks["of_day"] = values.value_day == day
    for n, gap in enumerate(work.gaps):
        least, most = (by_code(values, parameters, gap, place) for place in (0, 1))
        marks[f"gap{n}"] = (key <= 2 * (day - least) + 1) & (key >= 2 * (day - most))
    for n, line in enumerate(work.lines):
        infusion = values.last_infusion
        settled = key >= 2 * (infusion + by_code(values, parameters, line, 0))
        marks[f"line{n}"] = settled & (key > 2 * infusion)
    if work.lines:
        marks["days"] = (values.value_day - values.last_infusion).cast("float64")
        marks["exact"] = _exact(work, values)
    said = ["said"] if "said" in values.columns else []
    own = _own_of_lines(work, parameters)
    read = ("look", "mid", "key", "place", "value", "value_key", "value_day", "value_best")
    return values.select(*read, *said, *own, **marks)


def _before_course(work: Work, values: Table, parameters: Parameters) -> BooleanValue:
    first, floor, key = values.course_first, values.course_floor, values.value_key
    oldest = 2 * (first - parameters.of(values, work.pack.course.baseline_days))
    return (key <= 2 * first) & (key >= oldest) & (floor.isnull() | (key > 2 * floor))


def _latest(rows: Table) -> dict[str, ibis.Value]:
    """Return the latest value, and the best before it: of an answer, that of any value of its day."""
    if "said" in rows.columns:
        best = rows.value_best.max(where=rows.of_day)
        return {"key": rows.key.max(), "latest": rows.said.max(), "best": best.nullif(NO_BEST)}
    best = value_at_greatest(rows.value_best, rows.place)
    latest = value_at_greatest(rows.value, rows.place)
    return {"key": rows.value_key.max(), "latest": latest, "best": best.nullif(NO_BEST)}


def _gathering(work: Work, rows: Table, parameters: Parameters) -> dict[str, ibis.Value]:
    gathered: dict[str, ibis.Value] = {}
    if work.baseline:
        gathered["baseline"] = value_at_greatest(rows.value, rows.place, where=rows.before_course)
    if work.asks(SINCE):
        gathered["since"] = rows.value.min(where=rows.in_course)
    if work.asks(WORST):
        gathered["worst"] = rows.value.max(where=rows.of_day)
    for n in range(len(work.gaps)):
        mark = rows[f"gap{n}"]
        gathered[f"gap{n}_key"] = rows.value_key.max(where=mark)
        gathered[f"gap{n}_value"] = value_at_greatest(rows.value, rows.place, where=mark)
        gathered[f"gap{n}_best"] = value_at_greatest(rows.value_best, rows.place, where=mark).nullif(NO_BEST)
    for n in range(len(work.lines)):
        gathered |= _sums(rows, n)
    return gathered | {name: rows[name].max() for name in _own_of_lines(work, parameters)}


# ---------------------------------------------------------------- the slope


def _own_of_lines(work: Work, parameters: Parameters) -> list[str]:
    """Return the columns of patients' own values that are read after the sums are made."""
    return own_columns(parameters, {name for line in work.lines for names in line.values() for name in names})


def _exact(work: Work, values: Table) -> NumericValue:
    """Return the values as whole numbers, for sums that do not depend on the order of rows."""
    rough = _rough_codes(work)
    value = values.value
    return ibis.ifelse(values.code.isin(rough), (value * EXACT).round(), value) if rough else value


def _rough_codes(work: Work) -> list[int]:
    """Return the codes of totals that need not be whole."""
    rough = {
        instrument.id
        for instrument in work.pack.instruments
        if not instrument.whole or any(method.times % 1 for method in instrument.methods)
    }
    return [track.code for track in work.tracks if track.scale.part is None and track.scale.instrument in rough]


def _sums(rows: Table, n: int) -> dict[str, ibis.Value]:
    mark, days, value = rows[f"line{n}"], rows.days, rows.exact
    return {
        f"sum{n}_count": rows.count(where=mark),
        f"sum{n}_first": rows.value_day.min(where=mark),
        f"sum{n}_last": rows.value_day.max(where=mark),
        f"sum{n}_days": days.sum(where=mark),
        f"sum{n}_squares": (days * days).sum(where=mark),
        f"sum{n}_values": value.sum(where=mark),
        f"sum{n}_shared": (days * value).sum(where=mark),
    }


def _slope(work: Work, sums: Table, parameters: Parameters, n: int) -> NumericValue:
    """Return the least-squares slope per week, as `trend.slope_per_week`; the days are counted from the infusion."""
    setting = work.lines[n]
    count = sums[f"sum{n}_count"].cast("float64")
    days, squares, values, shared = (sums[f"sum{n}_{name}"] for name in ("days", "squares", "values", "shared"))
    spread = count * squares - days * days
    rise = count * shared - days * values
    rough = _rough_codes(work)
    if rough:
        spread *= ibis.ifelse(sums.code.isin(rough), float(EXACT), 1.0)
    enough = count >= ibis.greatest(by_code(sums, parameters, setting, 1), 1)
    long_enough = sums[f"sum{n}_last"] - sums[f"sum{n}_first"] >= by_code(sums, parameters, setting, 2)
    slope = DAYS_PER_WEEK * rise / spread.nullif(0)
    return ibis.ifelse((enough & long_enough).fill_null(False), slope, _NONE)


# ---------------------------------------------------------------- the cycle of the latest value


def begun_column(code: int) -> str:
    """Return the column of `cycles_begun` of a code."""
    return f"begun__{code}"


def superseded(gathered: Table, gaps: int, moments: Table) -> Table:
    """Return mid, code, pid and newest (a day) of latest values before the last infusion that may have a preceding.

    Their cycle began with the newest infusion up to that day. Any other latest value is of the cycle that the last
    infusion began (`trend.cycle_start`), and needs no search.
    """
    some = reduce(lambda one, other: one | other, [gathered[f"gap{n}_key"].notnull() for n in range(gaps)])
    asking = moments.select("pid", "last_infusion", moment="mid")
    late = gathered.filter(some).inner_join(asking, gathered.mid == asking.moment)
    return late.filter(late.key <= 2 * late.last_infusion).select("mid", "code", "pid", newest=(late.key - 1) >> 1)


def cycles_begun(late: Table, infusions: Table, codes: list[int]) -> Table:
    """Return mid and, for each code, the infusion that begins the cycle of a latest value that is superseded."""
    given = infusions.select("day", given_pid="pid")
    found = late.inner_join(given, [late.pid == given.given_pid, given.day <= late.newest])
    begun = {begun_column(code): found.day.max(where=found.code == code) for code in codes}
    return found.group_by("mid").aggregate(**begun)

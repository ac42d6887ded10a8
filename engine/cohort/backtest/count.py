"""Stretches beside outcomes: every number of a backtest, as SQL over small tables. `docs/backtest.md` is its text."""

from __future__ import annotations

import duckdb

from boosterwatch.engine.cohort.backtest.model import Lead, Losses, Series, Starts, Tally, Thing
from boosterwatch.engine.cohort.backtest.past import Past
from boosterwatch.engine.cohort.backtest.rates import rate_of, share_of
from boosterwatch.engine.cohort.backtest.runs import LOOKED, RUNS
from boosterwatch.engine.cohort.impact.results import ask, number

_YEAR = 365.25
_QUARTILES = "[0.25, 0.5, 0.75]"


def keep_past(con: duckdb.DuckDBPyConnection, past: Past, series: Series) -> Losses:
    """Leave infusions, views and losses on the connection, and return how many losses there are to find.

    Of the losses of a cycle the first counts; one dated on an infusion's day belongs to the cycle that it ends.
    """
    for name in ("infusions", "reported", "recorded", "views"):
        con.register(f"{name}_given", getattr(past, name))
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT DISTINCT * FROM {name}_given")
        con.unregister(f"{name}_given")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE losses AS "
        "SELECT patient, cycle, min(day) AS day FROM ("
        "SELECT r.patient, i.day AS cycle, r.day FROM reported r ASOF JOIN infusions i "
        "ON i.patient = r.patient AND i.day < r.day "
        "ANTI JOIN recorded e ON e.patient = r.patient AND e.infusion = i.day "
        "UNION ALL SELECT e.patient, e.infusion, e.loss FROM recorded e JOIN infusions i "
        "ON i.patient = e.patient AND i.day = e.infusion WHERE e.loss IS NOT NULL) "
        "GROUP BY patient, cycle"
    )
    _keep_windows(con, series)
    early = "SELECT count(*) FROM reported r ANTI JOIN infusions i ON i.patient = r.patient AND i.day < r.day"
    all, looked_at = ask(con, "SELECT count(*), count(seen_first) FROM windows")[0]
    return Losses(all, looked_at, number(con, early), past.source)


def _keep_windows(con: duckdb.DuckDBPyConnection, series: Series) -> None:
    """Leave the window of every loss: from after its cycle's infusion, or a horizon before it, to the day before.

    `seen_first` and `seen_last` are the first and last date of it with a decision; null when there is none.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE bare AS "
        f"SELECT patient, day, greatest(cycle + 1, day - {series.horizon}) AS low, day - 1 AS high "
        f"FROM losses WHERE day > {series.first} AND day <= {series.until}"
    )
    con.execute(
        "CREATE OR REPLACE TEMP TABLE windows AS "
        "SELECT b.*, min(s.a) AS seen_first, max(s.b) AS seen_last FROM bare b LEFT JOIN "
        f"({_overlaps(series, 'bare', LOOKED)}) s ON s.patient = b.patient AND s.day = b.day GROUP BY ALL"
    )


def _overlaps(series: Series, windows: str, what: str | None) -> str:
    """Return the query of the dates of each window on which something was on, as first and last of each stretch."""
    low = f"greatest(w.low, r.first, {series.first})"
    start, every = series.first, series.every
    first = f"{start} + ({low} - {start} + {every - 1})::INTEGER // {every} * {every}"
    last = f"{start} + (least(w.high, r.last) - {start})::INTEGER // {every} * {every}"
    wanted = f"r.what = '{what}'" if what is not None else f"r.what <> '{LOOKED}'"
    return (
        f"SELECT w.patient, w.day, r.what, r.id, r.state, {first} AS a, {last} AS b "
        f"FROM {windows} w JOIN {RUNS} r ON r.patient = w.patient AND r.first <= w.high AND r.last >= w.low "
        f"AND {wanted} WHERE least(w.high, r.last) >= {series.first} AND a <= b"
    )


# ---------------------------------------------------------------- tallies


def years_in_view(con: duckdb.DuckDBPyConnection, series: Series) -> tuple[int, float]:
    """Return how many patients were in view at some date with a decision, and for how many patient-years."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE viewed AS "
        f"SELECT patient, 0 AS day, start AS low, least(last, {series.last}) AS high FROM views"
    )
    query = f"SELECT count(DISTINCT patient), coalesce(sum((b - a) // {series.every} + 1), 0) FROM "
    patients, dates = ask(con, f"{query}({_overlaps(series, 'viewed', LOOKED)})")[0]
    return patients, dates * series.every / _YEAR


def tallies(con: duckdb.DuckDBPyConnection, series: Series, losses: Losses, years: float) -> tuple[Tally, ...]:
    """Return the tally of everything that was on for anybody, in alphabetical order of its kind and id."""
    leads = {Thing(*row[:3]): row[3:] for row in ask(con, _leads(series))}
    starts = {Thing(*row[:3]): row[3:] for row in ask(con, _starts(series))}
    found = []
    for thing in sorted(leads.keys() | starts.keys()):
        number, first, lasting, still_on, from_start = leads.get(thing, (0, None, None, 0, 0))
        began = Starts(*starts.get(thing, (0, 0, 0, 0, 0, 0)))
        found.append(
            Tally(
                thing=thing,
                losses=losses.looked_at,
                found=number,
                sensitivity=share_of(number, losses.looked_at),
                lead=Lead(_quartiles(first), _quartiles(lasting), still_on, from_start),
                starts=began,
                wrong_per_year=rate_of(began.wrong, years),
                precision=share_of(began.before_loss, began.before_loss + began.wrong),
            )
        )
    return tuple(found)


def _quartiles(found: list[float] | None) -> tuple[float, float, float] | None:
    return None if found is None or found[1] is None else (found[0], found[1], found[2])


def _leads(series: Series) -> str:
    """Return the query of the losses that each thing came before: how many, and quartiles of the lead."""
    each = (
        "SELECT o.what, o.id, o.state, w.patient, w.day, "
        "w.day - min(o.a) AS first, min(o.a) = w.seen_first AS already, "
        "w.day - min(o.a) FILTER (o.b = w.seen_last) AS lasting "
        f"FROM windows w JOIN ({_overlaps(series, 'windows', None)}) o ON o.patient = w.patient AND o.day = w.day "
        "GROUP BY o.what, o.id, o.state, w.patient, w.day, w.seen_first, w.seen_last"
    )
    return (
        f"SELECT what, id, state, count(*), quantile_cont(first, {_QUARTILES}), "
        f"quantile_cont(lasting, {_QUARTILES}), count(lasting), count(*) FILTER (already) FROM ({each}) GROUP BY ALL"
    )


def _starts(series: Series) -> str:
    """Return the query of what became of each start in view; a stretch on at the first date began who knows when."""
    ahead = f"s.day + {series.horizon}"
    each = (
        "SELECT s.*, c.day AS loss_now, l.day AS next_loss, n.day AS next_infusion, CASE "
        "WHEN loss_now < s.day THEN 'late' "
        f"WHEN next_loss <= {ahead} AND (next_infusion IS NULL OR next_loss <= next_infusion) THEN 'before_loss' "
        f"WHEN next_infusion <= {ahead} THEN 'treated' "
        f"WHEN s.last < {ahead} THEN 'unresolved' ELSE 'wrong' END AS outcome "
        "FROM (SELECT r.what, r.id, r.state, r.patient, r.first AS day, v.last, i.day AS cycle "
        f"FROM {RUNS} r JOIN views v ON v.patient = r.patient AND r.first BETWEEN v.start AND v.last "
        "ASOF JOIN infusions i ON i.patient = r.patient AND i.day <= r.first "
        f"WHERE r.what <> '{LOOKED}' AND r.first > {series.first}) s "
        "LEFT JOIN losses c ON c.patient = s.patient AND c.cycle = s.cycle "
        "ASOF LEFT JOIN losses l ON l.patient = s.patient AND l.day >= s.day "
        "ASOF LEFT JOIN infusions n ON n.patient = s.patient AND n.day > s.day"
    )
    outcomes = ("before_loss", "treated", "late", "unresolved", "wrong")
    counts = ", ".join(f"count(*) FILTER (outcome = '{one}')" for one in outcomes)
    return f"SELECT what, id, state, count(*), {counts} FROM ({each}) GROUP BY ALL"

"""From results on many dates to stretches: what was on, from which date to which. Everything is counted from them.

The results of one date at a time are looked at, and only what is on is kept, so a long series takes little room.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb

from boosterwatch.engine.cohort.backtest.model import ANY, POSITIVE, Series
from boosterwatch.engine.cohort.impact.model import POSITIVE as POSITIVE_STATES
from boosterwatch.engine.cohort.impact.results import Evaluate, Results, open_results, quoted, text
from boosterwatch.engine.cohort.names import sign_column
from boosterwatch.engine.cohort.results import DECIDED
from boosterwatch.engine.loaded import LoadedPack

RUNS = "runs"
LOOKED = "decided"
_VIEW = "dated"
_KEY = "patient, what, id, state"
_EMPTY = "(patient VARCHAR, what VARCHAR, id VARCHAR, state VARCHAR, first INTEGER, last INTEGER)"


def keep_runs(
    con: duckdb.DuckDBPyConnection,
    pack: LoadedPack,
    series: Series,
    evaluate: Evaluate,
    *,
    rules: bool = True,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[str, ...]:
    """Evaluate the cohort on every date and leave the table `runs` on the connection; return the signs.

    A row says that something was on for a patient at every date from `first` to `last` (ordinals) and at neither
    neighbour. `decided` is on where there is a decision at all.
    """
    con.execute(f"CREATE OR REPLACE TEMP TABLE {RUNS} {_EMPTY}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE going {_EMPTY}")
    signs: tuple[str, ...] = ()
    for day in series.days:
        tell(f"{pack.id}@{pack.version} on {date.fromordinal(day)}")
        results = open_results(con, evaluate(pack, day, _VIEW), _VIEW)
        signs = results.signs
        _step(con, results, day, rules)
    con.execute(f"INSERT INTO {RUNS} SELECT * FROM going")
    return signs


def _step(con: duckdb.DuckDBPyConnection, results: Results, day: int, rules: bool) -> None:
    """Put what is no longer on among the stretches, and let the rest go on."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE present AS {things(results, rules=rules)}")
    con.execute(f"INSERT INTO {RUNS} SELECT * FROM going ANTI JOIN present USING ({_KEY})")
    con.execute(
        "CREATE OR REPLACE TEMP TABLE going AS SELECT "
        f"{_KEY}, coalesce(going.first, {day})::INTEGER AS first, {day}::INTEGER AS last "
        f"FROM present LEFT JOIN going USING ({_KEY})"
    )


def things(results: Results, *, rules: bool) -> str:
    """Return the query of what is on in these results: patient, what, id, state."""
    source = f"{quoted(results.view)} WHERE status = '{DECIDED}'"
    positive = ", ".join(map(text, POSITIVE_STATES))
    parts = [
        f"SELECT patient, '{LOOKED}' AS what, '' AS id, '' AS state FROM {source}",
        f"SELECT patient, 'prompt', '{ANY}', '' FROM {source} AND urgency IS NOT NULL",
        f"SELECT patient, 'recommendation', recommendation, coalesce(urgency, '') FROM {source}",
    ]
    for sign in results.signs:
        state = quoted(sign_column(sign))
        parts.append(f"SELECT patient, 'sign', {text(sign)}, '{POSITIVE}' FROM {source} AND {state} IN ({positive})")
        for name in POSITIVE_STATES[1:]:
            parts.append(f"SELECT patient, 'sign', {text(sign)}, '{name}' FROM {source} AND {state} = '{name}'")
    if rules:
        parts.append(f"SELECT patient, 'rule', unnest(fired), '' FROM {source}")
    return " UNION ALL ".join(parts)

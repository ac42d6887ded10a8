"""The whole of a backtest: a pack over a series of dates beside what happened; and that at each value of a number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import duckdb

from boosterwatch.engine.cohort.backtest.count import keep_past, tallies, years_in_view
from boosterwatch.engine.cohort.backtest.model import Backtest, Calibration, Series, Setting
from boosterwatch.engine.cohort.backtest.past import Past
from boosterwatch.engine.cohort.backtest.runs import LOOKED, RUNS, keep_runs
from boosterwatch.engine.cohort.impact.grid import allowed_values, swept, with_value
from boosterwatch.engine.cohort.impact.results import Evaluate, ImpactError, number
from boosterwatch.engine.cohort.impact.sweep import CURRENT
from boosterwatch.engine.decide.decision import pack_name
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.layers import values_in_force

Progress = Callable[[str], None]


def backtest(
    evaluate: Evaluate,
    past: Past,
    pack: LoadedPack,
    series: Series,
    *,
    rules: bool = True,
    con: duckdb.DuckDBPyConnection | None = None,
    tell: Progress = lambda _: None,
) -> Backtest:
    """Return how a pack would have done on these dates. The same cohort and series give the same answer.

    Raises ImpactError (BW659) when nobody was in view at any of the dates, and whatever evaluating raises.
    """
    con = duckdb.connect() if con is None else con
    keep_runs(con, pack, series, evaluate, rules=rules, tell=tell)
    losses = keep_past(con, past, series)
    in_view, years = years_in_view(con, series)
    if not in_view:
        message = "nobody was in view at any of the dates"
        hint = "a patient is in view from the first infusion to the last fact: choose earlier or later dates"
        raise ImpactError([Diagnostic("BW659", message, None, hint)])
    patients = number(con, f"SELECT count(DISTINCT patient) FROM {RUNS} WHERE what = '{LOOKED}'")
    named = {**pack_name(pack.ir), "title": pack.ir.title, "status": pack.ir.status}
    return Backtest(named, series, patients, in_view, years, losses, tallies(con, series, losses, years))


def calibrate(
    evaluate: Evaluate,
    past: Past,
    pack: LoadedPack,
    series: Series,
    name: str,
    *,
    steps: int | None = None,
    con: duckdb.DuckDBPyConnection | None = None,
    tell: Progress = lambda _: None,
) -> Calibration:
    """Return backtests at each allowed value of a parameter. Raises ImpactError (BW649) when it cannot be swept."""
    parameter = swept(pack.ir, name)
    now = values_in_force(pack.ir, series.last)[name].value
    settings = []
    for value in sorted({*allowed_values(parameter, steps), now}):
        tell(f"{name} = {value:g}")
        laid, refused = with_value(pack.ir, parameter, value)
        found = backtest(evaluate, past, replace(pack, ir=laid), series, rules=False, con=con, tell=tell)
        settings.append(Setting(value, (CURRENT,) if value == now else (), refused, found.tallies))
    return Calibration(name, parameter.says, parameter.unit, tuple(settings))

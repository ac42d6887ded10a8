"""Alerts: how many prompts each clinician would get in a week under both policies, beside a budget.

An alert is a prompt with an urgency that was not the patient's a week before: one that stays up is not told again.
Without hurry there is no alert: the next visit comes anyway. `docs/impact.md` states the formulas.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import duckdb

from boosterwatch.engine.cohort.impact.groups import NONE
from boosterwatch.engine.cohort.impact.model import Alerts, BudgetFrom, Load
from boosterwatch.engine.cohort.impact.results import ImpactError, Results, ask, number, quoted, text
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.budget import budget_of

WEEK = 7


def choose_budget(asked: float | None, pack: ir.Pack) -> tuple[float | None, BudgetFrom | None]:
    """Return the budget and where it is from: what is asked goes before what the pack states; without both, None."""
    if asked is not None:
        return asked, "option"
    stated = budget_of(pack)
    return stated, None if stated is None else "pack"


def count_alerts(
    con: duckdb.DuckDBPyConnection,
    old: Sequence[Results],
    new: Sequence[Results],
    *,
    by: str | None,
    clinicians: int | None,
    budget: float | None,
    budget_from: BudgetFrom | None = None,
) -> Alerts:
    """Return the alerts of both policies over the same weeks; each side's results are a week apart, oldest first.

    `by` names a column of the table `groups` whose values are the clinicians, and who has none there is nobody's; else
    there are `clinicians` who share all patients evenly, by default one. Raises ImpactError (BW656) with fewer than two
    weeks of results.
    """
    if len(old) < 2 or len(old) != len(new):
        hint = "an alert is new since the week before, so give one week or more"
        raise ImpactError([Diagnostic("BW656", "there is no week to count alerts in", None, hint)])
    many = clinicians or 1
    if by is not None:
        named = f'"column" = {text(by)} AND value <> {text(NONE)}'
        many = number(con, f"SELECT count(DISTINCT value) FROM groups WHERE {named}")
    loads = [_load(con, side, by, many, budget) for side in (old, new)]
    return Alerts(len(old) - 1, many, by, budget, loads[0], loads[1], budget_from)


def _load(
    con: duckdb.DuckDBPyConnection, weeks: Sequence[Results], by: str | None, clinicians: int, budget: float | None
) -> Load:
    con.execute(f"CREATE OR REPLACE TEMP TABLE alerts AS {_alerts(weeks, by)}")
    # whoever has two clinicians is there twice
    once = "SELECT DISTINCT week, patient, recommendation, urgency FROM alerts"
    kinds = ask(con, f"SELECT recommendation, urgency, count(*) FROM ({once}) GROUP BY ALL ORDER BY 3 DESC, 1, 2")
    total = sum(many for *_, many in kinds)
    standing = number(con, f"SELECT count(*) FROM {quoted(weeks[-1].view)} WHERE urgency IS NOT NULL")
    span = len(weeks) - 1
    limit = None if budget is None else budget * span
    share = _evenly(con, clinicians, limit) if by is None else _each(con, limit)
    mean = share.alerts / span / max(clinicians, 1)
    return Load(total, standing, mean, share.most, share.busiest, share.over, tuple(kinds))


class _Share(NamedTuple):
    """What clinicians get: the alerts of all of them, the most of one in a week and whose, and how many are over."""

    alerts: int
    most: int
    busiest: str | None
    over: int


def _evenly(con: duckdb.DuckDBPyConnection, clinicians: int, limit: float | None) -> _Share:
    """Return the shares of clinicians of whom nobody has more than the others."""
    alerts = number(con, "SELECT count(*) FROM alerts")
    most = number(con, "SELECT coalesce(max(many), 0) FROM (SELECT count(*) AS many FROM alerts GROUP BY week)")
    over = clinicians if limit is not None and alerts > limit * clinicians else 0
    return _Share(alerts, -(-most // clinicians), None, over)


def _each(con: duckdb.DuckDBPyConnection, limit: float | None) -> _Share:
    """Return the shares of clinicians with patients of their own."""
    assigned = f"FROM alerts WHERE clinician <> {text(NONE)}"
    weekly = f"SELECT clinician, count(*) {assigned} GROUP BY clinician, week ORDER BY 2 DESC, 1 LIMIT 1"
    busiest, most = (ask(con, weekly) or [(None, 0)])[0]
    beyond = f"SELECT count(*) FROM (SELECT clinician {assigned} GROUP BY clinician HAVING count(*) > ?)"
    over = 0 if limit is None else number(con, beyond, [limit])
    return _Share(number(con, f"SELECT count(*) {assigned}"), most, busiest, over)


def _alerts(weeks: Sequence[Results], by: str | None) -> str:
    """Return the query of the alerts of all weeks: week, patient, recommendation, urgency, clinician."""
    whose = f"coalesce(g.value, '{NONE}')" if by is not None else "''"
    groups = "" if by is None else f'LEFT JOIN groups g ON g.patient = b.patient AND g."column" = {text(by)} '
    parts = [
        f"SELECT {week} AS week, b.patient, b.recommendation, b.urgency, {whose} AS clinician "
        f"FROM {quoted(after.view)} b JOIN {quoted(before.view)} a ON a.patient = b.patient {groups}"
        "WHERE b.urgency IS NOT NULL "
        "AND (b.recommendation IS DISTINCT FROM a.recommendation OR b.urgency IS DISTINCT FROM a.urgency)"
        for week, (before, after) in enumerate(pairwise(weeks))
    ]
    return " UNION ALL ".join(parts)

"""The whole of `impact`: both packs over one cohort, compared, grouped, counted in alerts, shown in examples, swept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from boosterwatch.engine.cohort.impact.alerts import WEEK, choose_budget, count_alerts
from boosterwatch.engine.cohort.impact.choose import alike, choose
from boosterwatch.engine.cohort.impact.compare import compare, signs_of
from boosterwatch.engine.cohort.impact.examples import MOST, Records, tell_examples
from boosterwatch.engine.cohort.impact.grid import swept
from boosterwatch.engine.cohort.impact.groups import group_effects, prepare_groups
from boosterwatch.engine.cohort.impact.model import Alerts, Impact, Sweep
from boosterwatch.engine.cohort.impact.results import Evaluate, Results, open_results
from boosterwatch.engine.cohort.impact.sweep import Progress, sweep
from boosterwatch.engine.decide.decision import pack_name
from boosterwatch.engine.loaded import LoadedPack

SIDES = ("old", "new")
Packs = tuple[LoadedPack, LoadedPack]


@dataclass(frozen=True)
class Clinic:
    """A cohort as `impact` needs it: evaluated whole, some of its records, and its patients with their columns.

    `own` says how many patients have a value of their own of a parameter.
    """

    evaluate: Evaluate
    records: Records
    people: pa.Table
    own: Callable[[str], int] = lambda _: 0


@dataclass(frozen=True)
class Asked:
    """What is asked: the day, the columns to group by (None: those that make sense), and what else to work out.

    `weeks` 0 counts no alerts; `clinician` names a column, `clinicians` is a number where there is none.
    """

    as_of: int
    by: Sequence[str] | None = None
    weeks: int = 1
    clinician: str | None = None
    clinicians: int | None = None
    budget: float | None = None
    sweeps: Sequence[str] = ()
    steps: int | None = None
    examples: int = MOST


def measure_impact(
    clinic: Clinic,
    packs: Packs,
    asked: Asked,
    *,
    con: duckdb.DuckDBPyConnection | None = None,
    tell: Progress = lambda _: None,
) -> Impact:
    """Return what the new pack changes for a cohort on a day. The same cohort and question give the same answer.

    Raises ImpactError for what cannot be asked of this cohort, and whatever evaluating raises. With `con` the tables of
    the comparison stay on that connection: `old`, `new`, and `moved`.
    """
    con = duckdb.connect() if con is None else con
    for name in asked.sweeps:  # before anything takes time
        swept(packs[1].ir, name)
    columns = prepare_groups(con, clinic.people, asked.by, asked.as_of, also=asked.clinician)
    old, new = (_results(con, clinic, pack, asked.as_of, side, tell) for pack, side in zip(packs, SIDES, strict=True))
    compared = compare(con, old, new)
    groups = [one for one in group_effects(con, old, new, signs_of(old, new)) if one.column in columns]
    alerts = _alerts(con, clinic, packs, asked, (old, new), tell) if asked.weeks else None
    chosen, unshown = choose(alike(con, asked.examples), asked.examples)
    return Impact(
        old=_named(packs[0]),
        new=_named(packs[1]),
        as_of=date.fromordinal(asked.as_of).isoformat(),
        compared=compared,
        groups=tuple(sorted(groups, key=lambda one: (columns.index(one.column), one.value))),
        alerts=alerts,
        examples=tell_examples(con, chosen, packs, (old, new), clinic.records, asked.as_of),
        unshown=tuple(sorted(unshown, key=lambda kind: (kind[1].what, kind[1].id, kind[1].state, kind[0]))),
        sweeps=tuple(_sweep(con, clinic, packs, asked, name, old, tell) for name in asked.sweeps),
    )


def _sweep(
    con: duckdb.DuckDBPyConnection,
    clinic: Clinic,
    packs: Packs,
    asked: Asked,
    name: str,
    old: Results,
    tell: Progress,
) -> Sweep:
    own = clinic.own(name)
    return sweep(con, name, packs, old, clinic.evaluate, asked.as_of, steps=asked.steps, own=own, tell=tell)


def _named(pack: LoadedPack) -> dict[str, str]:
    return {**pack_name(pack.ir), "title": pack.ir.title, "status": pack.ir.status}


def _results(
    con: duckdb.DuckDBPyConnection, clinic: Clinic, pack: LoadedPack, as_of: int, view: str, tell: Progress
) -> Results:
    tell(f"{pack.id}@{pack.version} on {date.fromordinal(as_of)}")
    return open_results(con, clinic.evaluate(pack, as_of, view), view)


def _alerts(
    con: duckdb.DuckDBPyConnection,
    clinic: Clinic,
    packs: Packs,
    asked: Asked,
    now: tuple[Results, Results],
    tell: Progress,
) -> Alerts:
    """Return the alerts of the weeks up to the day; results of earlier weeks are worked out for it."""
    sides = []
    for pack, side, last in zip(packs, SIDES, now, strict=True):
        days = [asked.as_of - WEEK * back for back in range(asked.weeks, 0, -1)]
        earlier = [_results(con, clinic, pack, day, f"{side}_{day}", tell) for day in days]
        sides.append([*earlier, last])
    budget, stated = choose_budget(asked.budget, packs[1].ir)
    return count_alerts(con, *sides, by=asked.clinician, clinicians=asked.clinicians, budget=budget, budget_from=stated)

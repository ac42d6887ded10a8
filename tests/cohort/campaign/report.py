"""What a campaign found: told, and kept as JSON in its folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from boosterwatch.tests.cohort.campaign.compare import Compared, compare, exercised
from boosterwatch.tests.cohort.campaign.plan import Plan

FILE = "report.json"
Say = Callable[[str], None]


def report(plan: Plan, engines: Sequence[str], say: Say) -> int:
    """Compare all engines with the reference, tell the difference, and return 1 when there is any."""
    found = [
        compare(plan, cohort, day, engine) for cohort in plan.cohorts() for day in plan.dates for engine in engines
    ]
    for one in found:
        _tell(one, say)
    reached = {}
    for cohort in plan.cohorts():
        try:
            counts, never = exercised(plan, cohort)
        except OSError:
            continue  # the rows are not all there, which is told above
        reached[cohort.name] = {"counts": {name: dict(some) for name, some in counts.items()}, "never": never}
        said = sum(len(some) for some in counts.values())
        say(f"{cohort.name}, {cohort.reference}: {said} words said; never: {', '.join(never) or 'nothing'}")
    page = {"compared": [asdict(one) for one in found], "exercised": reached}
    (plan.folder / FILE).write_text(json.dumps(page, indent=1, default=str), encoding="utf-8")
    wrong = sum(not one.agrees for one in found)
    patients = sum(one.patients for one in found)
    say(f"{len(found)} comparisons of {patients:,} patients in all, {wrong} with differences")
    return int(wrong > 0)


def _tell(one: Compared, say: Say) -> None:
    state = "agrees" if one.agrees else one.fault or "differs"
    say(
        f"{one.cohort} on {one.date}, {one.engine}: {state}; {one.patients:,} patients, {one.refused:,} refused, "
        f"{one.differing:,} differ"
    )
    if one.columns:
        say("  columns: " + ", ".join(f"{name} {count}" for name, count in one.columns.items()))
    for patient, column, wanted, given in one.first:
        say(f"  {patient}: {column} is {wanted!r} by the reference, {given!r} by {one.engine}")

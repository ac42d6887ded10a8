"""A sweep: the cohort at each allowed value of one parameter, so that a choice is seen before it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import duckdb

from boosterwatch.engine.cohort.impact.compare import rank
from boosterwatch.engine.cohort.impact.grid import allowed_values, swept, with_value
from boosterwatch.engine.cohort.impact.model import Answer, Step, Sweep
from boosterwatch.engine.cohort.impact.results import Evaluate, Results, answers, ask, number, open_results, quoted
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.layers import values_in_force

CURRENT, PROPOSED = "current", "proposed"
_VIEW = "swept"

Progress = Callable[[str], None]


def sweep(
    con: duckdb.DuckDBPyConnection,
    name: str,
    packs: tuple[LoadedPack, LoadedPack],
    old: Results,
    evaluate: Evaluate,
    as_of: int,
    *,
    steps: int | None = None,
    own: int = 0,
    tell: Progress = lambda _: None,
) -> Sweep:
    """Return how many patients have each answer of the new pack at each allowed value of a parameter.

    `old` holds the old pack's results: at each value it is told how many patients have another recommendation than
    there. `own` is how many patients have a value of their own, which no site's value changes. Raises ImpactError
    (BW649) for a parameter that cannot be swept.
    """
    parameter = swept(packs[1].ir, name)
    marks = _marks(packs, name, as_of)
    values = sorted({*allowed_values(parameter, steps), *marks})
    found = []
    for value in values:
        tell(f"{name} = {value:g}")
        laid, refused = with_value(packs[1].ir, parameter, value)
        results = open_results(con, evaluate(replace(packs[1], ir=laid), as_of, _VIEW), _VIEW)
        found.append(_step(con, old, results, value, marks.get(value, ()), refused))
    now = {mark: value for value, all in marks.items() for mark in all}
    patients = number(con, f"SELECT count(*) FROM {quoted(old.view)}")
    return Sweep(
        parameter=name,
        says=parameter.says,
        unit=parameter.unit,
        current=now.get(CURRENT),
        proposed=now[PROPOSED],
        patients=patients,
        own=own,
        steps=tuple(found),
        answers=_moving(found, old.signs),
    )


def _marks(packs: tuple[LoadedPack, LoadedPack], name: str, as_of: int) -> dict[float, tuple[str, ...]]:
    """Return whose value a value is: that in force under the old pack (where it has one), and under the new."""
    found: dict[float, tuple[str, ...]] = {}
    for mark, pack in zip((CURRENT, PROPOSED), packs, strict=True):
        chosen = values_in_force(pack.ir, as_of).get(name)
        if chosen is not None:
            found[chosen.value] = (*found.get(chosen.value, ()), mark)
    return found


def _step(
    con: duckdb.DuckDBPyConnection,
    old: Results,
    results: Results,
    value: float,
    marks: tuple[str, ...],
    refused: str | None,
) -> Step:
    query = f"SELECT what, id, state, count(*) FROM ({answers(results, _VIEW, rules=False)}) GROUP BY ALL"
    counts = {Answer(what, id, state): many for what, id, state, many in ask(con, query)}
    prompted = sum(many for one, many in counts.items() if one.what == "recommendation" and one.state)
    changed = number(
        con,
        f"SELECT count(*) FROM {quoted(old.view)} a JOIN {_VIEW} b USING (patient) "
        "WHERE a.recommendation IS DISTINCT FROM b.recommendation OR a.urgency IS DISTINCT FROM b.urgency",
    )
    return Step(value, marks, counts, prompted, changed, refused)


def _moving(steps: list[Step], signs: tuple[str, ...]) -> tuple[Answer, ...]:
    """Return the answers that not all values give to as many patients."""
    all: set[Answer] = set().union(*(step.counts for step in steps))
    moving = [one for one in all if len({step.counts.get(one, 0) for step in steps}) > 1]
    known = tuple(dict.fromkeys((*signs, *sorted(one.id for one in moving if one.what == "sign"))))
    return tuple(sorted(moving, key=lambda one: rank(one, known)))


def count(step: Step, answer: Answer) -> int:
    """Return how many patients have an answer at a value."""
    counts: Mapping[Answer, int] = step.counts
    return counts.get(answer, 0)

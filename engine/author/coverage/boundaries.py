"""Boundary coverage: for every parameter, the cases just below, exactly at and just above it, and without the fact.

Where a case lies is told by what would break it. A case covers a side only when its `expect` would no longer be met
with the parameter shifted by so many of its steps (`engine/author/rehearse/steps.py`), so a case that asserts nothing
about a number covers nothing of it. For a parameter that counts `from` its value on (see `sides.py`; x is what is
compared, v the parameter, s its step):

    below   x is v - s    one step down breaks the case
    at      x is v        one step up breaks it
    above   x is v + s    two steps up break it, and one does not

and for one that counts `to` its value:

    below   x is v - s    two steps down break it, and one does not
    at      x is v        one step down breaks it
    above   x is v + s    one step up breaks it

This is the same for scores, days, counts, shares and limits made of several parameters. A parameter read in both ways
has both rows. `missing.py` says what covers the fourth side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from boosterwatch.engine.author.coverage.missing import Missing
from boosterwatch.engine.author.coverage.sides import Counts, counts_of_rules, counts_of_use
from boosterwatch.engine.author.rehearse import Change, Rehearsal
from boosterwatch.engine.author.rehearse.steps import steps_of
from boosterwatch.engine.pack import ir

SIDES = ("below", "at", "above", "missing")


@dataclass(frozen=True, slots=True)
class Boundary:
    """One parameter and the ids of the cases on each of its sides, in their order.

    `missing` is None where nothing that is compared with it can be unknown.
    """

    parameter: ir.Parameter
    counts: Counts
    step: float
    below: tuple[str, ...]
    at: tuple[str, ...]
    above: tuple[str, ...]
    missing: tuple[str, ...] | None

    def cases(self, side: str) -> tuple[str, ...] | None:
        """Return the cases of a side."""
        found: tuple[str, ...] | None = getattr(self, side)
        return found

    @property
    def holes(self) -> tuple[str, ...]:
        """The sides that no case covers."""
        return tuple(side for side in SIDES if self.cases(side) == ())

    def without(self, case: str) -> Boundary:
        """Return the boundary as it is when one case is gone."""
        kept = {side: _less(self.cases(side), case) for side in SIDES}
        return replace(self, **kept)  # type: ignore[arg-type]


def _less(cases: tuple[str, ...] | None, gone: str) -> tuple[str, ...] | None:
    return None if cases is None else tuple(case for case in cases if case != gone)


def find_boundaries(rehearsal: Rehearsal, only: Sequence[str] | None = None) -> Iterator[Boundary]:
    """Yield the boundaries of every parameter that anything reads, in the pack's order."""
    steps = steps_of(rehearsal.pack)
    missing = Missing(rehearsal)
    for parameter in rehearsal.pack.parameters:
        counts = counts_of(rehearsal, parameter.name)
        if counts and (only is None or parameter.name in only):
            step = steps[parameter.name]
            broken = broken_by_steps(rehearsal, parameter.name, step)
            without = missing.cases(parameter.name)
            for one in counts:
                below, at, above = sides(one, broken)
                yield Boundary(parameter, one, step, below, at, above, without)


def counts_of(rehearsal: Rehearsal, parameter: str) -> list[Counts]:
    """Return how a parameter is counted wherever it is read, each way once; empty when nothing reads it."""
    found = list(counts_of_rules(rehearsal.pack, parameter))
    for use in rehearsal.reads.uses.get(parameter, ()):
        found += counts_of_use(rehearsal.pack, parameter, use)
    return list(dict.fromkeys(found))


def broken_by_steps(rehearsal: Rehearsal, parameter: str, step: float) -> dict[int, tuple[str, ...]]:
    """Return the cases that break when the parameter is shifted by one and by two steps, down and up."""
    return {
        times: tuple(kept.case.id for kept in rehearsal.broken_by(Change(parameters={parameter: times * step})))
        for times in (-2, -1, 1, 2)
    }


def sides(
    counts: Counts, broken: Mapping[int, tuple[str, ...]]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the cases below, at and above."""
    if counts == "from":
        return broken[-1], broken[1], _beyond(broken[2], broken[1])
    return _beyond(broken[-2], broken[-1]), broken[-1], broken[1]


def _beyond(two: tuple[str, ...], one: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(case for case in two if case not in one)

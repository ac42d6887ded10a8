"""The whole of coverage: what was seen, the boundaries, the holes with their places, and a case to close each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial

from boosterwatch.engine.author.cases import Case
from boosterwatch.engine.author.coverage.boundaries import Boundary, counts_of, find_boundaries
from boosterwatch.engine.author.coverage.closing import closing_case
from boosterwatch.engine.author.coverage.missing import Missing
from boosterwatch.engine.author.coverage.ready import Ready, case_of_rule
from boosterwatch.engine.author.coverage.seen import RuleSeen, find_seen
from boosterwatch.engine.author.lint.waivers import Waiver, waived
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.diagnostics import Span

COVERAGE_CODES: dict[str, str] = {
    "BW421": "no case lies on one side of a number",
    "BW422": "no case makes a rule true, or a row win",
    "BW423": "a case does not pass, so nothing is learnt from it",
}
Advance = Callable[[], None]
Close = Callable[[], Case | None]


@dataclass(frozen=True, slots=True)
class Hole:
    """Something that no case exercises. `at` is its name in a waiver; `case` would close it."""

    code: str
    at: str
    says: str
    span: Span
    case: Case | None = None
    waiver: Waiver | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases of a pack exercise. `clauses` are counted only: not every clause needs every truth."""

    rules: tuple[RuleSeen, ...]
    boundaries: tuple[Boundary, ...]
    holes: tuple[Hole, ...]

    @property
    def open_holes(self) -> tuple[Hole, ...]:
        """The holes without a waiver."""
        return tuple(hole for hole in self.holes if hole.waiver is None)


def boundaries_to_find(rehearsal: Rehearsal) -> int:
    """Return how many parameters are looked at: those that anything reads."""
    return sum(bool(counts_of(rehearsal, one.name)) for one in rehearsal.pack.parameters)


def find_coverage(
    rehearsal: Rehearsal,
    waivers: Sequence[Waiver],
    today: date,
    advance: Advance = lambda: None,
    *,
    offer: bool = True,
) -> Coverage:
    """Return what the cases exercise.

    With `offer`, each hole that no waiver accepts comes with a case that closes it, verified, where one was found.
    """
    rules = tuple(find_seen(rehearsal))
    boundaries: list[Boundary] = []
    for boundary in find_boundaries(rehearsal):
        boundaries.append(boundary)
        advance()
    closer = _Closer(rehearsal)
    holes = []
    for hole, close in (*_of_rules(rules, closer), *_of_boundaries(boundaries, closer)):
        waiver = waived(waivers, hole.code, hole.at, today)
        case = close() if offer and waiver is None else None
        holes.append(replace(hole, waiver=waiver, case=case))
    return Coverage(rules, tuple(boundaries), tuple(holes))


class _Closer:
    """Looks for cases that close holes; what that needs is worked out with the first of them."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._ready = Ready(rehearsal)

    @cached_property
    def _missing(self) -> Missing:
        return Missing(self._rehearsal)

    def of_rule(self, rule: str) -> Case | None:
        """Return a case that makes a rule true; None when none was found."""
        like = next((kept.case for kept in self._rehearsal.kept), None)
        return None if like is None else case_of_rule(self._rehearsal, self._ready, rule, like)

    def of_side(self, boundary: Boundary, side: str) -> Case | None:
        """Return a case on one side of a boundary; None when none was found."""
        return closing_case(self._rehearsal, boundary, side, self._missing, self._ready)


def _of_rules(rules: Sequence[RuleSeen], closer: _Closer) -> Iterator[tuple[Hole, Close]]:
    for one in rules:
        id = one.rule.id
        if one.true and (one.won or one.rule.kind != "recommendation"):
            continue
        says = f"the row `{id}` wins in no case" if one.true else f"no case makes `{id}` true"
        yield Hole("BW422", id, says, one.rule.span), partial(closer.of_rule, id)


def _of_boundaries(boundaries: Sequence[Boundary], closer: _Closer) -> Iterator[tuple[Hole, Close]]:
    for boundary in boundaries:
        for side in boundary.holes:
            name = boundary.parameter.name
            hole = Hole("BW421", f"{name} {side}", _says(boundary, side), boundary.parameter.span)
            yield hole, partial(closer.of_side, boundary, side)


def _says(boundary: Boundary, side: str) -> str:
    name, step = boundary.parameter.name, f"{boundary.step:g}"
    where = {
        "below": f"{step} below `{name}`",
        "at": f"exactly at `{name}`",
        "above": f"{step} above `{name}`",
        "missing": f"compared with `{name}` while the fact is missing",
    }[side]
    return f"no case asserts anything that lies {where}" if side != "missing" else f"no case asserts what is {where}"

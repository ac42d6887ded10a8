"""The whole of coverage: what was seen, the boundaries, the holes with their places, and a case to close each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

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
    rehearsal: Rehearsal, waivers: Sequence[Waiver], today: date, advance: Advance = lambda: None
) -> Coverage:
    """Return what the cases exercise, with a verified case for each hole of a boundary where one was found."""
    rules = tuple(find_seen(rehearsal))
    boundaries: list[Boundary] = []
    for boundary in find_boundaries(rehearsal):
        boundaries.append(boundary)
        advance()
    ready = Ready(rehearsal)
    holes = [*_of_rules(rehearsal, rules, ready), *_of_boundaries(rehearsal, boundaries, ready)]
    return Coverage(rules, tuple(boundaries), tuple(_excused(hole, waivers, today) for hole in holes))


def _excused(hole: Hole, waivers: Sequence[Waiver], today: date) -> Hole:
    waiver = waived(waivers, hole.code, hole.at, today)
    return hole if waiver is None else Hole(hole.code, hole.at, hole.says, hole.span, None, waiver)


def _of_rules(rehearsal: Rehearsal, rules: Sequence[RuleSeen], ready: Ready) -> Iterator[Hole]:
    like = next((kept.case for kept in rehearsal.kept), None)
    for one in rules:
        id = one.rule.id
        if one.true and (one.won or one.rule.kind != "recommendation"):
            continue
        says = f"the row `{id}` wins in no case" if one.true else f"no case makes `{id}` true"
        case = None if like is None else case_of_rule(rehearsal, ready, id, like)
        yield Hole("BW422", id, says, one.rule.span, case)


def _of_boundaries(rehearsal: Rehearsal, boundaries: Sequence[Boundary], ready: Ready) -> Iterator[Hole]:
    missing: Missing | None = None
    for boundary in boundaries:
        for side in boundary.holes:
            missing = missing or Missing(rehearsal)
            case = closing_case(rehearsal, boundary, side, missing, ready)
            name = boundary.parameter.name
            yield Hole("BW421", f"{name} {side}", _says(boundary, side), boundary.parameter.span, case)


def _says(boundary: Boundary, side: str) -> str:
    name, step = boundary.parameter.name, f"{boundary.step:g}"
    where = {
        "below": f"{step} below `{name}`",
        "at": f"exactly at `{name}`",
        "above": f"{step} above `{name}`",
        "missing": f"compared with `{name}` while the fact is missing",
    }[side]
    return f"no case asserts anything that lies {where}" if side != "missing" else f"no case asserts what is {where}"

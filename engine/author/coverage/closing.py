"""A case that would close a hole of a boundary: the record of a neighbour with one thing changed.

The neighbours are tried in the order of the cases. One score or date is moved by a step or two, or what the parameter
is compared with is taken out; the changed record is evaluated, and again with the parameter shifted as the side asks.
What differs is what the case can assert, so a case is offered only when it covers the side. Its `expect` is what the
engine says now: whoever pastes it decides whether the policy says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, islice
from typing import Any

from boosterwatch.engine.author.cases import Case
from boosterwatch.engine.author.coverage.boundaries import Boundary
from boosterwatch.engine.author.coverage.missing import Missing
from boosterwatch.engine.author.coverage.ready import Ready
from boosterwatch.engine.author.coverage.sides import Counts
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.author.rehearse.rehearsal import Kept
from boosterwatch.engine.decide.plan import RECOMMENDATION
from boosterwatch.engine.diagnostics import DiagnosticError

MOST_TRIED = 400
_SHIFTS = (1, -1, 2, -2)
Record = Mapping[str, Any]


def closing_case(rehearsal: Rehearsal, boundary: Boundary, side: str, missing: Missing, ready: Ready) -> Case | None:
    """Return a case that covers a side of a boundary, run and found to do so; None when none was found.

    Neighbours come first, then the made-up patients of the rules concerned.
    """
    id = f"{boundary.parameter.name.replace('.', '_')}_{side}"
    several = near(rehearsal, boundary)
    beside = (record for case in several for record in (case.record, *edits(case.record, boundary.step, side)))
    made_up = (
        record
        for patient in ready.near(boundary, side)
        for record in (patient, *(edits(patient, boundary.step, side) if side == "missing" else ()))
    )
    for record in chain(islice(beside, MOST_TRIED), islice(made_up, MOST_TRIED)):
        found = _asserting(rehearsal, replace(several[0], id=id, record=record), boundary, side, missing)
        if found is not None:
            return found
    return None


def near(rehearsal: Rehearsal, boundary: Boundary) -> list[Case]:
    """Return the cases to start from: those on another side of the boundary, then all others."""
    known = {id for side in ("at", "below", "above") for id in boundary.cases(side) or ()}
    several = [kept.case for kept in rehearsal.kept]
    return [case for case in several if case.id in known] + [case for case in several if case.id not in known]


def edits(record: Record, step: float, side: str) -> Iterator[Record]:
    """Yield the record with one thing changed: a part left out for `missing`, else a score, a fact or a date moved."""
    for key in ("assessments", "safety", "infusions", "booked"):
        entries = record.get(key, ())
        for at in range(len(entries)):
            if side == "missing":
                yield {**record, key: [entry for n, entry in enumerate(entries) if n != at]}
            else:
                for entry in _moved(entries[at], step):
                    yield {**record, key: [entry if n == at else one for n, one in enumerate(entries)]}
    if side != "missing":
        for days in _SHIFTS:
            yield {**record, "as_of": _later(str(record["as_of"]), days)}
    else:
        for key in ("assessments", "safety", "infusions", "induction", "booked", "birth_date", "prior_cycles"):
            yield {name: value for name, value in record.items() if name != key}


def _moved(entry: Any, step: float) -> Iterator[Any]:
    if not isinstance(entry, Mapping):
        yield from (_later(str(entry), days) for days in _SHIFTS)
        return
    for key, value in entry.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield from ({**entry, key: round(value + times * step, 6)} for times in _SHIFTS)
        elif key == "date":
            yield from ({**entry, key: _later(str(value), days)} for days in _SHIFTS)


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def _asserting(rehearsal: Rehearsal, case: Case, boundary: Boundary, side: str, missing: Missing) -> Case | None:
    """Return the case with what it can assert, when that covers the side."""
    try:
        kept = rehearsal.keep(case)
        moved = _moved_by(rehearsal, case, boundary)
    except DiagnosticError:
        return None
    for expect in _asserts(rehearsal, kept):
        offered = replace(kept, case=replace(case, expect=expect))
        broken = {times: not rehearsal.passes(replace(run, case=offered.case)) for times, run in moved.items()}
        if side == "missing" and missing.covers(offered, boundary.parameter.name):
            return offered.case
        if side != "missing" and _lies(boundary.counts, broken) == side:
            return offered.case
    return None


def _moved_by(rehearsal: Rehearsal, case: Case, boundary: Boundary) -> dict[int, Kept]:
    """Return how the case comes out with the parameter shifted by so many steps."""
    name, step = boundary.parameter.name, boundary.step
    return {times: rehearsal.keep(case, {name: times * step}) for times in _SHIFTS}


def _lies(counts: Counts, broken: Mapping[int, bool]) -> str | None:
    """Return on which side of the boundary a case lies that these shifts break."""
    near_side, far_side = (-1, 1) if counts == "from" else (1, -1)
    sides = ("below", "at", "above") if counts == "from" else ("above", "at", "below")
    if broken[near_side]:
        return sides[0]
    if broken[far_side]:
        return sides[1]
    return sides[2] if broken[2 * far_side] else None


def _asserts(rehearsal: Rehearsal, kept: Kept) -> Iterator[dict[str, Any]]:
    """Yield what the case could assert: everything that a decision names, as the engine has it now."""
    outcome, measures, pack = kept.run.outcome, kept.run.measures, rehearsal.pack
    for sign in pack.signs:
        yield {"signs": {sign.id: outcome.states[sign.id]}}
    yield {"recommendation": outcome.states[RECOMMENDATION]}
    drawn = {(rule.kind, rule.subject) for rule, truth in zip(pack.rules, outcome.truths, strict=True) if truth}
    for kind in ("hold", "caution"):
        yield {f"{kind}s": sorted(one.id for one in pack.notices if one.kind == kind and (kind, one.id) in drawn)}
    for flag in (notice.id for notice in pack.notices if notice.kind == "flag"):
        yield {"flags_include" if ("flag", flag) in drawn else "flags_exclude": [flag]}
    for measure in pack.measures:
        if measure.reported and measure.dimension != "date":
            yield {"measures": {measure.name: measures.values.get(measure.name)}}
    for rule, truth in zip(pack.rules, outcome.truths, strict=True):
        yield {"fired" if truth else "not_fired": [rule.id]}

"""The face of the measures: a pack planned, a record opened, and its measures derived at a date.

Flow: read -> check -> **derive measures** -> chain. Everything is deterministic and independent of the order of facts.
`parameters` maps every parameter name to its value in force; one history is always derived with the ones it was
opened with. Earlier dates are looked at as they were: a fact dated later changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from boosterwatch.engine.measures.course import find_inductions
from boosterwatch.engine.measures.history import Cycle, Cycles, History, Moment
from boosterwatch.engine.measures.look import NO_FORMS, Look, look_at, same_evidence
from boosterwatch.engine.measures.plan import Derived, Plan, ScaleStep, Slice, plan_measures, slice_of
from boosterwatch.engine.measures.undefined import NONE, Parameters
from boosterwatch.engine.measures.where import Test
from boosterwatch.engine.model import Measures, Record, Scalar, Undefined, Value
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.checks import Keep, check_facts, check_forms

Seen = TypeVar("Seen")
MOST_BLANKS = 200

__all__ = [
    "Cycle",
    "Cycles",
    "History",
    "Plan",
    "derive_measures",
    "open_history",
    "plan_measures",
]


def open_history(plan: Plan, record: Record, parameters: Parameters) -> History:
    """Return the record with its checks done, ready to be looked at on any date up to its `as_of`."""
    infusions = _infusions(record)
    inductions = find_inductions(infusions, record.induction, plan.pack.course, parameters)
    checked = check_forms(plan.readers, record.assessments, frozenset(infusions))
    facts, unused = check_facts(_keeps(plan, parameters), record.facts)
    history = History(record, parameters, infusions, inductions, checked.scored, facts)
    history.rejected = (*checked.rejected, *unused)
    history.rejected_since = checked.since
    return history


def _infusions(record: Record) -> list[int]:
    """Return the infusion days in order, once each; the dates of a marked induction are infusions."""
    days = {*record.infusions, *(record.induction or ())}
    return sorted(day for day in days if day <= record.as_of)


def _keeps(plan: Plan, parameters: Parameters) -> dict[str, list[Keep]]:
    def keep(test: Test, check: ir.FactCheck) -> Keep:
        return Keep(lambda fact: test(fact.fields, parameters) is True, check.code, check.says)

    return {type: [keep(test, check) for test, check in checks] for type, checks in plan.checks.items()}


def derive_measures(
    plan: Plan,
    history: History,
    parameters: Parameters,
    at: int,
    *,
    names: frozenset[str] | None = None,
    before_infusion: bool = False,
    cycles: Cycles | None = None,
) -> Measures:
    """Return the measures of the history at a date; with `names`, those and what they depend on.

    `before_infusion` looks at the date before its infusions: these are not yet given, and the forms after them not
    yet there.
    """
    part = slice_of(plan, names)
    moment = Moment(history, parameters, at, before_infusion=before_infusion)
    moment.cycles = cycles
    blank = _start(plan, part, moment)
    values, reasons = moment.values, moment.reasons = blank[0].copy(), blank[1].copy()
    for scale_step in part.scales:
        track = history.track(scale_step.scale, plan.baseline_days)
        if track is not None:
            look = look_at(track, moment)
            if names is None:
                _run(scale_step.still, look, values, reasons)
            else:
                _run_still(scale_step, look, part, values, reasons)
            _run(scale_step.timed, look, values, reasons)
    for fact_step in part.facts:
        if fact_step.type in history.facts:
            _run(fact_step.measures, moment, values, reasons)
    _run(part.others, moment, values, reasons)
    return Measures(values, reasons)


def _run(
    kinds: Iterable[tuple[str, Callable[[Seen], Value]]],
    seen: Seen,
    values: dict[str, Scalar],
    reasons: dict[str, str],
) -> None:
    for name, kind in kinds:
        value = kind(seen)
        if isinstance(value, Undefined):
            reasons[name] = value.reason
        else:
            values[name] = value


def _run_still(step: ScaleStep, look: Look, part: Slice, values: dict[str, Scalar], reasons: dict[str, str]) -> None:
    """Run the kinds that do not change as days pass, or take them from the last date looked at if nothing did."""
    kept = look.moment.history.kept
    key = (part.names, step.scale.id)
    known = kept.get(key)
    if known is None or not same_evidence(look, known[0]):
        known = kept[key] = (look, {}, {})
        _run(step.still, look, known[1], known[2])
    values.update(known[1])
    reasons.update(known[2])


# ---------------------------------------------------------------- what the record says nothing about


def _start(plan: Plan, part: Slice, moment: Moment) -> Derived:
    """Return the measures of the scales and types of facts that the record does not have.

    They are the same for every patient who has the same ones, with or without a course; so the plan keeps them.
    """
    key = (part.names, moment.course is not None, *moment.history.present)
    known = plan.blanks.get(key)
    if known is None:
        if len(plan.blanks) >= MOST_BLANKS:
            plan.blanks.clear()
        known = plan.blanks[key] = _blank(part, moment)
    return known


def _blank(part: Slice, moment: Moment) -> Derived:
    values: dict[str, Scalar] = {}
    reasons: dict[str, str] = {}
    look = look_at(NO_FORMS, moment)
    instruments, types = moment.history.present
    for step in part.scales:
        if step.scale.instrument not in instruments:
            _run((*step.still, *step.timed), look, values, reasons)
    for fact_step in part.facts:
        if fact_step.type not in types:
            reasons |= {name: NONE.reason for name, _ in fact_step.measures}
    return values, reasons

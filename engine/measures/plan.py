"""A pack's measures made ready: each kind resolved to a function, in the order of their dependencies.

Made once per pack. Measures of a scale read only that scale and come first; the others may read measures. A slice is
the part of the plan that some names need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.measures import score
from boosterwatch.engine.measures.dates import DATE_KINDS
from boosterwatch.engine.measures.events import Events, plan_events
from boosterwatch.engine.measures.facts import FACT_KINDS
from boosterwatch.engine.measures.interval import INTERVAL_KINDS
from boosterwatch.engine.measures.roles import ROLE_KINDS
from boosterwatch.engine.measures.score import SCORE_KINDS
from boosterwatch.engine.measures.setup import Kind, Maker, Setup
from boosterwatch.engine.measures.trend import TREND_KINDS
from boosterwatch.engine.measures.where import Test, compile_where
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.checks import prepare_readers
from boosterwatch.engine.record.scoring import Reader


def _alone(make: Callable[[ir.Measure], Kind]) -> Maker:
    """Return a maker that looks nothing up in the pack."""
    return lambda measure, _setup: make(measure)


SCALE_KINDS: Mapping[str, Callable[[score.Args], score.Kind]] = {**SCORE_KINDS, **TREND_KINDS}
OTHER_KINDS: Mapping[str, Maker] = {
    **DATE_KINDS,
    **ROLE_KINDS,
    **INTERVAL_KINDS,
    **{kind: _alone(make) for kind, make in FACT_KINDS.items()},
}
TIMED = frozenset({"age", "latest_within", "assessable", "reason", "newest_invalid"})
KINDS = frozenset(SCALE_KINDS) | frozenset(OTHER_KINDS)


class ScaleStep(NamedTuple):
    """One scale and the measures taken of it; the `timed` ones change as days pass without a new form."""

    scale: ir.Scale
    still: tuple[tuple[str, score.Kind], ...]
    timed: tuple[tuple[str, score.Kind], ...]


class FactStep(NamedTuple):
    """The measures that read one type of safety fact; without such a fact all have the reason `none`."""

    type: str
    measures: tuple[tuple[str, Kind], ...]


class Slice(NamedTuple):
    """Measures to derive: by scale, by type of fact, then the others in order. `names` were asked for, None for all."""

    names: frozenset[str] | None
    scales: tuple[ScaleStep, ...]
    facts: tuple[FactStep, ...]
    others: tuple[tuple[str, Kind], ...]


Derived = tuple[dict[str, Scalar], dict[str, str]]


class Plan:
    """A pack ready to be measured; immutable but for what it keeps once asked for."""

    __slots__ = (
        "baseline_days",
        "blanks",
        "checks",
        "events",
        "lookback",
        "pack",
        "readers",
        "setup",
        "slices",
        "whole",
    )

    def __init__(self, pack: ir.Pack) -> None:
        instruments = {instrument.id: instrument for instrument in pack.instruments}
        scales = {scale.id: scale for scale in pack.scales}
        roles = {role.id: role for role in pack.roles}
        self.pack = pack
        self.baseline_days = pack.course.baseline_days
        self.readers: Mapping[str, Reader] = prepare_readers(instruments, pack.scales)
        self.events: Events = plan_events(pack)
        self.setup = Setup(scales, roles, self.events, pack.schedule, pack.course.baseline_days)
        self.checks: Mapping[str, Sequence[tuple[Test, ir.FactCheck]]] = _plan_checks(pack)
        self.lookback = frozenset(pack.lookback.measures) if pack.lookback else frozenset()
        self.slices: dict[frozenset[str], Slice] = {}
        self.blanks: dict[tuple[frozenset[str] | None, bool, frozenset[str], frozenset[str]], Derived] = {}
        self.whole = make_slice(self, pack.measures, None)


def plan_measures(pack: ir.Pack) -> Plan:
    """Return the pack ready to be measured."""
    return Plan(pack)


def _plan_checks(pack: ir.Pack) -> dict[str, list[tuple[Test, ir.FactCheck]]]:
    checks: dict[str, list[tuple[Test, ir.FactCheck]]] = {}
    for check in pack.fact_checks:
        checks.setdefault(check.fact, []).append((compile_where(check.keep), check))
    return checks


# ---------------------------------------------------------------- slices


def slice_of(plan: Plan, names: frozenset[str] | None) -> Slice:
    """Return the slice that derives these measures and what they depend on; all of them for None."""
    if names is None:
        return plan.whole
    known = plan.slices.get(names)
    if known is None:
        needed = _closure(plan, names)
        measures = [measure for measure in plan.pack.measures if measure.name in needed]
        known = plan.slices[names] = make_slice(plan, measures, names)
    return known


def _closure(plan: Plan, names: Iterable[str]) -> set[str]:
    by_name = {measure.name: measure for measure in plan.pack.measures}
    needed: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(depends_on(by_name[name], plan.setup.roles))
    return needed


def make_slice(plan: Plan, measures: Sequence[ir.Measure], names: frozenset[str] | None) -> Slice:
    """Return the measures by scale, by type of fact, and the others in order of their dependencies."""
    scales: dict[str, list[ir.Measure]] = {}
    facts: dict[str, list[tuple[str, Kind]]] = {}
    others: dict[str, ir.Measure] = {}
    types = {measure.name: type for measure in measures if (type := _fact_type(measure)) is not None}
    for measure in sorted(measures, key=_reads_a_date):
        type = types.get(measure.name) or types.get(_date_judged(measure))
        if measure.kind in SCALE_KINDS and measure.scale is not None:
            scales.setdefault(measure.scale, []).append(measure)
        elif type is not None:
            facts.setdefault(type, []).append(_make(plan, measure))
        else:
            others[measure.name] = measure
    return Slice(
        names,
        tuple(_scale_step(plan.setup.scales[id], taken) for id, taken in scales.items()),
        tuple(FactStep(type, tuple(kinds)) for type, kinds in facts.items()),
        tuple(_make(plan, measure) for measure in _in_order(others, plan.setup.roles)),
    )


def _scale_step(scale: ir.Scale, measures: Sequence[ir.Measure]) -> ScaleStep:
    made = [(one.kind in TIMED, (one.name, SCALE_KINDS[one.kind](dict(one.args)))) for one in measures]
    return ScaleStep(
        scale,
        tuple(kind for timed, kind in made if not timed),
        tuple(kind for timed, kind in made if timed),
    )


def _fact_type(measure: ir.Measure) -> str | None:
    """Return the type of fact that alone decides the measure, if there is one."""
    return dict(measure.args)["fact"] if measure.kind in FACT_KINDS and measure.kind != "stands" else None


def _reads_a_date(measure: ir.Measure) -> bool:
    """Return whether the measure comes after the others of its type of fact: it reads one of them."""
    return measure.kind == "stands"


def _date_judged(measure: ir.Measure) -> str:
    """Return the date that a hold stands for: its measure goes with that of the date."""
    return dict(measure.args)["date"] if measure.kind == "stands" else ""


def _make(plan: Plan, measure: ir.Measure) -> tuple[str, Kind]:
    make = OTHER_KINDS.get(measure.kind)
    if make is None:
        raise InternalError(f"no measure kind `{measure.kind}`, of `{measure.name}`")
    return measure.name, make(measure, plan.setup)


# ---------------------------------------------------------------- dependencies


def depends_on(measure: ir.Measure, roles: Mapping[str, ir.Role]) -> list[str]:
    """Return the names of the measures that this one reads."""
    args = dict(measure.args)
    match measure.kind:
        case "days_since":
            return [args["of"]]
        case "days_between" | "days_apart":
            return [args["from"], args["to"]]
        case "date_after":
            return [args["from"], args["days"]]
        case "stands":
            return [args["date"]]
        case "choice" | "role" | "role_parameter" | "due_date":
            role = roles[args["role"]]
            read = (*role.prefer, args["measure"]) if measure.kind == "role" else role.prefer
            return [f"{scale}.{name}" for name in read for scale in role.scales]
    return []


def _in_order(measures: Mapping[str, ir.Measure], roles: Mapping[str, ir.Role]) -> list[ir.Measure]:
    """Return the measures so that each comes after those it reads."""
    ordered: dict[str, ir.Measure] = {}
    entered: set[str] = set()

    def visit(name: str) -> None:
        if name in ordered or name not in measures:
            return
        if name in entered:
            raise InternalError(f"measure `{name}` depends on itself")
        entered.add(name)
        for needed in depends_on(measures[name], roles):
            visit(needed)
        ordered[name] = measures[name]

    for name in measures:
        visit(name)
    return list(ordered.values())

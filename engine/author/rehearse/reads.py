"""Who reads a parameter: rules, and what is worked out before any rule.

A use before the rules says which records it can touch: those with forms of an instrument, with facts of a type, with
infusions; else all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from boosterwatch.engine.author.rehearse.change import Change
from boosterwatch.engine.chain.conditions import parameters_read
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.measures.plan import depends_on
from boosterwatch.engine.pack import ir

INFUSIONS = "infusions"
SCHEDULED = ("due_date", "scheduled_interval")


@dataclass(frozen=True, slots=True)
class Touch:
    """Which records something before the rules can concern: any of the named ones, or all."""

    instrument: str | None = None
    source: str | None = None  # a type of fact, `infusions` or `booked`


@dataclass(frozen=True, slots=True)
class Use:
    """One place before the rules that reads a parameter.

    `what` is `measure`, `event`, `check`, `course` or `schedule`; `name` says which, `setting` what for.
    """

    what: str
    name: str
    setting: str
    touch: Touch
    span: Span


@dataclass(slots=True)
class Reads:
    """By parameter: the positions of the rules that read it, and its uses before the rules."""

    rules: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    uses: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))


def find_reads(pack: ir.Pack) -> Reads:
    """Return who reads which parameter."""
    reads = Reads()
    for at, rule in enumerate(pack.rules):
        for name in dict.fromkeys(parameters_read(rule.when)):
            reads.rules[name].append(at)
    names = {parameter.name for parameter in pack.parameters}
    for parameter, use in _uses(pack, names):
        reads.uses[parameter].append(use)
    return reads


def _uses(pack: ir.Pack, names: set[str]) -> Iterator[tuple[str, Use]]:
    for measure in pack.measures:
        yield from _of_measure(pack, measure, names)
    for event in pack.events:
        yield from _of_event(pack, event)
    for check in pack.fact_checks:
        for name in parameters_read(check.keep):
            yield name, Use("check", check.fact, "keep", Touch(source=check.fact), check.span)
    if pack.schedule.steps or pack.parameters:
        yield from _of_course(pack, names)


def _of_measure(pack: ir.Pack, measure: ir.Measure, names: set[str]) -> Iterator[tuple[str, Use]]:
    touch = touched_by(pack, measure)
    for setting, value in measure.args:
        if value in names:
            yield value, Use("measure", measure.name, setting, touch, measure.span)
    if measure.where is not None:
        for name in parameters_read(measure.where):
            yield name, Use("measure", measure.name, "where", touch, measure.span)
    if measure.kind == "role_parameter":
        args = dict(measure.args)
        scales = next(role.scales for role in pack.roles if role.id == args["role"])
        groups = {scale.id: scale.group for scale in pack.scales}
        for name in (f"{groups[scale]}.{args['parameter']}" for scale in scales):
            yield name, Use("measure", measure.name, "role_parameter", Touch(), measure.span)


def touched_by(pack: ir.Pack, measure: ir.Measure) -> Touch:
    """Return which records a measure can concern."""
    if measure.scale is not None:
        return Touch(instrument=_instrument(pack, measure.scale))
    args = dict(measure.args)
    return Touch(source=args["fact"]) if "fact" in args else Touch()


def touched_by_event(pack: ir.Pack, event: ir.EventSet) -> Touch:
    """Return which records an event set can concern."""
    if event.source == "answers" and event.scale is not None:
        return Touch(instrument=_instrument(pack, event.scale))
    return Touch(source=event.source)


def reach(pack: ir.Pack, reads: Reads, change: Change) -> frozenset[str] | None:
    """Return the measures that a change before the rules can alter; None when it may be any of them."""
    uses = [use for name in change.parameters for use in reads.uses.get(name, ())]
    if change.checks or any(use.what in ("course", "check") for use in uses):
        return None
    events = {*change.events, *(use.name for use in uses if use.what == "event")}
    while more := {one.id for one in pack.events if events & set(_named_by(one))} - events:
        events |= more
    if pack.lookback is not None and events & set(pack.lookback.events):
        return None
    start = {*change.measures, *(use.name for use in uses if use.what == "measure")}
    start |= {measure.name for measure in pack.measures if events & set(dict(measure.args).values())}
    if any(use.what == "schedule" for use in uses):
        start |= {measure.name for measure in pack.measures if measure.kind in SCHEDULED}
    return with_dependents(pack, start)


def _named_by(event: ir.EventSet) -> Iterator[str]:
    """Yield the other event sets that one names."""
    yield from (id for id in (event.followed_by, event.not_followed_by, event.silenced_by) if id is not None)
    yield from (id for id, _ in event.closed_by)
    if event.not_preceded_by is not None:
        yield event.not_preceded_by[0]


def with_dependents(pack: ir.Pack, start: set[str]) -> frozenset[str]:
    """Return measures and all that are worked out from them."""
    roles = {role.id: role for role in pack.roles}
    found = set(start)
    while more := {one.name for one in pack.measures if found & set(depends_on(one, roles))} - found:
        found |= more
    return frozenset(found)


def _instrument(pack: ir.Pack, scale: str) -> str:
    return next(one.instrument for one in pack.scales if one.id == scale)


def _of_event(pack: ir.Pack, event: ir.EventSet) -> Iterator[tuple[str, Use]]:
    touch = touched_by_event(pack, event)
    if event.within is not None:
        yield event.within, Use("event", event.id, "within", touch, event.span)
    if event.not_preceded_by is not None:
        yield event.not_preceded_by[1], Use("event", event.id, "not_preceded_by", touch, event.span)
    if event.where is not None:
        for name in parameters_read(event.where):
            yield name, Use("event", event.id, "where", touch, event.span)


def _of_course(pack: ir.Pack, names: set[str]) -> Iterator[tuple[str, Use]]:
    course, schedule = pack.course, pack.schedule
    given = Touch(source=INFUSIONS)
    for setting in ("gap_days", "span_days", "least", "most", "baseline_days"):
        name = getattr(course, setting)
        if name in names:
            yield name, Use("course", "course", setting, given, schedule.span)
    steps = [pair for until, every in schedule.steps for pair in (("until", until), ("every", every))]
    for setting, name in (*steps, ("every", schedule.otherwise), ("every", schedule.unstarted)):
        if name in names:
            yield name, Use("schedule", "schedule", setting, Touch(), schedule.span)

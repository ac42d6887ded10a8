"""Lints of names that are declared and never used: a number that moves nothing, a rule that nobody reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.author.lint.lint import Finding, lint
from boosterwatch.engine.chain.conditions import atoms_read, measures_read, parameters_read
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.tree import Node

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
CONDITIONS = ("when", "all", "any", "none", "needs", "only_when", "applies_when")
WHY = "What nothing uses is read by every reviewer and changes no decision. Whoever edits it expects that it does."
REMOVE = "remove it, or use it"


def placeholders(context: Context) -> Iterator[str]:
    """Yield every name that a sentence of the pack shows."""
    for sentence in (
        *(one.because for one in context.pack.rules),
        *(one.summary for one in context.pack.recommendations),
    ):
        yield from PLACEHOLDER.findall(sentence)


def _parameters_used(context: Context) -> Iterator[str]:
    pack = context.pack
    for condition in context.conditions():
        yield from parameters_read(condition)
    for measure in pack.measures:
        yield from (value for _, value in measure.args)
        yield from context.parameters_behind(measure.name)
    for event in pack.events:
        yield from (event.within or "", (event.not_preceded_by or ("", ""))[1])
    course, schedule = pack.course, pack.schedule
    yield from (course.gap_days, course.span_days, course.least, course.most, course.baseline_days)
    yield from (part for step in schedule.steps for part in step)
    yield from (schedule.otherwise, schedule.unstarted)


@lint(
    "BW660",
    "warning",
    why=WHY,
    bad="parameters:\n"
    "  spare: {says: spare, unit: days, values: [{from: 2020-01-01, value: 7, basis: clinic_policy, cite: policy}]}\n",
    good="",
)
def unused_parameter(context: Context) -> Iterator[Finding]:
    """Yield every parameter that no rule, measure, event, course or schedule reads; being shown is not enough."""
    used = frozenset(_parameters_used(context))
    for parameter in context.pack.parameters:
        if parameter.name not in used:
            yield Finding(parameter.name, f"no rule uses `{parameter.name}`", parameter.span, REMOVE)


@lint(
    "BW661",
    "warning",
    why=WHY,
    bad="patterns:\n  rose: {of: scale, says: it rose, all: [scale.rise >= scale.step]}\n",
    good="",
)
def unused_pattern(context: Context) -> Iterator[Finding]:
    """Yield every pattern that no condition uses as its verb."""
    used = {words[1] for root in context.roots for text in _clauses(root.value) if len(words := text.split()) == 2}
    for name, node in context.named("patterns"):
        if name not in used:
            yield Finding(name, f"no condition uses the pattern `{name}`", node.key_span, REMOVE)


def _clauses(value: Any, key: str = "") -> Iterator[str]:
    """Yield every clause inside plain data: the texts under keys that hold conditions."""
    match value:
        case str() if key in CONDITIONS:
            yield value
        case dict():
            for name, child in value.items():
                yield from _clauses(child, name)
        case list():
            for child in value:
                yield from _clauses(child, key)


def _measures_used(context: Context) -> Iterator[str]:
    pack = context.pack
    yield from (one.name for one in pack.measures if one.reported)
    for condition in context.conditions():
        yield from measures_read(condition)
    for measure in pack.measures:
        yield from (value for _, value in measure.args)
    yield from (name for key, name in pack.words if key.startswith("next."))
    yield from (table.reason for table in pack.tables if table.reason is not None)
    yield from placeholders(context)


@lint(
    "BW662",
    "warning",
    why=WHY,
    bad="measures:\n  spare: {kind: any_event, of: report, says: spare}\n",
    good="",
)
def unused_measure(context: Context) -> Iterator[Finding]:
    """Yield every measure that nothing reads, reports or shows."""
    used = frozenset(_measures_used(context))
    for name, node in context.named("measures"):
        if not used & {name, f"{name}.date"}:
            yield Finding(name, f"no rule uses the measure `{name}`", node.key_span, REMOVE)
    made = {one.name.rpartition(".")[2] for one in context.pack.measures if one.scale is not None}
    for name, node in context.named("score_measures"):
        if name not in made:
            yield Finding(name, f"no rule uses the measure `{name}` of any scale", node.key_span, REMOVE)


def _citations_used(context: Context) -> Iterator[str]:
    pack = context.pack
    yield from (cite for parameter in pack.parameters for value in parameter.values for cite in value.cites)
    yield from (cite for instrument in pack.instruments for cite in instrument.cites)
    yield from (cite for rule in pack.rules for cite in rule.cites)
    notes = [value.note or "" for parameter in pack.parameters for value in parameter.values]
    yield from (one.id for one in pack.citations if any(one.id in note for note in notes))
    for root in context.forms.values():
        error = root["total"].get("error")
        yield from (str(node.value) for node in _cited(error))


def _cited(node: Node | None) -> tuple[Node, ...]:
    cite = node.get("cite") if node is not None else None
    return (cite,) if cite is not None else ()


@lint(
    "BW663",
    "warning",
    why="A source that nothing cites lends the pack weight that it does not carry.",
    bad='citations:\n  spare-2001: {text: "Spare et al., 2001: nothing", year: 2001}\n',
    good="",
)
def unused_citation(context: Context) -> Iterator[Finding]:
    """Yield every citation that no number, rule or instrument names, not even in a note."""
    used = frozenset(_citations_used(context))
    for id, node in context.named("citations"):
        if id not in used:
            yield Finding(id, f"nothing cites `{id}`", node.key_span, "remove it, or cite it where it is used")


def _events_used(pack: ir.Pack) -> Iterator[str]:
    yield from (value for measure in pack.measures for _, value in measure.args)
    for event in pack.events:
        closers = (closer for closer, _ in event.closed_by)
        others = (event.followed_by, event.not_followed_by, event.silenced_by, (event.not_preceded_by or (None,))[0])
        yield from (*closers, *(other for other in others if other is not None))
    if pack.lookback is not None:
        yield from pack.lookback.events


@lint(
    "BW664",
    "warning",
    why=WHY,
    bad="events:\n  spare: {from: report}\n",
    good="",
)
def unused_event(context: Context) -> Iterator[Finding]:
    """Yield every event that no measure, no other event and no lookback names."""
    used = frozenset(_events_used(context.pack))
    for id, node in context.named("events"):
        if id not in used:
            yield Finding(id, f"nothing uses the event `{id}`", node.key_span, REMOVE)


@lint(
    "BW665",
    "warning",
    why=WHY,
    bad="findings:\n  - {id: spare, says: spare, when: waited is unknown, because: Nothing is known.}\n",
    good="",
)
def unused_finding(context: Context) -> Iterator[Finding]:
    """Yield every finding that no rule reads; flags, holds, cautions and triggers are shown by themselves."""
    used = {atom for rule in context.pack.rules for atom in atoms_read(rule.when)}
    for node in context.entries("findings"):
        id = node.text("id")
        if f"finding:{id}" not in used:
            yield Finding(id, f"no rule reads the finding `{id}`", node["id"].span, REMOVE)


NAMES = (unused_parameter, unused_pattern, unused_measure, unused_citation, unused_event, unused_finding)

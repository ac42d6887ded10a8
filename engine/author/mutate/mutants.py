"""Every small change of a compiled pack that a policy decision could be: what is changed, where, and in which words.

shift    a parameter one step up or down
strict   `>=` becomes `>`, `<` becomes `<=`, and back
turn     `>=` becomes `<=`, `>` becomes `<`, and back
negate   a clause becomes its opposite
drop     a clause is left out; also a filter of an event set, or one conclusion of a count
swap     two neighbouring rows of a table change places
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from boosterwatch.engine.author.mutate.conditions import variants
from boosterwatch.engine.author.rehearse.change import Change
from boosterwatch.engine.author.rehearse.reads import find_reads
from boosterwatch.engine.author.rehearse.steps import steps_of
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

JUDGED = "latest_fact_meets"  # its date is another measure with the same condition, which does not read it
FILTERS = ("within", "since", "followed_by", "not_followed_by", "not_preceded_by", "silenced_by")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. `name` is its own, `owner` the parameter, rule, table, event or measure that it changes."""

    name: str
    kind: str
    owner: str
    says: str
    span: Span
    change: Change


def find_mutants(pack: ir.Pack, only: str | None = None) -> Iterator[Mutant]:
    """Yield the mutants of a pack in its own order; with `only`, those of one parameter, rule or other owner."""
    for mutant in _all(pack):
        if only is None or mutant.owner == only:
            yield mutant


def _all(pack: ir.Pack) -> Iterator[Mutant]:
    yield from _shifts(pack)
    yield from _rules(pack)
    yield from _swaps(pack)
    yield from _events(pack)
    yield from _wheres(pack)


def _shifts(pack: ir.Pack) -> Iterator[Mutant]:
    steps, reads = steps_of(pack), find_reads(pack)
    for one in pack.parameters:
        if not (reads.rules.get(one.name) or reads.uses.get(one.name)):
            continue  # nothing reads it: `check` says so
        for way, by in (("up", steps[one.name]), ("down", -steps[one.name])):
            says = f"`{one.name}` ({one.says}) is {abs(by):g} {'higher' if by > 0 else 'lower'}"
            yield Mutant(f"{one.name} {way}", "shift", one.name, says, one.span, Change(parameters={one.name: by}))


def _rules(pack: ir.Pack) -> Iterator[Mutant]:
    for at, rule in enumerate(pack.rules):
        for one in variants(rule.when):
            change = Change(rules={at: replace(rule, when=one.condition)})
            name = f"{rule.id} {one.kind} {one.place}"
            yield Mutant(name, one.kind, rule.id, f"in {rule.id}, {one.says}", one.span or rule.span, change)


def _swaps(pack: ir.Pack) -> Iterator[Mutant]:
    rules = {rule.id: rule for rule in pack.rules}
    for table in pack.tables:
        for at, (first, second) in enumerate(zip(table.rows, table.rows[1:], strict=False)):
            if _alike(pack, rules[first], rules[second]):
                continue
            rows = (*table.rows[:at], second, first, *table.rows[at + 2 :])
            change = Change(tables={table.id: replace(table, rows=rows)})
            says = f"in the table {table.id}, {second} is tried before {first}"
            yield Mutant(f"{table.id} swap {at + 1}", "swap", table.id, says, rules[second].span, change)


def _alike(pack: ir.Pack, first: ir.Rule, second: ir.Rule) -> bool:
    """Return whether two rows give the same answer, so that their order is none of the policy."""
    if first.state != second.state:
        return False
    rows = {one.rule: (one.urgency, one.flags, one.checklist) for one in pack.recommendations}
    reasons = {rule: reason for sign in pack.signs for rule, reason in sign.reasons}
    return rows.get(first.id) == rows.get(second.id) and reasons.get(first.id) == reasons.get(second.id)


def _events(pack: ir.Pack) -> Iterator[Mutant]:
    for event in pack.events:
        for filter in FILTERS:
            if getattr(event, filter) is not None:
                made: ir.EventSet = replace(event, **{filter: None})  # type: ignore[arg-type]  # mypy cannot tell which
                yield _of_event(event, f"drop {filter}", f"`{filter}` is left out", made)
        for at, (other, when) in enumerate(event.closed_by):
            fewer = (*event.closed_by[:at], *event.closed_by[at + 1 :])
            yield _of_event(
                event, f"drop closed_by {other}", f"`{other}` does not close it", replace(event, closed_by=fewer)
            )
            turned: Literal["on_or_after", "after"] = "after" if when == "on_or_after" else "on_or_after"
            swapped = (*event.closed_by[:at], (other, turned), *event.closed_by[at + 1 :])
            says = f"`{other}` closes it when it is dated {turned.replace('_', ' ')} it"
            yield _of_event(event, f"strict closed_by {other}", says, replace(event, closed_by=swapped))
        if event.where is not None:
            for one in variants(event.where):
                change = Change(events={event.id: replace(event, where=one.condition)})
                name, says = f"{event.id} where {one.kind} {one.place}", f"in the events {event.id}, {one.says}"
                yield Mutant(name, one.kind, event.id, says, one.span or event.span, change)


def _of_event(event: ir.EventSet, how: str, says: str, made: ir.EventSet) -> Mutant:
    says = f"in the events {event.id}, {says}"
    return Mutant(
        f"{event.id} {how}", how.partition(" ")[0], event.id, says, event.span, Change(events={event.id: made})
    )


def _wheres(pack: ir.Pack) -> Iterator[Mutant]:
    """Yield the changes of the conditions that fact checks and measures have."""
    for at, check in enumerate(pack.fact_checks):
        for one in variants(check.keep):
            change = Change(checks={at: replace(check, keep=one.condition)})
            name, says = f"{check.code} {one.kind} {one.place}", f"in the fact check {check.code}, {one.says}"
            yield Mutant(name, one.kind, check.code, says, one.span or check.span, change)
    for measure in pack.measures:
        if measure.where is not None and measure.kind == JUDGED:
            for one in variants(measure.where):
                change = Change(measures={measure.name: replace(measure, where=one.condition)})
                name, says = f"{measure.name} {one.kind} {one.place}", f"in the measure {measure.name}, {one.says}"
                yield Mutant(name, one.kind, measure.name, says, one.span or measure.span, change)

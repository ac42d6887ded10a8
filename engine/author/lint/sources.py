"""What a conclusion rests on: the instruments whose scores decide it, through every rule and measure in between."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.lint.context import Context
from boosterwatch.engine.chain.conditions import atoms_read, measures_read
from boosterwatch.engine.pack import ir


def rests_on(context: Context, atom: str) -> frozenset[str]:
    """Return the ids of the instruments that an atom rests on; other facts do not count."""
    found, seen, todo = set[str](), set[str](), [atom]
    while todo:
        rules = [rule for rule in _drawers(context, todo.pop()) if rule.id not in seen]
        for rule in rules:
            seen.add(rule.id)
            todo += atoms_read(rule.when)
            found |= {one for name in measures_read(rule.when) for one in _instruments(context, name)}
    return frozenset(found)


def _drawers(context: Context, atom: str) -> list[ir.Rule]:
    """Return the rules that can draw an atom; of a state of a table, the rows for that state."""
    table, equals, state = atom.partition("=")
    if equals:
        return [rule for rule in context.pack.rules if rule.table == table and rule.state == state]
    return [rule for rule in context.pack.rules if rule.atom == atom]


def _instruments(context: Context, name: str) -> Iterator[str]:
    events = {event.id: event for event in context.pack.events}
    for measure in context.behind(name):
        args = dict(measure.args)
        event = events.get(args.get("of", "")) if measure.kind in ("any_event", "event_date", "count") else None
        scale = measure.scale or (event.scale if event is not None else None)
        if scale is not None:
            yield context.scales[scale].instrument

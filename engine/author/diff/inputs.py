"""What a record must hold now that it need not have held before: inputs that a rule cannot do without.

An input is a scale, a field of a safety fact, or another plain part of the record. One that only an alternative of a
rule reads is not required.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.pack import ir


def required_inputs(old: ir.Pack, new: ir.Pack) -> Iterator[tuple[str, str]]:
    """Yield each input that no rule read before with the first rule of both versions that cannot fire without it."""
    before = {rule.id for rule in old.rules}
    roots = _roots(new)
    for name in sorted(_inputs(new, roots) - _inputs(old, _roots(old))):
        without = Without(new, frozenset(one for one, of in roots.items() if of == name))
        for rule in new.rules:
            if rule.id in before and not without.can_hold(rule.when):
                yield name, rule.id
                break


def _inputs(pack: ir.Pack, roots: Mapping[str, str | None]) -> set[str]:
    read = {name for rule in pack.rules for name in measures_read(rule.when)}
    return {root for name in read if (root := roots.get(name)) is not None}


def _roots(pack: ir.Pack) -> dict[str, str | None]:
    """Return the input that each measure is made of; None where it has several or none."""
    measures = {one.name: one for one in pack.measures}
    events = {one.id: one for one in pack.events}
    return {name: _root(one, measures, events) for name, one in measures.items()}


def _root(one: ir.Measure, measures: Mapping[str, ir.Measure], events: Mapping[str, ir.EventSet]) -> str | None:
    args = dict(one.args)
    if one.scale is not None:
        return f"scale {one.scale}"
    if "fact" in args:
        return " ".join(("fact", args["fact"], *(args[key] for key in ("value", "field") if key in args)))
    if one.kind in ("attribute", "includes"):
        return args.get("of", args.get("list"))
    if one.kind == "age_years":
        return "birth_date"
    of = args.get("of", "")
    if of in events:
        return f"event {events[of].source}"
    return _root(measures[of], measures, events) if of in measures else None


class Without:
    """Which conditions of a pack can be true while some measures are unknown, whatever the others are."""

    def __init__(self, pack: ir.Pack, measures: frozenset[str]) -> None:
        self._measures = measures
        self._drawers: dict[str, list[ir.Rule]] = {}
        for rule in pack.rules:
            atom = rule.atom if rule.table is None else f"{rule.table}={rule.state}"
            self._drawers.setdefault(atom, []).append(rule)
        for table in pack.tables:
            self._drawers.pop(f"{table.id}={table.otherwise}", None)  # drawn when no row is true

    def can_hold(self, condition: ir.Condition) -> bool:
        """Return whether the condition can be true; True when in doubt."""
        match condition:
            case ir.All(parts):
                return all(map(self.can_hold, parts))
            case ir.Any(parts):
                return any(map(self.can_hold, parts))
            case ir.Leaf(test=ir.Drawn(atom)):
                return atom not in self._drawers or any(self.can_hold(rule.when) for rule in self._drawers[atom])
            case ir.Leaf(test=test):
                return not self._stops(test)
            case _:
                return True

    def _stops(self, test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> bool:
        match test:
            case ir.Compare(left, _, right):
                return left in self._measures or (right.kind == "measure" and right.names[0] in self._measures)
            case ir.Equals(left, _, negated, recorded):
                return left in self._measures and not (negated and recorded)
            case ir.Known(left, known):
                return left in self._measures and known
            case _:
                return False

"""What decides holds and safety triggers, and which way a change of it can only make them stricter.

A parameter that such a rule compares with directly has a stricter side, and no layer may set it to the other one. One
that reaches it in any other way (through a window, a measure, another rule's table) has none: a site may not touch it,
and a patient's own value of it is the policy's choice, made by giving it a range. On doubt there is no stricter side.
`boosterwatch prove` looks at the same with a model of all patients, and knows nothing of what is worked out here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from boosterwatch.engine.chain.conditions import atoms_read, measures_read, parameters_read
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.ir_json import to_plain
from boosterwatch.engine.pack.layers import PerPack

Side = Literal["higher", "lower"]
GUARDED = ("hold", "trigger")
_STRICTER: dict[ir.Op, Side] = {">=": "lower", ">": "lower", "<=": "higher", "<": "higher"}


class Guard(NamedTuple):
    """What holds and triggers hang on: parameters, each with its stricter side or None, and conclusions of rules."""

    parameters: dict[str, Side | None]
    atoms: frozenset[str]


def guard_of(pack: ir.Pack) -> Guard:
    """Return what decides the holds and triggers of a pack; worked out once for each of the last few packs."""
    return _guards.of(pack)


def guarded_parameters(pack: ir.Pack) -> dict[str, Side | None]:
    """Return the parameters that decide holds and triggers, each with its stricter side or None when it has none."""
    return guard_of(pack).parameters


def loosens(side: Side, value: float, own: float) -> bool:
    """Return whether a value would loosen a hold or a trigger that has `own` now.

    >>> loosens("lower", 161, 160), loosens("lower", 160, 160), loosens("higher", 89, 90)
    (True, False, True)
    """
    return value < own if side == "higher" else value > own


def _guard(pack: ir.Pack) -> Guard:
    guarded = [rule for rule in pack.rules if rule.kind in GUARDED]
    sides: dict[str, set[Side | None]] = defaultdict(set)
    for rule in guarded:
        for name, side in _compared(rule.when, True):
            sides[name].add(side)
    behind, atoms = _behind(pack, guarded)
    for name in behind:
        sides[name].add(None)
    return Guard({name: found.pop() if len(found) == 1 else None for name, found in sides.items()}, frozenset(atoms))


_guards: PerPack[Guard] = PerPack(_guard)


def _compared(condition: ir.Condition, positive: bool) -> Iterator[tuple[str, Side | None]]:
    """Yield the parameters of a condition with the side on which it holds for more patients."""
    match condition:
        case ir.Not(part):
            yield from _compared(part, not positive)
        case ir.All(parts) | ir.Any(parts):
            for part in parts:
                yield from _compared(part, positive)
        case ir.Leaf(test=ir.Compare(_, op, right)) if right.kind == "parameter":
            yield right.names[0], _STRICTER[op] if positive else _opposite(_STRICTER[op])
        case _:
            yield from ((name, None) for name in parameters_read(condition))


def _opposite(side: Side) -> Side:
    return "lower" if side == "higher" else "higher"


# ---------------------------------------------------------------- what lies behind


def _behind(pack: ir.Pack, guarded: Iterable[ir.Rule]) -> tuple[set[str], set[str]]:
    """Return the parameters that reach these rules through other rules or what is measured, and the conclusions."""
    net = _Net(pack)
    todo = [("atom", atom) for rule in guarded for atom in atoms_read(rule.when)]
    todo += [("thing", name) for rule in guarded for name in measures_read(rule.when)]
    found: set[str] = set(net.course)
    seen: set[tuple[str, str]] = set()
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            parameters, more = net.read(*node)
            found |= parameters
            todo += more
    return found, {name for kind, name in seen if kind == "atom"}


class _Net:
    """What the parts of a pack mention: each word of a part that is the name of another."""

    def __init__(self, pack: ir.Pack) -> None:
        self._parameters = {parameter.name for parameter in pack.parameters}
        self._things: dict[str, list[Any]] = defaultdict(list)
        for group in (pack.measures, pack.events, pack.roles, pack.scales):
            for thing in group:
                self._things[thing.name if isinstance(thing, ir.Measure) else thing.id].append(thing)
        for check in pack.fact_checks:
            self._things[check.fact].append(check)
        self._drawers: dict[str, list[ir.Rule]] = defaultdict(list)
        for rule in pack.rules:
            if rule.table is None:
                self._drawers[rule.atom].append(rule)
        for table in pack.tables:
            rows = [rule for rule in pack.rules if rule.table == table.id]
            for state in (*table.states, table.otherwise, *(row.state for row in rows)):
                self._drawers[f"{table.id}={state}"] += rows
        self.course = {name for name in _words(to_plain(pack.course)) if name in self._parameters}

    def read(self, kind: str, name: str) -> tuple[set[str], list[tuple[str, str]]]:
        """Return the parameters that a part mentions, and the other parts."""
        parts: list[Any] = self._drawers[name] if kind == "atom" else self._things[name]
        words = {word for part in parts for word in _words(to_plain(part))}
        if kind == "thing":
            words |= self._of_a_role(parts)
        more = [("thing", word) for word in words if word in self._things]
        more += [("atom", atom) for part in parts if isinstance(part, ir.Rule) for atom in atoms_read(part.when)]
        return words & self._parameters, more

    def _of_a_role(self, parts: Iterable[Any]) -> set[str]:
        """Return the parameters and measures of a role's scales that a measure may stand for."""
        found: set[str] = set()
        for part in parts:
            args = dict(part.args) if isinstance(part, ir.Measure) else {}
            tail = args.get("measure") or args.get("parameter")
            for role in (one for one in self._things.get(args.get("role", ""), ()) if isinstance(one, ir.Role)):
                scales = [scale for id in role.scales for scale in self._things[id] if isinstance(scale, ir.Scale)]
                found |= {f"{base}.{tail}" for scale in scales for base in (scale.id, scale.group)}
        return found


def _words(plain: Any) -> Iterator[str]:
    """Yield every text in plain data."""
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict):
        for value in plain.values():
            yield from _words(value)
    elif isinstance(plain, list):
        for value in plain:
            yield from _words(value)

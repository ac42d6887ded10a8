"""Where looking back can still find something, judged by the few measures that are cheap to work out.

Looking back runs at every earlier date of a course, and at most of them a patient was simply well. A condition of which
only some clauses are known may be true where those allow it, whatever the others are; so a conclusion that may not be
drawn at a moment cannot be, and nothing else is asked there. Nothing is lost: the rules judge all that is left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TypeAlias

from ibis.expr.types import BooleanValue

from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.cohort.columns.conditions import Scene, at_least, is_true, joined, opposite, truth_of
from boosterwatch.engine.pack import ir

May: TypeAlias = BooleanValue | bool


class Prospects:
    """What may be drawn at moments of which a scene knows some measures."""

    def __init__(self, pack: ir.Pack, positions: Collection[int], scene: Scene, known: Collection[str]) -> None:
        self._scene = scene
        self._known = known
        self._found: dict[str, May] = {}
        self._ways = _ways(pack, positions)

    def may_draw(self, atom: str) -> May:
        """Return where a conclusion may be drawn."""
        if atom not in self._found:
            ways = [when is None or self._may(when, want=True) for when in self._ways.get(atom, ())]
            self._found[atom] = is_true(joined(ways, decisive=True))
        return self._found[atom]

    def _may(self, condition: ir.Condition, *, want: bool) -> May:
        """Return where a condition may be `want`; what is not known may be anything, and no atom must be drawn."""
        match condition:
            case ir.Leaf(ir.Drawn(atom)):
                return self.may_draw(atom) if want else True
            case ir.Leaf():
                if not self._is_known(condition):
                    return True
                truth = truth_of(condition, self._scene)
                return is_true(truth if want else opposite(truth))
            case ir.AtLeast(count, atoms):
                return is_true(at_least(self._scene.parameter(count), map(self.may_draw, atoms))) if want else True
            case ir.Not(part):
                return self._may(part, want=not want)
            case ir.All(parts) | ir.Any(parts):
                one_settles = isinstance(condition, ir.Any) is want
                return is_true(joined([self._may(part, want=want) for part in parts], decisive=one_settles))

    def _is_known(self, leaf: ir.Leaf) -> bool:
        return all(name in self._known or name in self._scene.fixed for name in measures_read(leaf))


def _ways(pack: ir.Pack, positions: Iterable[int]) -> Mapping[str, list[ir.Condition | None]]:
    """Return, by atom, the conditions of which one must be true; None where it may be drawn without any."""
    ways: dict[str, list[ir.Condition | None]] = {}
    for at in positions:
        rule = pack.rules[at]
        atom = rule.atom if rule.table is None else table_atom(rule.table, rule.state)
        ways.setdefault(atom, []).append(rule.when)
    for table in pack.tables:
        ways.setdefault(table_atom(table.id, table.otherwise), []).append(None)
    return ways


def cheapest(names: Collection[str], is_cheap: Callable[[Collection[str]], bool]) -> frozenset[str]:
    """Return those of the names that are cheap to work out, each alone."""
    return frozenset(name for name in names if is_cheap({name}))

"""Whether a lookback can still find something: which conclusions it cannot do without.

Lookback runs at every earlier assessment date, and at most of them nothing has happened. After each stratum there is a
set of *decisive* atoms: when none of them has been drawn, no later rule can draw a lookback atom, whatever the
measures are, and the rest need not be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from boosterwatch.engine.chain.conditions import leaves
from boosterwatch.engine.chain.strata import restrict, table_atom
from boosterwatch.engine.pack import ir


class _Step(NamedTuple):
    """What one stratum can draw: an atom when its condition is true, and the atoms of tables that need none."""

    ways: tuple[tuple[str, ir.Condition], ...]
    otherwise: frozenset[str]


def decisive_atoms(pack: ir.Pack, lookback: ir.Lookback) -> tuple[frozenset[str] | None, ...]:
    """Return the decisive atoms after each stratum; None where something can follow even without any atom.

    They are as few as can be found by leaving out one after the other. It holds only while every one of `counts_read`
    is above zero: "at least none" needs no atom.
    """
    strata = restrict(pack.strata, pack.rules, pack.tables, lookback.rules)
    steps = [_step(pack, stratum) for stratum in strata]
    return tuple(_decisive(steps[:done], steps[done:], lookback.atoms) for done in range(1, len(steps) + 1))


def counts_read(pack: ir.Pack, lookback: ir.Lookback) -> frozenset[str]:
    """Return the parameters that the lookback's rules count up to."""
    read = [leaf for at in lookback.rules for leaf in leaves(pack.rules[at].when)]
    return frozenset(leaf.count for leaf in read if isinstance(leaf, ir.AtLeast))


def _step(pack: ir.Pack, stratum: ir.Stratum) -> _Step:
    tables = [table for table in pack.tables if table.id in stratum.tables]
    rows = {row: table.id for table in tables for row in table.rows}
    own = [pack.rules[at] for at in stratum.rules if pack.rules[at].table is None]
    states = [(table_atom(rows[r.id], r.state), r.when) for r in pack.rules if r.id in rows]
    return _Step(
        ways=(*states, *((rule.atom, rule.when) for rule in own)),
        otherwise=frozenset(table_atom(table.id, table.otherwise) for table in tables),
    )


def _decisive(done: Sequence[_Step], left: Sequence[_Step], wanted: Collection[str]) -> frozenset[str] | None:
    """Return atoms without which nothing may follow, though every other atom of the steps done be drawn."""
    if not _reachable(left, frozenset()).isdisjoint(wanted):
        return None
    # tables first: some state of each is always drawn, so a decisive one would seldom help
    atoms = dict.fromkeys([atom for step in done for atom in step.otherwise])
    atoms.update(dict.fromkeys(atom for step in done for atom, _ in step.ways))
    harmless: set[str] = set()
    for atom in atoms:
        if _reachable(left, harmless | {atom}).isdisjoint(wanted):
            harmless.add(atom)
    return frozenset(atoms.keys() - harmless)


def _reachable(left: Sequence[_Step], drawn: Collection[str]) -> set[str]:
    """Return the atoms that are drawn or that these steps might draw, for some values of the measures."""
    atoms = set(drawn)
    for step in left:
        atoms |= {atom for atom, when in step.ways if atom not in atoms and _may_be(when, True, atoms)}
        atoms |= step.otherwise
    return atoms


def _may_be(condition: ir.Condition, want: bool, atoms: Collection[str]) -> bool:
    """Return whether a condition may be `want`, where only `atoms` may be drawn, and none of them must."""
    match condition:
        case ir.Leaf(test):
            return not isinstance(test, ir.Drawn) or test.atom in atoms or not want
        case ir.AtLeast(_, counted):
            return not want or any(atom in atoms for atom in counted)
        case ir.Not(part):
            return _may_be(part, not want, atoms)
        case ir.All(parts):
            check = all if want else any
            return check(_may_be(part, want, atoms) for part in parts)
        case ir.Any(parts):
            check = any if want else all
            return check(_may_be(part, want, atoms) for part in parts)

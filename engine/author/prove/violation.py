"""When a property is broken, said once: of the model of all patients, and of patients whom the engines evaluated.

What is asked of z3 and what is confirmed before a counter-example is shown are the same formula, over two views.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import z3

from boosterwatch.engine.author.prove.properties import (
    Always,
    ExactlyOne,
    Exempt,
    FewSources,
    Levels,
    Never,
    NeverLoosens,
    Property,
    Statement,
    Unknown,
    Worse,
)
from boosterwatch.engine.author.symbolic.terms import FALSE, TRUE, both, either, negate
from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.overlay.loosen import GUARDED
from boosterwatch.engine.pack import ir


class View(Protocol):
    """What one patient shows under one pack; every answer is a z3 truth, for a real patient a constant."""

    @property
    def pack(self) -> ir.Pack:
        """The pack."""

    def true(self, condition: ir.Condition) -> z3.BoolRef:
        """Return that the condition is true."""

    def wins(self, rule_id: str) -> z3.BoolRef:
        """Return that the row is the first true one of its table."""

    def drawn(self, atom: str) -> z3.BoolRef:
        """Return that the conclusion is drawn."""


def violation(which: Property, patients: Sequence[View]) -> z3.BoolRef:
    """Return that the property is broken by this patient, or by these two (the same one, before and after)."""
    exempt = [_exempt(one, patients) for one in which.exceptions if one.parameter is None]
    return both(_broken(which.statement, patients), *(negate(one) for one in exempt))


def _exempt(one: Exempt, patients: Sequence[View]) -> z3.BoolRef:
    before = TRUE if one.before is None else patients[0].true(one.before)
    after = TRUE if one.after is None else patients[-1].true(one.after)
    return both(before, after)


def _broken(statement: Statement, patients: Sequence[View]) -> z3.BoolRef:
    before, after = patients[0], patients[-1]
    match statement:
        case Always(when, then):
            asked = TRUE if when is None else before.true(when)
            return both(asked, negate(before.true(then)))
        case Never(condition):
            return before.true(condition)
        case ExactlyOne(table):
            return negate(exactly(1, [before.wins(row) for row in _table(before.pack, table).rows]))
        case FewSources(sources, never):
            found = sorted({rule.atom for rule in before.pack.rules if rule.kind == "source"})
            return both(exactly(sources, [before.drawn(atom) for atom in found]), before.true(never))
        case Worse(_, levels):
            return either(*(_lowered(levels, table, before, after) for table in levels.tables))
        case Unknown(never_gives):
            return both(negate(before.true(never_gives)), after.true(never_gives))
        case NeverLoosens():
            guarded = sorted({rule.atom for rule in before.pack.rules if rule.kind in GUARDED})
            return either(*(both(before.drawn(atom), negate(after.drawn(atom))) for atom in guarded))
    return FALSE  # reaching rules has no patient who breaks it: see `solve.py`


def exactly(number: int, parts: Sequence[z3.BoolRef]) -> z3.BoolRef:
    """Return that so many of the parts hold."""
    return z3.PbEq([(part, 1) for part in parts], number) if parts else TRUE if number == 0 else FALSE


def _table(pack: ir.Pack, id: str) -> ir.Table:
    return next(table for table in pack.tables if table.id == id)


def _lowered(levels: Levels, table: str, before: View, after: View) -> z3.BoolRef:
    """Return that the table has a lower rank after than before."""
    was = [_in_rank(levels, table, rank, before) for rank in levels.ranks]
    now = [_in_rank(levels, table, rank, after) for rank in levels.ranks]
    return either(*(both(was[n], either(*now[:n])) for n in range(1, len(was))))


def _in_rank(levels: Levels, table: str, rank: Sequence[str], of: View) -> z3.BoolRef:
    if levels.rows:
        return either(*(of.wins(row) for row in rank))
    return either(*(of.drawn(table_atom(table, state)) for state in rank))

"""The strata of a pack as columns: for every rule whether it is true, for every table which of its rows won.

Each stratum is two selections, the rules and then the tables that they decide, and a view ends each: columns of an
earlier one are read by name and never repeated. A rule that is the same for everybody has no column.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from boosterwatch.engine.chain.conditions import measures_read, parameters_read
from boosterwatch.engine.chain.strata import restrict, table_atom
from boosterwatch.engine.cohort.columns.conditions import Scene, is_true, joined, truth_of
from boosterwatch.engine.cohort.names import measure_column, parameter_column
from boosterwatch.engine.cohort.stage import Stage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

Fixed = Mapping[str, Scalar | None]


def rule_column(at: int) -> str:
    """Return the column that holds whether the rule at this position is true."""
    return f"rule_{at}"


def table_column(at: int) -> str:
    """Return the column that holds which row of this table won, counted from 0; as many as it has rows for none."""
    return f"table_{at}"


@dataclass
class Concluded:
    """What was concluded: `table` has a column for each rule and table that is not the same for everybody.

    `rules` and `winners` hold the others, by position: whether the rule is true, and which row won.
    """

    pack: ir.Pack
    table: Table
    rules: dict[int, bool] = field(default_factory=dict)
    winners: dict[int, int] = field(default_factory=dict)

    def rule(self, at: int) -> BooleanValue | bool:
        """Return whether the rule is true: a column that is never null, or what it is for everybody."""
        return self.rules[at] if at in self.rules else self.table[rule_column(at)]

    def winner(self, at: int) -> IntegerValue | int:
        """Return which row of the table won."""
        return self.winners[at] if at in self.winners else self.table[table_column(at)]


class _Drawers:
    """By atom, the rules that draw it and the table rows whose victory does."""

    def __init__(self, pack: ir.Pack, positions: Collection[int]) -> None:
        self.rules: dict[str, list[int]] = {}
        self.tables: dict[str, list[tuple[int, list[int]]]] = {}
        states = {rule.id: rule.state for rule in pack.rules}
        for at in sorted(positions):
            if pack.rules[at].table is None:
                self.rules.setdefault(pack.rules[at].atom, []).append(at)
        for at, table in enumerate(pack.tables):
            won = [*(states[row] for row in table.rows), table.otherwise]
            for state in dict.fromkeys(won):
                rows = [n for n, one in enumerate(won) if one == state]
                self.tables.setdefault(table_atom(table.id, state), []).append((at, rows))

    def drawn(self, found: Concluded, done: Collection[int], atom: str) -> BooleanValue | bool:
        """Return whether an atom was drawn by the rules found and the tables done."""
        truths = [found.rule(at) for at in self.rules.get(atom, ())]
        truths += [_won(found.winner(at), rows) for at, rows in self.tables.get(atom, ()) if at in done]
        return is_true(joined(truths, decisive=True))


def conclude(
    pack: ir.Pack,
    measures: Table,
    parameters: Parameters,
    stage: Stage,
    *,
    fixed: Fixed | None = None,
    positions: Collection[int] | None = None,
    carry: Sequence[str] = (),
) -> Concluded:
    """Return the truths of the rules at `positions` (None for all) and the tables of which every row is among them.

    `measures` has the column of every measure that they read, but for the `fixed` ones, and those of the parameters
    that patients have their own values of. The columns `carry` are in the result too.
    """
    chosen = range(len(pack.rules)) if positions is None else positions
    strata = restrict(pack.strata, pack.rules, pack.tables, chosen)
    drawers = _Drawers(pack, chosen)
    found = Concluded(pack, measures)
    done: set[int] = set()
    for n, stratum in enumerate(strata):
        needed = [*carry, *_needed(pack, strata[n + 1 :], parameters, fixed or {})]
        scene = Scene(found.table, parameters, fixed or {}, lambda atom: drawers.drawn(found, done, atom))
        _decide_rules(found, stratum, scene, needed, stage)
        tables = [at for at, table in enumerate(pack.tables) if table.id in stratum.tables]
        _decide_tables(found, tables, stage)
        done.update(tables)
    return found


def drawn_any(found: Concluded, atoms: Iterable[str], positions: Collection[int]) -> BooleanValue | bool:
    """Return whether any of the atoms was drawn by the rules at `positions` and their tables."""
    drawers = _Drawers(found.pack, positions)
    ids = {found.pack.rules[at].id for at in positions}
    done = {at for at, table in enumerate(found.pack.tables) if ids.issuperset(table.rows)}
    return is_true(joined([drawers.drawn(found, done, atom) for atom in atoms], decisive=True))


def _won(winner: IntegerValue | int, rows: list[int]) -> BooleanValue | bool:
    if isinstance(winner, int):
        return winner in rows
    return reduce(operator.or_, [winner == row for row in rows])


def _decide_rules(found: Concluded, stratum: ir.Stratum, scene: Scene, needed: Sequence[str], stage: Stage) -> None:
    truths = {at: is_true(truth_of(found.pack.rules[at].when, scene)) for at in stratum.rules}
    found.rules.update((at, truth) for at, truth in truths.items() if isinstance(truth, bool))
    new = {rule_column(at): truth for at, truth in truths.items() if not isinstance(truth, bool)}
    kept = [*dict.fromkeys(needed), *_own_columns(found.table)]
    if new:
        found.table = stage.name(found.table.select(*kept, **new), "rules")


def _own_columns(table: Table) -> list[str]:
    return [name for name in table.columns if name.startswith(("rule_", "table_"))]


def _decide_tables(found: Concluded, tables: Iterable[int], stage: Stage) -> None:
    winners = {at: _winner(found, found.pack.tables[at]) for at in tables}
    found.winners.update((at, winner) for at, winner in winners.items() if isinstance(winner, int))
    new = {table_column(at): winner for at, winner in winners.items() if not isinstance(winner, int)}
    if new:
        found.table = stage.name(found.table.mutate(**new), "tables")


def _winner(found: Concluded, table: ir.Table) -> IntegerValue | int:
    """Return the first true row of a table, as many as it has rows when none is."""
    position = {rule.id: at for at, rule in enumerate(found.pack.rules)}
    branches: list[tuple[BooleanValue, int]] = []
    otherwise = len(table.rows)
    for n, row in enumerate(table.rows):
        truth = found.rule(position[row])
        if truth is True:
            otherwise = n
            break
        if truth is not False:
            branches.append((truth, n))
    if not branches:
        return otherwise
    return ibis.cases(*((truth, _small(n)) for truth, n in branches), else_=_small(otherwise))


def _small(number: int) -> IntegerValue:
    return ibis.literal(number, type="int8" if number < 128 else "int32")


def _needed(pack: ir.Pack, strata: Iterable[ir.Stratum], parameters: Parameters, fixed: Fixed) -> Iterator[str]:
    """Yield the columns of measures and parameters that these strata read."""
    for stratum in strata:
        for at in stratum.rules:
            when = pack.rules[at].when
            yield from (measure_column(name) for name in measures_read(when) if name not in fixed)
            yield from (parameter_column(name) for name in parameters_read(when) if name in parameters.own)

"""A pack's rules as plain functions, one for each, so that a single one can be exchanged.

The meaning is that of `engine/chain/truth.py`, which tests hold this to. The generated reference is quicker on a whole
pack, but it would have to be written and compiled anew for every change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from boosterwatch.engine.chain.strata import restrict, table_atom
from boosterwatch.engine.chain.truth import right_value
from boosterwatch.engine.measures.where import ORDER
from boosterwatch.engine.model import Outcome, Scalar, Truth
from boosterwatch.engine.pack import ir

Values = Mapping[str, Scalar]
Parameters = Mapping[str, float]
Test = Callable[[Values, Parameters, Collection[str]], Truth]


def test_of(condition: ir.Condition) -> Test:
    """Return a condition as a function of measures, parameters and what was drawn before."""
    match condition:
        case ir.Leaf(test=test):
            return _leaf(test)
        case ir.AtLeast(count=count, atoms=atoms):
            return lambda _values, parameters, drawn: sum(atom in drawn for atom in atoms) >= parameters[count]
        case ir.Not(part=part):
            return _not(test_of(part))
        case ir.All(parts=parts):
            return _some([test_of(part) for part in parts], stop=False)
        case ir.Any(parts=parts):
            return _some([test_of(part) for part in parts], stop=True)


def _not(test: Test) -> Test:
    def run(values: Values, parameters: Parameters, drawn: Collection[str]) -> Truth:
        truth = test(values, parameters, drawn)
        return None if truth is None else not truth

    return run


def _some(tests: Sequence[Test], *, stop: bool) -> Test:
    """Return `any` when one true part decides (`stop`), `all` when one false part does."""

    def run(values: Values, parameters: Parameters, drawn: Collection[str]) -> Truth:
        found: Truth = not stop
        for test in tests:
            truth = test(values, parameters, drawn)
            if truth is stop:
                return stop
            if truth is None:
                found = None
        return found

    return run


def _leaf(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> Test:
    match test:
        case ir.Compare():
            return _compare(test)
        case ir.Equals():
            return _equals(test)
        case ir.Known(left=left, known=known):
            return lambda values, _parameters, _drawn: (left in values) is known
        case ir.Drawn(atom=atom):
            return lambda _values, _parameters, drawn: atom in drawn


def _compare(test: ir.Compare) -> Test:
    left, right = test.left, test.right
    order: Callable[[Any, Any], bool] = ORDER[test.op]

    def run(values: Values, parameters: Parameters, _drawn: Collection[str]) -> Truth:
        value = values.get(left)
        if value is None:
            return None
        against = right_value(right, values, parameters)
        return None if against is None else order(value, against)

    return run


def _equals(test: ir.Equals) -> Test:
    left, wanted, negated, recorded = test.left, test.value, test.negated, test.recorded

    def run(values: Values, _parameters: Parameters, _drawn: Collection[str]) -> Truth:
        if left not in values:
            return negated if recorded else None
        return (values[left] == wanted) is not negated

    return run


class Chained:
    """The rules and tables of a pack, ready to run; `exchange` gives one with some of them changed."""

    def __init__(self, pack: ir.Pack) -> None:
        self.pack = pack
        self.tests: list[Test] = [test_of(rule.when) for rule in pack.rules]
        self.rows = {table.id: _rows(pack, table) for table in pack.tables}
        self._otherwise = {table.id: table.otherwise for table in pack.tables}
        self._atoms = [rule.atom if rule.table is None else None for rule in pack.rules]
        self._whole = [(stratum.rules, stratum.tables) for stratum in pack.strata]
        self._slice: list[tuple[tuple[int, ...], tuple[str, ...]]] = []
        self.losses: frozenset[str] = frozenset()
        if pack.lookback is not None:
            part = restrict(pack.strata, pack.rules, pack.tables, pack.lookback.rules)
            self._slice = [(stratum.rules, stratum.tables) for stratum in part]
            self.losses = frozenset(pack.lookback.atoms)

    def exchange(self, rules: Mapping[int, ir.Rule], tables: Mapping[str, ir.Table]) -> Chained:
        """Return the same with some rules, by position, and some tables in place of theirs."""
        made = object.__new__(Chained)
        made.__dict__.update(self.__dict__)
        if rules:
            made.tests = list(self.tests)
            for at, rule in rules.items():
                made.tests[at] = test_of(rule.when)
        if tables:
            made.rows = self.rows | {id: _rows(self.pack, table) for id, table in tables.items()}
        return made

    def run(
        self, values: Values, parameters: Parameters, forced: Mapping[int, bool] | None = None
    ) -> tuple[Outcome, set[str]]:
        """Return the outcome and what was drawn; `forced` gives rules, by position, a truth of their own."""
        truths: list[Truth] = [None] * len(self.tests)
        states, drawn = self._chain(self._whole, values, parameters, truths, forced or {})
        return Outcome(tuple(truths), states), drawn

    def look(self, values: Values, parameters: Parameters) -> tuple[list[Truth], set[str]]:
        """Return the truths and conclusions of the lookback's rules; the truths of others are None."""
        truths: list[Truth] = [None] * len(self.tests)
        _, drawn = self._chain(self._slice, values, parameters, truths, {})
        return truths, drawn

    def _chain(
        self,
        strata: Sequence[tuple[tuple[int, ...], tuple[str, ...]]],
        values: Values,
        parameters: Parameters,
        truths: list[Truth],
        forced: Mapping[int, bool],
    ) -> tuple[dict[str, str], set[str]]:
        states: dict[str, str] = {}
        drawn: set[str] = set()
        tests, atoms = self.tests, self._atoms
        for rules, tables in strata:
            fresh: list[str] = []
            for at in rules:
                truth = forced[at] if at in forced else tests[at](values, parameters, drawn)
                truths[at] = truth
                atom = atoms[at]
                if truth and atom is not None:
                    fresh.append(atom)
            drawn.update(fresh)
            for table in tables:
                state = next((state for at, state in self.rows[table] if truths[at]), self._otherwise[table])
                states[table] = state
                drawn.add(table_atom(table, state))
        return states, drawn

    def winner(self, table: str, outcome: Outcome) -> int | None:
        """Return the position of the row that wins a table."""
        return next((at for at, _ in self.rows[table] if outcome.truths[at]), None)


def _rows(pack: ir.Pack, table: ir.Table) -> tuple[tuple[int, str], ...]:
    """Return the rows of a table as positions of rules with their states."""
    position = {rule.id: at for at, rule in enumerate(pack.rules)}
    return tuple((position[row], pack.rules[position[row]].state) for row in table.rows)

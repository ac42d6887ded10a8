"""What a rule that fired rests on: the earlier rules whose conclusions its clauses read, down to the readings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from boosterwatch.engine.decide.clauses import Placed, Vocabulary, clauses_of, place
from boosterwatch.engine.model import Activation, Clause, Decision, NotFired
from boosterwatch.engine.pack import ir

_BEATEN = "(beaten)"
_WINS = "(wins)"


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of a chain, how deep it stands, and whether it was told before."""

    row: Activation
    depth: int
    repeated: bool


class Chain:
    """A decision's rows by rule, and what rests on what."""

    def __init__(self, decision: Decision, pack: ir.Pack) -> None:
        self.fired: Mapping[str, Activation] = {row.rule: row for row in decision.trace}
        self.unfired: Mapping[str, NotFired] = {row.rule: row for row in decision.not_fired}
        self._rules = {rule.id: rule for rule in pack.rules}
        self._words = Vocabulary(pack)
        self._drawers: dict[str, list[str]] = {}
        for rule in pack.rules:
            drawn = rule.atom if rule.table is None else f"{rule.table}={rule.state}"
            self._drawers.setdefault(drawn, []).append(rule.id)

    def winner(self) -> Activation | None:
        """Return the row of the recommendation that won."""
        return next((row for row in self.fired.values() if row.effect.endswith(_WINS)), None)

    def winners_of(self, kind: str) -> Iterator[Activation]:
        """Yield the rows of a kind that won their table, or that have none."""
        for row in self.fired.values():
            if self._rules[row.rule].kind == kind and not is_beaten(row):
                yield row

    def below(self, row: Activation) -> Iterator[Activation]:
        """Yield the rules that drew what the clauses of a row read and found."""
        for test, clause in self.clauses(row):
            if clause.truth and not test.negated:
                for atom in atoms_of(test):
                    yield from self._drew(atom)

    def steps(self, row: Activation, seen: set[str], depth: int = 0) -> Iterator[Step]:
        """Yield a row and all it rests on, each told once."""
        repeated = row.rule in seen
        yield Step(row, depth, repeated)
        if not repeated:
            seen.add(row.rule)
            for child in self.below(row):
                yield from self.steps(child, seen, depth + 1)

    def clauses(self, row: Activation) -> Iterator[tuple[Placed, Clause]]:
        """Yield the clauses of a row as compiled and as they came out."""
        yield from zip(self._tests(row.rule), row.clauses, strict=True)

    def stopped_by(self, row: NotFired) -> Iterator[NotFired]:
        """Yield the rules whose conclusion the stopping clause waits for; of a count that would be too many."""
        for test in self._tests(row.rule):
            if test.text == row.clause and not test.negated and isinstance(test.node, ir.Leaf):
                for atom in atoms_of(test):
                    yield from (self.unfired[id] for id in self._drawers.get(atom, ()) if id in self.unfired)

    def raised_by(self, row: NotFired) -> Iterator[Activation]:
        """Yield the rules that drew what the stopping clause must not find."""
        for test in self._tests(row.rule):
            if test.text == row.clause and test.negated:
                for atom in atoms_of(test):
                    yield from self._drew(atom)

    def nearness(self, rule: str, seen: frozenset[str] = frozenset()) -> tuple[bool, float]:
        """Return how near an unfired rule came: known before unknown, then by the share that is short."""
        row = self.unfired[rule]
        below = [one.rule for one in self.stopped_by(row) if one.rule not in seen]
        if below:
            return min(self.nearness(one, seen | {rule}) for one in below)
        return row.truth is None or row.reason is not None, share(row)

    def _tests(self, rule: str) -> Iterator[Placed]:
        yield from clauses_of(place(self._rules[rule].when, self._words))

    def _drew(self, atom: str) -> Iterator[Activation]:
        """Yield the rules that drew a conclusion; beside the row that won, the other true rows of its state."""
        rows = [self.fired[id] for id in self._drawers.get(atom, ()) if id in self.fired]
        if not all(map(is_beaten, rows)):
            yield from rows


def share(row: NotFired) -> float:
    """Return how much is short as a share of the threshold; infinite where a rule has no distance."""
    if row.distance is None or not isinstance(row.threshold, int | float):
        return math.inf
    return row.distance / (abs(row.threshold) or 1)


def is_beaten(row: Activation) -> bool:
    """Return whether a row of a table was true below the one that won."""
    return row.effect.endswith(_BEATEN)


def atoms_of(test: Placed) -> tuple[str, ...]:
    """Return the conclusions that a clause reads."""
    match test.node:
        case ir.AtLeast(_, atoms):
            return atoms
        case ir.Leaf(ir.Drawn(atom)):
            return (atom,)
        case _:
            return ()

"""Which rules and answers a difference reaches, and which it cannot: those keep their meaning by identity.

A rule is touched when it reads otherwise, when a number that it compares with has another value, when a measure that
it reads is worked out differently, or when the rows of its table stand in another order. What hangs on no touched
rule is the same in both versions, and needs no solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from boosterwatch.engine.author.diff.answers import RECOMMENDATION
from boosterwatch.engine.author.diff.meaning import meaning
from boosterwatch.engine.author.diff.model import Answer
from boosterwatch.engine.author.diff.unlike import Hanging, Made, Values, unlike_measures
from boosterwatch.engine.chain.conditions import measures_read, parameters_read
from boosterwatch.engine.pack import ir


class Reach:
    """What differs between two packs at one set of values each, and how far it reaches."""

    def __init__(self, old: ir.Pack, new: ir.Pack, before: Values, after: Values) -> None:
        self.old, self.new = old, new
        self.unlike = unlike_measures(Made(old, before), Made(new, after))
        self.unlike_today = unlike_measures(Made(old, before, lookback=False), Made(new, after, lookback=False))
        self.moved = frozenset(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        self._hanging = Hanging(old), Hanging(new)
        self._rules = _by_id(old), _by_id(new)
        self.touched = self._touch()

    def _touch(self) -> frozenset[str]:
        old, new = self._rules
        found = set(old.keys() ^ new.keys())
        found |= {id for id in old.keys() & new.keys() if meaning(old[id]) != meaning(new[id])}
        found |= self.readers(self.moved, self.unlike)
        return frozenset(found | self._reordered())

    def readers(self, parameters: Iterable[str], measures: Iterable[str]) -> frozenset[str]:
        """Return the rules that read one of these parameters or measures themselves, in either version."""
        numbers, values = frozenset(parameters), frozenset(measures)
        return frozenset(
            rule.id
            for rule in (*self.old.rules, *self.new.rules)
            if not numbers.isdisjoint(parameters_read(rule.when)) or not values.isdisjoint(measures_read(rule.when))
        )

    def _reordered(self) -> set[str]:
        before = {table.id: table for table in self.old.tables}
        found: set[str] = set()
        for table in self.new.tables:
            other = before.get(table.id)
            if other is not None and (other.rows != table.rows or other.otherwise != table.otherwise):
                found.update(other.rows, table.rows)
        return found

    # ------------------------------------------------------------ how far

    def reaches_rule(self, id: str) -> bool:
        """Return whether a rule may be true for other patients than before."""
        return any(
            not self.touched.isdisjoint(hanging.closure([id]))
            for hanging, rules in zip(self._hanging, self._rules, strict=True)
            if id in rules
        )

    def reaches(self, answer: Answer) -> bool:
        """Return whether an answer may be given to other patients than before."""
        return self._differs(answer) or not self.touched.isdisjoint(self.below(answer))

    def _differs(self, answer: Answer) -> bool:
        sides = [{(meaning(one)) for one in pack.recommendations} for pack in (self.old, self.new)]
        return answer.kind in (RECOMMENDATION, "flag") and sides[0] != sides[1]

    def below(self, answer: Answer) -> frozenset[str]:
        """Return the rules that an answer hangs on, in either version."""
        return frozenset().union(*(self._below(answer, pack, hanging) for pack, hanging in self._sides))

    def unlike_below(self, answer: Answer) -> tuple[str, ...]:
        """Return the measures under an answer that the versions work out differently."""
        return self.unlike_in(self.below(answer))

    def unlike_in(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return the measures that these rules read and that the versions work out differently."""
        read = [name for rules in self._rules for id in ids if id in rules for name in measures_read(rules[id].when)]
        return tuple(sorted(self.unlike.intersection(read)))

    def closure(self, id: str) -> frozenset[str]:
        """Return the rules that a rule hangs on, in either version, itself too."""
        pairs = zip(self._hanging, self._rules, strict=True)
        return frozenset().union(*(hanging.closure([id]) for hanging, rules in pairs if id in rules))

    @property
    def _sides(self) -> tuple[tuple[ir.Pack, Hanging], ...]:
        return ((self.old, self._hanging[0]), (self.new, self._hanging[1]))

    def _below(self, answer: Answer, pack: ir.Pack, hanging: Hanging) -> frozenset[str]:
        if answer.kind == RECOMMENDATION:
            return hanging.closure(row for table in pack.tables if table.kind == RECOMMENDATION for row in table.rows)
        raised = any(answer.id in one.flags for one in pack.recommendations) if answer.kind == "flag" else False
        rows = self._below(Answer(RECOMMENDATION, ""), pack, hanging) if raised else frozenset()
        return rows | hanging.rules_of_atom(atom_of(answer))


def atom_of(answer: Answer) -> str:
    """Return the conclusion that an answer other than a recommendation is."""
    return f"{answer.id}={answer.state}" if answer.state else f"{answer.kind}:{answer.id}"


def _by_id(pack: ir.Pack) -> Mapping[str, ir.Rule]:
    return {rule.id: rule for rule in pack.rules}

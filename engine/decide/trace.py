"""What each rule did, told: an activation for every rule that fired, a near miss for every other one.

What was told is kept and used again while nothing that it tells of differs, since most of a trace is the same from
patient to patient: first by rule, then by clause. What is kept is bounded, and never changes what is told.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from boosterwatch.engine.decide.clauses import Placed
from boosterwatch.engine.decide.encode import activation_json, clause_json, not_fired_json_of, parameters_json
from boosterwatch.engine.decide.inputs import Inputs
from boosterwatch.engine.decide.near import not_fired
from boosterwatch.engine.decide.plan import RECOMMENDATION, Leaf, Plan, RulePlan
from boosterwatch.engine.decide.readings import Reading, clause, read, support
from boosterwatch.engine.decide.sentences import one_sentence, render
from boosterwatch.engine.model import Activation, Chosen, Clause, NotFired, Truth

KEPT = 32  # of each rule, and of each clause
BEATEN = "beaten"  # a row that is true below the row that won
SIGN = "sign"
Mark = Truth | str
Special = Callable[[str, tuple[Placed, ...]], str]
Parameters = Mapping[str, Chosen]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Told(NamedTuple):
    """One rule told: its row, the row as JSON, and, for a row of a sign that fired, what it rests on."""

    row: Activation | NotFired
    json: bytes
    basis: frozenset[str] = frozenset()


class Seen(NamedTuple):
    """One clause told: what it came to, as the trace shows it, and that as JSON."""

    reading: Reading
    clause: Clause
    json: bytes


class Teller:
    """Tells the rules of one pack under one choice of parameter values.

    What depends on no parameter that differs from those of `like` shares what that teller keeps.
    """

    __slots__ = ("_clauses", "_leaves", "_numbers", "_rules", "_supports", "_told", "chosen", "plan")

    def __init__(self, plan: Plan, chosen: Parameters, like: Teller | None = None) -> None:
        self.plan = plan
        self.chosen = chosen
        self._supports: list[dict[object, tuple[Placed, ...]]] = [{} for _ in plan.rules]
        self._numbers: dict[int, tuple[tuple[Chosen, ...], bytes]] = {}
        differing = _differing(chosen, like)
        self._clauses: list[dict[object, Seen]] = [
            like._clauses[at] if like is not None and differing.isdisjoint(leaf.test.parameters) else {}
            for at, leaf in enumerate(plan.leaves)
        ]
        self._told: list[dict[object, Told]] = [
            like._told[at] if like is not None and differing.isdisjoint(rule.parameters) else {}
            for at, rule in enumerate(plan.rules)
        ]
        self._leaves = tuple(zip(plan.leaves, self._clauses, strict=True))
        self._rules = tuple((rule.pick, told.get) for rule, told in zip(plan.rules, self._told, strict=True))

    def tell(self, marks: Sequence[Mark], inputs: Inputs) -> list[Told | None]:
        """Return every rule told, in the pack's order; None where the sentence waits for the other rules."""
        told = [get((mark, pick(inputs))) for mark, (pick, get) in zip(marks, self._rules, strict=True)]
        for at in [at for at, one in enumerate(told) if one is None]:
            rule, mark = self.plan.rules[at], marks[at]
            if not mark:
                told[at] = _keep(self._told[at], (mark, rule.pick(inputs)), self._missed(rule, mark, inputs))
            elif not rule.specials:
                told[at] = _keep(self._told[at], (mark, rule.pick(inputs)), self._fired(rule, mark, inputs, {}))
        return told

    def tell_late(self, rule: RulePlan, mark: Mark, inputs: Inputs, special: Special) -> Told:
        """Return a rule told whose sentence speaks of other rules."""
        carried = self._support(rule, inputs)
        specials = {name: special(name, carried) for name in rule.specials}
        key = (mark, rule.pick(inputs), *specials.values())
        found = self._told[rule.at].get(key)
        if found is None:
            found = _keep(self._told[rule.at], key, self._fired(rule, mark, inputs, specials))
        return found

    def _support(self, rule: RulePlan, inputs: Inputs) -> tuple[Placed, ...]:
        """Return the clauses that make a rule true."""
        key = rule.pick(inputs)
        found = self._supports[rule.at].get(key)
        if found is None:
            readings = [seen.reading for seen in self._see(rule, inputs)]
            found = _keep(self._supports[rule.at], key, tuple(support(rule.tree, readings)))
        return found

    def _see(self, rule: RulePlan, inputs: Inputs) -> list[Seen]:
        """Return the clauses of a rule told, in reading order."""
        seen: list[Seen] = []
        for at in rule.leaves:
            leaf, kept = self._leaves[at]
            key = leaf.pick(inputs)
            found = kept.get(key)
            seen.append(found if found is not None else _keep(kept, key, self._look(leaf, inputs)))
        return seen

    def _look(self, leaf: Leaf, inputs: Inputs) -> Seen:
        reading = read(leaf.test, inputs, self.chosen)
        shown = clause(leaf.test, reading)
        return Seen(reading, shown, clause_json(shown))

    def _missed(self, rule: RulePlan, mark: Mark, inputs: Inputs) -> Told:
        truth = None if mark is None else False
        seen = self._see(rule, inputs)
        row = not_fired(rule, truth, [one.reading for one in seen], [one.clause for one in seen])
        return Told(row, not_fired_json_of(row))

    def _fired(self, rule: RulePlan, mark: Mark, inputs: Inputs, specials: Mapping[str, str]) -> Told:
        seen = self._see(rule, inputs)
        parameters, encoded = self._parameters(rule)
        row = Activation(
            rule=rule.rule.id,
            stratum=rule.rule.stratum,
            effect=rule.effect + _standing(rule, mark),
            clauses=tuple(one.clause for one in seen),
            because=one_sentence(render(rule.sentence, inputs, self.chosen, specials)),
            parameters=parameters,
            source=rule.source,
        )
        basis = _basis(support(rule.tree, [one.reading for one in seen])) if rule.rule.kind == SIGN else frozenset()
        return Told(row, activation_json(row, [one.json for one in seen], encoded), basis)

    def _parameters(self, rule: RulePlan) -> tuple[tuple[Chosen, ...], bytes]:
        """Return the parameters that a rule uses, and their JSON."""
        found = self._numbers.get(rule.at)
        if found is None:
            chosen = tuple(self.chosen[name] for name in rule.parameters)
            found = self._numbers[rule.at] = (chosen, parameters_json(chosen))
        return found


def _differing(chosen: Parameters, like: Teller | None) -> frozenset[str]:
    """Return the parameters that were not chosen alike, told apart by identity."""
    other = like.chosen if like is not None else {}
    return frozenset(name for name, choice in chosen.items() if other.get(name) is not choice)


def _keep(kept: dict[K, V], key: K, value: V) -> V:
    if len(kept) >= KEPT:
        kept.clear()
    kept[key] = value
    return value


def _basis(tests: Iterable[Placed]) -> frozenset[str]:
    """Return what a row rests on: the tables whose states it read, and its other clauses; no `none` among them."""
    return frozenset(test.level.table if test.level is not None else test.text for test in tests if not test.negated)


def _standing(rule: RulePlan, mark: Mark) -> str:
    """Return how a row of a table fared."""
    if mark == BEATEN:
        return " (beaten)"
    return " (wins)" if rule.rule.kind == RECOMMENDATION else ""

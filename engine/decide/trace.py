"""What each rule did, told: an activation for every rule that fired, a near miss for every other one.

A told rule is kept and used again while nothing that it tells of differs, since most of a trace is the same from
patient to patient. What is kept is bounded, and never changes what is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from boosterwatch.engine.decide.clauses import Test, tests_of
from boosterwatch.engine.decide.encode import activation_json, not_fired_json_of
from boosterwatch.engine.decide.inputs import Inputs
from boosterwatch.engine.decide.near import not_fired
from boosterwatch.engine.decide.plan import RECOMMENDATION, Plan, RulePlan
from boosterwatch.engine.decide.readings import clause, read_all, support
from boosterwatch.engine.decide.sentences import one_sentence, render
from boosterwatch.engine.model import Activation, Chosen, NotFired, Truth

KEPT_PER_RULE = 48
KEPT_SUPPORTS = 256
BEATEN = "beaten"  # a row that is true below the row that won
Mark = Truth | str
Special = Callable[[str, tuple[Test, ...]], str]


class Told(NamedTuple):
    """One rule told: its row, the row as JSON, and the clauses that made it true."""

    row: Activation | NotFired
    json: bytes
    support: tuple[Test, ...] = ()


Kept = dict[tuple[object, ...], Told]


class Teller:
    """Tells the rules of one pack under one choice of parameter values.

    A rule none of whose parameters differ from those of `like` shares what that teller keeps.
    """

    __slots__ = ("_kept", "_rules", "_supports", "chosen", "plan")

    def __init__(self, plan: Plan, chosen: Mapping[str, Chosen], like: Teller | None = None) -> None:
        self.plan = plan
        self.chosen = chosen
        self._supports: dict[tuple[int, object], tuple[Test, ...]] = {}
        self._kept = [_kept_for(rule, chosen, like) for rule in plan.rules]
        self._rules = tuple((rule.pick, kept.get) for rule, kept in zip(plan.rules, self._kept, strict=True))

    def tell(self, marks: Sequence[Mark], inputs: Inputs) -> list[Told | None]:
        """Return every rule told, in the pack's order; None where the sentence waits for the other rules."""
        told = [get((mark, pick(inputs))) for mark, (pick, get) in zip(marks, self._rules, strict=True)]
        for at in [at for at, one in enumerate(told) if one is None]:
            rule, mark = self.plan.rules[at], marks[at]
            if not (mark and rule.specials):
                told[at] = self._tell(rule, mark, inputs)
        return told

    def tell_late(self, rule: RulePlan, mark: Mark, inputs: Inputs, special: Special) -> Told:
        """Return a rule told whose sentence speaks of other rules."""
        carried = self._support(rule, inputs)
        specials = {name: special(name, carried) for name in rule.specials}
        key = (mark, rule.pick(inputs), *specials.values())
        kept = self._kept[rule.at]
        found = kept.get(key)
        return found if found is not None else _keep(kept, key, self._fired(rule, mark, inputs, specials))

    def _support(self, rule: RulePlan, inputs: Inputs) -> tuple[Test, ...]:
        """Return the clauses that make a rule true."""
        key = (rule.at, rule.pick(inputs))
        found = self._supports.get(key)
        if found is None:
            found = tuple(support(rule.tree, read_all(rule.tree, inputs, self.chosen)))
            if len(self._supports) >= KEPT_SUPPORTS:
                self._supports.clear()
            self._supports[key] = found
        return found

    def _tell(self, rule: RulePlan, mark: Mark, inputs: Inputs) -> Told:
        told = self._fired(rule, mark, inputs, {}) if mark else self._missed(rule, mark, inputs)
        return _keep(self._kept[rule.at], (mark, rule.pick(inputs)), told)

    def _missed(self, rule: RulePlan, mark: Mark, inputs: Inputs) -> Told:
        readings = read_all(rule.tree, inputs, self.chosen)
        truth = None if mark is None else False
        row = not_fired(rule.rule, rule.effect, rule.tree, truth, readings)
        return Told(row, not_fired_json_of(row))

    def _fired(self, rule: RulePlan, mark: Mark, inputs: Inputs, specials: Mapping[str, str]) -> Told:
        readings = read_all(rule.tree, inputs, self.chosen)
        row = Activation(
            rule=rule.rule.id,
            stratum=rule.rule.stratum,
            effect=rule.effect + _standing(rule, mark),
            clauses=tuple(map(clause, tests_of(rule.tree), readings)),
            because=one_sentence(render(rule.sentence, inputs, self.chosen, specials)),
            parameters=tuple(self.chosen[name] for name in rule.parameters),
            source=rule.source,
        )
        return Told(row, activation_json(row), tuple(support(rule.tree, readings)))


def _kept_for(rule: RulePlan, chosen: Mapping[str, Chosen], like: Teller | None) -> Kept:
    if like is not None and all(chosen[name] is like.chosen[name] for name in rule.parameters):
        return like._kept[rule.at]
    return {}


def _keep(kept: Kept, key: tuple[object, ...], told: Told) -> Told:
    if len(kept) >= KEPT_PER_RULE:
        kept.clear()
    kept[key] = told
    return told


def _standing(rule: RulePlan, mark: Mark) -> str:
    """Return how a row of a table fared."""
    if mark == BEATEN:
        return " (beaten)"
    return " (wins)" if rule.rule.kind == RECOMMENDATION else ""

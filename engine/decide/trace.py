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
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.model import Activation, Chosen, NotFired, Truth

KEPT_PER_RULE = 48
BEATEN = "beaten"  # a row that is true below the row that won
Mark = Truth | str
Special = Callable[[str, tuple[Test, ...]], str]


class Told(NamedTuple):
    """One rule told: its row, the row as JSON, and the clauses that made it true."""

    row: Activation | NotFired
    json: bytes
    support: tuple[Test, ...] = ()


class Teller:
    """Tells the rules of one pack under one choice of parameter values."""

    __slots__ = ("_kept", "chosen", "plan")

    def __init__(self, plan: Plan, chosen: Mapping[str, Chosen]) -> None:
        self.plan = plan
        self.chosen = chosen
        self._kept: list[dict[tuple[Mark, object], Told]] = [{} for _ in plan.rules]

    def tell(self, marks: Sequence[Mark], inputs: Inputs) -> list[Told | None]:
        """Return every rule told, in the pack's order; None where the sentence waits for the other rules."""
        told: list[Told | None] = []
        for rule, kept, mark in zip(self.plan.rules, self._kept, marks, strict=True):
            key = (mark, rule.pick(inputs))
            found = kept.get(key)
            if found is None and not (mark and rule.varies):
                found = self._tell(rule, mark, inputs)
                if len(kept) >= KEPT_PER_RULE:
                    kept.clear()
                kept[key] = found
            told.append(found)
        return told

    def tell_late(self, rule: RulePlan, mark: Mark, inputs: Inputs, special: Special) -> Told:
        """Return a rule told whose sentence speaks of other rules."""
        return self._fired(rule, mark, inputs, special)

    def _tell(self, rule: RulePlan, mark: Mark, inputs: Inputs) -> Told:
        if mark:
            return self._fired(rule, mark, inputs, _no_special)
        readings = read_all(rule.tree, inputs, self.chosen)
        truth = None if mark is None else False
        row = not_fired(rule.rule, rule.effect, rule.tree, truth, readings)
        return Told(row, not_fired_json_of(row))

    def _fired(self, rule: RulePlan, mark: Mark, inputs: Inputs, special: Special) -> Told:
        readings = read_all(rule.tree, inputs, self.chosen)
        carried = tuple(support(rule.tree, readings))
        sentence = render(rule.sentence, inputs, self.chosen, lambda name: special(name, carried))
        row = Activation(
            rule=rule.rule.id,
            stratum=rule.rule.stratum,
            effect=rule.effect + _standing(rule, mark),
            clauses=tuple(map(clause, tests_of(rule.tree), readings)),
            because=one_sentence(sentence),
            parameters=tuple(self.chosen[name] for name in rule.parameters),
            source=rule.source,
        )
        return Told(row, activation_json(row), carried)


def _standing(rule: RulePlan, mark: Mark) -> str:
    """Return how a row of a table fared."""
    if mark == BEATEN:
        return " (beaten)"
    return " (wins)" if rule.rule.kind == RECOMMENDATION else ""


def _no_special(name: str, support: tuple[Test, ...]) -> str:
    raise InternalError(f"`{name}` was not put together")

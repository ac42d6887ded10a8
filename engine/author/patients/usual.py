"""Ready patients of a pack: for each of its rules one built so that the rule should be true. Kept per pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from boosterwatch.engine.author.patients.build import build_record
from boosterwatch.engine.author.patients.course import Parameters
from boosterwatch.engine.author.patients.days import AS_OF
from boosterwatch.engine.author.patients.goals import Goals
from boosterwatch.engine.author.patients.judge import measures_of
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Outcome
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import PerPack, values_in_force

Record = dict[str, Any]
_SCENES = 5  # of a rule in one round, until one of them makes it true
_ROUNDS = 4


def parameters_of(pack: ir.Pack) -> Parameters:
    """Return the values in force on the day on which made-up patients are evaluated."""
    return {name: choice.value for name, choice in values_in_force(pack, AS_OF).items()}


def usual_patients(loaded: LoadedPack) -> Iterator[Record]:
    """Yield a patient for each rule, by its place in the pack, as far as one could be built; each made once."""
    known = _kept.of(loaded.ir)
    for rule in loaded.ir.rules:
        if rule.id not in known:
            known[rule.id] = patient_of_rule(loaded, rule.id)
        found = known[rule.id]
        if found is not None:
            yield found


def patient_of_rule(loaded: LoadedPack, rule_id: str) -> Record | None:
    """Return a patient for whom the rule is true (and, in a table, wins); None when the first guesses all fail."""
    pack, parameters = loaded.ir, parameters_of(loaded.ir)
    place = next(n for n, rule in enumerate(pack.rules) if rule.id == rule_id)
    rule = pack.rules[place]
    goals = Goals(pack, parameters, drawn_of_nothing(loaded, parameters))
    for _ in range(_ROUNDS):
        drawn: set[str] = set()
        for scene, loose in islice(goals.of_rule(rule_id), _SCENES):
            record = build_record(pack, parameters, scene, loose)
            outcome = _outcome_of(loaded, record, parameters)
            if outcome is None:
                continue
            if outcome.truths[place] is True and (rule.table is None or outcome.states[rule.table] == rule.state):
                return record
            drawn |= _drawn(pack, outcome)
        if drawn <= goals.drawn:
            return None
        goals.drawn |= drawn  # whatever was in the way is denied in the next round
    return None


def _outcome_of(loaded: LoadedPack, record: Record, parameters: Parameters) -> Outcome | None:
    measures = measures_of(loaded, record)
    return None if measures is None else loaded.evaluators.reference.evaluate(measures.values, parameters)


def _drawn(pack: ir.Pack, outcome: Outcome) -> set[str]:
    return {rule.atom for rule, truth in zip(pack.rules, outcome.truths, strict=True) if truth is True}


def drawn_of_nothing(loaded: LoadedPack, parameters: Parameters) -> frozenset[str]:
    """Return the atoms drawn for a patient with a course and nothing else."""
    outcome = _outcome_of(loaded, build_record(loaded.ir, parameters, {}), parameters)
    return frozenset() if outcome is None else frozenset(_drawn(loaded.ir, outcome))


def _nothing(_pack: ir.Pack) -> dict[str, Mapping[str, Any] | None]:
    return {}


_kept: PerPack[dict[str, Any]] = PerPack(_nothing)

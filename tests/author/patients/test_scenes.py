"""Scenes that the prover finds become patients: the rule that it made true is true for a record that the engine reads."""

from __future__ import annotations

import pytest

from boosterwatch.engine.author.patients import patient_for
from boosterwatch.engine.author.patients.usual import parameters_of
from boosterwatch.tests.author.patients.targets import Record, outcome_of
from boosterwatch.tests.packs.files import default_pack

pytest.importorskip("z3")
PACK = default_pack()
RULES = [rule.id for rule in PACK.ir.rules[3::17]]


@pytest.mark.parametrize("rule", RULES)
def test_a_scene_becomes_a_patient(rule: str) -> None:
    from boosterwatch.engine.author.symbolic import Symbolic, find_scene

    place = next(n for n, one in enumerate(PACK.ir.rules) if one.id == rule)
    model = Symbolic(PACK.ir, parameters_of(PACK.ir))
    scene = find_scene([model], model.rule(rule), seconds=20)
    assert scene is not None

    def is_true(record: Record) -> bool:
        outcome = outcome_of(PACK, record)
        return outcome is not None and outcome.truths[place] is True

    assert patient_for(PACK, scene, is_true) is not None

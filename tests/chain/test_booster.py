"""The workload of the performance notes gives the same answers in every evaluator as in plain Python."""

from __future__ import annotations

import random

from boosterwatch.engine.chain.durable import Durable
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.chain.truth import drawn_in
from boosterwatch.tests.chain import booster
from boosterwatch.tests.chain.library import needs_durable_rules

PATIENTS = 10_000


def test_the_reference_recommends_what_the_policy_does() -> None:
    pack, parameters = booster.booster_pack()
    reference = Reference(pack)
    rng = random.Random(1)
    for _ in range(PATIENTS):
        patient = booster.random_patient(rng)
        recommendation, signs = booster.policy(patient)
        found = reference.conclude(patient, parameters)
        assert (found["states"]["recommendation"], list(found["drawn"])) == (recommendation, signs)
        assert reference.lost(patient, parameters) is ("severity" in signs)


@needs_durable_rules
def test_durable_rules_recommends_what_the_policy_does() -> None:
    pack, parameters = booster.booster_pack()
    durable = Durable(pack)
    rng = random.Random(2)
    for _ in range(PATIENTS):
        patient = booster.random_patient(rng)
        recommendation, signs = booster.policy(patient)
        outcome = durable.evaluate(patient, parameters)
        assert outcome.states == {"recommendation": recommendation}
        assert drawn_in(pack, outcome) - {f"recommendation={recommendation}"} == set(signs)
        assert durable.lost(patient, parameters) is ("severity" in signs)


def test_every_recommendation_turns_up() -> None:
    rng = random.Random(1)
    seen = {booster.policy(booster.random_patient(rng))[0] for _ in range(1000)}
    assert len(seen) == 6

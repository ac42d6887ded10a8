"""The quick verdicts are those of full evaluations: both evaluators, the whole decision, the cases' own comparison."""

from __future__ import annotations

import os
import random

import pytest

from boosterwatch.engine.author.cases import run_case
from boosterwatch.engine.author.rehearse import changed
from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.author.mutate.stage import mutants, rehearsal

PER_KIND = int(os.environ.get("BOOSTERWATCH_MUTANTS", "2"))
KINDS = ("shift", "strict", "turn", "negate", "drop", "swap")


@pytest.mark.parametrize("kind", KINDS)
def test_a_quick_verdict_is_that_of_a_full_run(kind: str) -> None:
    stage = rehearsal(every=19)
    of_kind = [mutant for mutant in mutants() if mutant.kind == kind]
    for mutant in random.Random(f"fast {kind}").sample(of_kind, PER_KIND):
        quick = [kept.case.id for kept in stage.broken_by(mutant.change)]
        pack = LoadedPack(changed(stage.pack, mutant.change))
        slow = [kept.case.id for kept in stage.kept if run_case(kept.case, pack).status != "passed"]
        assert quick == slow, mutant.name


@pytest.mark.parametrize(
    "owner",
    [
        "phq9.settle_days",
        "confirm_gap_max",
        "trigger_lookback",
        "review_fraction",
        "induction_gap_days",
        "cadence_middle",
    ],
)
def test_a_number_read_before_the_rules_is_measured_again(owner: str) -> None:
    stage = rehearsal(every=7)
    for mutant in (one for one in mutants() if one.owner == owner):
        quick = [kept.case.id for kept in stage.broken_by(mutant.change)]
        pack = LoadedPack(changed(stage.pack, mutant.change))
        sample = random.Random(mutant.name).sample(stage.kept, 25)
        slow = {kept.case.id for kept in sample if run_case(kept.case, pack).status != "passed"}
        assert slow == {kept.case.id for kept in sample if kept.case.id in quick}, mutant.name


def test_rules_as_functions_mean_what_the_definitions_say() -> None:
    stage = rehearsal(every=11)
    for kept in stage.kept:
        values = kept.run.measures.values
        assert stage.chained.run(values, kept.parameters)[0] == evaluate_slowly(stage.pack, values, kept.parameters)

"""The answer is wholly that of the active pack, whatever a trial says or does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import Diagnostic, InternalError, PackError, RecordError, render
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Outcome
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.engine.shadow import Difference, beside, differences, line_of, shadow
from boosterwatch.engine.shadow.told import told
from boosterwatch.tests.shadow.material import CANARY, PATIENT, active, broken, trial
from boosterwatch.tests.test_quick_screen import random_patient

HINT = "  hint: the decision is that of the active pack, as it would be without a trial\n"


def said(problem: Diagnostic | None) -> str:
    assert problem is not None
    return render([problem], {})


# ---------------------------------------------------------------- what differs


def test_what_differs_is_told_one_by_one() -> None:
    found = shadow(active(), trial(), PATIENT)
    assert found.problem is None
    assert found.trial == {"id": "quick-screen", "version": "1.1.0", "digest": active().digest}
    assert found.differences == (
        Difference("sign", "symptom_severity", "possible", "absent"),
        Difference("rule", "phq9_possible", "yes", "no"),
        Difference("rule", "source_symptom_severity_phq9", "yes", "no"),
        Difference("rule", "symptom_severity_possible_by_phq9", "yes", "no"),
    )
    assert told(found) == (
        "in the shadow, quick-screen@1.1.0: 4 differences\n"
        "  sign symptom_severity: possible -> absent\n"
        "  rules that fire no longer: phq9_possible, source_symptom_severity_phq9, symptom_severity_possible_by_phq9"
    )


def test_a_trial_that_agrees() -> None:
    found = shadow(active(), trial("phq9.delta", 4), PATIENT)
    assert (found.differences, found.problem) == ((), None)
    assert told(found) == "in the shadow, quick-screen@1.1.0: no difference"


def test_holds_cautions_flags_and_the_recommendation_are_compared() -> None:
    one = evaluate(active(), PATIENT)
    other = replace(
        one, recommendation="continue", urgency="now", response="partial", holds=("mania",), cautions=("pregnancy",),
        flags=(*one.flags, "settling"), signs={**one.signs, "extra": one.signs["sleep"]},
    )  # fmt: skip
    assert differences(one, other) == (
        Difference("recommendation", None, one.recommendation, "continue"),
        Difference("urgency", None, one.urgency, "now"),
        Difference("response", None, one.response, "partial"),
        Difference("sign", "extra", None, one.signs["sleep"].state),
        Difference("hold", "mania", "no", "yes"),
        Difference("caution", "pregnancy", "no", "yes"),
        Difference("flag", "settling", "no", "yes"),
    )
    lines = told(replace(shadow(active(), trial(), PATIENT), differences=differences(other, one))).splitlines()
    assert "  urgency: now -> none" in lines
    assert "  hold mania: not under the trial" in lines
    assert lines[0].endswith(": 7 differences")


def test_many_rules_are_cut_short() -> None:
    many = tuple(Difference("rule", f"rule_{number}", "no", "yes") for number in range(11))
    shown = told(replace(shadow(active(), trial(), PATIENT), differences=many)).splitlines()[1]
    assert shown.startswith("  rules that fire only under the trial: rule_0, ")
    assert shown.endswith(", rule_7, and 3 more")


@pytest.mark.parametrize("seed", range(40))
def test_differences_mirror_and_are_none_only_for_the_same(seed: int) -> None:
    record = random_patient(seed)
    one, other = evaluate(active(), record), evaluate(trial("gain_lost_probable", 0.3), record)
    there, back = differences(one, other), differences(other, one)
    turned = {Difference(each.what, each.id, each.trial, each.active) for each in back}
    assert set(there) == turned
    assert differences(one, one) == ()
    seen = [(side.recommendation, side.urgency, side.holds, side.flags, side.cautions) for side in (one, other)]
    assert there != () or seen[0] == seen[1]


# ---------------------------------------------------------------- the answer


@pytest.mark.parametrize("seed", range(40))
def test_the_answer_is_that_of_the_active_pack(seed: int) -> None:
    record = random_patient(seed)
    alone = to_json_bytes(evaluate(active(), record))
    for other in (trial(), trial("gain_lost_probable", 0.3), broken(RuntimeError())):
        assert to_json_bytes(shadow(active(), other, record).decision) == alone


class Spoiler(LoadedPack):
    """A trial that writes into the record it is given."""

    @property
    def evaluators(self) -> Any:
        """Return the evaluators, and spoil what can be spoilt."""
        for fact in RECORD.facts:
            fact.fields.clear()  # type: ignore[attr-defined]
        return active().evaluators


RECORD = record_from_mapping(PATIENT)


def test_a_trial_that_writes_into_the_record_comes_too_late() -> None:
    alone = to_json_bytes(evaluate(active(), PATIENT))
    assert to_json_bytes(shadow(active(), Spoiler(trial().ir), RECORD).decision) == alone


# ---------------------------------------------------------------- trials that fail


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(CANARY),
        MemoryError(CANARY),
        RecursionError(CANARY),
        InternalError(CANARY),
        KeyError(CANARY),
        OSError(5),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_trial_that_fails_is_told_without_a_value(error: Exception) -> None:
    found = shadow(active(), broken(error), PATIENT)
    assert (found.trial_decision, found.differences) == (None, ())
    message = said(found.problem)
    assert message.startswith(f"BW491 the trial `quick-screen@1.1.0` failed: {type(error).__name__} at material.py:")
    assert message.endswith(HINT)
    assert CANARY not in message
    assert CANARY.encode() not in line_of(found)


def test_a_trial_that_is_no_pack_at_all() -> None:
    found = shadow(active(), None, PATIENT)  # type: ignore[arg-type]
    assert said(found.problem).startswith("BW491 the trial `?` failed: AttributeError at run.py:")
    assert found.trial is None


def test_a_record_that_the_trial_cannot_use() -> None:
    loaded = LoadedPack(compile_reference("ketamine-maintenance@1.0.0"))
    record = {
        "as_of": "2026-03-20",
        "assessments": [{"instrument": "isi", "date": "2026-03-10", "total": 10}],
        "overrides": [{"parameter": "isi.delta", "value": 8, "reason": "r", "by": "b", "date": "2026-03-10"}],
    }
    found = shadow(loaded, trial(), record)
    assert found.decision == evaluate(loaded, record)
    assert said(found.problem) == f"BW492 the trial `quick-screen@1.1.0` cannot use the record: BW330, BW333\n{HINT}"


class Differing(LoadedPack):
    """A pack whose second evaluator finds nothing true."""

    @property
    def evaluators(self) -> Any:
        """Return evaluators that differ."""
        agreed = LoadedPack(self.ir).evaluators
        assert agreed.durable is not None

        def nothing(*_: Any) -> Outcome:
            return Outcome((False,) * len(self.ir.rules), {table.id: table.otherwise for table in self.ir.tables})

        agreed.durable.evaluate = nothing  # type: ignore[assignment]
        return agreed


def test_a_trial_whose_evaluators_differ() -> None:
    found = shadow(active(), Differing(trial().ir), PATIENT)
    message = said(found.problem)
    assert message.startswith("BW493 of the trial `quick-screen@1.1.0` the evaluators differ on ")
    assert message.endswith(HINT)
    assert found.trial_decision is not None
    assert found.trial_decision.error is not None
    assert (found.differences, found.decision) == ((), evaluate(active(), PATIENT))


def test_a_trial_never_stands_in_for_evaluators_that_differ() -> None:
    found = shadow(Differing(active().ir), broken(AssertionError("it ran")), PATIENT)
    assert found.decision.recommendation == "none"
    message = said(found.problem)
    assert message.startswith(
        "BW494 the evaluators differ on the decision itself, so the trial was not run\n  hint: the evaluators differ on "
    )
    assert (found.trial_decision, found.differences) == (None, ())


# ---------------------------------------------------------------- who may run


def test_a_draft_may_not_run_in_the_shadow() -> None:
    found = shadow(active(), trial(status="draft"), PATIENT)
    assert said(found.problem) == (
        "BW490 `quick-screen@1.1.0` is a draft and may not run in the shadow of another\n"
        "  hint: a draft runs only its tests; make it a `trial` through a release\n"
    )
    assert (found.decision, found.trial_decision) == (evaluate(active(), PATIENT), None)


@pytest.mark.parametrize("status", ["trial", "active", "retired"])
def test_who_may_run_in_the_shadow(status: str) -> None:
    assert shadow(active(), trial(status=status), PATIENT).problem is None


@pytest.mark.parametrize("status", ["trial", "draft"])
def test_a_trial_or_a_draft_never_gives_the_answer(status: str) -> None:
    with pytest.raises(PackError, match=f"BW142 `quick-screen@1.1.0` is a {status} and may not decide"):
        shadow(trial(status=status), active(), PATIENT)


def test_a_record_that_the_active_pack_cannot_use_is_refused_as_ever() -> None:
    with pytest.raises(RecordError, match="BW330"):
        shadow(active(), trial(), {"as_of": "2026-03-20", "assessments": [{"instrument": "isi", "date": "2026-03-10"}]})


def test_a_host_may_answer_first() -> None:
    facts = record_from_mapping(PATIENT)
    decision = evaluate(active(), facts)
    assert beside(decision, trial(), facts) == shadow(active(), trial(), PATIENT)

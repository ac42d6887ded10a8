"""Both evaluators together: equal on invented packs, loud where they differ, honest where one is missing."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import HealthCheck, given, settings

from boosterwatch.engine.chain import agree as agree_module
from boosterwatch.engine.chain.agree import Agreed, EngineDisagreement
from boosterwatch.engine.chain.durable import Durable, DurableError, durable_available
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.model import Agreement, Outcome, Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import packs, policy_sized
from boosterwatch.tests.chain.library import needs_durable_rules
from boosterwatch.tests.chain.packs import compare, rule
from boosterwatch.tests.chain.strategies import Case, cases, invent_pack, invent_parameters, invent_values

PARAMETERS = {"cut": 10}


def pack() -> ir.Pack:
    rows = [rule("sleep_possible", compare("x", ">=", "cut"), table="sleep", state="possible")]
    rules = [*rows, rule("high", compare("x", ">=", "cut")), rule("other", compare("y", ">=", "cut"))]
    return packs.pack(rules, [packs.table("sleep", rows, "absent")], ["high"])


# ---------------------------------------------------------------- agreement


@needs_durable_rules
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_all_three_agree_on_invented_packs(case: Case) -> None:
    outcome = evaluate_slowly(case.pack, case.values, case.parameters)
    agreed = Agreed(case.pack)
    assert agreed.evaluate(case.values, case.parameters)[0] == outcome
    assert agreed.durable is not None
    durable = agreed.durable.evaluate(case.values, case.parameters)
    assert list(durable.states) == list(agreed.reference.evaluate(case.values, case.parameters).states)
    agreed.lost(case.values, case.parameters)


@needs_durable_rules
@pytest.mark.parametrize("seed", range(100))
def test_all_three_agree_on_larger_ones(seed: int) -> None:
    rng = random.Random(seed)
    made = invent_pack(rng, layers=6, width=9)
    agreed = Agreed(made)
    for _ in range(10):
        values, parameters = invent_values(rng, made), invent_parameters(rng, made)
        assert agreed.evaluate(values, parameters)[0] == evaluate_slowly(made, values, parameters)
        agreed.lost(values, parameters)


@needs_durable_rules
def test_all_three_agree_on_a_whole_policy() -> None:
    made, parameters = policy_sized.policy_sized_pack(), policy_sized.policy_parameters()
    agreed = Agreed(made)
    rng = random.Random(13)
    lost = 0
    for number in range(300):
        patient = policy_sized.policy_patient(rng, (1.0, 0.9, 0.6)[number % 3])
        outcome, agreement = agreed.evaluate(patient, parameters)
        assert outcome == evaluate_slowly(made, patient, parameters)
        assert agreement == Agreement(("reference", "durable_rules"), True)
        lost += agreed.lost(patient, parameters)
    assert 0 < lost < 300


# ---------------------------------------------------------------- disagreement


Liar = Callable[[Mapping[str, Scalar], Mapping[str, int | float]], object]


def with_liar(monkeypatch: pytest.MonkeyPatch, **answers: Liar) -> Agreed:
    """Return both evaluators, of which the second one answers as told."""

    class Lying:
        def __init__(self, pack: ir.Pack) -> None:
            vars(self).update(answers)

    monkeypatch.setattr(agree_module, "Durable", Lying)
    monkeypatch.setattr(agree_module, "durable_available", lambda: (True, ""))
    return Agreed(pack())


def test_a_difference_names_the_rules_and_tables_and_keeps_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Outcome((True, False, False), {"sleep": "absent"})
    agreed = with_liar(monkeypatch, evaluate=lambda *_: other)
    with pytest.raises(EngineDisagreement) as problem:
        agreed.evaluate({"x": 12}, PARAMETERS)
    difference = problem.value
    assert difference.reference == Outcome((True, True, None), {"sleep": "possible"})
    assert difference.durable == other
    assert (difference.rules, difference.tables, difference.fault) == (("high", "other"), ("sleep",), None)
    assert str(difference) == "the evaluators differ on high, other, table sleep"


def test_unknown_and_false_are_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = with_liar(monkeypatch, evaluate=lambda *_: Outcome((True, True, False), {"sleep": "possible"}))
    with pytest.raises(EngineDisagreement, match="differ on other"):
        agreed.evaluate({"x": 12}, PARAMETERS)


def test_a_difference_in_the_lookback(monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = with_liar(monkeypatch, lost=lambda *_: False)
    assert agreed.lost({"x": 1}, PARAMETERS) is False
    with pytest.raises(EngineDisagreement, match="differ on lookback") as problem:
        agreed.lost({"x": 12}, PARAMETERS)
    assert (problem.value.reference, problem.value.durable) == (True, False)


def raising(fault: Exception) -> Liar:
    def fail(*_: object) -> object:
        raise fault

    return fail


def test_a_fault_is_a_disagreement_and_never_a_fallback(monkeypatch: pytest.MonkeyPatch) -> None:
    agreed = with_liar(monkeypatch, evaluate=raising(DurableError("stuck")), lost=raising(ValueError("score 27")))
    with pytest.raises(EngineDisagreement, match=r"^stuck$") as problem:
        agreed.evaluate({"x": 12}, PARAMETERS)
    assert problem.value.reference == Outcome((True, True, None), {"sleep": "possible"})
    assert problem.value.durable is None
    with pytest.raises(EngineDisagreement, match=r"^durable_rules failed: ValueError$"):
        agreed.lost({"x": 12}, PARAMETERS)


@needs_durable_rules
def test_a_value_outside_the_subset_is_a_disagreement() -> None:
    with pytest.raises(EngineDisagreement, match="too big to be exact"):
        Agreed(pack()).evaluate({"x": 2**53 + 1}, PARAMETERS)


# ---------------------------------------------------------------- without the library


@pytest.fixture
def unimportable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import_module = importlib.import_module

    def refuse(name: str) -> object:
        if name == "durable_rules_engine":
            raise ImportError("undefined symbol: PyEval_CallObject")
        return import_module(name)

    monkeypatch.setattr(importlib, "import_module", refuse)
    durable_available.cache_clear()
    yield
    monkeypatch.undo()
    durable_available.cache_clear()


@pytest.mark.usefixtures("unimportable")
def test_without_the_library_the_reference_decides_and_says_so() -> None:
    agreed = Agreed(pack())
    outcome, agreement = agreed.evaluate({"x": 12}, PARAMETERS)
    assert outcome == Reference(pack()).evaluate({"x": 12}, PARAMETERS)
    assert (agreement.evaluators, agreement.agreed) == (("reference",), None)
    assert agreement.note == "durable_rules cannot be imported: ImportError: undefined symbol: PyEval_CallObject"
    assert agreed.lost({"x": 12}, PARAMETERS) is True
    with pytest.raises(DurableError, match="cannot be imported"):
        Durable(pack())


def test_importing_does_not_need_the_library() -> None:
    code = (
        "import sys; sys.modules['durable_rules_engine'] = None\n"
        "from boosterwatch.engine.chain.agree import durable_available\n"
        "print(durable_available()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@needs_durable_rules
def test_importing_does_not_load_the_library() -> None:
    code = "import sys, boosterwatch.engine.chain.agree; print('durable_rules_engine' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"

"""The durable_rules evaluator: inside its safe subset, among threads, after errors, and in the face of bad values."""

from __future__ import annotations

import gc
import locale
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.chain import durable as durable_module
from boosterwatch.engine.chain import rulesets
from boosterwatch.engine.chain.durable import Durable, DurableError
from boosterwatch.engine.chain.plan import Plan
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import booster, packs, policy_sized
from boosterwatch.tests.chain.library import needs_durable_rules
from boosterwatch.tests.chain.packs import compare, compare_measures, rule
from boosterwatch.tests.chain.strategies import invent_case, invent_parameters, invent_values
from boosterwatch.tests.chain.strict_library import StrictLibrary, names_in

RESIDENT = Path("/proc/self/statm")


def use_library(monkeypatch: pytest.MonkeyPatch, library: object) -> None:
    """Let every ruleset opened from here on be this library's."""
    monkeypatch.setattr(rulesets, "library", lambda: library)
    monkeypatch.setattr(durable_module, "library", lambda: library)


# ---------------------------------------------------------------- the safe subset


@pytest.mark.parametrize("seed", range(60))
def test_every_fact_and_ruleset_stays_in_the_safe_subset(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    use_library(monkeypatch, StrictLibrary())
    rng = random.Random(seed)
    case = invent_case(rng, layers=4, width=6)
    durable = Durable(case.pack)
    for _ in range(5):
        values, parameters = invent_values(rng, case.pack), invent_parameters(rng, case.pack)
        assert durable.evaluate(values, parameters) == evaluate_slowly(case.pack, values, parameters)
        assert durable.lost(values, parameters) is Reference(case.pack).lost(values, parameters)


def test_a_whole_policy_stays_in_the_safe_subset(monkeypatch: pytest.MonkeyPatch) -> None:
    library = StrictLibrary()
    use_library(monkeypatch, library)
    pack, parameters = policy_sized.policy_sized_pack(), policy_sized.policy_parameters()
    durable = Durable(pack)
    for known in (1.0, 0.8, 0.3, 0.0):
        patient = policy_sized.policy_patient(random.Random(3), known)
        assert durable.evaluate(patient, parameters) == evaluate_slowly(pack, patient, parameters)
    assert len(pack.rules) > 200
    assert library.made < 25


def wide(number: int) -> tuple[ir.Condition, ...]:
    return tuple(ir.All((compare(f"a.{n}", ">=", "cut"), compare(f"b.{n}", ">=", "cut"))) for n in range(number))


WIDE: list[tuple[str, ir.Condition]] = [
    ("alternatives", ir.Any(wide(40))),
    (
        "all of alternatives",
        ir.All(tuple(ir.Any((part, compare(f"c.{n}", "<", "cut"))) for n, part in enumerate(wide(20)))),
    ),
    ("500 tests", ir.All(tuple(compare(f"d.{n}", ">=", "cut") for n in range(500)))),
    ("nested", ir.Not(ir.Any((ir.All((ir.Any(wide(9)), ir.Not(ir.Any(wide(7))))), *wide(6))))),
]


@pytest.mark.parametrize("condition", [row[1] for row in WIDE], ids=[row[0] for row in WIDE])
@pytest.mark.parametrize("strict", [True, pytest.param(False, marks=needs_durable_rules)])
def test_rules_that_are_split_mean_the_same(
    condition: ir.Condition, strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if strict:
        use_library(monkeypatch, StrictLibrary())
    pack = packs.pack([rule("wide", condition)], lookback=["wide"])
    durable, reference = Durable(pack), Reference(pack)
    rng = random.Random(7)
    for _ in range(20):
        known, high = rng.choice((0.3, 0.97, 1.0)), rng.choice((0.2, 0.8, 0.995))
        names = [f"{letter}.{n}" for letter in "abc" for n in range(40)] + [f"d.{n}" for n in range(500)]
        values: dict[str, Scalar] = {n: int(rng.random() < high) for n in names if rng.random() < known}
        outcome = evaluate_slowly(pack, values, {"cut": 1})
        assert durable.evaluate(values, {"cut": 1}) == outcome == reference.evaluate(values, {"cut": 1})
        assert durable.lost(values, {"cut": 1}) is (outcome.truths[0] is True)


@needs_durable_rules
def test_the_library_answers_as_its_json_reads() -> None:
    real, strict = rulesets.library(), StrictLibrary()
    rng = random.Random(11)
    for _ in range(40):
        case = invent_case(rng, layers=3, width=5)
        plan = Plan(case.pack, range(len(case.pack.rules)), both_rails=True)
        for chunk in plan.chunks:
            handles = real.create_ruleset("r", chunk.rules), strict.create_ruleset("r", chunk.rules)
            names = sorted({name for tests in strict.rulesets[handles[1]].rules.values() for name in names_in(tests)})
            for _ in range(10):
                present = [name for name in names if not name.startswith("m") or rng.random() < 0.7]
                fact = "{" + "".join(f'"{n}":{rng.choice((-1, 0, 1, 2, 10**18))},' for n in present) + rulesets.FACT_END
                answers = [
                    fired(library, handle, fact) for library, handle in zip((real, strict), handles, strict=True)
                ]
                assert answers[0] == answers[1]


def fired(library: Any, handle: int, fact: str) -> list[str]:
    code, place = library.assert_fact(handle, fact)
    if code == 1:
        return []
    started = library.start_action_for_state(handle, place)
    found, message = [], started and started[1]
    while message is not None:
        found.append(message[2 : message.index('"', 2)])
        message = library.complete_and_start_action(handle, place)
    library.retract_fact(handle, '{"id":"f","sid":"s"}')
    return sorted(found)


# ---------------------------------------------------------------- values and parameters


@needs_durable_rules
@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_values_changes_nothing(seed: int) -> None:
    case = invent_case(random.Random(seed), layers=4, width=6)
    durable = Durable(case.pack)
    backwards = dict(reversed(list(case.values.items())))
    assert durable.evaluate(case.values, case.parameters) == durable.evaluate(backwards, case.parameters)


@needs_durable_rules
def test_parameters_may_change_from_one_evaluation_to_the_next() -> None:
    pack = packs.pack([rule("high", compare("x", ">=", "cut", "times"))], lookback=["high"])
    durable = Durable(pack)
    parameters: dict[str, int | float] = {"cut": 10, "times": 1}
    answers = []
    for cut, times in [(10, 1), (11, 1), (10, 1), (10, 1.5), (2.5, 4), (10, 1.0000000000000002)]:
        parameters.update(cut=cut, times=times)  # the same mapping, changed in place
        answers.append((durable.evaluate({"x": 10}, parameters).truths[0], durable.lost({"x": 10}, parameters)))
    assert answers == [(truth, truth) for truth in (True, False, True, False, True, False)]


BAD: list[tuple[str, Mapping[str, Any]]] = [
    ("text", {"x": "12"}),
    ("other text", {"x": "abc"}),
    ("NaN", {"x": float("nan")}),
    ("infinity", {"x": float("inf")}),
    ("inexact", {"x": 2**53 + 1}),
    ("far too big", {"x": 10**400}),
]


@needs_durable_rules
@pytest.mark.parametrize("values", [row[1] for row in BAD], ids=[row[0] for row in BAD])
def test_a_value_outside_the_subset_is_refused_and_does_no_harm(values: Mapping[str, Any]) -> None:
    durable = Durable(packs.pack([rule("high", compare("x", ">=", "cut"))]))
    for _ in range(3):
        with pytest.raises(DurableError):
            durable.evaluate(values, {"cut": 10})
        assert durable.evaluate({"x": 12}, {"cut": 10}).truths == (True,)


@needs_durable_rules
def test_a_missing_parameter_is_a_fault() -> None:
    durable = Durable(packs.pack([rule("high", compare("x", ">=", "cut"))]))
    with pytest.raises(KeyError):
        durable.evaluate({"x": 12}, {})


@pytest.fixture
def german() -> Iterator[None]:
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "de_DE.UTF-8")
    except locale.Error:
        pytest.skip("this machine has no German locale")
    yield
    locale.setlocale(locale.LC_ALL, before)


@needs_durable_rules
@pytest.mark.usefixtures("german")
def test_a_decimal_comma_changes_nothing() -> None:
    durable = Durable(packs.pack([rule("high", compare("x", ">=", "cut")), rule("b", compare_measures("x", ">", "y"))]))
    assert durable.evaluate({"x": 5.3, "y": 5.2}, {"cut": 5.6}).truths == (False, True)


@needs_durable_rules
def test_a_stale_answer_never_stands_in_for_a_missing_right_side() -> None:
    """Without its guard the second comparison reads what the first one left on the stack, and fires."""
    rules = [rule("a", compare_measures("x", ">=", "w")), rule("b", compare_measures("x", ">=", "y"))]
    assert Durable(packs.pack(rules)).evaluate({"x": 5, "w": 1}, {}).truths == (True, None)


# ---------------------------------------------------------------- threads and memory


@needs_durable_rules
def test_four_threads_get_the_answers_of_one() -> None:
    pack, parameters = booster.booster_pack()
    durable, reference = Durable(pack), Reference(pack)
    wrong: list[object] = []

    def work(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(2000):
            patient = booster.random_patient(rng)
            if durable.evaluate(patient, parameters) != reference.evaluate(patient, parameters):
                wrong.append(patient)
            if durable.lost(patient, parameters) is not reference.lost(patient, parameters):
                wrong.append(patient)

    in_threads(work, 4)
    assert wrong == []


def in_threads(work: Callable[[int], None], number: int) -> None:
    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_thread_gives_its_rulesets_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = StrictLibrary()
    use_library(monkeypatch, library)
    durable = Durable(booster.booster_pack()[0])
    in_threads(lambda _: use(durable), 3)
    assert library.made > 0
    assert library.rulesets == {}


def test_an_evaluator_gives_its_rulesets_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = StrictLibrary()
    use_library(monkeypatch, library)
    durable = Durable(booster.booster_pack()[0])
    use(durable)
    assert library.rulesets != {}
    del durable
    gc.collect()
    assert library.rulesets == {}


def use(durable: Durable) -> None:
    durable.evaluate({}, booster.booster_pack()[1])


def resident() -> int:
    """Return the megabytes this process holds."""
    return int(RESIDENT.read_text().split()[1]) * 4096 >> 20


@needs_durable_rules
@pytest.mark.skipif(not RESIDENT.exists(), reason="reads the memory of the process from /proc")
def test_memory_stays_flat() -> None:
    pack, parameters = booster.booster_pack()
    durable = Durable(pack)
    rng = random.Random(5)

    def run(times: int) -> None:
        for _ in range(times):
            patient: dict[str, Any] = {**booster.random_patient(rng), "phq9_latest": rng.random() * 27}
            durable.evaluate(patient, parameters)
            durable.lost(patient, parameters)

    run(2000)
    before = resident()
    run(20_000)
    assert resident() - before < 8


# ---------------------------------------------------------------- faults


class Broken:
    """A library that fails now and then, and passes everything else on."""

    def __init__(self, library: object) -> None:
        self._library = library
        self.fault: dict[str, Callable[..., object]] = {}

    def __getattr__(self, name: str) -> object:
        return self.fault.get(name) or getattr(self._library, name)


def failing(*_: object) -> object:
    raise RuntimeError("lost")


def interrupted(*_: object) -> object:
    raise KeyboardInterrupt


FAULTS: list[tuple[str, str, Callable[..., object], type[BaseException]]] = [
    ("refused fact", "assert_fact", failing, RuntimeError),
    ("doubled fact", "assert_fact", lambda *_: (2, 1), DurableError),
    ("deferred fact", "assert_fact", lambda *_: (3, 1), DurableError),
    ("stuck session", "start_action_for_state", lambda *_: None, DurableError),
    ("interrupted in the middle", "complete_and_start_action", interrupted, KeyboardInterrupt),
    ("no retraction", "retract_fact", failing, RuntimeError),
]


@pytest.mark.parametrize(("name", "fault", "kind"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
@pytest.mark.parametrize("strict", [True, pytest.param(False, marks=needs_durable_rules)])
def test_after_any_error_the_rulesets_are_made_anew(
    name: str, fault: Callable[..., object], kind: type[BaseException], strict: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = Broken(StrictLibrary() if strict else rulesets.library())
    use_library(monkeypatch, library)
    pack, parameters = booster.booster_pack()
    durable, reference = Durable(pack), Reference(pack)
    rng = random.Random(9)
    for _ in range(10):
        patients = [booster.random_patient(rng) | {"responder": True, "phq9_latest": 20} for _ in range(5)]
        for patient in patients:
            assert durable.evaluate(patient, parameters) == reference.evaluate(patient, parameters)
        library.fault = {name: fault}
        with pytest.raises(kind):
            durable.evaluate(dict.fromkeys(booster.NUMBERS, 30) | {"responder": True}, parameters)
        library.fault = {}


@pytest.mark.parametrize(("name", "fault", "kind"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_an_error_while_a_ruleset_opens_leaves_none_behind(
    name: str, fault: Callable[..., object], kind: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    strict = StrictLibrary()
    library = Broken(strict)
    use_library(monkeypatch, library)
    pack, parameters = booster.booster_pack()
    durable = Durable(pack)
    library.fault = {name: fault}
    with pytest.raises(kind):
        durable.evaluate({}, parameters)
    assert strict.rulesets == {}
    library.fault = {}
    assert durable.evaluate({}, parameters) == Reference(pack).evaluate({}, parameters)


def test_true_and_false_at_once_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    use_library(monkeypatch, StrictLibrary())
    monkeypatch.setattr(rulesets.Rulesets, "fire", lambda *_: ["00000T", "00000F"])
    durable = Durable(packs.pack([rule("high", compare("x", ">=", "cut"))]))
    with pytest.raises(DurableError, match="both true and false"):
        durable.evaluate({}, {"cut": 10})


def test_an_evaluation_inside_another_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Broken(StrictLibrary())
    use_library(monkeypatch, library)
    durable = Durable(packs.pack([rule("high", compare("x", ">=", "cut"))]))
    library.fault = {"assert_fact": lambda *_: durable.evaluate({}, {"cut": 1})}
    with pytest.raises(DurableError, match="inside another"):
        durable.evaluate({}, {"cut": 1})
    library.fault = {}
    assert durable.evaluate({"x": 1}, {"cut": 1}).truths == (True,)


def test_a_refused_value_costs_no_ruleset(monkeypatch: pytest.MonkeyPatch) -> None:
    library = StrictLibrary()
    use_library(monkeypatch, library)
    durable = Durable(packs.pack([rule("high", compare("x", ">=", "cut"))]))
    for value in (12, "12", 12):
        with suppress(DurableError):
            durable.evaluate({"x": value}, {"cut": 10})
    assert library.made == 1


def test_without_a_lookback_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    use_library(monkeypatch, StrictLibrary())
    assert Durable(packs.pack([rule("a", ir.All(()))])).lost({}, {}) is False

"""The default pack keeps every promise; a pack that breaks one is caught with a patient whom both engines confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import z3

from boosterwatch.engine.author.prove.counter import Counter
from boosterwatch.engine.author.prove.prove import prove
from boosterwatch.engine.author.prove.read import Promises
from boosterwatch.engine.author.prove.solve import Prover
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.overlay.loosen import Guard, guard_of
from boosterwatch.engine.pack import ir
from boosterwatch.tests.author.prove.unsafe import ON, UNSAFE, default_promises, promises, proved
from boosterwatch.tests.packs.files import default_files, edit

BOOSTER = "consider_booster"


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Promises:
    return default_promises(tmp_path_factory.mktemp("default"))


def test_the_default_pack_keeps_every_promise(default: Promises) -> None:
    results = list(prove(default, ON.toordinal()))
    assert [one.answer.of.id for one in results if not one.proved] == []
    assert len(results) >= 9


def test_for_every_promise_an_unsafe_pack_is_tried(default: Promises) -> None:
    assert {one.id for one in default.properties} == {*UNSAFE, "one_recommendation"}


# ---------------------------------------------------------------- what the counter-examples show


def decisions(counter: Counter, pack: ir.Pack) -> list[Decision]:
    """Return the decisions of the engines about the records of a counter-example."""
    found = [evaluate(LoadedPack(pack), patient.record) for patient in counter.patients]
    assert all(one.error is None and one.engine["agreement"] is True for one in found), found[0].engine
    return found


def broken(id: str, folder: Path) -> tuple[Counter, list[Decision]]:
    read = promises(UNSAFE[id](default_files()), folder)
    result = proved(read, id)
    assert result.answer.verdict == "broken"
    assert result.counter is not None
    return result.counter, decisions(result.counter, read.pack)


def test_an_urgent_trigger_that_does_not_win(tmp_path: Path) -> None:
    _, (decision,) = broken("urgent_wins", tmp_path)
    assert decision.recommendation != "urgent_safety_review"
    assert decision.holds


def test_a_booster_on_hold(tmp_path: Path) -> None:
    _, (decision,) = broken("no_booster_on_hold", tmp_path)
    assert decision.recommendation == BOOSTER
    assert decision.holds


def test_a_booster_from_time_alone(tmp_path: Path) -> None:
    counter, (decision,) = broken("no_booster_from_time", tmp_path)
    assert decision.recommendation == BOOSTER
    assert {sign.state for sign in decision.signs.values()} <= {"absent", "cannot_assess", "not_applicable"}
    assert counter.patients[0].record.keys() == {"as_of", "infusions"}  # nothing but time


def test_a_booster_from_one_source(tmp_path: Path) -> None:
    counter, (decision,) = broken("no_booster_from_one_source", tmp_path)
    assert decision.recommendation == BOOSTER
    (patient,) = counter.patients
    sources = {rule.atom for rule in patient.pack.rules if rule.kind == "source"}
    assert sum(z3.is_true(patient.drawn(source)) for source in sources) == 1


LEVELS = {"cannot_assess": 0, "not_applicable": 0, "absent": 0, "possible": 1, "probable": 2}


def test_a_worse_score_that_lowers_a_sign(tmp_path: Path) -> None:
    counter, (before, after) = broken("worse_score_keeps_signs", tmp_path)
    lowered = [id for id, sign in before.signs.items() if LEVELS[sign.state] > LEVELS[after.signs[id].state]]
    assert lowered
    assert_one_form_differs(counter)


def test_a_worse_score_that_lowers_the_recommendation(tmp_path: Path) -> None:
    counter, (before, after) = broken("worse_score_keeps_recommendation", tmp_path)
    assert (before.recommendation, after.recommendation) in {
        ("reassess", "continue"),
        ("provider_check_in", "continue"),
        ("provider_check_in", "reassess"),
    }
    assert_one_form_differs(counter)


def assert_one_form_differs(counter: Counter) -> None:
    """The two records are the same but for the scores of one form."""
    before, after = (patient.record for patient in counter.patients)
    assert {**before, "assessments": None} == {**after, "assessments": None}
    pairs = zip(before["assessments"], after["assessments"], strict=True)
    ((was, now),) = ((was, now) for was, now in pairs if was != now)
    assert (was["instrument"], was["date"]) == (now["instrument"], now["date"])


def test_a_booster_from_facts_left_out(tmp_path: Path) -> None:
    counter, (before, after) = broken("unknown_gives_no_booster", tmp_path)
    assert before.recommendation != BOOSTER
    assert after.recommendation == BOOSTER
    more, less = (patient.record for patient in counter.patients)
    assert [form for form in less["assessments"] if form not in more["assessments"]] == []
    assert size(less) < size(more)


def size(record: Mapping[str, Any]) -> int:
    return sum(len(value) if isinstance(value, list) else 1 for value in record.values())


def test_a_number_of_a_patient_that_loosens_a_trigger(tmp_path: Path) -> None:
    counter, (before, after) = broken("no_layer_loosens", tmp_path)
    first, second = (patient.record for patient in counter.patients)
    assert "overrides" not in first
    (own,) = second["overrides"]
    assert second == {**first, "overrides": [own]}
    assert (own["parameter"], own["value"] < 7) == ("bp_crisis_days", True)
    urgent = [one.recommendation == "urgent_safety_review" for one in (before, after)]
    assert urgent == [True, False]


def exempt(read: Promises, *parameters: str) -> Promises:
    """Return the promises, in which of the layers only these numbers are left out."""
    (which,) = (one for one in read.properties if one.id == "no_layer_loosens")
    kept = tuple(one for one in which.exceptions if one.parameter in parameters)
    return replace(read, properties=(replace(which, exceptions=kept),))


def asked(read: Promises) -> str:
    """Return what the model alone says of the layers; no record is looked for."""
    (which,) = (one for one in read.properties if one.id == "no_layer_loosens")
    numbers = {one.name: one.values[-1].value for one in read.pack.parameters}
    return Prover(read.pack, numbers, ON.toordinal()).ask(which).verdict


def test_each_number_that_a_patient_may_set_is_an_exception_for_a_reason(default: Promises) -> None:
    both = ("trigger_lookback", "induction_gap_days")
    assert [asked(exempt(default, *kept)) for kept in (both, both[:1], both[1:], ())] == ["proved", *["broken"] * 3]


def test_a_longer_window_takes_nothing_away(tmp_path: Path) -> None:
    for low, verdict in ((89, "broken"), (90, "proved")):
        files = edit(default_files(), "parameters.yaml", "allowed: 30 to 365", f"allowed: {low} to 365")
        assert asked(exempt(promises(files, tmp_path / str(low)), "induction_gap_days")) == verdict


def test_a_shorter_lookback_of_a_patient_is_shown_with_a_record(default: Promises) -> None:
    result = proved(exempt(default, "induction_gap_days"), "no_layer_loosens")
    assert result.counter is not None
    before, after = decisions(result.counter, default.pack)
    triggers = {rule.id for rule in default.pack.rules if rule.kind in ("trigger", "hold")}
    fired = [{row.rule for row in one.trace} & triggers for one in (before, after)]
    assert fired[0] - fired[1]
    assert result.counter.patients[1].record["overrides"][0]["parameter"] == "trigger_lookback"


RANGE = "  bp_hold_systolic:\n", "  bp_hold_systolic:\n    allowed: 140 to 180\n"
GUARD = "boosterwatch.engine.author.prove.layers.guard_of"


def test_a_range_of_a_number_with_a_stricter_side_needs_no_exception(tmp_path: Path) -> None:
    assert asked(promises(edit(default_files(), "parameters.yaml", *RANGE), tmp_path)) == "proved"


def test_the_proof_does_not_rest_on_what_the_overlay_thinks_is_guarded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were that analysis blind, the model would still see a hold go."""
    read = promises(edit(default_files(), "parameters.yaml", *RANGE), tmp_path)
    monkeypatch.setattr(GUARD, lambda _: Guard({}, frozenset()))
    assert asked(read) == "broken"


def test_a_flag_that_a_hold_rests_on_may_not_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = "  - id: suicidality_not_assessed\n"
    files = edit(default_files(), "safety.yaml", flag, f"{flag}    optional: true\n")
    when = "    when: {any: [pregnancy.status is pregnant, suicidality_not_assessed]}\n"
    files = edit(files, "holds.yaml", "    when: pregnancy.status is pregnant\n", when)
    files = edit(files, "parameters.yaml", "    allowed: 7 to 45\n", "")  # it decides a hold now
    read = promises(files, tmp_path)
    assert asked(read) == "proved"
    blind = Guard(guard_of(read.pack).parameters, frozenset())
    monkeypatch.setattr(GUARD, lambda _: blind)
    assert asked(read) == "broken"


def test_a_rule_in_vain(tmp_path: Path) -> None:
    result = proved(promises(UNSAFE["no_rule_in_vain"](default_files()), tmp_path), "no_rule_in_vain")
    assert result.answer.verdict == "broken"
    assert [rule.id for rule in result.answer.unreached] == ["recommend_too_often"]


def test_a_table_without_a_last_row(default: Promises) -> None:
    """The compiler lets no such pack through, so the compiled form is edited: nobody is told to carry on."""
    last = default.pack.recommendations[-1].rule
    never = tuple(replace(rule, when=ir.Any(())) if rule.id == last else rule for rule in default.pack.rules)
    result = proved(replace(default, pack=replace(default.pack, rules=never)), "one_recommendation")
    assert result.answer.verdict == "broken"
    assert result.counter is not None
    row = next(table for table in default.pack.tables if table.kind == "recommendation").rows
    assert not any(z3.is_true(result.counter.patients[0].wins(one)) for one in row)

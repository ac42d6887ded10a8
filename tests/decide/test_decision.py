"""The decision as a whole, on the made-up pack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import resources

import jsonschema_rs
import orjson
import pytest

from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.decide import decide, to_json_bytes
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.model import Agreement, Outcome, Override, Rejection, Scalar
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.decide import made_up
from boosterwatch.tests.decide.made_up import DAY, PACK, decided, measured, record

SCHEMA = json.loads((resources.files("boosterwatch.schemas") / "decision.schema.json").read_text("utf-8"))
VALID = jsonschema_rs.Draft7Validator(SCHEMA)

PATIENTS: dict[str, dict[str, Scalar | None]] = {
    "talk": {},
    "alarm": {"glim.latest": 11},
    "held": {"colour": "red"},
    "check": {"days_since": 20},
    "again": {"glim.assessable": False, "glim.reason": "stale", "main.reason": "stale"},
    "go_on": {"glim.change": 4},
    "nothing": dict.fromkeys(made_up.WELL),
}


def test_the_row_that_wins_gives_recommendation_urgency_and_summary() -> None:
    decision = decided(measured())
    assert (decision.recommendation, decision.urgency) == ("talk", "soon")
    assert decision.summary == "Talk: gloom probable, after 57 days."
    assert decision.notices == {"checklist": ("Breathe",), "tasks": ("Look up",), "crisis": ()}


def test_a_crisis_text_goes_with_a_trigger() -> None:
    decision = decided(measured(PATIENTS["alarm"]))
    assert decision.recommendation == "look_now"
    assert decision.summary == "Look now: high score."
    assert decision.notices["crisis"] == ("Call somebody.",)
    assert decision.notices["checklist"] == ()


def test_holds_cautions_and_flags_are_in_the_order_of_the_pack() -> None:
    decision = decided(measured(PATIENTS["held"]))
    assert (decision.holds, decision.cautions) == (("red",), ("red",))
    assert decision.flags == ("late", "skipped")  # the second is the row's own


def test_an_untreated_patient_has_no_follow_up_tasks() -> None:
    assert decided(measured(), infusions=(), induction=None).notices["tasks"] == ()


def test_next_dates_and_reported_measures_are_iso_or_unknown() -> None:
    decision = decided(measured({"due": None}))
    assert decision.next == {"assessment_date": None, "review_date": "2026-01-16"}
    assert decision.measures["glim.latest_date"] == "2026-03-13"
    assert decision.measures["zorp.latest"] is None
    assert list(decision.measures) == sorted(decision.measures)


def test_every_rule_is_told_once_in_order() -> None:
    decision = decided(measured())
    told = {row.rule for row in decision.trace} | {row.rule for row in decision.not_fired}
    assert len(decision.trace) + len(decision.not_fired) == len(PACK.rules)
    assert told == {rule.id for rule in PACK.rules}
    assert [row.stratum for row in decision.trace] == sorted(row.stratum for row in decision.trace)


def test_rejections_of_record_and_checks_stand_together_in_order() -> None:
    tenth = Rejection("assessments[10]", "invalid_score", "too high")
    ninth = Rejection("assessments[9]", "invalid_score", "too high")
    later = Rejection("infusions[2]", "future_dated", "later")
    measures, facts = measured(), record(rejected=(later, tenth))
    chosen = values_in_force(PACK, facts.as_of)
    outcome = evaluate_slowly(PACK, measures.values, {name: one.value for name, one in chosen.items()})
    decision = decide(PACK, facts, measures, chosen, outcome, made_up.AGREED, (ninth,))
    assert decision.rejected == (ninth, tenth, later)


@pytest.mark.parametrize("name", PATIENTS)
def test_json_has_the_shape_of_the_schema(name: str) -> None:
    decision = decided(measured(PATIENTS[name]))
    text = to_json_bytes(decision)
    errors = [f"{error.instance_path}: {error.message}" for error in VALID.iter_errors(orjson.loads(text))]
    assert errors == []
    assert text == orjson.dumps(orjson.loads(text), option=orjson.OPT_SORT_KEYS)


@pytest.mark.parametrize("name", PATIENTS)
def test_rows_encoded_ahead_change_nothing(name: str) -> None:
    decision = decided(measured(PATIENTS[name]))
    assert to_json_bytes(replace(decision, prepared=None)) == to_json_bytes(decision)


def test_rows_encoded_ahead_count_only_for_their_own_decision() -> None:
    shorter = replace(decided(measured()), trace=())
    assert orjson.loads(to_json_bytes(shorter))["trace"] == []


def test_unknown_is_never_zero_or_false() -> None:
    plain = orjson.loads(to_json_bytes(decided(measured(PATIENTS["nothing"]))))
    assert set(plain["measures"].values()) == {None}
    unknown = [row for row in plain["not_fired"] if row["truth"] is None]
    assert unknown
    assert all(row["value"] is None and row["reason"] for row in unknown)


def test_what_was_told_before_changes_nothing() -> None:
    fresh = [to_json_bytes(decided(measured(change), replace(PACK))) for change in PATIENTS.values()]
    again = [to_json_bytes(decided(measured(change))) for change in [*PATIENTS.values(), *PATIENTS.values()]]
    assert again == fresh + fresh


def test_a_whole_float_is_told_like_the_whole_number() -> None:
    first, second = replace(PACK), replace(PACK)
    ways: list[dict[str, Scalar | None]] = [{"glim.change": 5}, {"glim.change": 5.0}]
    there = [to_json_bytes(decided(measured(way), first)) for way in ways]
    back = [to_json_bytes(decided(measured(way), second)) for way in reversed(ways)]
    assert there == back[::-1]


def test_a_patients_own_value_is_told_and_stays_with_the_patient() -> None:
    own = Override("glim.delta", 6, "sensitive", "Dr A", DAY - 3, "overrides[0]")
    before = to_json_bytes(decided(measured()))
    decision = decided(measured(), overrides=(own,))
    missed = {row.rule: row for row in decision.not_fired}["glim_possible"]
    assert (missed.threshold, missed.distance) == (6, 1)
    assert to_json_bytes(decided(measured())) == before


def test_an_outcome_of_another_pack_is_refused() -> None:
    measures, facts = measured(), record()
    chosen = values_in_force(PACK, facts.as_of)
    outcome = evaluate_slowly(PACK, measures.values, {name: one.value for name, one in chosen.items()})
    wrong = Outcome(outcome.truths, {**outcome.states, "gloom": "absent"})
    with pytest.raises(InternalError, match=f"table `gloom` is not its first true row; pack {PACK.digest}"):
        decide(PACK, facts, measures, chosen, wrong, made_up.AGREED, ())


def test_a_measure_that_was_not_derived_is_our_own_fault() -> None:
    measures = measured()
    measures = replace(measures, values={name: v for name, v in measures.values.items() if name != "glim.change"})
    with pytest.raises(InternalError, match=r"glim.change.*was not found"):
        decided(measures)


@pytest.mark.parametrize(
    ("agreement", "shown"),
    [
        (Agreement(("reference", "durable_rules"), True), {"agreement": True}),
        (Agreement(("reference",), None, "no extension"), {"agreement": None, "note": "no extension"}),
    ],
)
def test_the_engine_says_who_decided(agreement: Agreement, shown: dict[str, object]) -> None:
    measures, facts = measured(), record()
    chosen = values_in_force(PACK, facts.as_of)
    outcome = evaluate_slowly(PACK, measures.values, {name: one.value for name, one in chosen.items()})
    decision = decide(PACK, facts, measures, chosen, outcome, agreement, ())
    plain = orjson.loads(to_json_bytes(decision))
    assert {key: plain["engine"][key] for key in shown} == shown
    assert plain["engine"]["evaluators"] == list(agreement.evaluators)
    assert ("note" in plain["engine"]) is ("note" in shown)


PRINT = """
import sys
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.tests.decide.made_up import decided, measured
from boosterwatch.tests.decide.test_decision import PATIENTS
sys.stdout.buffer.write(b"\\n".join(to_json_bytes(decided(measured(one))) for one in PATIENTS.values()))
"""


def test_same_bytes_whatever_the_hash_seed() -> None:
    found = [
        subprocess.run(
            [sys.executable, "-c", PRINT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert found[0]
    assert found[0] == found[1]

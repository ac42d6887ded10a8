"""No recommendation when the evaluators differ, and nothing that warns is lost."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson
import pytest

from boosterwatch.engine.chain.truth import evaluate_slowly
from boosterwatch.engine.decide import decide_disagreement, to_json_bytes
from boosterwatch.engine.decide.disagreement import Side
from boosterwatch.engine.model import Decision, Outcome, Rejection
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.decide.made_up import DAY, PACK, measured, record
from boosterwatch.tests.decide.test_decision import VALID


@dataclass
class Differs:
    """Two evaluators that differ."""

    reference: Side
    durable: Side
    rules: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    fault: str | None = None


NUMBERS = {name: one.value for name, one in values_in_force(PACK, DAY).items()}
ONE = evaluate_slowly(PACK, measured({"glim.latest": 11}).values, NUMBERS)
OTHER = evaluate_slowly(PACK, measured({"colour": "red"}).values, NUMBERS)

CASES = {
    "rules": Differs(ONE, OTHER, ("hold_red", "alarm"), ("recommendation",)),
    "lookback": Differs(True, False),
    "fault": Differs(ONE, None, fault="durable_rules failed: code 204"),
}


def decided(name: str) -> Decision:
    """Return the decision about one of the cases."""
    own = Rejection("assessments[0]", "invalid_score", "too high")
    return decide_disagreement(PACK, record(rejected=(own,)), CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_recommended_and_the_shape_holds(name: str) -> None:
    decision = decided(name)
    plain = orjson.loads(to_json_bytes(decision))
    assert [error.message for error in VALID.iter_errors(plain)] == []
    assert (decision.recommendation, decision.urgency, decision.signs) == ("none", None, {})
    assert decision.summary.startswith("No recommendation: ")
    assert plain["engine"]["agreement"] is False
    assert plain["error"]["code"] == "engine_disagreement"
    assert len(plain["rejected"]) == 1


def test_the_difference_is_told_and_both_traces_are_kept() -> None:
    error = orjson.loads(to_json_bytes(decided("rules")))["error"]
    assert error["message"] == "the evaluators differ on hold_red, alarm, table recommendation"
    assert error["rules"] == [
        {"rule": "hold_red", "reference": None, "durable": True},
        {"rule": "alarm", "reference": True, "durable": False},
    ]
    assert error["tables"] == [{"table": "recommendation", "reference": "look_now", "durable": "wait"}]
    assert "alarm" in error["traces"]["reference"]["true"]
    assert "hold_red" in error["traces"]["reference"]["unknown"]
    assert error["traces"]["durable"]["states"] == dict(OTHER.states)


def test_what_either_warns_of_is_kept() -> None:
    decision = decided("rules")
    assert (decision.holds, decision.cautions, decision.flags) == (("red",), ("red",), ("late",))
    assert decision.notices["crisis"] == ("Call somebody.",)


def test_a_difference_at_an_earlier_date() -> None:
    error = orjson.loads(to_json_bytes(decided("lookback")))["error"]
    assert error["message"] == "the evaluators differ on an earlier assessment date"
    assert error["traces"] == {"reference": {"lost": True}, "durable": {"lost": False}}


def test_a_failed_evaluator_is_named() -> None:
    plain = orjson.loads(to_json_bytes(decided("fault")))
    assert plain["error"]["message"] == plain["engine"]["note"] == "durable_rules failed: code 204"
    assert plain["error"]["traces"]["durable"] is None
    assert plain["summary"].startswith("No recommendation: one evaluator failed")


def test_a_recommendation_with_an_error_is_no_decision() -> None:
    wrong = replace(decided("rules"), recommendation="talk")
    assert [error.message for error in VALID.iter_errors(orjson.loads(to_json_bytes(wrong)))] != []
    assert isinstance(CASES["rules"].reference, Outcome)

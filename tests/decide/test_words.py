"""Signs with reason and evidence, and the specials of a summary."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.decide.made_up import PACK, decided, measured
from boosterwatch.tests.decide.parts import equals

Change = dict[str, Scalar | None]

STALE: Change = {"glim.assessable": False, "glim.reason": "stale", "main.reason": "stale"}
BLANK_SPARK: Change = {"glim_spark.assessable": False, "glim_spark.reason": "missing"}
ZORP: Change = {
    "zorp.assessable": True,
    "zorp.reason": "assessable",
    "zorp.change": 7,
    "zorp.lost": 0.1,
    "zorp.latest": 30,
}


@pytest.mark.parametrize(
    ("change", "summary"),
    [
        ({}, "Talk: gloom probable, after 57 days."),
        (ZORP, "Talk: gloom probable, after 57 days."),
        (BLANK_SPARK, "Talk: gloom probable, 1 sign cannot be assessed, after 57 days."),
        ({"colour": "red", "glim.change": 0}, "Wait: red light; no sign."),
        ({"colour": "red", **STALE}, "Wait: red light; no sign among the 1 assessed, 1 sign cannot be assessed."),
        ({"colour": "red", **STALE, **BLANK_SPARK}, "Wait: red light; 2 signs cannot be assessed."),
        ({"colour": "deep_blue", "glim.lost": 0.4}, "Wait: DEEP blue light; gloom possible."),
        ({"days_since": 20}, "Check: gloom probable."),
        ({"glim.lost": 0.4, **ZORP}, "Check: both agree."),
        ({"asked": False, "glim.change": 0}, "Check: nobody asked."),
        ({"days_since": 20, "asked": False, **ZORP}, "Check: gloom probable; both agree; nobody asked."),
        (STALE, "Again: GLIM (score too old)."),
        ({"main": "zorp", "main.reason": "missing", "glim.change": 0}, "Again: Zorp (no score to judge)."),
        ({"glim.change": 0}, "Go on, no sign."),
    ],
)
def test_summaries(change: Change, summary: str) -> None:
    assert decided(measured(change)).summary == summary


def test_a_pack_may_word_a_reason_itself() -> None:
    pack = replace(PACK, words=(*PACK.words, ("reason.stale", "out of date")))
    decision = decided(measured(STALE), pack)
    assert decision.summary == "Again: GLIM (out of date)."
    assert decision.signs["gloom"].because == "Cannot be assessed: GLIM (out of date), Zorp (no score to judge)."


def test_a_positive_sign_tells_all_that_it_rests_on_once() -> None:
    because = decided(measured(ZORP)).signs["gloom"].because
    assert because == "GLIM is 9. Zorp is 30."  # probable by one, possible by the other


def test_an_absent_sign_has_its_own_sentence() -> None:
    sign = decided(measured()).signs["spark"]
    assert (sign.state, sign.reason, sign.because) == ("absent", None, "Nothing returns.")


@pytest.mark.parametrize(
    ("glim", "zorp", "nearest"),
    [
        ("no_reference", "stale", "no_reference"),
        ("stale", "no_reference", "no_reference"),
        ("settling", "stale", "stale"),
        ("invalid", "settling", "settling"),
        ("missing", "invalid", "invalid"),
        ("missing", "missing", "missing"),
    ],
)
def test_the_reason_is_that_of_the_core_scale_nearest_to_assessable(glim: str, zorp: str, nearest: str) -> None:
    change: Change = {"glim.assessable": False, "glim.reason": glim, "zorp.reason": zorp}
    sign = decided(measured(change)).signs["gloom"]
    assert (sign.state, sign.reason) == ("cannot_assess", nearest)
    assert sign.because.startswith("Cannot be assessed: ")


def test_a_row_may_state_its_own_reason() -> None:
    rules = tuple(
        replace(rule, state="cannot_assess", because="Never red.", when=equals("asked", True))
        if rule.id == "spark_absent"
        else rule
        for rule in PACK.rules
    )
    signs = tuple(replace(one, reasons=(("spark_absent", "no_baseline"),)) for one in PACK.signs)
    sign = decided(measured(), replace(PACK, rules=rules, signs=signs)).signs["spark"]
    assert (sign.state, sign.reason, sign.because) == ("cannot_assess", "no_baseline", "Never red.")


def test_the_trace_tells_clauses_parameters_and_standing() -> None:
    trace = {row.rule: row for row in decided(measured()).trace}
    row = trace["glim_probable"]
    assert row.because == "GLIM is 9, 50 % lost (50 %)."
    assert [clause.text for clause in row.clauses] == [
        "glim.assessable is yes",
        "glim.change >= glim.delta",
        "glim.lost >= lost_share",
    ]
    assert [(one.name, one.value, one.start, one.cites) for one in row.parameters] == [
        ("glim.delta", 5, "2026-01-01", ("grey-2001",)),
        ("lost_share", 0.5, "2020-01-01", ()),
    ]
    assert trace["glim_possible"].effect == "reading glim: possible (beaten)"
    assert trace["recommend_talk"].effect == "recommendation talk (wins)"
    assert trace["recommend_go_on"].effect == "recommendation go_on (beaten)"
    assert trace["flag_late"].effect == "flag late"


def test_a_rule_without_a_clause_is_told_too() -> None:
    pack = replace(PACK, rules=tuple(replace(r, when=ir.Any(())) if r.id == "hold_red" else r for r in PACK.rules))
    (row,) = [row for row in decided(measured(), pack).not_fired if row.rule == "hold_red"]
    assert (row.clause, row.value, row.truth) == ("", None, False)

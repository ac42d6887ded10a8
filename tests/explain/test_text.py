"""What the text of a decision says, and what it must never say."""

from dataclasses import replace

import pytest

from boosterwatch import explain
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.chain import Chain, share
from boosterwatch.engine.explain.face import summarize
from boosterwatch.engine.explain.names import Names, words
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.explain.text import MOST_NEAR, NEAR, agreement, decision_page, nearest
from boosterwatch.tests.explain.decisions import RELAPSE, default_pack, told

PACK = default_pack()


def test_the_summary_sentence_comes_first() -> None:
    _, decision = told(RELAPSE, "day 57")
    assert " ".join(summarize(decision, PACK).split()).startswith(decision.summary)


def test_a_near_miss_tells_value_need_and_distance() -> None:
    _, decision = told({"baseline": {"phq9": 22}, "day 28": {"phq9": 4}, "day 56": {"phq9": 12}}, "day 57")
    text = " ".join(summarize(decision, PACK).split())
    assert "PHQ-9 probable: share of the gain that has been given back is 44 %, needs 50 % or more; 6 % short" in text


def test_near_misses_are_few_and_the_nearest_first() -> None:
    _, decision = told(RELAPSE, "day 57")
    rows = nearest(decision, Names(PACK.ir))
    shares = [share(row) for row in rows]
    assert shares == sorted(shares)
    assert len(rows) <= MOST_NEAR
    assert all(one <= NEAR for one in shares)
    assert len({row.clause for row in rows}) == len(rows)


def test_unknown_is_no_near_miss() -> None:
    _, decision = told({"baseline": {"phq9": 20}}, "day 57")
    assert all(row.truth is not None for row in nearest(decision, Names(PACK.ir)))


def test_only_scales_with_data_have_a_row() -> None:
    _, decision = told(RELAPSE, "day 57")
    text = summarize(decision, PACK)
    scores = text[text.index("Scores") : text.index("What is missing")]
    shorts = {scale.short for scale in PACK.ir.scales if scale.part is None and f"  {scale.short} " in scores}
    assert shorts == {"PHQ-9", "GAD-7"}


def test_the_agreement_in_words() -> None:
    assert agreement({"agreement": True, "evaluators": ("a", "b")}) == "a and b agree"
    assert agreement({"agreement": False, "evaluators": ("a", "b")}) == "a and b DIFFER"
    alone = {"agreement": None, "evaluators": ("a",), "note": "b cannot be imported"}
    assert agreement(alone) == "decided by a alone: b cannot be imported"


def test_evaluators_that_differ_are_told_rule_by_rule() -> None:
    _, decision = told(RELAPSE, "day 57")
    error = {"rules": [{"rule": "some_rule", "reference": True, "other": False}], "tables": []}
    broken = replace(decision, trace=(), not_fired=(), signs={}, error=error)
    for text in (to_text(decision_page(broken, PACK.ir)), explain(broken, PACK)):
        assert "rule some_rule, reference True, other False" in text


def test_a_flag_that_a_row_raises_is_listed_without_a_rule() -> None:
    booked = {**RELAPSE, "day 49": {"phq9": 12}, "booked": ["day 60"]}
    _, decision = told(booked, "day 57")
    [title] = [one.title for one in PACK.ir.notices if one.id in decision.flags]
    assert title in summarize(decision, PACK)


def test_a_rejected_fact_is_listed_with_its_reason() -> None:
    _, decision = told({**RELAPSE, "day 50": {"phq9": 40}}, "day 57")
    text = summarize(decision, PACK)
    assert "Facts not used" in text
    assert "assessments[" in text
    assert "invalid score" in text


@pytest.mark.parametrize("word", ["you", "your", "dose", "mg", "inject", "prescribe"])
def test_no_text_orders_doses_or_speaks_to_the_patient(word: str) -> None:
    _, decision = told(RELAPSE, "day 57")
    spoken = f"{summarize(decision, PACK, full=True)} {explain(decision, PACK)}".lower()
    assert word not in spoken.replace("(", " ").replace(".", " ").split()


# ---------------------------------------------------------------- why and why not


def test_a_chain_reaches_the_readings_and_tells_each_rule_once() -> None:
    _, decision = told(RELAPSE, "day 57")
    chain = Chain(decision, PACK.ir)
    winner = chain.winner()
    assert winner is not None
    steps = list(chain.steps(winner, set()))
    kinds = {rule.id: rule.kind for rule in PACK.ir.rules}
    assert "reading" in {kinds[step.row.rule] for step in steps}
    new = [step.row.rule for step in steps if not step.repeated]
    assert len(new) == len(set(new))


def test_every_rule_of_the_pack_can_be_asked_for() -> None:
    _, decision = told(RELAPSE, "day 57")
    fired = {row.rule for row in decision.trace}
    for rule in PACK.ir.rules:
        text = explain(decision, PACK, why=rule.id) if rule.id in fired else explain(decision, PACK, why_not=rule.id)
        assert rule.id in text
        assert f"{rule.span.file}:{rule.span.line}" in " ".join(text.split())


def test_a_subject_stands_for_its_rules() -> None:
    _, decision = told(RELAPSE, "day 57")
    for subject in {rule.subject for rule in PACK.ir.rules} - {"recommendation"}:
        assert explain(decision, PACK, why=subject)
        assert explain(decision, PACK, why_not=subject)


def test_what_was_recommended_is_a_name_too() -> None:
    _, decision = told(RELAPSE, "day 57")
    assert "did not fire" in explain(decision, PACK, why_not="urgent_safety_review")
    assert decision.recommendation in explain(decision, PACK, why=decision.recommendation) or words(
        decision.recommendation
    ) in explain(decision, PACK, why=decision.recommendation)


def test_an_unknown_rule_is_an_error_with_a_suggestion() -> None:
    _, decision = told(RELAPSE, "day 57")
    with pytest.raises(PackError) as caught:
        explain(decision, PACK, why="phq9_probabel")
    [problem] = caught.value.diagnostics
    assert (problem.code, problem.hint) == ("BW405", "did you mean `phq9_probable`?")


def test_a_number_names_its_layer_and_its_source() -> None:
    record, _ = told(RELAPSE, "day 57")
    own = {"parameter": "phq9.delta", "value": 4, "reason": "made up", "by": "somebody", "date": "2026-02-01"}
    from boosterwatch import evaluate

    decision = evaluate(PACK, {**record, "overrides": [own]})
    lines = [line for line in explain(decision, PACK, why="phq9_possible").splitlines() if "phq9.delta " in line]
    assert any(" patient " in line and " 4 points " in line and " 2026-02-01 " in line for line in lines)

"""Hand-worked boundary facts of the policy text, asked of the second reading itself.

One course stands under most of them: six infusions from 5 to 16 January 2026, a baseline of 20 on
2 January and a best of 4 on 30 January. Rows come as below, at and above a limit.
"""

import datetime
import random
from typing import Any

import pytest

from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.oracle.policy import decide

INDUCTION = [f"2026-01-{d:02}" for d in (5, 7, 9, 12, 14, 16)]
WELL = [1, 0, 1, 1, 0, 0, 1, 0, 0]
Fact = dict[str, Any]


def form(instrument: str, date: str, total: float | None = None, **more: object) -> Fact:
    stated = {} if total is None else {"total": total}
    return {"instrument": instrument, "date": f"2026-{date}", **stated, **more}


def phq9(date: str, total: float | None = None, **more: object) -> Fact:
    return form("phq9", date, total, **more)


def fact(name: str, date: str, /, **more: object) -> Fact:
    return {"type": name, "date": f"2026-{date}", **more}


def negative(date: str, **more: object) -> Fact:
    answers = dict.fromkeys(("q1", "q2", "q3", "q4", "q5", "q6_recent", "q6_lifetime"), False)
    return fact("cssrs", date, **(answers | more))


def panic(date: str) -> Fact:
    return fact("report", date, by="patient", kind="panic_attack")


def ask(*assessments: Fact, as_of: str = "03-14", safety: tuple[Fact, ...] = (), **more: object) -> dict[str, Any]:
    """Return the decision for the standing course with more facts."""
    record: Fact = {
        "as_of": f"2026-{as_of}",
        "infusions": INDUCTION,
        "assessments": [phq9("01-02", 20), phq9("01-30", 4, items=WELL), *assessments],
        "safety": [*safety],
    }
    return decide(record | more)


RELAPSE = (phq9("02-27", 12), phq9("03-13", 14))
SCREENED = negative("03-13")


@pytest.mark.parametrize(("total", "state"), [(8, "absent"), (9, "possible"), (11, "possible"), (12, "probable")])
def test_rule_g_at_delta_cut_and_half_of_the_gain(total: int, state: str) -> None:
    decision = ask(phq9("03-13", total))
    assert decision["signs"]["symptom_severity"] == state
    assert decision["measures"]["phq9.fraction_gain_lost"] == (total - 4) / 16


@pytest.mark.parametrize(("gap", "state"), [(4, "possible"), (5, "probable"), (42, "probable")])
def test_confirmation_needs_a_visit_5_to_42_days_before(gap: int, state: str) -> None:
    date = datetime.date(2026, 3, 20) - datetime.timedelta(days=gap)
    assessments = phq9(f"{date:%m-%d}", 10), phq9("03-20", 10)
    assert ask(*assessments, as_of="03-20")["signs"]["symptom_severity"] == state


@pytest.mark.parametrize(("as_of", "reason"), [("03-20", None), ("03-21", "stale")], ids=["35 days", "36 days"])
def test_freshness_is_inclusive(as_of: str, reason: str | None) -> None:
    decision = ask(phq9("02-13", 5), as_of=as_of)
    assert decision["reasons"].get("symptom_severity") == reason


@pytest.mark.parametrize(
    ("date", "as_of", "reason"),
    [
        ("03-01", "03-14", "settling"),  # on the day of the infusion: superseded
        ("03-14", "03-14", "settling"),  # 13 days after it
        ("03-14", "03-15", "missing"),  # the window is over and nothing was looked at in it
        ("03-15", "03-15", None),
    ],
)
def test_settling_then_missing(date: str, as_of: str, reason: str | None) -> None:
    decision = ask(phq9(date, 6), as_of=as_of, infusions=[*INDUCTION, "2026-03-01"])
    assert decision["reasons"].get("symptom_severity") == reason


def test_the_reference_is_dated_strictly_before_the_judged_score() -> None:
    record = {
        "as_of": "2026-02-01",
        "infusions": INDUCTION,
        "assessments": [phq9("01-02", 20), phq9("01-30", 4)],
    }
    decision = decide(record)
    assert decision["reasons"]["symptom_severity"] == "no_reference"
    assert decision["response"] == "responder"


@pytest.mark.parametrize(
    ("dates", "found"),
    [
        ((1, 8, 15, 29), ("2026-01-01", "2026-01-29")),
        ((1, 8, 15, 30), None),
        ((1, 2, 3, 4, 5, 6, 7, 8, 9), ("2026-01-01", "2026-01-08")),
        ((1, 2, 3), None),
    ],
    ids=["28 days", "29 days", "at most 8", "at least 4"],
)
def test_detection_of_an_induction(dates: tuple[int, ...], found: tuple[str, str] | None) -> None:
    infusions = [f"2026-01-{d:02}" for d in dates]
    decision = decide({"as_of": "2026-02-20", "infusions": infusions})
    assert decision["induction"] == (None if found is None else list(found))


@pytest.mark.parametrize(("gap", "first"), [(55, "2026-01-05"), (56, "2026-03-13")])
def test_a_second_induction_needs_the_gap(gap: int, first: str) -> None:
    start = datetime.date(2026, 1, 16) + datetime.timedelta(days=gap)
    again = [(start + datetime.timedelta(days=n)).isoformat() for n in (0, 3, 6, 9)]
    decision = ask(as_of="04-20", infusions=[*INDUCTION, *again])
    assert decision["induction"][0] == first


def test_a_marked_induction_ahead_is_flagged_and_leaves_detection() -> None:
    decision = ask(as_of="02-01", induction={"first": "2026-02-02", "last": "2026-02-10"})
    assert decision["induction"] == ["2026-01-05", "2026-01-16"]
    assert "future_dated" in decision["flags"]


@pytest.mark.parametrize(
    ("mistake", "flag"),
    [
        (phq9("03-13", 28), "invalid_score"),
        (phq9("03-13", 5, items=WELL), "invalid_score"),
        (phq9("03-13", 4, items=[*WELL[:8], None]), "invalid_score"),
        (phq9("03-13", 4, items=WELL[:8]), "invalid_score"),
        (phq9("03-13", 4, version="phq8"), "version_mismatch"),
        (form("who5", "03-13", 25), "unit_ambiguous"),
        (form("who5", "03-13", 40, scale="raw"), "invalid_score"),
        (form("shaps", "03-13", 14), "unit_ambiguous"),
        (form("shaps", "03-13", 15, scale="dichotomous"), "invalid_score"),
        (form("brs", "03-13", 6), "unit_ambiguous"),
    ],
)
def test_record_checks_raise_one_flag(mistake: Fact, flag: str) -> None:
    plain = set(ask()["flags"]) - {"suicidality_not_assessed"}
    assert set(ask(mistake)["flags"]) - {"suicidality_not_assessed"} == plain | {flag}


def test_complete_items_settle_the_scale_of_who5() -> None:
    raw = form("who5", "03-13", 17, items=[4, 4, 3, 3, 3])
    assert ask(raw)["measures"]["who5.latest"] == 68


def test_two_totals_of_a_day_reject_each_other_and_equal_ones_do_not() -> None:
    conflict = ask(phq9("03-13", 9), phq9("03-13", 10))
    assert "duplicate_conflict" in conflict["flags"]
    assert conflict["measures"]["phq9.latest"] == 4
    assert ask(phq9("03-13", 9), phq9("03-13", 9))["measures"]["phq9.latest"] == 9


def test_time_separates_two_forms_on_infusion_days_only() -> None:
    forms = phq9("03-01", 12), phq9("03-01", 6, time="after_infusion")
    decision = ask(*forms, infusions=[*INDUCTION, "2026-03-01"])
    assert decision["measures"]["phq9.latest"] == 6
    assert "duplicate_conflict" in ask(*forms)["flags"]


def test_item_nine_is_read_from_a_rejected_record() -> None:
    decision = ask(phq9("03-13", 27, items=[0] * 8 + [2]))
    assert (decision["row"], decision["urgency"]) == (1, "now")


@pytest.mark.parametrize(
    ("answer", "screener", "row", "urgency"),
    [
        (2, (), 1, "now"),
        (2, ("03-13",), 2, "same_day"),
        (1, (), 2, "same_day"),
        (1, ("03-12",), 2, "same_day"),  # before the answer: does not count
        (1, ("03-13",), 9, "within_7_days"),
        (0, (), 11, None),
    ],
)
def test_item_nine_and_the_screener(answer: int, screener: tuple[str, ...], row: int, urgency: str | None) -> None:
    answers = phq9("03-13", 4 + answer, items=[*WELL[:8], answer])
    decision = ask(answers, safety=tuple(negative(date) for date in screener))
    assert (decision["row"], decision["urgency"]) == (row, urgency)


def test_an_urgent_trigger_stays_until_review_and_a_check_in_lapses() -> None:
    plan = fact("report", "01-20", by="staff", kind="suicidal_plan")
    early, same_day = (fact("review", date, kind="safety") for date in ("01-19", "01-20"))
    assert [ask(as_of="12-30", safety=(plan, f))["row"] for f in (early, same_day)] == [1, 10]
    worry = (negative("01-20", q1=True),)
    assert [ask(as_of=d, safety=worry)["row"] for d in ("04-20", "04-21")] == [2, 10]


def test_lifetime_behaviour_is_silenced_by_one_review() -> None:
    first, again = negative("01-20", q6_lifetime=True), negative("03-01", q6_lifetime=True)
    review = fact("review", "01-20", kind="safety")
    assert ask(phq9("03-13", 4), safety=(first, again))["row"] == 2
    assert ask(phq9("03-13", 4), safety=(first, again, review))["row"] == 11


@pytest.mark.parametrize(
    ("bp", "age_date", "row", "holds"),
    [
        ((179, 119), "03-14", 3, ["blood_pressure"]),
        ((180, 90), "03-07", 1, ["blood_pressure"]),
        ((180, 90), "03-06", 3, ["blood_pressure"]),
        ((159, 99), "03-14", 11, []),
        ((261, 90), "03-14", 11, []),
    ],
)
def test_blood_pressure(bp: tuple[int, int], age_date: str, row: int, holds: list[str]) -> None:
    reading = fact("bp", age_date, systolic=bp[0], diastolic=bp[1])
    decision = ask(phq9("03-13", 4), safety=(reading, SCREENED))
    assert (decision["row"], decision["holds"]) == (row, holds)


def test_a_cleared_hold_leaves_its_caution_and_a_crisis_is_not_cleared() -> None:
    clear = fact("review", "03-13", kind="hold_cleared", hold="blood_pressure")
    high = fact("bp", "03-13", systolic=170, diastolic=95)
    decision = ask(phq9("03-13", 4), safety=(high, clear, SCREENED))
    assert (decision["holds"], decision["cautions"]) == ([], ["blood_pressure"])
    crisis = ask(phq9("03-13", 4), safety=(high | {"systolic": 180}, clear, SCREENED))
    assert (crisis["row"], crisis["holds"]) == (1, ["blood_pressure"])


def test_on_equal_dates_the_more_cautious_fact_wins() -> None:
    facts = [fact("pregnancy", "03-10", status=s) for s in ("not_pregnant", "unknown", "pregnant")]
    assert ask(safety=tuple(facts))["holds"] == ["pregnancy"]
    assert ask(safety=tuple(facts[:2]))["cautions"] == ["pregnancy_unknown"]
    assert ask(safety=tuple(facts))["cautions"] == []


@pytest.mark.parametrize(("booked", "row"), [("03-13", 8), ("03-14", 4), ("03-28", 4), ("03-29", 8)])
def test_booked_window(booked: str, row: int) -> None:
    decision = ask(*RELAPSE, safety=(SCREENED,), booked=[f"2026-{booked}"])
    assert decision["row"] == row


@pytest.mark.parametrize(("infusion", "row"), [("02-22", 5), ("02-21", 8)], ids=["20", "21"])
def test_minimum_interval(infusion: str, row: int) -> None:
    forms = phq9("03-13", 14), form("qids_sr16", "02-13", 3), form("qids_sr16", "03-13", 14)
    infusions = [*INDUCTION, f"2026-{infusion}"]
    assert ask(*forms, safety=(SCREENED,), infusions=infusions)["row"] == row


@pytest.mark.parametrize(("first", "row"), [("02-15", 6), ("02-14", 8)], ids=["27", "28"])
def test_limit_of_28_days(first: str, row: int) -> None:
    forms = phq9("03-13", 14), form("qids_sr16", "02-13", 3), form("qids_sr16", "03-13", 14)
    infusions = [*INDUCTION, f"2026-{first}", "2026-02-20"]
    assert ask(*forms, safety=(SCREENED,), infusions=infusions)["row"] == row


def test_core_without_a_word_on_suicidality_is_a_check_in() -> None:
    decision = ask(*RELAPSE)
    assert (decision["core"], decision["row"]) == (True, 7)


def test_a_minor_is_never_core() -> None:
    birth = {"2008-03-14": True, "2008-03-15": False}
    for date, core in birth.items():
        decision = ask(*RELAPSE, safety=(SCREENED,), birth_date=date)
        assert (decision["core"], "outside_population" in decision["flags"]) == (core, not core)


@pytest.mark.parametrize(
    ("attacks", "state"),
    [
        (("03-10",), "possible"),
        (("02-06",), "absent"),  # 36 days old
        (("01-13", "02-10", "03-10"), "absent"),  # each 28 days after another
        (("01-12", "02-10", "03-10"), "possible"),  # 29 days: the second counts
        (("01-16",), "absent"),  # on the day of the last infusion
    ],
)
def test_panic_attacks_after_prior_success(attacks: tuple[str, ...], state: str) -> None:
    quiet = [form("gad7", date, n) for date, n in (("01-02", 15), ("01-30", 4), ("03-13", 4))]
    decision = ask(*quiet, safety=tuple(panic(date) for date in attacks))
    assert decision["signs"]["anxiety_panic"] == state
    assert "gad7" not in decision["sources"]


@pytest.mark.parametrize(
    ("forms", "state", "reason"),
    [
        ((), "cannot_assess", "missing"),
        ((form("gad7", "02-13", 9),), "cannot_assess", "no_baseline"),
        ((form("gad7", "01-02", 9), form("gad7", "02-13", 2)), "not_applicable", None),
        ((form("gad7", "01-02", 10), form("gad7", "02-13", 7)), "not_applicable", None),
        ((form("gad7", "01-02", 10), form("gad7", "02-13", 6)), "cannot_assess", "no_reference"),
    ],
)
def test_the_gate_of_sign_five(forms: tuple[Fact, ...], state: str, reason: str | None) -> None:
    decision = ask(*forms)
    assert decision["signs"]["anxiety_panic"] == state
    assert decision["reasons"].get("anxiety_panic") == reason


def test_a_contradiction_needs_less_than_half_of_the_delta() -> None:
    qids = [form("qids_sr16", date, n) for date, n in (("01-02", 16), ("01-30", 4))]
    kept, lost = (ask(*RELAPSE, *qids, form("qids_sr16", "03-13", n)) for n in (5, 6))
    assert "contradictory" in kept["flags"]
    assert kept["signs"]["symptom_severity"] == "possible"
    assert lost["signs"]["symptom_severity"] == "probable"


def test_a_blank_answer_is_missing_and_an_impossible_one_invalid() -> None:
    blank = ask(phq9("03-13", 4, items=WELL, difficulty=None))
    assert blank["reasons"]["coping"] == "missing"
    assert ask(phq9("03-13", 4, items=WELL, difficulty=4))["reasons"]["coping"] == "invalid"
    bare = ask(phq9("03-13", 4))
    assert bare["reasons"]["motivation"] == "missing"


def test_of_two_forms_of_a_day_the_one_with_a_valid_total_is_read() -> None:
    earlier = phq9("02-10", 4, items=WELL, difficulty=0)
    valid = phq9("03-13", 4, items=WELL, difficulty=0)
    blank = phq9("03-13", items=[*WELL[:8], None], difficulty=3)
    assert ask(earlier, valid, blank)["signs"]["coping"] == "absent"
    assert ask(earlier, blank)["signs"]["coping"] == "possible"


def test_a_form_on_the_next_infusion_dates_the_loss_of_the_cycle_it_ends() -> None:
    infusions = [*INDUCTION, "2026-03-13"]
    assert ask(phq9("03-13", 14), infusions=infusions)["observed_cycles"] == [56]
    after = phq9("03-13", 14, time="after_infusion")
    assert ask(after, infusions=infusions)["observed_cycles"] == []


@pytest.mark.parametrize(
    ("losses", "cycles", "interval"),
    [
        (("02-05", None), [20], 28),
        (("02-05", "03-10"), [20, 20], 21),
        (("02-20", "04-08"), [35, 49], 34),  # 0.8 x 42 = 33.6
    ],
)
def test_interval_from_recorded_cycles(losses: tuple[str | None, ...], cycles: list[int], interval: int) -> None:
    starts = ("2026-01-16", "2026-02-18")
    prior = [
        {"infusion": start, "censored": True}
        if loss is None
        else {"infusion": start, "loss_of_benefit": f"2026-{loss}"}
        for start, loss in zip(starts, losses, strict=True)
    ]
    infusions = [*INDUCTION, "2026-02-18"]
    decision = ask(as_of="04-20", infusions=infusions, prior_cycles=prior)
    assert (decision["observed_cycles"], decision["interval_days"]) == (cycles, interval)


@pytest.mark.parametrize(
    ("newest", "as_of", "overdue"),
    [
        ("01-30", "02-13", False),  # day 28 after induction: 7 + 7 days
        ("01-29", "02-13", True),
        ("02-10", "03-03", False),  # day 46: 14 + 7 days
        ("02-10", "03-04", True),
        ("03-10", "04-14", False),  # day 88: 28 + 7 days
        ("03-10", "04-15", True),
    ],
)
def test_assessment_overdue(newest: str, as_of: str, overdue: bool) -> None:
    record = {
        "as_of": f"2026-{as_of}",
        "infusions": INDUCTION,
        "assessments": [phq9("01-02", 20), phq9(newest, 4)],
    }
    assert ("assessment_overdue" in decide(record)["flags"]) == overdue


def test_an_empty_record_can_be_decided() -> None:
    decision = decide({"as_of": "2026-03-14"})
    assert (decision["row"], decision["response"], decision["primary"]) == (10, "unknown", "phq9")
    assert "assessment_overdue" in decision["flags"]


def test_facts_after_as_of_change_nothing_but_the_flag() -> None:
    later = (phq9("03-20", 25), phq9("03-25", 26))
    with_later, without = ask(phq9("03-13", 4), *later), ask(phq9("03-13", 4))
    assert with_later["flags"] == sorted([*without["flags"], "future_dated"])
    assert with_later | {"flags": 0} == without | {"flags": 0}


def test_the_order_of_facts_changes_nothing() -> None:
    rng = random.Random(11)
    for _ in range(150):
        record = random_record(rng)
        turned = {k: v[::-1] if isinstance(v, list) else v for k, v in record.items()}
        assert decide(record) == decide(turned)

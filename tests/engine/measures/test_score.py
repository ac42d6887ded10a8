"""The score kinds, one idea a test; every window below, at and above its limit."""

from __future__ import annotations

import pytest

from boosterwatch.engine.measures.derive import derive_measures, open_history
from boosterwatch.engine.model import Assessment, Measures, Undefined, Value
from boosterwatch.tests.engine.measures.build import (
    DAY,
    INDUCTION,
    LAST,
    PARAMETERS,
    SCORES,
    derived,
    form,
    record,
    value,
)

MISSING, NO_REFERENCE = Undefined("missing"), Undefined("no_reference")
BASE = form("plain", DAY - 3, 40)
GOOD = form("plain", LAST + 20, 10)


def at(day: int, *forms: Assessment, **more: object) -> Measures:
    return derived(record(day, forms, **more))


def of(measures: Measures, name: str, scale: str = "plain") -> Value:
    return value(measures, f"{scale}.{name}")


def test_a_relapse_in_numbers() -> None:
    found = at(LAST + 62, BASE, GOOD, form("plain", LAST + 40, 8), form("plain", LAST + 60, 24))
    assert {name: of(found, name) for name in ("latest", "best", "baseline", "best_since_induction", "age")} == {
        "latest": 24,
        "best": 8,
        "baseline": 40,
        "best_since_induction": 8,
        "age": 2,
    }
    assert of(found, "change_from_best") == 16
    assert of(found, "change_from_baseline") == -16
    assert of(found, "gain") == 32
    assert of(found, "fraction_lost") == 0.5
    assert of(found, "response_fraction") == 0.8
    assert of(found, "latest_date") == LAST + 60
    assert of(found, "assessable") is True


def test_where_low_is_worse_values_are_raw_and_changes_oriented() -> None:
    percent = [(DAY - 3, 16), (LAST + 20, 70), (LAST + 40, 60), (LAST + 60, 40)]
    forms = [form("glow", day, total, method="percent") for day, total in percent]
    found = at(LAST + 62, *forms)
    wanted = {"latest": 40, "best": 70, "baseline": 16, "best_since_induction": 70, "previous": 60}
    assert {name: of(found, name, "glow") for name in wanted} == wanted
    assert of(found, "change_from_best", "glow") == 30
    assert of(found, "previous_change", "glow") == 10
    assert of(found, "gain", "glow") == 54
    assert of(found, "fraction_lost", "glow") == 30 / 54


def test_without_a_record_everything_is_missing() -> None:
    found = at(LAST + 62)
    for name in ("latest", "best", "age", "latest_date", "change_from_best", "fraction_lost", "recent"):
        assert of(found, name) == MISSING
    assert of(found, "baseline") == of(found, "gain") == Undefined("no_baseline")
    assert of(found, "previous") == Undefined("no_preceding")
    assert of(found, "slope") == Undefined("too_few")
    assert (of(found, "reason"), of(found, "assessable"), of(found, "newest_invalid")) == ("missing", False, False)


def test_without_an_induction_there_is_no_baseline_and_no_reference() -> None:
    found = at(DAY + 50, form("plain", DAY, 9), form("plain", DAY + 40, 12), infusions=())
    no_induction = Undefined("no_induction")
    assert of(found, "baseline") == of(found, "best_since_induction") == of(found, "gain") == no_induction
    assert of(found, "best") == of(found, "change_from_best") == NO_REFERENCE
    assert of(found, "reason") == "no_reference"
    assert of(at(DAY + 76, form("plain", DAY + 40, 12), infusions=()), "reason") == "stale"


# ---------------------------------------------------------------- the latest


def test_an_invalid_newer_record_is_skipped_and_noted() -> None:
    found = at(LAST + 62, GOOD, form("plain", LAST + 40, 99))
    assert (of(found, "latest"), of(found, "newest_invalid")) == (10, True)
    found = at(LAST + 62, GOOD, form("plain", LAST + 15, 99))
    assert (of(found, "latest"), of(found, "newest_invalid")) == (10, False)


def test_an_invalid_record_on_the_day_of_a_valid_one_is_not_newer() -> None:
    assert of(at(LAST + 62, GOOD, form("plain", LAST + 20, 99)), "newest_invalid") is False


def test_when_all_records_are_invalid_the_score_is_invalid() -> None:
    found = at(LAST + 62, form("plain", LAST + 40, 99))
    assert of(found, "latest") == of(found, "recent") == Undefined("invalid")
    assert (of(found, "reason"), of(found, "newest_invalid")) == ("invalid", True)


def test_a_record_of_another_version_is_no_record() -> None:
    found = at(LAST + 62, form("plain", LAST + 40, 9, version="plain_2"))
    assert (of(found, "latest"), of(found, "newest_invalid")) == (MISSING, False)


def test_a_form_after_the_infusion_of_its_day_comes_after_one_before() -> None:
    before, after = form("plain", LAST, 20), form("plain", LAST, 15, after_infusion=True)
    assert of(at(LAST + 2, before, after), "latest") == 15
    facts = record(LAST, [before, after])
    assert of(derived(facts, before_infusion=True), "latest") == 20


@pytest.mark.parametrize(("age", "wanted"), [(89, 10), (90, 10), (91, Undefined("stale"))])
def test_a_recent_score_is_at_most_so_old(age: int, wanted: Value) -> None:
    assert of(at(LAST + 20 + age, GOOD), "recent") == wanted


@pytest.mark.parametrize(("before", "after"), [(20, 15), (15, 20)])
def test_of_a_recent_score_before_and_after_an_infusion_the_worse_is_told(before: int, after: int) -> None:
    forms = (form("plain", LAST, before), form("plain", LAST, after, after_infusion=True))
    assert of(at(LAST + 2, form("plain", DAY, 50), *forms), "recent") == 20
    percent = [form("glow", LAST, total, method="percent", after_infusion=total == after) for total in (before, after)]
    assert of(at(LAST + 2, *percent), "recent", "glow") == 15


# ---------------------------------------------------------------- references


@pytest.mark.parametrize(
    ("days_before", "wanted"),
    [(-1, Undefined("no_baseline")), (0, 30), (1, 30), (27, 30), (28, 30), (29, Undefined("no_baseline"))],
)
def test_the_baseline_is_dated_shortly_before_the_induction(days_before: int, wanted: Value) -> None:
    assert of(at(LAST + 9, form("plain", INDUCTION[0] - days_before, 30)), "baseline") == wanted


def test_the_baseline_is_the_latest_that_fits() -> None:
    forms = [form("plain", INDUCTION[0] - days, 30 + days) for days in (20, 3, 9)]
    assert of(at(LAST + 9, *forms, form("plain", INDUCTION[1], 50)), "baseline") == 33


def test_a_form_after_the_first_infusion_is_no_baseline() -> None:
    first = INDUCTION[0]
    late = form("plain", first, 20, after_infusion=True)
    assert of(at(LAST + 9, late), "baseline") == Undefined("no_baseline")
    assert of(at(LAST + 9, late, form("plain", first, 30)), "baseline") == 30


@pytest.mark.parametrize(
    ("days_after", "late", "wanted"),
    [(-1, False, Undefined("no_baseline")), (0, False, Undefined("no_baseline")), (0, True, 30), (1, False, 30)],
)
def test_the_baseline_of_a_later_course_comes_after_the_infusion_before_it(
    days_after: int, late: bool, wanted: Value
) -> None:
    again = [LAST + 80, LAST + 82, LAST + 84, LAST + 86]
    facts = record(
        LAST + 99,
        [form("plain", LAST + 60 + days_after, 30, after_infusion=late)],
        infusions=(*INDUCTION, LAST + 60, *again),
    )
    assert of(derived(facts, parameters={**PARAMETERS, "gap_days": 20}), "baseline") == wanted


@pytest.mark.parametrize(("day", "wanted"), [(-1, NO_REFERENCE), (0, NO_REFERENCE), (1, 10)])
def test_a_post_induction_score_is_dated_after_the_last_date(day: int, wanted: Value) -> None:
    later = form("plain", LAST + 30, 12)
    assert of(at(LAST + 31, form("plain", LAST + day, 10, after_infusion=True), later), "best") == wanted


def test_the_best_is_dated_strictly_before_the_latest() -> None:
    booster = LAST + 40
    forms = (form("plain", booster, 5), form("plain", booster, 20, after_infusion=True))
    found = at(booster + 1, *forms, infusions=(*INDUCTION, booster))
    assert (of(found, "latest"), of(found, "best"), of(found, "best_since_induction")) == (20, NO_REFERENCE, 5)


def test_a_running_induction_has_no_post_induction_score() -> None:
    marked = (DAY, LAST + 30)
    found = at(LAST + 20, BASE, form("plain", LAST + 10, 9), induction=marked)
    assert of(found, "best_since_induction") == NO_REFERENCE
    assert of(found, "baseline") == 40


# ---------------------------------------------------------------- fractions


@pytest.mark.parametrize(("best", "wanted"), [(36, Undefined("small_gain")), (35, 1.0), (34, 1.0)])
def test_the_smallest_gain_is_enough(best: int, wanted: Value) -> None:
    forms = (BASE, form("plain", LAST + 20, best), form("plain", LAST + 60, 40))
    assert of(at(LAST + 62, *forms), "fraction_lost") == wanted


@pytest.mark.parametrize(("best", "wanted"), [(40, Undefined("small_gain")), (39, 1.0)])
def test_no_gain_at_all_gives_no_fraction_even_where_any_is_enough(best: int, wanted: Value) -> None:
    facts = record(LAST + 62, [BASE, form("plain", LAST + 20, best), form("plain", LAST + 60, 40)])
    assert of(derived(facts, parameters={**PARAMETERS, "delta": 0}), "fraction_lost") == wanted


@pytest.mark.parametrize(("latest", "wanted"), [(4, -0.2), (10, 0.0), (25, 0.5), (40, 1.0), (46, 1.2)])
def test_the_fraction_is_not_clipped(latest: int, wanted: float) -> None:
    assert of(at(LAST + 62, BASE, GOOD, form("plain", LAST + 60, latest)), "fraction_lost") == wanted


def test_without_a_baseline_there_is_no_fraction_and_no_response() -> None:
    found = at(LAST + 62, GOOD, form("plain", LAST + 60, 20))
    assert of(found, "fraction_lost") == of(found, "response_fraction") == Undefined("no_baseline")


@pytest.mark.parametrize(
    ("baseline", "case", "wanted"),
    [
        (19, 20, Undefined("not_evaluable")),
        (20, 20, 0.5),
        (21, 20, 11 / 21),
        (0, 0, Undefined("zero_baseline")),
    ],
)
def test_a_baseline_below_case_level_gives_no_response(baseline: int, case: int, wanted: Value) -> None:
    facts = record(LAST + 62, [form("plain", DAY - 3, baseline), GOOD])
    assert of(derived(facts, parameters={**PARAMETERS, "case": case}), "response_fraction") == wanted


@pytest.mark.parametrize(("baseline", "wanted"), [(51, Undefined("not_evaluable")), (50, -0.4), (40, -0.75)])
def test_case_level_is_low_where_low_is_worse(baseline: int, wanted: Value) -> None:
    forms = [form("glow", day, total, method="percent") for day, total in ((DAY - 3, baseline), (LAST + 20, 70))]
    found = derived(record(LAST + 62, forms), parameters={**PARAMETERS, "case": 50})
    assert of(found, "response_fraction", "glow") == wanted


# ---------------------------------------------------------------- can it be judged


@pytest.mark.parametrize(("days", "wanted"), [(13, "missing"), (14, "assessable"), (15, "assessable")])
def test_a_score_is_interpretable_after_the_settling_days(days: int, wanted: str) -> None:
    booster = LAST + 40
    forms = (BASE, GOOD, form("plain", booster + days, 20))
    assert of(at(booster + 20, *forms, infusions=(*INDUCTION, booster)), "reason") == wanted


@pytest.mark.parametrize(("days", "wanted"), [(0, "settling"), (13, "settling"), (14, "missing"), (15, "missing")])
def test_a_superseded_score_is_settling_while_the_window_runs(days: int, wanted: str) -> None:
    booster = LAST + 40
    found = at(booster + days, BASE, GOOD, infusions=(*INDUCTION, booster))
    assert (of(found, "reason"), of(found, "assessable")) == (wanted, False)


@pytest.mark.parametrize(("age", "wanted"), [(34, "assessable"), (35, "assessable"), (36, "stale")])
def test_a_score_is_fresh_for_so_long(age: int, wanted: str) -> None:
    found = at(LAST + 30 + age, GOOD, form("plain", LAST + 30, 20))
    assert (of(found, "reason"), of(found, "assessable")) == (wanted, wanted == "assessable")


def test_the_first_reason_that_holds_is_given() -> None:
    assert of(at(LAST + 90, GOOD), "reason") == "stale"
    assert of(at(LAST + 22, GOOD), "reason") == "no_reference"
    assert of(at(LAST + 3, form("plain", LAST + 2, 99)), "reason") == "invalid"


def test_without_any_waiting_a_form_before_the_infusion_is_still_superseded() -> None:
    booster, parameters = LAST + 40, {**PARAMETERS, "settle": 0}
    for late, wanted in ((False, "missing"), (True, "assessable")):
        forms = (GOOD, form("plain", booster, 20, after_infusion=late))
        facts = record(booster + 1, forms, infusions=(*INDUCTION, booster))
        assert of(derived(facts, parameters=parameters), "reason") == wanted


def test_a_form_says_nothing_before_its_date() -> None:
    facts = record(LAST + 62, [GOOD])
    history = open_history(SCORES, facts, PARAMETERS)
    for day, wanted in ((LAST + 19, MISSING), (LAST + 20, 10), (LAST + 21, 10)):
        assert of(derive_measures(SCORES, history, PARAMETERS, day), "latest") == wanted

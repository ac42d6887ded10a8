"""A patient for each thing that a pack can say, from nothing and from known records; small, sound, the same each time."""

from __future__ import annotations

import random
from typing import Any

import pytest

from boosterwatch.engine.author.patients import patient_for
from boosterwatch.engine.author.patients.edits import without
from boosterwatch.engine.author.patients.judge import Judge, measures_of
from boosterwatch.engine.author.patients.wants import Scene
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Scalar
from boosterwatch.tests.author.patients.targets import Accept, Record, outcome_of, states, wins
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import default_pack, load_files
from boosterwatch.tests.packs.invent import invent_pack
from boosterwatch.tests.packs.patients import patient, relapse

PACK = default_pack()
NOT_FOUND: set[str] = set()  # rules of the default pack that a search from nothing cannot make true
NO_PATIENT: set[str] = set()  # states of its tables that a search from nothing cannot reach


# ---------------------------------------------------------------- from nothing


@pytest.mark.parametrize("part", range(4))
def test_each_rule_is_made_true_from_nothing(part: int) -> None:
    rules = PACK.ir.rules[part::4]
    missed = {rule.id for rule in rules if patient_for(PACK, {}, wins(PACK, rule)) is None}
    assert missed == NOT_FOUND & {rule.id for rule in rules}


def test_each_state_of_each_table_is_reached_from_nothing() -> None:
    missed = {name for name, accept in states(PACK) if patient_for(PACK, {}, accept) is None}
    assert missed == NO_PATIENT


NOTICES = [f"{notice.kind} {notice.id}" for notice in PACK.ir.notices]


@pytest.mark.parametrize("notice", NOTICES)
def test_each_notice_is_shown_by_a_whole_decision(notice: str) -> None:
    """Also the flags that a recommendation raises, which are no rules."""
    kind, id = notice.split(" ")

    def shown(record: Record) -> bool:
        decision = evaluate(PACK, record)
        return id in decision.flags if kind == "flag" else any(one.effect == notice for one in decision.trace)

    found = patient_for(PACK, {}, shown)
    assert found is not None
    assert shown(found)


# ---------------------------------------------------------------- from known records


@pytest.mark.parametrize("row", [row.rule for row in PACK.ir.recommendations])
def test_each_recommendation_is_found_near_known_records(row: str) -> None:
    rule = next(rule for rule in PACK.ir.rules if rule.id == row)
    found = patient_for(PACK, {}, wins(PACK, rule), near=[relapse(57), patient(20)])
    assert found is not None
    assert wins(PACK, rule)(found)


def test_a_known_record_that_serves_is_only_made_smaller() -> None:
    accept = wins(PACK, next(rule for rule in PACK.ir.rules if rule.id == "recommend_consider_booster"))
    found = patient_for(PACK, {}, accept, near=[relapse(57)])
    assert found is not None
    assert {form["instrument"] for form in found["assessments"]} == {"phq9", "isi"}


# ---------------------------------------------------------------- wanted values


def scene_of(record: Record) -> Scene:
    """Return every measure of a record."""
    measures = measures_of(PACK, record)
    assert measures is not None
    nothing: dict[str, Scalar | None] = dict.fromkeys(measures.reasons)
    return {**nothing, **measures.values}


@pytest.mark.parametrize(
    ("wanted", "shows"),
    [
        ({"phq9.latest": 12, "phq9.best": 4, "phq9.baseline": 20, "phq9.fraction_gain_lost": 0.5}, "phq9.latest"),
        ({"phq9.change_from_best": 4, "phq9.latest": 9}, "phq9.change_from_best"),
        ({"who5.latest": 28, "who5.change_from_best": 12}, "who5.latest"),
        ({"phq9_sleep.latest": 2, "phq9_energy.latest": 1, "phq9.latest": 11}, "phq9_sleep.latest"),
        ({"phq9_difficulty.latest": 3, "phq9_difficulty.best": 1}, "phq9_difficulty.best"),
        ({"bp.systolic": 180, "bp.diastolic": 110, "bp.age": 7}, "bp.age"),
        ({"lab.alt": 3.0}, "lab.alt"),
        ({"days_since_infusion": 20, "days_since_induction": 90}, "days_since_infusion"),
        ({"infusions_28d": 2}, "infusions_28d"),
        ({"infusions_365d": 18}, "infusions_365d"),
        ({"days_to_booking": 14}, "days_to_booking"),
        ({"age_years": 17, "sex": "male"}, "age_years"),
        ({"primary.reason": "settling"}, "primary.reason"),
        ({"primary.reason": "stale"}, "primary.reason"),
        ({"primary.reason": "no_reference"}, "primary.reason"),
        ({"primary.reason": "invalid"}, "primary.reason"),
        ({"rejected.unit_ambiguous": True}, "rejected.unit_ambiguous"),
        ({"rejected.duplicate_conflict": True}, "rejected.duplicate_conflict"),
        ({"observed_cycles": 2, "review_interval": 40}, "review_interval"),
        ({"gad7.previous": 8, "gad7.previous_change": 5}, "gad7.previous"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wanted_values_are_there(wanted: Scene, shows: str) -> None:
    judge = Judge(PACK, wanted)
    found = patient_for(PACK, wanted, lambda record: judge.off(record) == 0)
    assert found is not None
    measures = measures_of(PACK, found)
    assert measures is not None
    assert measures.values[shows] == pytest.approx(wanted[shows])


def test_dates_may_be_of_any_calendar() -> None:
    wanted = {"last_infusion": 10, "days_since_infusion": 30, "phq9.latest_date": 33, "phq9.latest": 8}
    judge = Judge(PACK, {"days_since_infusion": 30, "phq9.age": 7, "phq9.latest": 8})
    assert patient_for(PACK, wanted, lambda record: judge.off(record) == 0) is not None


def test_a_patient_is_made_again_from_what_was_measured() -> None:
    """Random patients, mess included, come back from their measures alone with the same recommendation."""
    made = 0
    for seed in range(30):
        record = random_record(random.Random(seed))
        record.pop("overrides", None)
        wanted, expected = scene_of(record), outcome_of(PACK, record)
        assert expected is not None
        found = patient_for(PACK, wanted, lambda one, told=expected: _same(one, told))  # type: ignore[misc]
        made += found is not None
    assert made >= 28


def _same(record: Record, expected: Any) -> bool:
    outcome = outcome_of(PACK, record)
    return outcome is not None and outcome.states["recommendation"] == expected.states["recommendation"]


# ---------------------------------------------------------------- what comes out


def small(record: Record, accept: Accept) -> bool:
    """Return whether no form, fact or other entry can be left out."""
    lists = [(key, at) for key, value in record.items() if isinstance(value, list) for at in range(len(value))]
    return not any(key != "infusions" and accept(without(record, key, at)) for key, at in lists)


@pytest.mark.parametrize("row", ["recommend_too_soon", "recommend_already_booked", "hold_mania", "flag_review_due"])
def test_nothing_can_be_left_out_and_it_is_the_same_each_time(row: str) -> None:
    accept = wins(PACK, next(rule for rule in PACK.ir.rules if rule.id == row))
    found = patient_for(PACK, {}, accept)
    assert found is not None
    assert accept(found)
    assert small(found, accept)
    assert found == patient_for(PACK, {}, accept)


def test_nobody_is_found_for_what_cannot_be() -> None:
    asked: list[Record] = []

    def never(record: Record) -> bool:
        asked.append(record)
        return False

    assert patient_for(PACK, {"phq9.latest": 28, "phq9.change_from_best": 3}, never, near=[relapse(57)]) is None
    assert 10 < len(asked) <= 600
    assert all(evaluate(PACK, record).error is None for record in asked[:20])


# ---------------------------------------------------------------- packs that nobody wrote


@pytest.mark.parametrize(("seed", "least"), [(0, 30), (2, 60), (5, 18)])
def test_rules_of_invented_packs_are_made_true(seed: int, least: int) -> None:
    """Invented rules are nonsense, and many cannot be true; the others are found without knowing the pack."""
    pack: LoadedPack = load_files(invent_pack(seed, 2))
    found = [rule.id for rule in pack.ir.rules if patient_for(pack, {}, wins(pack, rule)) is not None]
    assert len(found) >= least

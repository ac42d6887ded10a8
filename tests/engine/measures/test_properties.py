"""Properties of deriving: a plain scan finds the same, order changes nothing, later facts change nothing earlier."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boosterwatch.engine.measures.derive import derive_measures, open_history
from boosterwatch.engine.model import Measures, Record, Undefined, Value
from boosterwatch.tests.engine.measures.build import DAY, PARAMETERS, SCORES, value
from boosterwatch.tests.engine.measures.naive import expected
from boosterwatch.tests.engine.measures.strategies import SPAN_DAYS, patient, records

dates = st.integers(DAY - 5, DAY + SPAN_DAYS + 60)


def at(facts: Record, day: int, *, before_infusion: bool = False, names: frozenset[str] | None = None) -> Measures:
    history = open_history(SCORES, facts, PARAMETERS)
    return derive_measures(SCORES, history, PARAMETERS, day, before_infusion=before_infusion, names=names)


def same(found: Value, wanted: Value) -> bool:
    if isinstance(found, Undefined) or isinstance(wanted, Undefined) or isinstance(found, str):
        return found == wanted
    return type(found) is type(wanted) and found == pytest.approx(wanted, abs=1e-9)


@settings(max_examples=150, deadline=None)
@given(records, dates, st.booleans())
def test_a_plain_scan_finds_the_same(facts: Record, day: int, before: bool) -> None:
    measures = at(facts, day, before_infusion=before)
    for name, wanted in expected(facts, day, before_infusion=before).items():
        found = value(measures, name)
        assert same(found, wanted), f"{name}: {found}, wanted {wanted}"


@pytest.mark.parametrize("seed", range(120))
def test_a_plain_scan_finds_the_same_of_a_patient_seen_often(seed: int) -> None:
    facts = patient(seed)
    history = open_history(SCORES, facts, PARAMETERS)
    for day in sorted({one.day for one in facts.assessments})[seed % 3 :: 3]:
        before = bool(day % 2)
        measures = derive_measures(SCORES, history, PARAMETERS, day + seed % 4, before_infusion=before)
        for name, wanted in expected(facts, day + seed % 4, before_infusion=before).items():
            found = value(measures, name)
            assert same(found, wanted), f"{name}: {found}, wanted {wanted}"


@settings(max_examples=60, deadline=None)
@given(records, dates, st.integers(0, 9))
def test_the_order_of_forms_changes_nothing(facts: Record, day: int, seed: int) -> None:
    forms = list(facts.assessments)
    random.Random(seed).shuffle(forms)
    shuffled = replace(facts, assessments=tuple(forms), infusions=facts.infusions[::-1])
    assert at(facts, day) == at(shuffled, day)
    rejected = [set(open_history(SCORES, one, PARAMETERS).rejected) for one in (facts, shuffled)]
    assert rejected[0] == rejected[1]


@settings(max_examples=150, deadline=None)
@given(records, dates, st.booleans())
def test_an_earlier_date_is_that_of_the_record_cut_there(facts: Record, day: int, before: bool) -> None:
    assert at(facts, day, before_infusion=before) == at(cut(facts, day, before), day, before_infusion=before)


def cut(facts: Record, day: int, before: bool) -> Record:
    infusions = tuple(one for one in facts.infusions if one < day or (one == day and not before))
    given_then = {*infusions, *(facts.induction or ())}
    forms = tuple(
        one
        for one in facts.assessments
        if one.day < day or (one.day == day and not (before and one.after_infusion and is_infusion(facts, day)))
    )
    marked = facts.induction if facts.induction and facts.induction[0] in given_then else None
    if marked is not None and (marked[0] > day or (marked[0] == day and before)):
        marked = None
    return replace(facts, as_of=day, infusions=infusions, assessments=forms, induction=marked)


def is_infusion(facts: Record, day: int) -> bool:
    return day in facts.infusions or day in (facts.induction or ())


@pytest.mark.parametrize("seed", range(30))
def test_a_patient_seen_every_few_days_is_as_on_the_first_look(seed: int) -> None:
    facts, names = patient(seed), frozenset(one.name for one in SCORES.pack.measures)
    history = open_history(SCORES, facts, PARAMETERS)
    for day in range(DAY - 5, DAY + SPAN_DAYS, 5 + seed % 3):
        again = derive_measures(SCORES, history, PARAMETERS, day, names=names)
        assert again == derive_measures(SCORES, history, PARAMETERS, day)


@settings(max_examples=60, deadline=None)
@given(records, st.lists(dates, min_size=2, max_size=6))
def test_a_history_looked_at_often_answers_the_same(facts: Record, days: list[int]) -> None:
    names = frozenset(one.name for one in SCORES.pack.measures if (one.scale or "").startswith("gl"))
    history = open_history(SCORES, facts, PARAMETERS)
    for day in days:
        again = derive_measures(SCORES, history, PARAMETERS, day, names=names, before_infusion=True)
        fresh = at(facts, day, names=names, before_infusion=True)
        whole = at(facts, day, before_infusion=True)
        assert again == fresh
        assert {name: value(whole, name) for name in names} == {name: value(again, name) for name in names}

"""What would change a recommendation: each stated change is confirmed, and one step less changes nothing."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from boosterwatch.engine.author.what_if import Found, WhatIf, what_if
from boosterwatch.engine.author.what_if.change import Change
from boosterwatch.engine.author.what_if.find import days_of
from boosterwatch.engine.author.what_if.numbers import number_levers, step_of
from boosterwatch.engine.author.what_if.rehearse import Rehearsal
from boosterwatch.engine.author.what_if.stops import used_otherwise, windows
from boosterwatch.engine.author.what_if.told import sentence, what_if_data, what_if_page
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.ir_json import seal
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.overlay.test_loosen import adjustable
from boosterwatch.tests.packs.files import default_pack, load_files
from boosterwatch.tests.packs.invent import invent_pack
from boosterwatch.tests.packs.patients import BASELINE, clear, fact, form, patient, relapse, untreated
from boosterwatch.tests.packs.records import random_record_for

PACK = default_pack()
Record = dict[str, Any]


def told(record: Record, pack: LoadedPack = PACK) -> tuple[str, str | None]:
    decision = evaluate(pack, record)
    assert decision.error is None
    return decision.recommendation, decision.urgency


def sentences(found: WhatIf) -> list[str]:
    return [sentence(found.decision, one) for one in (*found.facts, *found.fact_pairs)]


def number(found: WhatIf, name: str) -> Change | None:
    changes = [one.changes[0] for one in found.numbers if one.changes[0].name == name]
    return changes[0] if changes else None


# ---------------------------------------------------------------- worked patients


def single(latest: int, *, best: int = 4, baseline: int = 20) -> Record:
    """Return a responder with one questionnaire and a negative screener, eight weeks after the last infusion."""
    forms = form("phq9", BASELINE, baseline), form("phq9", 28, best), form("phq9", 56, latest)
    return patient(57, *forms, safety=(clear(56),))


def test_a_page_reads_like_this() -> None:
    found = what_if(PACK, single(9))
    assert to_text(what_if_page(found, PACK.ir)).split("\n") == [
        "Reassess: symptom severity possible.",
        "",
        "Facts that would change it",
        "  - If PHQ-9 of 2026-03-13 were 8 instead of 9 (1 point lower), the recommendation would be",
        "    `continue` instead of `reassess`.",
        "  - If PHQ-9 of 2026-03-13 were 12 instead of 9 (3 points higher), the recommendation would be",
        "    `provider check in` instead of `reassess`.",
        "  - If the last infusion had been on 2026-03-01 instead of 2026-01-16 (44 days later), the",
        "    recommendation would be `continue` instead of `reassess`.",
        "",
        "Numbers of the policy that would change it",
        "  - If the number phq9.delta (rise in PHQ-9 total that counts as worse) were 6 instead of 5 (allowed",
        "    3 to 8), the recommendation would be `continue` instead of `reassess`.",
        "",
        "Each change was evaluated again by every engine there is, and one step less changes nothing. It says",
        "how the policy reads this record; whether anything should change is for a clinician.",
        "ketamine-maintenance@1.0.0",
        "",
    ]


@pytest.mark.parametrize(
    ("latest", "expected"),
    [
        (8, "PHQ-9 of 2026-03-13 were 9 instead of 8 (1 point higher)"),
        (11, "PHQ-9 of 2026-03-13 were 12 instead of 11 (1 point higher)"),
        (12, "PHQ-9 of 2026-03-13 were 11 instead of 12 (1 point lower)"),
        (13, "PHQ-9 of 2026-03-13 were 11 instead of 13 (2 points lower)"),
    ],
)
def test_the_smallest_change_ends_at_the_boundary(latest: int, expected: str) -> None:
    """Half of the gain of 16 is lost from 12 on; below that the sign is only possible."""
    found = what_if(PACK, single(latest))
    points = [one for one in found.facts if one.changes[0].kind == "points"]
    assert points[0].changes[0].says == expected


def test_a_number_of_the_policy_is_told_with_its_range() -> None:
    """A rise of 8 out of 16 points: at 0.51 the half that is lost is no longer enough."""
    found = what_if(PACK, single(12))
    share = number(found, "gain_lost_probable")
    assert share is not None
    assert (share.was, share.now, share.size) == (0.5, 0.51, 0.01)
    assert share.says == (
        "the number gain_lost_probable (share of the gain given back that makes a sign probable) were 0.51 instead of "
        "0.5 (allowed 0.3 to 0.75)"
    )


def test_days_of_waiting_are_counted() -> None:
    found = what_if(PACK, relapse(57))
    waits = [one.changes[0] for one in found.facts if one.changes[0].name == "as_of"]
    assert [(change.size, change.says) for change in waits] == [
        (36, "nothing new were recorded for 36 more days, until 2026-04-19")
    ]


def test_a_reading_is_told_in_its_own_unit() -> None:
    found = what_if(PACK, untreated(clear(0), fact("bp", 0, systolic=180, diastolic=90)))
    assert sentences(found)[0] == (
        "If `systolic` of the fact `bp` of 2026-01-16 were 179 instead of 180 (1 mmHg lower), the recommendation would "
        "be `provider check in` instead of `urgent safety review`."
    )


def test_an_urgency_alone_is_a_change_too() -> None:
    record = patient(57, form("phq9", 28, 4), safety=(clear(56), fact("bp", 56, systolic=165, diastolic=90)))
    record["assessments"].append({**form("phq9", 56, 5), "items": [1, 1, 1, 1, 1, 0, 0, 0, 0]})
    found = what_if(PACK, record)
    assert any(one.recommendation == found.decision.recommendation for one in found.facts)
    assert all((one.recommendation, one.urgency) != told(record) for one in found.facts)


def test_two_changes_together_where_no_single_one_does() -> None:
    """Two liver enzymes, each a hold by itself."""
    alt, ast = (fact("lab", 0, test=test, value=121, upper_limit=40) for test in ("alt", "ast"))
    found = what_if(PACK, untreated(clear(0), alt, ast))
    assert found.facts == ()
    assert sentences(found) == [
        "If `value` of the fact `lab` of 2026-01-16 were 119 instead of 121 (2 lower) and `value` of the fact `lab` of "
        "2026-01-16 were 119 instead of 121 (2 lower), the recommendation would be `reassess` instead of "
        "`provider check in`."
    ]
    text = to_text(what_if_page(found, PACK.ir))
    assert "No single change does; these two together do:" in text


def test_it_says_when_nothing_changes_it() -> None:
    record = untreated(fact("condition", 0, name="psychosis", status="active"))
    found = what_if(PACK, record)
    assert (found.facts, found.fact_pairs, found.numbers, found.number_pairs) == ((), (), (), ())
    text = " ".join(to_text(what_if_page(found, PACK.ir)).split())
    assert "No single score, value or date does within reach, and no two together that were tried" in text
    assert "No single number does within its allowed range, and no two together that were tried." in text


# ---------------------------------------------------------------- every change is confirmed


RECORDS = [0, 4]


@pytest.mark.parametrize("seed", RECORDS)
def test_every_change_of_a_random_patient_is_confirmed(seed: int) -> None:
    record = random_record(random.Random(seed))
    found = what_if(PACK, record)
    now = told(record)
    for one in (*found.facts, *found.numbers, *found.fact_pairs, *found.number_pairs):
        assert told(one.record) == (one.recommendation, one.urgency) != now
    for one in found.numbers[:2]:
        _confirm_number(record, one, now)


def _confirm_number(record: Record, found: Found, now: tuple[str, str | None]) -> None:
    """A changed policy gives what the patient's own value gave, and one step less gives what there is now."""
    change = found.changes[0]
    parameter = next(one for one in PACK.ir.parameters if one.name == change.name)
    if any(one["parameter"] == change.name for one in record.get("overrides", ())):
        return
    assert isinstance(change.now, int | float)
    assert isinstance(change.was, int | float)
    way = 1 if change.now > change.was else -1
    assert told(record, with_value(parameter, change.now)) == (found.recommendation, found.urgency)
    assert told(record, with_value(parameter, round(change.now - way * step_of(parameter), 6))) == now


def with_value(parameter: ir.Parameter, value: float) -> LoadedPack:
    changed = replace(parameter, values=(replace(parameter.values[-1], start="1990-01-01", value=value),))
    parameters = tuple(changed if one.name == parameter.name else one for one in PACK.ir.parameters)
    return LoadedPack(seal(replace(PACK.ir, parameters=parameters)))


@pytest.mark.parametrize("latest", [3, 8, 9, 12])
def test_no_smaller_change_of_a_total_does(latest: int) -> None:
    """The search against trying every other total."""
    record = single(latest)
    now, total = told(record), record["assessments"][-1]["total"]
    others = [abs(other - total) for other in range(28) if told(single(other)) != now]
    found = what_if(PACK, record)
    sizes = [one.changes[0].size for one in found.facts if one.changes[0].name == "assessments[2].total"]
    assert min(sizes, default=None) == min(others, default=None)


def test_stepping_only_where_a_measure_is_passed_misses_nothing() -> None:
    """The levers of numbers with stops against the same levers tried at every step."""
    checked = 0
    for seed in (2, 22):
        record = random_record(random.Random(seed))
        read = record_from_mapping(record)
        values = {name: one.value for name, one in values_in_force(PACK.ir, read.as_of, read.overrides).items()}
        rehearsal = Rehearsal(PACK)
        start = rehearsal.answer(record)
        assert start is not None
        for lever in number_levers(PACK.ir, values, start.values, days_of(record)):
            if lever.stops is None:
                continue
            last = start.clauses
            for steps in range(1, lever.most + 1):
                pulled = lever.pull(record, steps)
                assert pulled is not None
                answer = rehearsal.answer(pulled[0])
                assert answer is not None
                if answer.clauses != last:
                    checked += 1
                    assert steps in lever.stops
                last = answer.clauses
    assert checked > 0


def test_how_a_number_is_used_decides_where_it_is_tried() -> None:
    assert {"confirm_gap_min", "induction_gap_days", "trigger_lookback"} <= windows(PACK.ir) - used_otherwise(PACK.ir)
    assert {"gain_lost_probable", "cadence_late", "review_fraction", "phq9.delta"} <= used_otherwise(PACK.ir)
    assert not {"max_infusions_28d", "nonresponse_days"} & (windows(PACK.ir) | used_otherwise(PACK.ir))


@pytest.mark.parametrize("seed", [2, 5])
def test_it_works_for_a_pack_that_nobody_wrote(seed: int) -> None:
    pack = load_files(invent_pack(seed, 2))
    record = random_record_for(pack.ir, random.Random(seed))
    found = what_if(pack, record)
    for one in (*found.facts, *found.numbers, *found.fact_pairs, *found.number_pairs):
        assert told(one.record, pack) == (one.recommendation, one.urgency) != told(record, pack)


def test_the_data_holds_what_the_page_says() -> None:
    found = what_if(PACK, single(12))
    data = what_if_data(found)
    facts = data["facts"]
    assert isinstance(facts, list)
    assert facts[0]["says"] == sentences(found)[0]
    assert facts[0]["changes"] == [
        {"kind": "points", "name": "assessments[2].total", "was": 12, "now": 11, "size": 1, "unit": "points"}
    ]


@pytest.mark.parametrize(("unit", "value", "allowed", "step"), [
    ("days", 14, (7, 28), 1), ("points", 5, (3, 8), 1), ("fraction", 0.5, (0.3, 0.75), 0.01),
    ("fraction", 0.125, (0.1, 0.2), 0.001), ("times", 3, (2, 5), 0.01),
])  # fmt: skip
def test_a_number_has_its_natural_step(unit: str, value: float, allowed: tuple[float, float], step: float) -> None:
    one = next(parameter for parameter in PACK.ir.parameters if parameter.allowed is not None)
    dated = replace(one.values[0], value=value)
    assert step_of(replace(one, unit=unit, allowed=allowed, values=(dated,))) == pytest.approx(step)


def test_no_number_is_offered_that_would_loosen_a_hold() -> None:
    loaded = LoadedPack(adjustable(140, 180))
    held = {"as_of": "2026-03-20", "safety": [{"type": "bp", "date": "2026-03-20", "systolic": 160, "diastolic": 80}]}
    free = {"as_of": "2026-03-20", "safety": [{"type": "bp", "date": "2026-03-20", "systolic": 158, "diastolic": 80}]}
    assert evaluate(loaded, held).holds == ("blood_pressure",)
    assert number(what_if(loaded, held), "bp_hold_systolic") is None  # 161 would do, and no layer may set it
    change = number(what_if(loaded, free), "bp_hold_systolic")
    assert change is not None
    assert (change.was, change.now) == (160, 158)

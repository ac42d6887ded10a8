"""A patient's own value may make a hold or a safety trigger stricter, never looser."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest

from boosterwatch.engine.diagnostics import RecordError, render
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.overlay import lay_over, read_overlay
from boosterwatch.engine.overlay.loosen import guarded_parameters, loosens
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.read import check_against_pack, read_document
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.overlay.site import overlay, pack, refused_by
from boosterwatch.tests.overlay.test_loosen import HOLD, LATER, adjustable, warned
from boosterwatch.tests.packs.files import compile_files, default_files, edit

# What the text of the default policy lets a patient have, although it reaches holds and triggers; see docs/sites.md.
BY_THE_POLICY = {"induction_gap_days", "trigger_lookback"}


@cache
def ranged(*more: str) -> LoadedPack:
    """Return the default pack whose blood pressure hold, 160 mmHg, has a range."""
    return LoadedPack(adjustable(140, 180, *more))


def record(value: float, as_of: str = "2026-03-14", name: str = "bp_hold_systolic") -> dict[str, Any]:
    own = {"parameter": name, "value": value, "reason": "r", "by": "b", "date": "2026-01-02"}
    reading = {"type": "bp", "date": as_of, "systolic": 158, "diastolic": 90}
    return {"as_of": as_of, "safety": [reading], "overrides": [own]}


def said(loaded: LoadedPack, facts: dict[str, Any]) -> str:
    """Return what is said against a record; nothing when it is decided."""
    try:
        evaluate(loaded, facts)
    except RecordError as error:
        return render(error.diagnostics, {})
    return ""


def too_loose(stricter: str) -> str:
    return (
        "BW338 `overrides[0].value` of `bp_hold_systolic` would loosen a hold or a safety trigger\n"
        f"  hint: a patient's own value may be stricter: {stricter}\n"
    )


@pytest.mark.parametrize(
    ("value", "as_of", "expected"),
    [
        (159, "2026-03-14", ""),
        (160, "2026-03-14", ""),
        (161, "2026-03-14", too_loose("lower than 160")),
        (155, "2026-05-31", ""),
        (155, "2026-06-01", too_loose("lower than 150")),  # from that day on the pack itself is stricter
        (150, "2026-06-01", ""),
    ],
)
def test_an_own_value_is_held_to_that_of_the_day(value: int, as_of: str, expected: str) -> None:
    assert said(ranged(LATER), record(value, as_of)) == expected


def test_a_stricter_value_counts() -> None:
    assert evaluate(ranged(), record(160)).holds == ()
    assert evaluate(ranged(), record(158)).holds == ("blood_pressure",)


@pytest.mark.parametrize(("value", "expected"), [(150, ""), (151, too_loose("lower than 150"))])
def test_an_own_value_is_held_to_that_of_the_site(value: int, expected: str) -> None:
    site = lay_over(ranged().ir, read_overlay(overlay(HOLD.format(150, "2026-02-01")), "site.yaml"))
    assert said(LoadedPack(site), record(value)) == expected
    assert said(LoadedPack(site), record(value, "2026-01-31")) == ""  # not yet in force at the site


def test_one_that_is_outside_its_range_is_told_only_that() -> None:
    assert said(ranged(), record(181)).startswith("BW335 ")
    assert said(ranged(), record(160.5)).count("BW") == 1
    unranged = compile_files(default_files())
    assert said(LoadedPack(unranged), record(150)).startswith("BW334 ")


TEXT = """\
as_of: 2026-03-14
overrides:
  - {parameter: bp_hold_systolic, value: 170, reason: long known, by: dr, date: 2026-03-01}
"""


def test_the_line_is_shown() -> None:
    facts, document = read_document(TEXT.encode(), "record.yaml")
    with pytest.raises(RecordError) as caught:
        check_against_pack(facts, ranged().ir, document)
    assert render(caught.value.diagnostics, {"record.yaml": TEXT}) == (
        "record.yaml:3:42: BW338 `value` of `bp_hold_systolic` would loosen a hold or a safety trigger\n"
        "  |   - {parameter: bp_hold_systolic, value: 170, reason: long known, by: dr, date: 2026-03-01}\n"
        "  |                                          ^\n"
        "  hint: a patient's own value may be stricter: lower than 160\n"
    )


# ---------------------------------------------------------------- the default policy


def test_of_the_default_pack_two_numbers_reach_holds_and_may_be_a_patients_own() -> None:
    sides = guarded_parameters(pack())
    ranged_ones = {one.name for one in pack().parameters if one.allowed is not None}
    assert {name: sides[name] for name in sides.keys() & ranged_ones} == dict.fromkeys(BY_THE_POLICY)


@pytest.mark.parametrize(("name", "value"), [("trigger_lookback", 30), ("induction_gap_days", 28)])
def test_what_the_policy_allows_is_decided_as_ever(name: str, value: int) -> None:
    assert said(LoadedPack(pack()), record(value, name=name)) == ""


# ---------------------------------------------------------------- over patients


FREE = [one for one in adjustable(140, 180).parameters if one.allowed is not None and one.name not in BY_THE_POLICY]


@pytest.mark.parametrize("seed", range(8))
def test_no_own_value_takes_a_hold_or_a_trigger_away(seed: int) -> None:
    chance = random.Random(seed)
    for patient in range(20):
        plain = random_record(random.Random(1000 * seed + patient))
        plain.pop("overrides", None)
        own = [_own(chance, one, plain["as_of"]) for one in chance.sample(FREE, 6)]
        assert warned(ranged(), plain) <= warned(ranged(), {**plain, "overrides": [one for one in own if one]})


def _own(chance: random.Random, parameter: ir.Parameter, day: str) -> dict[str, Any] | None:
    """Return an own value at an end of the range; None where it would loosen."""
    assert parameter.allowed is not None
    value = chance.choice(parameter.allowed)
    side = guarded_parameters(ranged().ir).get(parameter.name)
    if side is not None and loosens(side, value, parameter.values[-1].value):
        return None
    return {"parameter": parameter.name, "value": value, "reason": "r", "by": "b", "date": day}


def test_one_of_the_two_can() -> None:
    """The test above is not empty: a shorter lookback, which the policy allows, lets a trigger lapse."""
    form = {"instrument": "asrm", "date": "2026-01-30", "total": 6}
    facts = {"as_of": "2026-03-14", "assessments": [form]}
    shorter = {**facts, "overrides": record(30, name="trigger_lookback")["overrides"]}
    assert warned(ranged(), facts) - warned(ranged(), shorter) == {("hold", "mania")}


# ---------------------------------------------------------------- what a site may leave out


def test_a_flag_that_decides_a_hold_may_not_be_left_out() -> None:
    flag = "  - id: suicidality_not_assessed\n"
    files = edit(default_files(), "safety.yaml", flag, f"{flag}    optional: true\n")
    off = overlay("kind: flag, id: suicidality_not_assessed")
    assert lay_over(compile_files(files), read_overlay(off, "site.yaml")).site is not None
    when = "    when: {any: [pregnancy.status is pregnant, suicidality_not_assessed]}\n"
    files = edit(files, "holds.yaml", "    when: pregnancy.status is pregnant\n", when)
    assert refused_by(compile_files(files), off) == (
        "site.yaml:7:22: BW225 a site may not leave out the flag `suicidality_not_assessed`: it decides a hold or a"
        " safety trigger\n  hint: only a new version of the pack changes it\n"
    )

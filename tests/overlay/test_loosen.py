"""A site may make a hold or a safety trigger stricter, never looser."""

from __future__ import annotations

import random
from typing import Any

import pytest

from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.overlay import lay_over, read_overlay
from boosterwatch.engine.overlay.loosen import GUARDED, guarded_parameters
from boosterwatch.engine.pack import ir
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.overlay.site import overlay, pack
from boosterwatch.tests.packs.files import compile_files, default_files, edit, load_files
from boosterwatch.tests.packs.invent import invent_pack

HOLD = "parameter: bp_hold_systolic, value: {}, from: {}"


def test_what_holds_and_triggers_compare_with_has_a_stricter_side() -> None:
    sides = guarded_parameters(pack())
    assert {name: sides[name] for name in ("bp_hold_systolic", "asrm.hold", "recent_vascular_days")} == {
        "bp_hold_systolic": "lower",
        "asrm.hold": "lower",
        "recent_vascular_days": "higher",
    }


def test_what_lies_behind_a_hold_or_trigger_has_none() -> None:
    sides = guarded_parameters(pack())
    behind = ("trigger_lookback", "self_harm_urgent", "induction_gap_days", "bp_crisis_days")
    assert [sides[name] for name in behind] == [None, None, None, None]


def test_what_decides_only_signs_is_free() -> None:
    assert (
        not {"phq9.delta", "gain_lost_probable", "cadence_early", "booked_window_days"}
        & guarded_parameters(pack()).keys()
    )


def adjustable(low: int, high: int, *more: str) -> ir.Pack:
    """Return the pack whose blood pressure hold has a range, and further values."""
    files = default_files()
    own = "      - {from: 2000-01-01, value: 160"
    name = "  bp_hold_systolic:\n"
    at = files["parameters.yaml"].index(name)
    before, after = files["parameters.yaml"][:at], files["parameters.yaml"][at:]
    after = after.replace("    values:\n", f"    allowed: {low} to {high}\n    values:\n", 1)
    line = after[after.index(own) :].split("\n", 1)[0]
    after = after.replace(line, "\n".join([line, *more]), 1)
    return compile_files({**files, "parameters.yaml": before + after})


LATER = "      - {from: 2026-06-01, value: 150, basis: clinic_policy, cite: policy-v1}"


@pytest.mark.parametrize(
    ("value", "start", "more", "says"),
    [
        (159, "2026-02-01", (), None),
        (160, "2026-02-01", (), None),
        (161, "2026-02-01", (), "stricter: lower than 160"),
        (155, "2026-02-01", (LATER,), "stricter: lower than 150"),  # it would outlast the pack's own stricter value
        (150, "2026-02-01", (LATER,), None),
        (155, "2026-07-01", (LATER,), "stricter: lower than 150"),
        (150, "2026-07-01", (LATER,), None),
    ],
)
def test_a_hold_can_only_become_stricter(value: int, start: str, more: tuple[str, ...], says: str | None) -> None:
    text = overlay(HOLD.format(value, start))
    site = adjustable(140, 180, *more)
    if says is None:
        assert lay_over(site, read_overlay(text, "site.yaml")).site is not None
        return
    with pytest.raises(Exception, match="BW225") as caught:
        lay_over(site, read_overlay(text, "site.yaml"))
    assert str(caught.value) == (
        f"site.yaml:7:42: BW225 `bp_hold_systolic` of {value} would loosen a hold or a safety trigger\n"
        f"  hint: a site may make it {says}"
    )


def test_what_lies_behind_a_trigger_may_not_be_changed_at_all() -> None:
    for value in (60, 120):
        with pytest.raises(Exception, match="BW225") as caught:
            lay_over(
                pack(), read_overlay(overlay(f"parameter: trigger_lookback, value: {value}, from: 2026-02-01"), "s")
            )
        assert str(caught.value) == (
            "s:7:17: BW225 a site may not change `trigger_lookback`: it decides a hold or a safety trigger\n"
            "  hint: only a new version of the pack changes it"
        )
    same = overlay("parameter: trigger_lookback, value: 90, from: 2026-02-01")
    assert lay_over(pack(), read_overlay(same, "s")).site is not None


# ---------------------------------------------------------------- over patients

NOTICES = {(notice.kind, notice.id) for notice in pack().notices if notice.kind in GUARDED}
PARAMETERS = [one for one in pack().parameters if one.allowed is not None]


def warned(loaded: LoadedPack, record: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the holds and triggers of a patient."""
    rules = {rule.id: rule for rule in loaded.ir.rules}
    fired = (rules[row.rule] for row in evaluate(loaded, record).trace)
    return {(rule.kind, rule.subject) for rule in fired} & NOTICES


@pytest.mark.parametrize("seed", range(6))
def test_no_overlay_takes_a_hold_or_trigger_away(seed: int) -> None:
    """For any overlay that is accepted, whoever was held or in danger before still is."""
    chance = random.Random(seed)
    entries = []
    for one in chance.sample(PARAMETERS, 8):
        assert one.allowed is not None
        value = chance.choice(one.allowed)
        entries.append(f"parameter: {one.name}, value: {value:g}, from: 2001-01-01")
    accepted = [entry for entry in entries if fits(entry)]
    before = LoadedPack(pack())
    after = LoadedPack(lay_over(pack(), read_overlay(overlay(*accepted), "site.yaml")))
    for patient in range(25):
        record = random_record(random.Random(1000 * seed + patient))
        record.pop("overrides", None)
        assert warned(before, record) <= warned(after, record)


def fits(entry: str) -> bool:
    try:
        lay_over(pack(), read_overlay(overlay(entry), "site.yaml"))
    except Exception:
        return False
    return True


def test_an_edit_of_a_guarded_window_would_be_seen() -> None:
    """The property is not empty: a looser hold, made in the pack itself, takes a hold away."""
    looser = compile_files(edit(default_files(), "parameters.yaml", "value: 160,", "value: 250,"))
    before, after = LoadedPack(pack()), LoadedPack(looser)
    records = [random_record(random.Random(seed)) for seed in range(300)]
    assert any(not warned(before, record) <= warned(after, record) for record in records)


@pytest.mark.parametrize("seed", range(12))
def test_every_pack_that_compiles_has_a_guard(seed: int) -> None:
    """Names of packs that nobody wrote collide: a role and a measure may be called the same."""
    invented = load_files(invent_pack(seed))
    names = {one.name for one in invented.ir.parameters}
    assert guarded_parameters(invented.ir).keys() <= names

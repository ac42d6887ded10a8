"""Every number, an instrument, a sign: each is changed by an edit of YAML alone, in a copy of the default pack."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from boosterwatch.engine import load_pack
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack import ir
from boosterwatch.tests.differential.derive import derive
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import Files, default_files, default_pack, edit, load_files, set_value, write_pack
from boosterwatch.tests.packs.patients import (
    BASELINE,
    Record,
    answer,
    clear,
    day,
    fact,
    form,
    items,
    patient,
    relapse,
    untreated,
)
from boosterwatch.tests.packs.vary import other_value

PACK = default_pack().ir
PARAMETERS = {one.name: one for one in PACK.parameters}
READ = {scale.group: scale for scale in reversed(PACK.scales) if scale.id in {t.id for t in PACK.tables}}
SEEDS = 400


def changed(parameter: str, value: float) -> LoadedPack:
    """Return the default pack with one number of its text changed, everything else as it was."""
    pack = load_files(set_value(default_files(), parameter, value))
    now = {one.name: one.values for one in pack.ir.parameters}
    assert now.pop(parameter)[-1].value == value
    assert now == {name: one.values for name, one in PARAMETERS.items() if name != parameter}
    assert (pack.ir.rules, pack.ir.tables, pack.ir.strata) == (PACK.rules, PACK.tables, PACK.strata)
    pack.__dict__["evaluators"] = (
        default_pack().evaluators
    )  # equal rules: one pair of evaluators serves, and saves time
    return pack


# ---------------------------------------------------------------- numbers of the scales


class Limit(NamedTuple):
    """What a patient at the very limit shows: a rule of the scale that fires now, and not after a step."""

    record: Record
    state: str
    step: int


def worst(scale: ir.Scale) -> int:
    """Return the step towards worse on a scale."""
    return 1 if scale.worse == "high" else -1


def value_of(scale: ir.Scale, tail: str) -> float:
    return PARAMETERS[f"{scale.group}.{tail}"].values[-1].value


def best_end(scale: ir.Scale) -> float:
    return scale.low if scale.worse == "high" else scale.high


def at_delta(scale: ir.Scale) -> Limit:
    step, delta = worst(scale), value_of(scale, "delta")
    best = best_end(scale)
    latest = max(step * value_of(scale, "floor"), step * best + delta) * step
    forms = [answer(PACK, scale.id, 7, latest - step * delta), answer(PACK, scale.id, 60, latest)]
    return Limit(patient(60, *forms), "possible", 1)


def at_floor(scale: ir.Scale) -> Limit:
    floor = value_of(scale, "floor")
    forms = [answer(PACK, scale.id, 7, best_end(scale)), answer(PACK, scale.id, 60, floor)]
    return Limit(patient(60, *forms), "possible", worst(scale))


def at_cut(scale: ir.Scale) -> Limit:
    cut = value_of(scale, "cut")
    scores = ((BASELINE, cut), (7, best_end(scale)), (60, cut))
    return Limit(patient(60, *(answer(PACK, scale.id, on, score) for on, score in scores)), "probable", worst(scale))


def at_settle_days(scale: ir.Scale) -> Limit:
    settled, best = int(value_of(scale, "settle_days")), best_end(scale)
    return Limit(patient(settled, answer(PACK, scale.id, 3, best), answer(PACK, scale.id, settled, best)), "absent", 1)


def at_fresh_days(scale: ir.Scale) -> Limit:
    best = best_end(scale)
    forms = [answer(PACK, scale.id, 7, best), answer(PACK, scale.id, 60, best)]
    return Limit(patient(60 + int(value_of(scale, "fresh_days")), *forms), "absent", -1)


LIMITS: dict[str, Callable[[ir.Scale], Limit]] = {
    "delta": at_delta,
    "floor": at_floor,
    "cut": at_cut,
    "settle_days": at_settle_days,
    "fresh_days": at_fresh_days,
}
OF_SCALES = [
    f"{group}.{tail}" for group in sorted(READ) for tail in LIMITS if f"{group}.{tail}" in PARAMETERS
]  # fmt: skip


def fired(decision: Decision) -> set[str]:
    return {row.rule for row in decision.trace}


def true_rules(pack: LoadedPack, record: Record) -> set[str]:
    """Return the rules that are true, found without telling the whole decision."""
    derived = derive(pack, record)
    outcome, _ = pack.evaluators.evaluate(derived.measures.values, derived.parameters)
    return {rule.id for rule, truth in zip(pack.ir.rules, outcome.truths, strict=True) if truth}


@pytest.mark.parametrize("parameter", OF_SCALES)
def test_a_number_of_a_scale_moves_its_limit(parameter: str) -> None:
    group, _, tail = parameter.rpartition(".")
    scale = READ[group]
    limit = LIMITS[tail](scale)
    rule = f"{scale.id}_{limit.state}"
    assert rule in true_rules(default_pack(), limit.record)
    moved = changed(parameter, PARAMETERS[parameter].values[-1].value + limit.step)
    assert rule not in true_rules(moved, limit.record)


# ---------------------------------------------------------------- numbers of the policy, each with its own patient


class Flip(NamedTuple):
    """Another value of a parameter, a patient, where to look, and what stands there with the old and the new value."""

    value: float
    record: Record
    key: str
    before: object
    after: object


WELL = (form("phq9", BASELINE, 20), form("phq9", 7, 4))
BENEFIT = fact("report", 5, by="clinician", kind="benefit")
SPACED = [day(-20 * n) for n in range(1, 19)]
IMPROVED = (form("who5", BASELINE, 20, scale="percent"), form("who5", 7, 60, scale="percent"))


def contradicted(on: int, percent: int) -> Record:
    """Return a patient whose PHQ-9 is worse while WHO-5, dated earlier or the same day, hardly changed."""
    return patient(70, *WELL, form("phq9", 70, 15), *IMPROVED, form("who5", on, percent, scale="percent"))


def attacked(*days: int) -> Record:
    attacks = (fact("report", on, by="patient", kind="panic_attack") for on in days)
    return patient(70, form("gad7", 7, 2), form("gad7", 65, 2), safety=(BENEFIT, *attacks))


def pressed(systolic: int, diastolic: int, on: int = 0) -> Record:
    return untreated(fact("bp", on, systolic=systolic, diastolic=diastolic))


def cycles(*lengths: int) -> Record:
    """Return a patient with cycles of these lengths on record, each ended by the infusion after it."""
    starts = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    recorded = [
        {"infusion": day(start), "loss_of_benefit": day(start + length)}
        for start, length in zip(starts, lengths, strict=False)
    ]
    return patient(starts[-1] + 5, infusions=[day(start) for start in starts[1:]], prior_cycles=recorded)


FLIPS: dict[str, Flip] = {
    "responder_pct": Flip(0.55, patient(60, form("phq9", BASELINE, 20), form("phq9", 7, 10)), "response", "responder", "partial"),
    "partial_pct": Flip(0.3, patient(60, form("phq9", BASELINE, 20), form("phq9", 7, 15)), "response", "partial", "non_responder"),
    "gain_lost_probable": Flip(
        0.6, patient(70, form("phq9", BASELINE, 21), form("phq9", 7, 3), form("phq9", 70, 12)),
        "signs.symptom_severity", "probable", "possible",
    ),
    "confirm_gap_min": Flip(
        6, patient(70, form("phq9", 7, 3), form("phq9", 65, 12), form("phq9", 70, 12)),
        "signs.symptom_severity", "probable", "possible",
    ),
    "confirm_gap_max": Flip(
        41, patient(70, form("phq9", 7, 3), form("phq9", 28, 12), form("phq9", 70, 12)),
        "signs.symptom_severity", "probable", "possible",
    ),
    "contradiction_days": Flip(13, contradicted(56, 60), "flags.contradictory", True, False),
    "contradiction_share": Flip(0.4, contradicted(70, 56), "flags.contradictory", True, False),
    "corroborating_sources": Flip(3, relapse(30), "recommendation", "consider_booster", "provider_check_in"),
    "nonresponse_days": Flip(
        29, patient(28, form("phq9", BASELINE, 20), form("phq9", 7, 19), form("phq9", 28, 19)),
        "flags.non_responder", True, False,
    ),
    "min_interval_days": Flip(22, relapse(21), "recommendation", "consider_booster", "provider_check_in"),
    "booked_window_days": Flip(13, relapse(30, booked=[day(44)]), "recommendation", "continue", "consider_booster"),
    "max_infusions_28d": Flip(
        3, relapse(60, infusions=[day(33), day(38)]), "recommendation", "provider_check_in", "consider_booster"
    ),
    "max_infusions_365d": Flip(19, {"as_of": day(0), "infusions": SPACED}, "cautions.infusion_count", True, False),
    "default_review_days": Flip(30, patient(20), "next.review_date", day(28), day(30)),
    "review_max": Flip(200, cycles(300, 300), "next.review_date", day(840), day(800)),
    "review_min": Flip(40, cycles(30, 30), "next.review_date", day(84), day(100)),
    "cadence_early": Flip(9, patient(20), "next.assessment_date", day(7), day(9)),
    "grace": Flip(8, patient(15, form("phq9", 0, 4)), "flags.assessment_overdue", True, False),
    "induction_gap_days": Flip(
        57, {"as_of": day(70), "infusions": [day(n) for n in (0, 2, 4, 6, 62, 64, 66, 68)]},
        "measures.days_since_induction", 2, 64,
    ),
    "trigger_lookback": Flip(89, patient(90, items(0, q9=1)), "urgency", "same_day", None),
    "si_current_days": Flip(34, untreated(clear(-35)), "flags.suicidality_not_assessed", False, True),
    "self_harm_urgent": Flip(3, patient(30, items(30, q9=2)), "recommendation", "urgent_safety_review", "provider_check_in"),
    "panic_fresh_days": Flip(34, attacked(35), "signs.anxiety_panic", "possible", "absent"),
    "panic_free_days": Flip(29, attacked(31, 60), "signs.anxiety_panic", "possible", "absent"),
    "bp_hold_systolic": Flip(161, pressed(160, 80), "holds.blood_pressure", True, False),
    "bp_crisis_diastolic": Flip(121, pressed(150, 120), "urgency", "now", "within_7_days"),
    "bp_crisis_days": Flip(6, pressed(185, 80, on=-7), "urgency", "now", "within_7_days"),
    "bp_caution_diastolic": Flip(91, pressed(120, 91), "cautions.blood_pressure", True, False),
    "bp_systolic_min": Flip(51, pressed(50, 40), "measures.bp.systolic", 50, None),
    "bp_systolic_max": Flip(259, pressed(260, 90), "measures.bp.systolic", 260, None),
    "bp_diastolic_min": Flip(31, pressed(120, 30), "measures.bp.diastolic", 30, None),
    "enzyme_hold_times": Flip(
        3.5, untreated(fact("lab", 0, test="alt", value=120, upper_limit=40)), "holds.hepatic", True, False
    ),
    "urinary_days": Flip(15, untreated(fact("urinary", 0, symptoms=True, duration_days=14)), "holds.urinary", True, False),
    "recent_vascular_days": Flip(
        89, untreated(fact("condition", -90, name="stroke", status="resolved")), "holds.cardiovascular", True, False
    ),
    "adult_age": Flip(19, untreated(birth_date="2008-01-16"), "flags.outside_population", False, True),
    "audit_c.caution_men": Flip(5, untreated(sex="male", assessments=[form("audit_c", 0, 4)]), "cautions.alcohol", True, False),
    "audit_c.caution_women": Flip(2, untreated(sex="female", assessments=[form("audit_c", 0, 2)]), "cautions.alcohol", False, True),
    "audit_c.caution_unrecorded": Flip(4, untreated(assessments=[form("audit_c", 0, 3)]), "cautions.alcohol", True, False),
    "enzyme_caution_times": Flip(
        1.5, untreated(fact("lab", 0, test="ast", value=50, upper_limit=40)), "cautions.hepatic", True, False
    ),
    "review_score_days": Flip(8, patient(30, form("phq9", 20, 4)), "flags.review_due", True, False),
    "long_window_days": Flip(360, {"as_of": day(0), "infusions": SPACED}, "measures.infusions_365d", 18, 17),
    "short_window_days": Flip(20, {"as_of": day(0), "infusions": SPACED}, "measures.infusions_28d", 1, 0),
    "cadence_early_until": Flip(19, patient(20), "next.assessment_date", day(7), day(14)),
    "cadence_middle": Flip(20, patient(40), "next.assessment_date", day(14), day(20)),
    "cadence_middle_until": Flip(39, patient(40), "next.assessment_date", day(14), day(28)),
    "cadence_late": Flip(40, patient(100), "next.assessment_date", day(28), day(40)),
    "induction_most": Flip(
        4, {"as_of": day(20), "infusions": [day(n) for n in (0, 2, 4, 6, 8, 10)]}, "measures.days_since_induction", 10, 14
    ),
    "induction_least": Flip(
        5, {"as_of": day(20), "infusions": [day(n) for n in (0, 2, 4, 6)]}, "measures.days_since_induction", 14, None
    ),
    "asrm.hold": Flip(7, untreated(assessments=[form("asrm", 0, 6)]), "urgency", "same_day", None),
}  # fmt: skip


def look(decision: Decision, key: str) -> object:
    """Return what stands in a decision: `flags.stale` is whether it is there, `measures.x` the value of x."""
    head, _, tail = key.partition(".")
    found: Any = getattr(decision, head)
    if not tail:
        return found
    if head == "signs":
        return found[tail].state
    return found[tail] if isinstance(found, Mapping) else tail in found


@pytest.mark.parametrize("parameter", FLIPS)
def test_a_number_of_the_policy_changes_a_decision(parameter: str) -> None:
    flip = FLIPS[parameter]
    assert look(evaluate(default_pack(), flip.record), flip.key) == flip.before
    assert look(evaluate(changed(parameter, flip.value), flip.record), flip.key) == flip.after


# ---------------------------------------------------------------- all other numbers


OTHERS = sorted(PARAMETERS.keys() - set(OF_SCALES) - FLIPS.keys())


def shown(decision: Decision) -> tuple[object, ...]:
    """Return what a clinician sees of a decision, without the trace that names every number anyway."""
    signs = tuple((name, sign.state, sign.reason) for name, sign in decision.signs.items())
    return (
        decision.recommendation, decision.urgency, decision.response, signs, decision.holds, decision.cautions,
        decision.flags, tuple(decision.next.items()), tuple(decision.measures.items()), decision.rejected,
    )  # fmt: skip


@cache
def made_up(seed: int) -> tuple[Record, tuple[object, ...]]:
    """Return a made-up patient and what the default pack decides."""
    record = random_record(random.Random(seed))
    return record, shown(evaluate(default_pack(), record))


@pytest.mark.parametrize("parameter", OTHERS)
def test_any_other_number_changes_what_some_made_up_patient_is_told(parameter: str) -> None:
    pack = changed(parameter, other_value(PARAMETERS[parameter], random.Random(parameter)))
    for seed in range(SEEDS):
        record, before = made_up(seed)
        if shown(evaluate(pack, record)) != before:
            return
    pytest.fail(f"{parameter} changed nothing for {SEEDS} made-up patients")


def test_every_number_is_among_them() -> None:
    assert sorted([*OF_SCALES, *FLIPS, *OTHERS]) == sorted(PARAMETERS)
    assert len(FLIPS) >= 25


# ---------------------------------------------------------------- instruments and signs


MOOD = """# yaml-language-server: $schema=../../../../schemas/part.schema.json
instrument: daily_mood
name: Daily mood ladder
short: Mood ladder
use: signs
licence: Made up for a test

total:
  range: 0 to 30
  worse: low
  items: {count: 3, range: 0 to 10}

parameters:
  daily_mood.delta: {says: fall that counts as worse, unit: points, values: [{from: 2000-01-01, value: 6, basis: clinic_policy}]}
  daily_mood.floor: {says: highest score that can be a sign, unit: points, values: [{from: 2000-01-01, value: 15, basis: clinic_policy}]}
  daily_mood.cut: {says: score at case level, unit: points, values: [{from: 2000-01-01, value: 9, basis: clinic_policy}]}
  daily_mood.settle_days: {says: wait after an infusion, unit: days, values: [{from: 2000-01-01, value: 3, basis: clinic_policy}]}
  daily_mood.fresh_days: {says: oldest score that is trusted, unit: days, values: [{from: 2000-01-01, value: 10, basis: clinic_policy}]}
"""
SIGN = """# yaml-language-server: $schema=../../../../schemas/part.schema.json
sign: pleasure
title: Pleasure
says: Joy in daily things is fading
core: [daily_mood]
absent_because: The mood ladder shows no fall.
"""
HARMONY = ("signs/6-sleep.yaml", "core:\n", "core:\n  - daily_mood\n")
LADDER = (form("daily_mood", BASELINE, 6), form("daily_mood", 7, 25), form("daily_mood", 60, 8))


def with_instrument() -> Files:
    """Return the default pack with one more instrument, read like the others."""
    files = default_files() | {"instruments/daily_mood.yaml": MOOD}
    return edit(files, "readings.yaml", "for: {scale: [phq9, ", "for: {scale: [daily_mood, phq9, ")


def opened(files: Files, folder: Path) -> LoadedPack:
    """Return the pack as a clinic would open it: from a folder."""
    return load_pack(str(write_pack(files, folder)))


def test_an_instrument_is_added_to_a_sign(tmp_path: Path) -> None:
    pack = opened(edit(with_instrument(), *HARMONY), tmp_path)
    decision = evaluate(pack, patient(60, *LADDER))
    assert decision.signs["sleep"].state == "probable"
    assert "Mood ladder is 8" in decision.signs["sleep"].because
    assert decision.measures["daily_mood.change_from_best"] == 17
    assert "source_sleep_daily_mood" in fired(decision)
    assert {name: sign.state for name, sign in decision.signs.items() if name != "sleep"} == dict.fromkeys(
        ("symptom_severity", "motivation", "negative_thinking", "coping", "anxiety_panic"), "cannot_assess"
    )


def test_an_added_instrument_obeys_its_own_numbers(tmp_path: Path) -> None:
    pack = opened(edit(with_instrument(), *HARMONY), tmp_path)
    rows = [(24, "absent"), (16, "absent"), (15, "possible"), (10, "possible"), (9, "probable"), (31, "cannot_assess")]
    for total, state in rows:
        record = patient(60, *LADDER[:2], form("daily_mood", 60, total))
        assert evaluate(pack, record).signs["sleep"].state == (state if total != 31 else "cannot_assess"), total
    too_early = patient(2, form("daily_mood", 1, 25), form("daily_mood", 2, 8))
    assert evaluate(pack, too_early).signs["sleep"].reason == "settling"
    assert evaluate(pack, patient(71, *LADDER)).signs["sleep"].reason == "stale"


def test_a_seventh_sign_is_added(tmp_path: Path) -> None:
    pack = opened(with_instrument() | {"signs/7-pleasure.yaml": SIGN}, tmp_path)
    decision = evaluate(pack, patient(60, *LADDER))
    assert list(decision.signs)[-1] == "pleasure"
    assert len(decision.signs) == 7
    assert decision.signs["pleasure"].state == "probable"
    assert "source_pleasure_daily_mood" in fired(decision)
    assert (decision.recommendation, decision.urgency) == ("provider_check_in", "within_7_days")
    assert "recommend_evidence_or_concern" in fired(decision)  # `any sign is probable`
    assert "pleasure probable" in decision.summary


def test_the_instrument_of_a_seventh_sign_is_a_source(tmp_path: Path) -> None:
    pack = opened(with_instrument() | {"signs/7-pleasure.yaml": SIGN}, tmp_path)
    alone = patient(60, form("phq9", BASELINE, 20), form("phq9", 7, 4), form("phq9", 60, 15), safety=(clear(60),))
    both = alone | {"assessments": [*alone["assessments"], *LADDER]}
    assert evaluate(pack, alone).recommendation == "provider_check_in"
    assert evaluate(pack, both).recommendation == "consider_booster"
    assert "several_sources" in fired(evaluate(pack, both))


def test_an_instrument_is_removed_from_a_sign(tmp_path: Path) -> None:
    record = patient(60, *(form("isi", on, total) for on, total in ((BASELINE, 20), (7, 4), (60, 20))))
    assert evaluate(default_pack(), record).signs["sleep"].state == "probable"
    text = default_files()["signs/6-sleep.yaml"]
    without = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("  - isi"))
    pack = opened(default_files() | {"signs/6-sleep.yaml": without}, tmp_path)
    decision = evaluate(pack, record)
    assert (decision.signs["sleep"].state, decision.signs["sleep"].reason) == ("cannot_assess", "missing")
    assert "source_sleep_isi" not in {rule.id for rule in pack.ir.rules}
    assert decision.measures["isi.latest"] == 20  # it is still read and reported

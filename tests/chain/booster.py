"""The "booster policy" workload of the performance notes, as a compiled pack and as plain Python.

Every engine that was compared there ran exactly this: 12 rules draw 6 signs, then 6 ordered rules pick one
recommendation.
"""

from __future__ import annotations

import random
from collections.abc import Mapping

from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import packs

Patient = Mapping[str, int | bool]
Test = tuple[str, ir.Op, int]

NUMBERS = (
    "phq9_latest",
    "phq9_change_from_best",
    "gad7_latest",
    "gad7_change",
    "isi_latest",
    "isi_change",
    "ess_latest",
    "pcl5_change",
    "pss_latest",
    "pss_change",
    "motivation_change",
    "rumination_change",
    "hopelessness_latest",
    "panic_attacks_4wk",
    "days_since_infusion",
    "days_since_assessment",
)
TRUTHS = ("responder", "suicidality_flag", "uncontrolled_bp")
SIGNS: dict[str, list[list[Test]]] = {
    "severity": [
        [("phq9_latest", ">=", 20), ("phq9_change_from_best", ">=", 8)],
        [("hopelessness_latest", ">=", 14), ("phq9_latest", ">=", 15)],
    ],
    "depression": [
        [("phq9_latest", ">=", 10), ("phq9_change_from_best", ">=", 5)],
        [("phq9_latest", ">=", 17), ("days_since_infusion", ">=", 14)],
    ],
    "anxiety": [
        [("gad7_latest", ">=", 12), ("gad7_change", ">=", 4)],
        [("panic_attacks_4wk", ">=", 4), ("gad7_latest", ">=", 10)],
    ],
    "sleep": [
        [("isi_latest", ">=", 18), ("isi_change", ">=", 6)],
        [("ess_latest", ">=", 16), ("isi_latest", ">=", 15)],
    ],
    "stress": [
        [("pcl5_change", ">=", 12), ("pss_change", ">=", 6)],
        [("pss_latest", ">=", 30), ("pss_change", ">=", 4)],
    ],
    "motivation": [
        [("motivation_change", "<=", -4), ("phq9_change_from_best", ">=", 4)],
        [("rumination_change", ">=", 5), ("motivation_change", "<=", -2)],
    ],
}
DAYS_MIN, STALE = 21, 28


def policy(patient: Patient) -> tuple[str, list[str]]:
    """Return the recommendation and the signs, in plain Python; a missing value makes a comparison not true."""
    signs = [
        sign
        for sign, ways in SIGNS.items()
        if patient.get("responder") is True
        and any(all(_holds(patient.get(name), op, k) for name, op, k in way) for way in ways)
    ]
    since_assessment = patient.get("days_since_assessment")
    if patient.get("suicidality_flag") is True:
        return "urgent_safety_review", signs
    if patient.get("uncontrolled_bp") is True:
        return "hold", signs
    waited = _holds(patient.get("days_since_infusion"), ">=", DAYS_MIN)
    if "severity" in signs or (len(signs) >= 2 and waited):
        return "booster_consult", signs
    if signs:
        return "check_in", signs
    if since_assessment is None or since_assessment > STALE:
        return "reassess", signs
    return "continue", signs


def _holds(value: int | None, op: ir.Op, threshold: int) -> bool:
    if value is None:
        return False
    return value >= threshold if op == ">=" else value <= threshold


def booster_pack() -> tuple[ir.Pack, dict[str, int]]:
    """Return the workload as a pack, and its parameters."""
    parameters = {"consult.signs": 2, "check_in.signs": 1, "consult.days": DAYS_MIN, "stale": STALE}
    signs = []
    for sign, ways in SIGNS.items():
        for number, way in enumerate(ways, 1):
            parameters |= {f"{sign}_{number}.{name}": k for name, _, k in way}
            tests = [packs.compare(name, op, f"{sign}_{number}.{name}") for name, op, _ in way]
            when = ir.All((packs.equals("responder", True), *tests))
            signs.append(packs.rule(f"{sign}_{number}", when, atom=sign))
    rows = _recommendations()
    table = packs.table("recommendation", rows, "continue")
    return packs.pack([*signs, *rows], [table], ["severity"], parameters), parameters


def _recommendations() -> list[ir.Rule]:
    enough = ir.All(
        (
            packs.at_least("consult.signs", *SIGNS),
            packs.compare("days_since_infusion", ">=", "consult.days"),
        )
    )
    stale = ir.Any(
        (
            packs.leaf(ir.Known("days_since_assessment", known=False)),
            packs.compare("days_since_assessment", ">", "stale"),
        )
    )
    conditions: dict[str, ir.Condition] = {
        "urgent_safety_review": packs.equals("suicidality_flag", True),
        "hold": packs.equals("uncontrolled_bp", True),
        "booster_consult": ir.Any((packs.drawn("severity"), enough)),
        "check_in": packs.at_least("check_in.signs", *SIGNS),
        "reassess": stale,
    }
    return [
        packs.rule(f"recommend_{state}", when, table="recommendation", state=state)
        for state, when in conditions.items()
    ]


def random_patient(rng: random.Random) -> dict[str, int | bool]:
    """Return a patient with a tenth of the values missing."""
    numbers = {name: rng.randint(-8, 35) for name in NUMBERS if rng.random() >= 0.1}
    truths = {name: rng.random() < (0.8 if name == "responder" else 0.1) for name in TRUTHS if rng.random() >= 0.1}
    return numbers | truths

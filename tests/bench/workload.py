"""The "booster policy" on which rule engines were compared: its patients, and the pack that says it in YAML.

The policy in plain Python is `boosterwatch.tests.chain.booster.policy`. An engine gets a patient's nineteen values
ready made, with missing ones left out; our evaluators know them by the names that the pack derives.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.tests.chain.booster import SIGNS, Patient

PACK = Path(__file__).parent / "packs" / "booster-policy" / "1.0.0"
MISSING = 0.1
RANGES = {  # the upper end is left out
    "phq9_latest": (0, 28), "phq9_change_from_best": (-5, 15), "gad7_latest": (0, 22), "gad7_change": (-8, 10),
    "isi_latest": (0, 29), "isi_change": (-8, 12), "ess_latest": (0, 25), "pcl5_change": (-20, 25),
    "pss_latest": (0, 41), "pss_change": (-10, 12), "motivation_change": (-8, 8), "rumination_change": (-8, 10),
    "hopelessness_latest": (0, 21), "panic_attacks_4wk": (0, 8), "days_since_infusion": (0, 200),
    "days_since_assessment": (0, 45),
}  # fmt: skip
ODDS = {"responder": 0.6, "suicidality_flag": 0.03, "uncontrolled_bp": 0.05}
MEASURES = {
    "phq9_latest": "phq9.latest",
    "phq9_change_from_best": "phq9.change",
    "gad7_latest": "gad7.latest",
    "gad7_change": "gad7.change",
    "isi_latest": "isi.latest",
    "isi_change": "isi.change",
    "ess_latest": "ess.latest",
    "pcl5_change": "pcl5.change",
    "pss_latest": "pss.latest",
    "pss_change": "pss.change",
    "motivation_change": "drive.change",
    "rumination_change": "rumination.change",
    "hopelessness_latest": "hopelessness.latest",
    "panic_attacks_4wk": "panic_attacks_4wk",
    "days_since_infusion": "days_since_infusion",
    "days_since_assessment": "days_since_assessment",
    "responder": "responder",
    "suicidality_flag": "suicidality_flag",
    "uncontrolled_bp": "uncontrolled_bp",
}
TURNED = ("motivation_change",)  # the workload counts a loss below zero, the pack counts what is worse
DRAWN = {f"finding:{sign}": sign for sign in SIGNS}


def patients(count: int, seed: int = 20240) -> list[dict[str, int | bool]]:
    """Return made-up patients with a tenth of the values missing; the same seed gives the same patients."""
    rng = random.Random(seed)
    return [_patient(rng) for _ in range(count)]


def _patient(rng: random.Random) -> dict[str, int | bool]:
    values: dict[str, int | bool] = {name: rng.randrange(low, high) for name, (low, high) in RANGES.items()}
    values |= {name: rng.random() < odds for name, odds in ODDS.items()}
    return {name: value for name, value in values.items() if rng.random() >= MISSING}


def as_measures(patient: Patient) -> dict[str, Scalar]:
    """Return a patient's values under the names of the pack's measures."""
    return {MEASURES[name]: -value if name in TURNED else value for name, value in patient.items()}


@cache
def booster_pack() -> ir.Pack:
    """Return the compiled pack."""
    return compile_reference(str(PACK))


def parameters_of(pack: ir.Pack) -> dict[str, int | float]:
    """Return the newest value of every parameter of a pack."""
    return {parameter.name: parameter.values[-1].value for parameter in pack.parameters}


def signs_drawn(atoms: Mapping[str, object] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the signs among some atoms, in the order of the policy."""
    found = {DRAWN[atom] for atom in atoms if atom in DRAWN}
    return tuple(sign for sign in SIGNS if sign in found)

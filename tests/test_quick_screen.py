"""The second pack, `quick-screen`: sound, its cases pass, and the engine agrees with a second reading of it.

`tests/oracle/quick_screen.py` is that reading. `BOOSTERWATCH_PATIENTS` sets how many made-up patients are asked.
"""

from __future__ import annotations

import json
import os
import random
from functools import cache
from typing import Any

import pytest

from boosterwatch.engine.author.cases import run_cases
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.tests.differential.minimise import minimise
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.oracle.quick_screen import decide

PATIENTS = int(os.environ.get("BOOSTERWATCH_PATIENTS", "400"))
BATCH = 100
QUIET = 0.5  # share of patients without safety facts, so that the later rows are reached

Record = dict[str, Any]


@cache
def opened() -> Opened:
    return open_pack("quick-screen")


@cache
def quick_screen() -> LoadedPack:
    pack = opened().pack
    assert pack is not None, opened().problems
    return LoadedPack(pack)


def random_patient(seed: int) -> Record:
    """Return a made-up patient, told in what the pack knows."""
    rng = random.Random(seed)
    record = random_record(rng)
    pack = quick_screen().ir
    instruments = {one.id for one in pack.instruments}
    numbers = {one.name for one in pack.parameters if one.allowed is not None}
    holds = {one.id for one in pack.notices if one.kind == "hold"}
    forms = [one for one in record.get("assessments", ()) if one["instrument"] in instruments]
    facts = [one for one in record.get("safety", ()) if one.get("hold") is None or one["hold"] in holds]
    if rng.random() < QUIET:
        facts = [one for one in facts if one["type"] == "report" and one["kind"] == "benefit"]
        forms = [one if rng.random() < 0.2 else _without_item_nine(one) for one in forms]
        facts.append({"type": "cssrs", "date": record["as_of"], "q1": False, "q2": False, "q6_recent": False})
    overrides = [one for one in record.get("overrides", ()) if one["parameter"] in numbers]
    return record | {"assessments": forms, "safety": facts, "overrides": overrides}


def _without_item_nine(form: Record) -> Record:
    """Return the form with item 9 answered 0 and the total as it then is, where both were well formed."""
    items = form.get("items")
    if form["instrument"] != "phq9" or not items or len(items) != 9 or items[8] not in (1, 2, 3):
        return form
    total = form.get("total")
    return form | {"items": [*items[:8], 0]} | ({"total": total - items[8]} if total is not None else {})


def engine_says(record: Record) -> Record:
    decision = evaluate(quick_screen(), record)
    return {
        "recommendation": decision.recommendation,
        "urgency": decision.urgency,
        "signs": {name: sign.state for name, sign in decision.signs.items()},
        "holds": sorted(decision.holds),
        "response": decision.response,
    }


def differences(record: Record) -> set[str]:
    engine, again = engine_says(record), decide(record)
    return {key for key in engine if engine[key] != again[key]}


def test_the_pack_is_sound_and_every_case_passes() -> None:
    results = run_cases(opened(), quick_screen())
    assert [result.case.id for result in results if result.status != "passed"] == []
    assert len(results) > 300


@pytest.mark.parametrize("start", range(0, PATIENTS, BATCH))
def test_the_engine_decides_what_the_screen_says(start: int) -> None:
    """`evaluate` runs both evaluators and fails when they differ, so this compares three readings."""
    for seed in range(start, min(start + BATCH, PATIENTS)):
        record = random_patient(seed)
        found = differences(record)
        if found:
            small = minimise(record, lambda one, found=found: bool(found & differences(one)))  # type: ignore[misc]
            says = f"engine {engine_says(small)}\nagain  {decide(small)}"
            pytest.fail(f"patient {seed}: {sorted(found)} differ\n{json.dumps(small, indent=1)}\n{says}", pytrace=False)


def test_the_comparison_sees_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    record = random_patient(3)
    assert differences(record) == set()
    wrong = decide(record) | {"recommendation": "carry_on"}
    monkeypatch.setitem(globals(), "decide", lambda _: wrong)
    assert differences(record) == {"recommendation"}


def test_the_patients_reach_every_row() -> None:
    rows = [row.rule for row in quick_screen().ir.recommendations]
    wanted = set(rows)
    for seed in range(3000):
        fired = {row.rule for row in evaluate(quick_screen(), random_patient(seed)).trace}
        wanted.discard(next(rule for rule in rows if rule in fired))  # the first that is true wins
        if not wanted:
            break
    assert wanted == set()

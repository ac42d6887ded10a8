"""A pack under an overlay: its values, its trace, what is left out, and how a decision names it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from boosterwatch import load_pack
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.ir_json import digest_of
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.tests.cli.runs import CASES, printed_json, run
from boosterwatch.tests.overlay.site import laid_over, overlay, pack

DELTA = "parameter: phq9.delta, value: 6, from: 2026-02-01"
NOTE = "Our patients are older. (role:director, 2026-01-02)"
PATIENT: dict[str, Any] = {
    "as_of": "2026-03-20",
    "infusions": [f"2026-01-{day:02d}" for day in (5, 8, 12, 15, 19, 22)],
    "assessments": [
        {"instrument": "phq9", "date": "2026-02-10", "total": 5},
        {"instrument": "phq9", "date": "2026-03-10", "total": 10},
    ],
}


def day(text: str) -> int:
    from datetime import date

    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(("on", "value", "layer"), [("2026-01-31", 5, "pack"), ("2026-02-01", 6, "site")])
def test_a_value_counts_from_its_date(on: str, value: int, layer: str) -> None:
    chosen = values_in_force(laid_over(DELTA), day(on))["phq9.delta"]
    assert (chosen.value, chosen.layer) == (value, layer)


def test_the_patients_own_value_comes_before_the_sites() -> None:
    own = {"parameter": "phq9.delta", "value": 4, "reason": "small changes matter", "by": "dr", "date": "2026-03-01"}
    decision = evaluate(LoadedPack(laid_over(DELTA)), {**PATIENT, "overrides": [own]})
    assert decision.signs["symptom_severity"].state == "possible"


def test_the_decision_and_its_trace_name_the_site() -> None:
    before = evaluate(LoadedPack(pack()), PATIENT)
    after = evaluate(LoadedPack(laid_over(DELTA)), PATIENT)
    assert before.signs["symptom_severity"].state == "possible"
    assert after.signs["symptom_severity"].state == "absent"
    site = laid_over(DELTA).site
    assert site is not None
    assert after.pack == {**before.pack, "overlay": "north-clinic", "overlay_digest": site.digest}
    stopped = next(row for row in after.not_fired if row.rule == "phq9_possible")
    assert (stopped.threshold, stopped.distance) == (6, 1)
    later = evaluate(
        LoadedPack(laid_over(DELTA)),
        {
            **PATIENT,
            "assessments": [*PATIENT["assessments"][:1], {"instrument": "phq9", "date": "2026-03-10", "total": 11}],
        },
    )
    [told] = {
        one for row in later.trace if row.rule == "phq9_possible" for one in row.parameters if one.name == "phq9.delta"
    }
    assert (told.value, told.start, told.layer, told.basis) == (6, "2026-02-01", "site", "clinic_policy")
    assert told.note == NOTE
    assert json.loads(to_json_bytes(later))["pack"]["overlay"] == "north-clinic"


def test_a_caution_that_is_left_out_is_not_shown() -> None:
    record = CASES["pregnancy_not_pregnant_breastfeeding"].record
    off = laid_over("kind: caution, id: breastfeeding")
    assert "breastfeeding" in evaluate(LoadedPack(pack()), record).cautions
    assert "breastfeeding" not in evaluate(LoadedPack(off), record).cautions


def test_the_digest_stays_that_of_the_policy() -> None:
    site = laid_over(DELTA, "kind: caution, id: breastfeeding")
    assert site.digest == pack().digest
    assert digest_of(laid_over(DELTA)) == pack().digest


# ---------------------------------------------------------------- the face and the command line


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_bytes(overlay(DELTA))
    return path


@pytest.fixture
def patient(tmp_path: Path) -> str:
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(PATIENT), encoding="utf-8")
    return str(path)


def test_a_pack_is_loaded_with_its_overlay(file: Path) -> None:
    loaded = load_pack("ketamine-maintenance", overlay=file)
    assert loaded.ir.site is not None
    assert loaded.ir.site.title == "North clinic"
    assert loaded.digest == compile_reference("ketamine-maintenance").digest


def test_a_wrong_overlay_is_not_laid_over(file: Path) -> None:
    file.write_bytes(overlay("parameter: phq9.delta, value: 60, from: 2026-02-01"))
    with pytest.raises(PackError, match="BW224"):
        load_pack("ketamine-maintenance", overlay=file)


def test_evaluate_and_explain_take_an_overlay(file: Path, patient: str, tmp_path: Path) -> None:
    decision = run("evaluate", patient, "--overlay", str(file), "--format", "json")
    assert json.loads(decision.stdout)["pack"]["overlay"] == "north-clinic"
    stored = tmp_path / "decision.json"
    stored.write_text(decision.stdout, encoding="utf-8")
    told = run("explain", str(stored), "--overlay", str(file), "--why-not", "phq9_possible")
    assert (told.exit_code, told.stderr) == (0, "")
    refused = run("explain", str(stored))
    assert (refused.exit_code, refused.stderr) == (
        1,
        "BW407 the decision was made with another overlay\n  hint: give `north-clinic` as `--overlay`\n",
    )


def test_a_wrong_overlay_is_shown_with_its_line(file: Path, patient: str) -> None:
    file.write_bytes(overlay("parameter: phq9.delta, value: 60, from: 2026-02-01"))
    result = run("evaluate", patient, "--overlay", str(file))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"{file}:7:36: BW224 `phq9.delta` cannot be 60")
    assert "  |   - {parameter: phq9.delta, value: 60" in result.stderr


def test_show_effective_tells_each_number_and_its_origin(file: Path) -> None:
    shown = run("packs", "show", "--effective", "--overlay", str(file), "--as-of", "2026-02-01")
    assert "In force on 2026-02-01" in shown.stdout
    assert "north-clinic, North clinic, digest" in shown.stdout
    data = printed_json(run("packs", "show", "--overlay", str(file), "--as-of", "2026-02-01", "--format", "json"))
    rows = {one["name"]: one for one in data["parameters"]}
    assert (rows["phq9.delta"]["value"], rows["phq9.delta"]["layer"], rows["phq9.delta"]["note"]) == (6, "site", NOTE)
    assert rows["gad7.delta"]["layer"] == "pack"
    assert data["overlay"]["id"] == "north-clinic"

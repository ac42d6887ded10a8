"""`boosterwatch prove`: the table, the story of a counter-example, what is saved, and what goes wrong."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from boosterwatch.engine.author.cases import run_cases
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.cli.runs import run
from boosterwatch.tests.packs.files import Files, write_pack
from boosterwatch.tests.packs.small import SMALL

DAY = ("--as-of", "2026-06-01")
PROPERTIES = """# yaml-language-server: $schema=../../../schemas/properties.schema.json
properties:
  - {id: stops, says: A hold always stops., when: any hold, then: recommendation is look}
  - {id: acts, says: It never acts., never: recommendation is act}
  - id: worse
    says: A worse glow never lowers the recommendation.
    worse: {scores: [glow], never_lowers: recommendation, order: [act, rest, stop]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small pack with a property that holds, one that one patient breaks, and one that a pair breaks."""
    return pack_in(tmp_path, {**SMALL, "properties.yaml": PROPERTIES})


def pack_in(folder: Path, files: Files) -> Path:
    return write_pack(files, folder / "small-pack" / "0.1.0")


def test_a_proved_property_is_a_line(folder: Path) -> None:
    result = run("prove", str(folder), "--property", "stops", *DAY)
    assert result.exit_code == 0, result.stderr
    *head, line = result.stdout.splitlines()
    assert head[:3] == [
        "Properties of small-pack@0.1.0",
        "Over every patient within the ranges of the measures, at the values in force on 2026-06-01.",
        f"  property{' ' * 14}answer  seconds",
    ]
    assert line.split()[:-1] == ["A", "hold", "always", "stops.", "proved"]


def test_a_counter_example_is_a_story(folder: Path) -> None:
    result = run("prove", str(folder), "--property", "acts", *DAY)
    assert result.exit_code == 1
    assert "counter-example" in result.stdout
    assert "acts: It never acts." in result.stdout
    assert "This patient breaks it; both engines say so." in result.stdout
    assert "\n  act: " in result.stdout


def test_a_pair_is_told_as_what_changed(folder: Path) -> None:
    text = run("prove", str(folder), "--property", "worse", *DAY).stdout
    assert "Of this patient, first:" in text
    _, again = text.split("and then, with all else the same:")
    assert "without: " in again
    assert "\n  act: " in again


def test_the_same_as_data(folder: Path) -> None:
    result = run("prove", str(folder), "--format", "json", *DAY)
    assert result.exit_code == 1
    data = json.loads(result.stdout)
    assert (data["pack"]["id"], data["as_of"], data["proved"]) == ("small-pack", "2026-06-01", False)
    assert [(one["property"], one["verdict"], len(one["patients"])) for one in data["properties"]] == [
        ("stops", "proved", 0),
        ("acts", "broken", 1),
        ("worse", "broken", 2),
    ]
    (patient,) = data["properties"][1]["patients"]
    assert patient["recommendation"] == "act"
    assert patient["record"]["as_of"] == "2026-06-01"


def test_patients_are_saved_as_cases_that_pass_as_the_pack_is(folder: Path) -> None:
    result = run("prove", str(folder), "--save", str(folder / "cases"), *DAY)
    assert result.exit_code == 1
    written = sorted(path.name for path in (folder / "cases").iterdir())
    assert written == ["acts.yaml", "worse_after.yaml", "worse_before.yaml"]
    assert all(f"wrote {folder / 'cases' / name}" in result.stderr for name in written)
    opened = open_pack(str(folder))
    assert opened.pack is not None, opened.problems
    assert {one.status for one in run_cases(opened, LoadedPack(opened.pack))} == {"passed"}


def test_the_default_pack_is_proved() -> None:
    result = run("prove", "--property", "no_booster_on_hold", *DAY)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "No hold ever leaves a booster suggestion." in result.stdout


# ---------------------------------------------------------------- what goes wrong


def test_a_property_that_is_not_there(folder: Path) -> None:
    result = run("prove", str(folder), "--property", "stop", *DAY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "BW431 there is no property `stop`\n  hint: did you mean `stops`?\n"


def test_without_z3(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.terminal.proving.find_spec", lambda _name: None)
    result = run("prove", str(folder), *DAY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "BW430 proofs need z3, which is not installed\n  hint: pip install 'boosterwatch[prove]'\n"
    )
    assert importlib.util.find_spec("z3") is not None


def test_a_pack_without_properties(tmp_path: Path) -> None:
    result = run("prove", str(pack_in(tmp_path, SMALL)), *DAY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("BW435 the pack has no `properties.yaml`\n")


def test_a_pack_with_errors(tmp_path: Path) -> None:
    files = {**SMALL, "properties.yaml": PROPERTIES.replace("any hold", "any holds")}
    result = run("prove", str(pack_in(tmp_path, files)), *DAY)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "properties.yaml:3:" in result.stderr
    broken = {**SMALL, "rules.yaml": SMALL["rules.yaml"].replace("holds:", "hodls:")}
    assert "rules.yaml:" in run("prove", str(pack_in(tmp_path / "other", broken)), *DAY).stderr


def test_a_refused_property_is_a_diagnostic(tmp_path: Path) -> None:
    slope = "  tilt: {kind: slope, points: least, span: gap, settle: scale.settle, says: tilt}\n"
    measures = SMALL["measures.yaml"].replace("score_measures:\n", f"score_measures:\n{slope}")
    tilted = "properties:\n  - {id: flat, says: Nothing tilts., never: glow.tilt is known}\n"
    head = PROPERTIES.partition("properties:")[0]
    result = run(
        "prove", str(pack_in(tmp_path, {**SMALL, "measures.yaml": measures, "properties.yaml": head + tilted}))
    )
    assert result.exit_code == 1
    assert "refused" in result.stdout
    first, *_, hint = result.stderr.splitlines()
    assert first.endswith(
        "properties.yaml:3:10: BW433 property `flat` is refused: it reads `glow.tilt`, and of a measure of kind `slope` "
        "the model knows the range only"
    )
    assert hint == "  hint: state it without that measure"


def test_a_property_over_no_pack() -> None:
    result = run("prove", "nothing", *DAY)
    assert result.exit_code == 1
    assert "BW140" in result.stderr

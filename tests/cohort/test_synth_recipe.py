"""Recipes of made-up patients: what is wrong with one, and the command."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from boosterwatch.engine.cohort.synth.make import plan_cohort
from boosterwatch.engine.cohort.synth.recipe import recipes
from boosterwatch.engine.diagnostics import DiagnosticError
from boosterwatch.engine.terminal.commands.cohort_synth import synth

TEXT = files("boosterwatch.rules").joinpath("synthetic/totals.yaml").read_text(encoding="utf-8")
EDITS = {  # what is changed, into what, and what is said of it
    "instrument": ("  gad7: {", "  gad_7: {", "BW771 there is no instrument in ketamine-maintenance 1.0.0 called `gad_7`"),
    "items": ("with_items: 0, sum_stated: 1, level: [0.10, 0.85]", "with_items: 1, sum_stated: 1, level: [0.10, 0.85]", None),
    "milder": ("level: [0.02, 0.98],", "level: [0.02, 0.98], milder: [{item: 10, by: 1}],", "BW771 `phq9` has no item 10"),
    "extra": ("level: [0.02, 0.98],", "level: [0.02, 0.98], extra: {dificulty: 1},", "BW771 there is no extra answer of `phq9` `dificulty`"),
    "method": ("level: [0.02, 0.98],", "level: [0.02, 0.98], method: raw, method_stated: 1,", "BW771 there is no usable method of `phq9` `raw`"),
    "indication": ("for: ptsd", "for: ptds", "BW771 there is no indication in the recipe called `ptds`"),
    "known indication": ("panic: 0.10", "panik: 0.10", "BW771 there is no value of `indications` `panik`"),
    "sex": ("unknown: 0.03}", "unknwn: 0.03}", "BW771 there is no value of `sex` `unknwn`"),
    "time": ("time_stated: {}", "time_stated: {after: 0.5}", "BW771 there is no time of a form `after`"),
    "type": ("{type: bp,", "{type: bpp,", "BW771 there is no type of fact `bpp`"),
    "field": ("q2: {true_for", "q7: {true_for", "BW771 there is no field of `cssrs` `q7`"),
    "drawn": ("q2: {true_for: 0.004, worse: 8}", "q2: {odds: {yess: 1}}", "BW772 `q2` holds a truth, so it is drawn by `true_for`"),
    "follows": ("follows: {field: systolic", "follows: {field: diastolc", "BW772 `diastolic` follows `diastolc`, which is no number that stands before it"),
    "shares": ("shares: [0.10, 0.80, 0.10]", "shares: [0.10, 0.70, 0.10]", "BW772 the shares add up to 0.9, not to 1"),
    "lengths": ("infusions: [4, 6, 8]", "infusions: [4, 6]", "BW772 `infusions` and `shares` differ in length"),
    "too much": ("female: 0.57", "female: 0.77", "BW772 the shares add up to 1.16, more than 1"),
    "needed": ("facts:\n", "facts:\n  - {type: consent, per: start, rate: 1, fields: {}}\n", "BW772 a fact of type `consent` needs `status`"),
    "word": ("facts:\n", "facts:\n  - {type: consent, per: start, rate: 1, fields: {status: {odds: {givn: 1}}}}\n", "BW771 there is no value of `status` `givn`"),
    "key": ("of_patients: 0.96", "of_patient: 0.96", "BW103 unknown key `of_patient` in form `phq9`"),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_a_mistake_in_a_recipe_is_said_at_its_place(edit: str, tmp_path: Path) -> None:
    old, new, said = EDITS[edit]
    assert TEXT.count(old), "the edit must change something"
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    if said is None:  # the pack knows these items, so nothing is wrong
        assert plan_cohort(str(path), 1).recipe["recipe"] == "totals"
        return
    with pytest.raises(DiagnosticError) as refused:
        plan_cohort(str(path), 1)
    first = refused.value.diagnostics[0]
    assert f"{first.code} {first.message}" == said
    assert first.span is not None
    line = path.read_text(encoding="utf-8").splitlines()[first.span.line - 1]
    assert line.strip(), "there is something at the place"


def test_the_recipes_that_come_with_the_rules() -> None:
    assert recipes() == ["clinic", "totals"]


def test_a_recipe_that_is_not_there() -> None:
    with pytest.raises(DiagnosticError) as refused:
        plan_cohort("hospital", 1)
    hint = "there are clinic, totals; or give a file that ends in .yaml"
    assert str(refused.value) == f"BW770 there is no recipe `hospital`\n  hint: {hint}"


def test_a_level_that_is_not_there() -> None:
    with pytest.raises(DiagnosticError) as refused:
        plan_cohort("clinic", 1, level="lots")
    assert str(refused.value) == "BW773 recipe `clinic` has no level `lots`\n  hint: there are none, some, much"


# ---------------------------------------------------------------- the command


def test_the_command_says_what_is_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(synth, ["made-up", "--patients", "20", "--seed", "3", "--mess", "none"])
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "20 made-up patients up to 2026-03-02, in made-up; nobody in them exists."
    assert lines[1] == "  - patients: 20 rows"
    assert lines[-1] == "Next: boosterwatch cohort evaluate made-up --as-of 2026-03-02 -o results.parquet"


def test_the_command_in_json(tmp_path: Path) -> None:
    folder = str(tmp_path / "made-up")
    arguments = [folder, "--patients", "20", "--recipe", "totals", "--until", "2026-01-31", "--tables", "csv"]
    done = CliRunner().invoke(synth, [*arguments, "--format", "json"])
    told = json.loads(done.stdout)
    rows = told.pop("rows")
    assert told == {"folder": folder, "synthetic": True, "patients": 20, "until": "2026-01-31"}
    assert rows["patients"] == 20
    assert len((tmp_path / "made-up" / "patients.csv").read_text(encoding="utf-8").splitlines()) == 21


def test_the_command_shows_the_line_of_a_recipe_that_does_not_fit(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        synth, [str(tmp_path / "x"), "--patients", "5", "--recipe", "totals", "--pack", "quick-screen"]
    )
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[:2] == [
        "rules/synthetic/totals.yaml:50:3: BW771 there is no instrument in quick-screen 1.0.0 called `isi`",
        "  |   isi: {of_patients: 0.40, at_visits: 0.70, with_items: 0, sum_stated: 1, level: [0.10, 0.85], noise...",
    ]
    assert list(tmp_path.iterdir()) == []

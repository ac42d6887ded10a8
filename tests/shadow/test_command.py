"""`evaluate --shadow`: standard output and the exit code are those of a run without it, whatever the trial does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import Result

from boosterwatch.tests.cli.runs import run
from boosterwatch.tests.shadow.material import CANARY, PATIENT, QUICK, folder_of

NOTE = (
    "in the shadow, quick-screen@1.1.0: 4 differences\n"
    "  sign symptom_severity: possible -> absent\n"
    "  rules that fire no longer: phq9_possible, source_symptom_severity_phq9, symptom_severity_possible_by_phq9\n"
)
ALONE = "  hint: the decision is that of the active pack, as it would be without a trial\n"
OVERLAY = """\
overlay: north-clinic
title: North clinic
pack: quick-screen
from: "1.0.0"
before: "1.1.0"
values:
  - {parameter: grace, value: 10, from: 2026-02-01, reason: We are small., by: role:director, date: 2026-01-02}
"""


@pytest.fixture
def patient(tmp_path: Path) -> str:
    file = tmp_path / "patient.json"
    file.write_text(json.dumps(PATIENT), encoding="utf-8")
    return str(file)


def beside(patient: str, shadow: str, *more: str) -> Result:
    """Return a run with a trial; its answer is the one without."""
    common = ("evaluate", patient, "--pack", f"{QUICK}@1.0.0", *(one for one in more if "jsonl" not in one))
    alone = run(*(one for one in common if one != "--shadow-log"))
    with_it = run(*common[:4], *more, "--shadow", shadow)
    assert (with_it.stdout_bytes, with_it.exit_code) == (alone.stdout_bytes, alone.exit_code)
    assert alone.exit_code == 0, alone.stderr
    return with_it


def test_what_differs_goes_to_standard_error(patient: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "trial", "trial")
    assert beside(patient, folder).stderr == NOTE
    assert beside(patient, folder, "--format", "json").stderr == NOTE
    assert beside(patient, folder, "--full").stderr == NOTE


def test_and_into_the_log(patient: str, tmp_path: Path) -> None:
    folder, log = folder_of(tmp_path / "trial", "trial"), tmp_path / "shadow.jsonl"
    for form in ("text", "json"):
        assert beside(patient, folder, "--shadow-log", str(log), "--format", form).stderr == NOTE
    one, other = log.read_text(encoding="utf-8").splitlines()
    assert one == other
    assert [each["what"] for each in json.loads(one)["differences"]] == ["sign", "rule", "rule", "rule"]
    assert CANARY not in one


def test_a_trial_never_decides_by_itself(patient: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "trial", "trial")
    result = run("evaluate", patient, "--pack", folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"BW142 `{folder}` is a trial and may not decide\n")


def test_a_draft_is_not_run(patient: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "draft", "draft")
    said = (
        f"BW490 `{folder}` is a draft and may not run in the shadow of another\n"
        "  hint: a draft runs only its tests; make it a `trial` through a release\n"
    )
    assert beside(patient, folder).stderr == said


@pytest.mark.parametrize(
    ("shadow", "said"),
    [
        (
            "quick-scren@1.0.0",
            "BW140 there is no pack `quick-scren`\n  hint: did you mean `quick-screen`?\n"
            f"BW495 the trial `quick-scren@1.0.0` cannot be loaded: BW140\n{ALONE}",
        ),
        (
            QUICK,
            "BW497 no version of `quick-screen` is a trial\n"
            "  hint: name a version: `--shadow quick-screen@VERSION`, or a folder\n",
        ),
    ],
)
def test_a_trial_that_is_not_there(patient: str, shadow: str, said: str) -> None:
    assert beside(patient, shadow).stderr == said


def test_a_trial_with_errors(patient: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "trial", "trial", delta=99)
    result = beside(patient, folder)
    assert f"BW495 the trial `{folder}` cannot be loaded: BW210\n{ALONE}" in result.stderr
    errors, *_ = beside(patient, folder, "--format", "json").stderr.splitlines()
    assert [error["code"] for error in json.loads(errors)["errors"]] == ["BW210"]


def test_an_overlay_is_laid_over_both_or_nothing_is_compared(patient: str, tmp_path: Path) -> None:
    folder, site = folder_of(tmp_path / "trial", "trial"), tmp_path / "north.yaml"
    site.write_text(OVERLAY, encoding="utf-8")
    said = beside(patient, folder, "--overlay", str(site)).stderr
    assert "BW221 the overlay fits versions from 1.0.0 and before 1.1.0, not 1.1.0" in said
    assert said.endswith(f"BW495 the trial `{folder}` cannot be loaded: BW221\n{ALONE}")
    site.write_text(OVERLAY.replace('"1.1.0"', '"2.0.0"'), encoding="utf-8")
    log = tmp_path / "shadow.jsonl"
    assert beside(patient, folder, "--overlay", str(site), "--shadow-log", str(log)).stderr == NOTE
    line = json.loads(log.read_text(encoding="utf-8"))
    assert line["active"]["overlay"] == line["trial"]["overlay"] == "north-clinic"


def test_a_log_that_cannot_be_written(patient: str, tmp_path: Path) -> None:
    folder, log = folder_of(tmp_path / "trial", "trial"), tmp_path / "nowhere" / "shadow.jsonl"
    said = (
        f"BW496 `{log}` cannot be written: no such file or directory\n  hint: this run of the trial is not in the log\n"
    )
    assert beside(patient, folder, "--shadow-log", str(log)).stderr == NOTE + said


def test_whatever_else_breaks(patient: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError(CANARY)

    folder = folder_of(tmp_path / "trial", "trial")
    monkeypatch.setattr("boosterwatch.engine.terminal.shadowing.told", broken)
    assert beside(patient, folder).stderr == f"BW491 the trial failed: ValueError\n{ALONE}"


def test_a_log_without_a_trial_is_wrong_usage(patient: str) -> None:
    result = run("evaluate", patient, "--shadow-log", "shadow.jsonl")
    assert result.exit_code == 2
    assert "Error: --shadow-log goes with --shadow" in result.stderr


def test_a_record_that_cannot_be_used_is_refused_without_a_word_of_the_trial(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    file.write_text("{}", encoding="utf-8")
    result = run("evaluate", str(file), "--shadow", folder_of(tmp_path / "trial", "trial"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "shadow" not in result.stderr

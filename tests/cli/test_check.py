"""`check`: everything that is wrong at once, what was waived, and whether the pack may be used."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.author.lint import checked
from boosterwatch.engine.author.lint.deep import DEEP
from boosterwatch.engine.pack.find import find_pack
from boosterwatch.tests.author.lint.sound_pack import FOLDER
from boosterwatch.tests.cli.runs import PACK, printed_json, run

SOUND = str(FOLDER)
TODAY = ("--today", "2026-11-23")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the default pack, without its cases, that a test may break."""
    folder = tmp_path / "1.0.0"
    ignored = shutil.ignore_patterns("compiled.json", "cases")
    shutil.copytree(str(find_pack(PACK).folder), folder, ignore=ignored)
    return folder


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Return a copy of the small pack in which no lint finds anything."""
    return Path(shutil.copytree(SOUND, tmp_path / "sound"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def levels(problems: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["code"], one["level"]) for one in problems]


# ---------------------------------------------------------------- the default pack


def test_the_default_pack_has_no_error_and_no_warning() -> None:
    result = run("check", *TODAY, "--strict")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{PACK}@1.0.0 is sound.\n  Found     no errors, no warnings, 2 notes, ")
    assert [line for line in result.stderr.splitlines() if line.startswith(PACK)] == [
        f"{PACK}@1.0.0/instruments/pcl5.yaml:27:14: BW604 note: "
        "the step `pcl5.delta` may be set below the measurement error of 15",
        f"{PACK}@1.0.0/instruments/phq9.yaml:47:14: BW604 note: "
        "the step `phq9.delta` may be set below the measurement error of 5",
    ]


def test_no_rule_of_the_default_pack_is_dead() -> None:
    found = printed_json(run("check", PACK, *TODAY, "--deep", "--format", "json"))
    assert found["left_out"] == []
    assert found["counts"] == {"error": 0, "warning": 0, "note": 2}


def test_what_is_waived_is_listed_with_its_reason() -> None:
    found = printed_json(run("check", PACK, *TODAY, "--format", "json"))
    waived = {(one["code"], one["message"]): one["waiver"] for one in found["waived"]}
    waiver = waived["BW630", "item 10 of `madrs` asks about self-harm, and no trigger reads it"]
    assert waiver.keys() == {"reason", "by", "expires"}
    text = run("check", PACK, *TODAY).stdout
    assert all(code in text for code, _ in waived)
    assert "(role:clinical-lead, until 2027-06-30)" in " ".join(text.split())


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2027-03-31", []),
        ("2027-04-01", [("BW615", "warning")]),
        ("2027-06-30", [("BW615", "warning")]),
        ("2027-07-01", [("BW614", "error")]),
    ],
)
def test_the_review_comes_near_and_passes(today: str, expected: list[tuple[str, str]], copy: Path) -> None:
    (copy / "waivers.yaml").unlink()
    result = run("check", str(copy), "--today", today, "--format", "json")
    found = levels(json.loads(result.stdout)["problems"])
    assert [one for one in found if one[0].startswith("BW61")] == expected


@pytest.mark.parametrize(("today", "expired"), [("2027-06-30", 0), ("2027-07-01", 3)])
def test_an_expired_waiver_is_an_error_and_its_finding_counts_again(today: str, expired: int, copy: Path) -> None:
    edit(copy / "pack.yaml", "review_by: 2027-06-30", "review_by: 2031-06-30")
    lines = (copy / "waivers.yaml").read_text(encoding="utf-8").partition("waivers:\n")
    kept = [entry for entry in lines[2].split("  - code: ")[1:] if entry.startswith("BW6")]
    (copy / "waivers.yaml").write_text(lines[0] + lines[1] + "".join(f"  - code: {one}" for one in kept), "utf-8")
    result = run("check", str(copy), "--today", today, "--format", "json")
    codes = [one["code"] for one in json.loads(result.stdout)["problems"]]
    assert (codes.count("BW690"), codes.count("BW630") + codes.count("BW663")) == (expired, expired)
    assert result.exit_code == (1 if expired else 0)


# ---------------------------------------------------------------- problems and exit codes


def test_all_problems_of_a_broken_pack_are_shown_with_their_lines(copy: Path) -> None:
    edit(copy / "signs" / "6-sleep.yaml", "title: Sleep", "titel: Sleep")
    edit(copy / "course.yaml", "roles:", "rolls:")
    result = run("check", str(copy), *TODAY)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"\n{copy} has 2 errors.\n" in result.stderr
    assert f"{copy}/signs/6-sleep.yaml:3:1: BW103" in result.stderr
    assert f"{copy}/course.yaml:" in result.stderr
    assert "did you mean `title`?" in result.stderr
    assert "  | titel: Sleep\n  | ^" in result.stderr


def test_in_json_the_problems_are_the_answer(copy: Path) -> None:
    edit(copy / "signs" / "6-sleep.yaml", "title: Sleep", "titel: Sleep")
    result = run("check", str(copy), *TODAY, "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    found = json.loads(result.stdout)
    assert found["pack"] is None
    assert [one["code"] for one in found["problems"]] == ["BW103"]


def warned(sound: Path) -> str:
    """Return the copy with one warning: a parameter that cites nothing."""
    edit(sound / "parameters.yaml", "value: 40, basis: clinic_policy, cite: policy}", "value: 40, basis: recalled}")
    return str(sound)


def test_a_promise_that_names_nothing_is_a_problem_of_the_pack(copy: Path) -> None:
    edit(
        copy / "properties.yaml",
        "[any hold, recommendation is consider_booster]",
        "[any hold, recommendation is a_boost]",
    )
    result = run("check", str(copy), *TODAY)
    assert result.exit_code == 1
    assert f"{copy}/properties.yaml:" in result.stderr
    assert "a_boost" in result.stderr


@pytest.mark.parametrize(("options", "exit_code"), [((), 0), (("--strict",), 1)])
def test_warnings_fail_when_strict(sound: Path, options: tuple[str, ...], exit_code: int) -> None:
    result = run("check", warned(sound), *TODAY, *options)
    assert result.exit_code == exit_code
    assert "parameters.yaml:3:67: BW610 warning: `gap` is 40 (recalled), and cites nothing\n" in (result.stderr)
    assert "no errors, 1 warning, no notes, none waived" in result.stdout


def test_an_error_of_a_lint_fails(copy: Path) -> None:
    edit(copy / "instruments" / "phq9.yaml", "value: 10, basis: published", "value: 28, basis: published")
    result = run("check", str(copy), *TODAY)
    assert result.exit_code == 1
    assert "BW601 `phq9.cut` is 28, outside 0 to 27 of PHQ-9" in result.stderr
    assert result.stdout == ""
    assert f"\n{PACK}@1.0.0 has 1 error.\n" in result.stderr


@pytest.mark.parametrize(("years", "old"), [("10", True), ("300", False)])
def test_the_age_of_citations_is_an_option(years: str, old: bool) -> None:
    found = printed_json(run("check", SOUND, *TODAY, "--oldest-citation", years, "--format", "json"))
    assert ("BW611" in {one["code"] for one in found["problems"]}) is old


@pytest.mark.parametrize("options", [("--oldest-citation", "0"), ("--today", "yesterday"), ("--format", "xml")])
def test_wrong_usage(options: tuple[str, str]) -> None:
    assert run("check", SOUND, *options).exit_code == 2


def test_without_the_prover_a_note_says_what_was_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "PROVER", "a_module_that_is_not_there")
    found = printed_json(run("check", SOUND, *TODAY, "--deep", "--format", "json"))
    assert found["left_out"] == [lint.code for lint in DEEP]
    assert [one["message"] for one in found["problems"] if one["code"] == "BW680"] == [
        "BW642 and BW646 need proofs, and were not looked for"
    ]


# ---------------------------------------------------------------- other forms


def test_sarif_has_the_structure_of_its_standard(sound: Path) -> None:
    result = run("check", warned(sound), *TODAY, "--format", "sarif")
    log = printed_json(result)
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (one_run,) = log["runs"]
    rules = one_run["tool"]["driver"]["rules"]
    assert one_run["tool"]["driver"]["name"] == "boosterwatch"
    assert [rule["id"] for rule in rules] == sorted({result["ruleId"] for result in one_run["results"]})
    assert all(rule["shortDescription"]["text"] for rule in rules)
    for found in one_run["results"]:
        check_result(found, [rule["id"] for rule in rules])


def check_result(found: dict[str, Any], rules: list[str]) -> None:
    """Check what the standard asks of a result: required keys, known levels, places that count from 1."""
    assert found.keys() <= {"ruleId", "ruleIndex", "level", "message", "locations", "suppressions"}
    assert rules[found["ruleIndex"]] == found["ruleId"]
    assert found["level"] in ("none", "note", "warning", "error")
    assert found["message"]["text"]
    for location in found["locations"]:
        place = location["physicalLocation"]
        assert " " not in place["artifactLocation"]["uri"]
        region = place["region"]
        assert region["startLine"] >= 1
        assert 1 <= region["startColumn"] < region["endColumn"]
    for suppression in found.get("suppressions", []):
        assert suppression["kind"] in ("inSource", "external")
        assert suppression["justification"]


def test_sarif_shows_waived_findings_as_suppressed() -> None:
    results = printed_json(run("check", PACK, *TODAY, "--format", "sarif"))["runs"][0]["results"]
    suppressed = {found["ruleId"] for found in results if "suppressions" in found}
    assert suppressed == {"BW630", "BW663"}
    assert {found["level"] for found in results if "suppressions" not in found} == {"note"}


def test_annotations_stand_at_line_and_column(sound: Path) -> None:
    result = run("check", warned(sound), *TODAY, "--format", "github")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"::warning file={sound}/parameters.yaml,line=3,col=67,title=BW610::`gap` is 40 (recalled), and cites nothing\n"
    )


def test_what_is_waived_is_annotated_as_a_notice() -> None:
    lines = run("check", PACK, *TODAY, "--format", "github").stdout.splitlines()
    assert {line.split()[0] for line in lines} == {"::notice"}
    assert lines[-1].startswith(f"::notice file={PACK}@1.0.0/instruments/qids_sr16.yaml,line=30,col=17,title=BW630::")
    assert "(waived until 2027-06-30: " in lines[-1]


def test_annotations_escape_what_would_end_them(sound: Path) -> None:
    folder = sound.rename(sound.parent / "50%, 1:0")
    result = run("check", warned(folder), *TODAY, "--format", "github")
    assert "/50%25%2C 1%3A0/parameters.yaml,line=3" in result.stdout


def test_annotations_of_errors_are_errors(copy: Path) -> None:
    edit(copy / "signs" / "6-sleep.yaml", "title: Sleep", "titel: Sleep")
    result = run("check", str(copy), *TODAY, "--format", "github")
    assert result.exit_code == 1
    assert f"::error file={copy}/signs/6-sleep.yaml,line=3,col=1,title=BW103::" in result.stdout

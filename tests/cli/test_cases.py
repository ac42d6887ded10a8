"""`test`: every case of the default pack passes, and a failure tells what, where and why."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from boosterwatch import load_pack
from boosterwatch.engine.author.cases import run_case
from boosterwatch.tests.cli.runs import CASES, PACK, error_codes, printed_json, run
from boosterwatch.tests.cli.test_packs import copy, edit

__all__ = ["copy"]


def test_every_case_of_the_default_pack_passes() -> None:
    answer = printed_json(run("test", PACK, "--format", "json"))
    assert answer["counts"] == {"passed": len(CASES), "failed": 0, "todo": 0, "fixed": 0}


def test_the_summary_counts_by_file() -> None:
    result = run("test", PACK, "--case", "v03")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["cases/vignettes.yaml", "1"] in lines
    assert lines[-1] == ["all", "1"]


def test_a_case_that_is_not_there_gets_a_suggestion() -> None:
    result = run("test", PACK, "--case", "phq9_delta_belov")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW406" in result.stderr
    assert "did you mean `phq9_delta_below`?" in result.stderr
    assert error_codes(run("test", "--case", "zzz", "--format", "json")) == ["BW406"]


def test_a_changed_number_shows_the_patients_it_changes(copy: Path) -> None:
    edit(
        copy / "instruments" / "phq9.yaml",
        "value: 5, basis: published, cite: lowe-2004",
        "value: 4, basis: published, cite: lowe-2004",
    )
    result = run("test", str(copy))
    assert result.exit_code == 1
    assert f"{copy}/cases/boundaries-phq9.yaml:" in result.stdout
    assert "phq9_delta_below failed" in result.stdout
    assert "expected  absent" in result.stdout
    assert "got       possible" in result.stdout
    assert "PHQ-9 is 7: 4 worse than its best of 3 (threshold 4)" in " ".join(result.stdout.split())


def test_a_failure_as_data(copy: Path) -> None:
    edit(copy / "cases" / "vignettes.yaml", "recommendation: consider_booster", "recommendation: continue")
    result = run("test", str(copy), "--case", "v02", "--format", "json")
    assert result.exit_code == 1
    import json

    [case] = json.loads(result.stdout)["cases"]
    [difference] = case["differences"]
    assert (case["status"], difference["field"]) == ("failed", "recommendation")
    assert (difference["expected"], difference["got"]) == ("continue", "consider_booster")
    assert difference["line"] > case["line"]
    assert difference["notes"]


def test_todo_cases(copy: Path) -> None:
    file = copy / "cases" / "vignettes.yaml"
    edit(file, "  - case: v03\n", "  - case: v03\n    todo: true\n")
    fixed = run("test", str(copy), "--case", "v03")
    assert fixed.exit_code == 0
    assert "take the mark away" in fixed.stdout
    edit(file, "symptom_severity: probable", "symptom_severity: absent")
    known = run("test", str(copy), "--case", "v03")
    assert known.exit_code == 0
    assert "failed" not in known.stdout


WRONG = {
    "signs": {"sleep": "probable", "slep": "absent"},
    "reasons": {"sleep": "stale"},
    "holds": ["pregnancy", "pregnant"],
    "cautions": ["alcohol"],
    "flags": [],
    "flags_include": ["stale"],
    "flags_exclude": ["suicidality_not_assessed", "typo"],
    "measures": {"phq9.latest": 1, "phq9.latst": 1},
    "fired": ["phq9_absent", "nonsense"],
    "not_fired": ["phq9_probable", "nonsense"],
    "urgency": "now",
    "response": "partial",
    "recommendation": "continue",
}


@pytest.mark.parametrize("field", WRONG)
def test_each_field_is_compared_and_a_name_that_is_none_is_told(field: str) -> None:
    case = replace(CASES["row_unassessed"], expect={field: WRONG[field]})
    result = run_case(case, load_pack(PACK))
    assert result.status == "failed"
    assert {one.path[0] for one in result.differences} == {field}
    typos = [one for one in result.differences if "has no such" in one.got]
    assert len(typos) == (field in {"signs", "holds", "flags_exclude", "measures", "fired", "not_fired"})


def test_a_record_that_cannot_be_used_is_a_failure() -> None:
    case = replace(
        CASES["v03"], record={"as_of": "2026-03-14", "assessments": [{"instrument": "nonsense", "date": "2026-03-13"}]}
    )
    result = run_case(case, load_pack(PACK))
    assert (result.status, [one.code for one in result.problems]) == ("failed", ["BW330"])


def test_a_failure_names_the_line_of_the_expectation() -> None:
    case = replace(CASES["v03"], expect={"signs": {"symptom_severity": "absent"}})
    [difference] = run_case(case, load_pack(PACK)).differences
    lines = case.document.text.splitlines()
    assert difference.span is not None
    assert "symptom_severity" in lines[difference.span.line - 1]


def test_every_number_of_the_pack_has_its_rows() -> None:
    """The comments of the case files name the number that the rows below are about."""
    texts = {case.document.text for case in CASES.values()}
    comments = "\n".join(line for text in texts for line in text.splitlines() if line.lstrip().startswith("#"))
    named = set(re.findall(r"[a-z][a-z0-9_.]*[a-z0-9_]", comments))
    assert [one.name for one in load_pack(PACK).ir.parameters if one.name not in named] == []

"""`boosterwatch explain RECORD --what-if`: what is printed, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

from boosterwatch.tests.cli.runs import printed_json, record_file, run, write


def test_the_smallest_changes_are_printed(tmp_path: Path) -> None:
    result = run("explain", record_file(tmp_path, "v03"), "--what-if")
    assert result.exit_code == 0, result.stderr
    text = " ".join(result.stdout.split())
    assert text.startswith(
        "Clinician check-in within 7 days: symptom severity probable. Facts that would change it - If "
    )
    assert (
        "If PHQ-9 of 2026-02-27 were 9 instead of 10 (1 point lower), the recommendation would be `continue` instead of "
        "`provider check in`."
    ) in text
    assert (
        "If the number phq9.delta (rise in PHQ-9 total that counts as worse) were 6 instead of 5 (allowed 3 to 8), the "
        "recommendation would be `continue` instead of `provider check in`."
    ) in text
    assert " you " not in text.lower()


def test_json_is_one_document_with_the_same_answer(tmp_path: Path) -> None:
    file = record_file(tmp_path, "v03")
    data = printed_json(run("explain", file, "--what-if", "--format", "json"))
    assert data["schema"] == "boosterwatch/what-if/1"
    assert (data["recommendation"], data["urgency"]) == ("provider_check_in", "within_7_days")
    assert data["facts"][0]["changes"][0]["name"] == "assessments[3].total"
    assert data["numbers"][1]["changes"] == [
        {"kind": "number", "name": "phq9.delta", "was": 5, "now": 6, "size": 1, "unit": "points"}
    ]
    assert printed_json(run("explain", file, "--what-if", "--format", "json")) == data


def test_a_stored_decision_is_refused(tmp_path: Path) -> None:
    decision = run("evaluate", record_file(tmp_path, "v03"), "--format", "json").stdout
    result = run("explain", write(tmp_path, "decision.json", decision), "--what-if")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "BW450 a stored decision holds no facts that could be changed\n  hint: give the record itself\n"
    )


def test_a_question_about_one_rule_is_another_one(tmp_path: Path) -> None:
    result = run("explain", record_file(tmp_path, "v03"), "--what-if", "--why", "symptom_severity")
    assert result.exit_code == 2
    assert "--what-if is about the recommendation; ask for one rule without it" in result.stderr


def test_a_broken_record_is_reported_as_always(tmp_path: Path) -> None:
    result = run("explain", write(tmp_path, "record.json", "{}"), "--what-if", "--format", "json")
    assert result.exit_code == 1
    assert [error["code"] for error in json.loads(result.stderr)["errors"]] == ["BW303"]


def test_a_record_in_yaml_with_plain_dates_is_changed_as_well(tmp_path: Path) -> None:
    text = "as_of: 2026-01-16\nsafety:\n  - {type: bp, date: 2026-01-16, systolic: 180, diastolic: 90}\n"
    result = run("explain", write(tmp_path, "record.yaml", text), "--what-if")
    assert "were 179 instead of 180 (1 mmHg lower)" in " ".join(result.stdout.split())


# ---------------------------------------------------------------- under the changes of a site

OVERLAY = """\
overlay: north-clinic
title: North clinic
pack: ketamine-maintenance
from: "1.0.0"
before: "2.0.0"
values:
  - {parameter: phq9.delta, value: 4, from: 2026-02-01, reason: Ours are young., by: role:director, date: 2026-01-02}
"""


def test_an_overlay_is_laid_over_and_every_change_starts_from_its_numbers(tmp_path: Path) -> None:
    record, site = record_file(tmp_path, "v03"), write(tmp_path, "north.yaml", OVERLAY)
    result = run("explain", record, "--what-if", "--overlay", site)
    assert result.exit_code == 0, result.stderr
    assert (
        "If the number phq9.delta (rise in PHQ-9 total that counts as worse) were 6 instead of 4 (allowed 3 to 8), the "
        "recommendation would be `continue` instead of `provider check in`."
    ) in " ".join(result.stdout.split())
    assert result.stdout.endswith("\nketamine-maintenance@1.0.0, overlay north-clinic\n")
    data = printed_json(run("explain", record, "--what-if", "--overlay", site, "--format", "json"))
    assert data["pack"]["overlay"] == "north-clinic"
    decided = printed_json(run("evaluate", record, "--overlay", site, "--format", "json"))
    assert {key: data[key] for key in ("pack", "recommendation", "urgency", "record_digest")} == {
        key: decided[key] for key in ("pack", "recommendation", "urgency", "record_digest")
    }


def test_an_overlay_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    site = write(tmp_path, "north.yaml", OVERLAY.replace("value: 4", "value: 40"))
    result = run("explain", record_file(tmp_path, "v03"), "--what-if", "--overlay", site)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(
        f"{site}:7:36: BW224 `phq9.delta` cannot be 40: the allowed range is 3 to 8 (points)\n"
    )

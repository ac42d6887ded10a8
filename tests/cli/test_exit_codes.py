"""When the fault is ours: exit code 3, one line, no value of a patient, and nothing that looks like an answer."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from boosterwatch.engine import flow
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.engine.model import Decision
from boosterwatch.engine.terminal import evaluating
from boosterwatch.tests.cli.runs import error_codes, record_file, run


@pytest.fixture
def record(tmp_path: Path) -> str:
    return record_file(tmp_path, "v03")


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(*_: Any) -> NoReturn:
        raise error

    monkeypatch.setattr(evaluating, "evaluate", broken)


def test_an_unexpected_error_is_one_line_without_values(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, KeyError("patient Jane Roe"))
    result = run("evaluate", record)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("BW401 internal error")
    assert "test_exit_codes.py:" in result.stderr
    assert "Jane" not in result.stderr


def test_a_broken_promise_says_which(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, InternalError("a table has no row;\npack 12ab"))
    result = run("evaluate", record)
    assert result.exit_code == 3
    assert "a table has no row; pack 12ab" in result.stderr


def test_in_json_it_is_json(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, RuntimeError("x"))
    result = run("evaluate", record, "--format", "json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert error_codes(result) == ["BW401"]


def test_the_traceback_is_shown_on_request(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOSTERWATCH_DEBUG", "1")
    fail_with(monkeypatch, RuntimeError("x"))
    result = run("evaluate", record)
    assert result.exit_code == 3
    assert "Traceback" in result.stderr


def differing(*arguments: Any) -> Decision:
    """Return a decision of two evaluators that differ."""
    rows = [{"rule": "a", "reference": True, "durable": False}]
    error = {"code": "engine_disagreement", "message": "they differ on a", "rules": rows, "tables": [], "traces": {}}
    return replace(flow.evaluate(*arguments), recommendation="none", summary="They differ.", error=error)


def test_evaluators_that_differ_give_no_answer(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "evaluate", differing)
    result = run("evaluate", record)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr.splitlines()[-1] == "BW402 no recommendation: they differ on a"


def test_what_either_found_of_safety_is_still_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "evaluate", differing)
    result = run("evaluate", record_file(tmp_path, "v06"))
    assert (result.exit_code, result.stdout) == (3, "")
    assert "Text for the patient" in result.stderr


def test_evaluators_that_differ_as_json(record: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "evaluate", differing)
    in_json = run("evaluate", record, "--format", "json")
    assert (in_json.exit_code, in_json.stdout) == (3, "")
    assert '"engine_disagreement"' in in_json.stderr

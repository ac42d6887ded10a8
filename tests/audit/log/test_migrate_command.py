"""`audit migrate`, as it is typed."""

import json

import pytest

from boosterwatch.tests.cli.runs import run


def test_a_log_of_today_is_left_alone(sqlite_url: str) -> None:
    result = run("audit", "migrate", sqlite_url)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "The audit log has version 0001 already.\n", "")
    result = run("audit", "migrate", sqlite_url, "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"before": "0001", "after": "0001"})


def test_an_older_log_is_brought_to_today(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.terminal.audit_migrating.migrate", lambda _: ("0001", "0002"))
    result = run("audit", "migrate", sqlite_url)
    assert (result.exit_code, result.stdout) == (0, "The audit log was brought from version 0001 to 0002.\n")


def test_where_there_is_no_log_nothing_is_made(tmp_path: object) -> None:
    result = run("audit", "migrate", f"sqlite:///{tmp_path}/audit.db")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"BW500 there is no audit log at `{tmp_path}/audit.db`\n  hint: ")

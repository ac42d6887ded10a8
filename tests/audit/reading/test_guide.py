"""The guide for auditors: every command that it shows is run in order, and what it shows is what is printed.

`make golden` writes the output of a command below it, but for a block with `...` on a line, which shows parts of it.
Digests are shown as `...`: what is sealed is compressed, and compressors differ.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from boosterwatch.tests.audit.check import independent
from boosterwatch.tests.audit.test_guide import masked
from boosterwatch.tests.audit.trails import noise, record
from boosterwatch.tests.author.test_guide import assert_shows_a_part
from boosterwatch.tests.cli.runs import run
from boosterwatch.tests.expect import REWRITE

GUIDE = Path(__file__).parents[3] / "docs" / "auditor.md"
SHOWN = re.compile(
    r"(```text\n\$ (boosterwatch|python verify_audit.py) ([^\n]*)\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL
)
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
URL = "sqlite:///audit.db"
NOW = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make the log of the guide, by a clock that stands and noise that is the same each time; give the ids of its decisions."""
    monkeypatch.chdir(tmp_path)
    for module in ("auditing", "audit_exporting"):
        monkeypatch.setattr(f"boosterwatch.engine.terminal.{module}.now", lambda: NOW)
    monkeypatch.setattr(os, "urandom", noise(2026))
    monkeypatch.setenv("BOOSTERWATCH_AUDIT_KEYS", "audit-keys.json")
    monkeypatch.setenv("BOOSTERWATCH_ACTOR", "role:clinician")
    run("audit", "init", URL, "--tenant", "North clinic")
    for patient, total in (("p-0001", 14), ("p-0002", 3), ("p-0001", 15)):
        Path("patient.json").write_text(json.dumps(record(patient, total)), encoding="utf-8")
        assert run("evaluate", "patient.json", "--pack", "quick-screen", "--audit", URL).exit_code == 0
    made = [line.split()[0] for line in run("audit", "list", URL, "--format", "ids").stdout.splitlines()]
    run("audit", "respond", URL, made[0], "--dismiss", "--reason", "too_early")
    Path("key.txt").write_text(run("audit", "public-key").stdout, encoding="utf-8")
    assert run("audit", "anchor", URL, "--public-key", "key.txt", "--to", "anchors.txt").exit_code == 0
    monkeypatch.setenv("BOOSTERWATCH_ACTOR", "role:auditor")
    return made


def test_every_command_of_the_guide_prints_what_it_shows(ids: list[str], tmp_path: Path) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    commands: list[str] = []

    def printed(shown: re.Match[str]) -> str:
        commands.append(shown[3].split()[1])
        words = [ids[0] if word == "ID" else word for word in shlex.split(shown[3])]
        output = DIGEST.sub("...", _output(shown[2], words, tmp_path))
        if re.search(r"^\.\.\.$", shown[4], re.MULTILINE):
            assert_shows_a_part(masked(shown[4]), masked(output))
            return shown[0]
        if masked(output) == masked(shown[4]):  # ids go by how often something random was asked for
            return shown[0]
        return f"{shown[1]}{output}{shown[5]}"

    written = SHOWN.sub(printed, guide)
    assert set(commands) >= {"list", "show", "stats", "verify", "replay", "prove", "check-proof", "export", "erase"}
    if REWRITE:
        GUIDE.write_text(written, encoding="utf-8", newline="\n")
    assert written == guide or REWRITE


def _output(program: str, words: list[str], folder: Path) -> str:
    if program != "boosterwatch":
        done = independent.run(folder, *(str(folder / word) if (folder / word).exists() else word for word in words))
        assert done.returncode == 0, done.stdout
        return done.stdout
    result = run(*words)
    assert result.exit_code == 0, result.stderr
    return result.stderr + result.stdout

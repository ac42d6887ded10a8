"""The guide for clinical leads: every command of its walk is run, and what it shows is what is printed.

`make golden` writes the output of a command below it, but for a block with `...`, which shows a part of it.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

import pytest

from boosterwatch.tests.author.lead import run
from boosterwatch.tests.expect import REWRITE

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "clinical-lead.md"
NEW = Path("rules/ketamine-maintenance/1.1.0")
CASES = NEW / "cases" / "boundaries-phq9.yaml"
SHOWN = re.compile(r"(```text\n\$ boosterwatch ([^\n]*)\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
FACE = re.compile(r'```yaml\n(version: "1\.1\.0"\nstatus: draft .*\n)```')
ROWS = re.compile(r"  ```yaml\n(  # phq9\.delta: .*?)  ```\n", re.DOTALL)
OLD_ROWS = re.compile(r"  # phq9\.delta: .*?(?=\n  # phq9\.floor)", re.DOTALL)
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
NEXT = "## From a draft to a release"  # another walk: tests/author/release/test_walk.py
SECONDS = re.compile(r"\b\d+\.\d\d$", re.MULTILINE)


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder in which the walk begins, with a place for packs and nothing in it."""
    (tmp_path / NEW.parents[1]).mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("clinic")
def test_every_command_of_the_walk_prints_what_the_guide_shows() -> None:
    whole = GUIDE.read_text(encoding="utf-8")
    guide = whole[: whole.index(NEXT)]
    commands: list[str] = []

    def printed(shown: re.Match[str]) -> str:
        if commands.count(shown[2]) == 1 and " --case " in shown[2]:
            correct_the_cases(guide)
        commands.append(shown[2])
        if len(commands) == 2:  # the draft is there
            face = FACE.search(guide)
            assert face, "the guide shows no face"
            assert face[1] in (NEW / "pack.yaml").read_text(encoding="utf-8")
        result = run(*shlex.split(shown[2]))
        output = SECONDS.sub("....", DIGEST.sub("...", result.stderr + result.stdout))
        if re.search(r"^\.\.\.$", shown[3], re.MULTILINE):
            assert_shows_a_part(shown[3], output)
            return shown[0]
        return f"{shown[1]}{output}{shown[4]}"

    written = SHOWN.sub(printed, guide)
    assert [command.split()[0] for command in commands] == [
        "new", "set", "set", "check", "test", "test", "diff", "mutate", "prove", "prose"
    ]  # fmt: skip
    if REWRITE:
        GUIDE.write_text(written + whole[len(guide) :], encoding="utf-8", newline="\n")
    assert written == guide or REWRITE


def correct_the_cases(guide: str) -> None:
    """Do what the guide tells the author to do between the two runs of the case."""
    rows = ROWS.search(guide)
    assert rows, "the guide shows no corrected rows"
    text = CASES.read_text(encoding="utf-8")
    changed, count = OLD_ROWS.subn(textwrap.indent(textwrap.dedent(rows[1]), "  ").rstrip("\n") + "\n", text)
    assert count == 1
    CASES.write_text(changed, encoding="utf-8")


def assert_shows_a_part(shown: str, output: str) -> None:
    """Compare a block with the output, in which each `...` stands for any lines."""
    at = 0
    for piece in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE):
        found = output.find(piece, at)
        assert found >= 0, f"the output does not show:\n{piece}"
        at = found + len(piece)

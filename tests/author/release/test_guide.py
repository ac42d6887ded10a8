"""The guide to releases: every command is run, on a copy of the quick screen, and prints what the guide shows.

`make golden` writes the output below each command. The gates are run once, for the first version; the second differs
from it in words alone, and is released on their figures.
"""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import date
from functools import cache, partial
from pathlib import Path

import pytest

from boosterwatch.engine import load_pack
from boosterwatch.engine.author.release import Task, plan_release, run_gates
from boosterwatch.engine.pack.manifest import Gate, read_manifest
from boosterwatch.engine.terminal import releasing
from boosterwatch.tests.author.lead import run
from boosterwatch.tests.author.release.stage import content
from boosterwatch.tests.expect import REWRITE

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "releasing.md"
FIRST = Path("rules/clinic-screen/1.0.0")
SHOWN = re.compile(r"(^```text\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
FACE = re.compile(r"^```yaml\n(version: .*?)^```$", re.MULTILINE | re.DOTALL)
DIGEST = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b")
SHOWN_DAY = "2026-11-24"


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the clinic's own screen, which is not released yet."""
    released = shutil.ignore_patterns("release.json", "compiled.json", "signatures")
    shutil.copytree(ROOT / "rules" / "quick-screen" / "1.0.0", tmp_path / FIRST, ignore=released)
    exchange(tmp_path / FIRST, {"pack": "clinic-screen"})
    monkeypatch.chdir(tmp_path)

    @cache
    def once() -> list[tuple[Gate, ...]]:
        return []

    def gates(task: Task) -> tuple[Gate, ...]:
        if not once():
            once().append(run_gates(task))
        return once()[0]

    monkeypatch.setattr(releasing, "plan_release", partial(plan_release, gates=gates))
    return tmp_path


def exchange(folder: Path, values: dict[str, str]) -> None:
    """Write other values into the face of a pack, as an author does in an editor."""
    face = folder / "pack.yaml"
    text = face.read_text(encoding="utf-8")
    for key, value in values.items():
        text, count = re.subn(rf"(?m)^{key}: .*$", f"{key}: {value}", text)
        assert count == 1, key
    face.write_text(text, encoding="utf-8")


def test_every_command_of_the_guide_prints_what_it_shows(clinic: Path) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    before = content(FIRST)
    commands: list[str] = []

    def output(command: str) -> str:
        if "/1.1.0 1.1.0" in command and command.startswith("release"):
            edit_as_the_guide_says(guide)
        if "/1.0.1 1.0.1" in command:
            Path("rules/clinic-screen/1.1.0").rename("rules/clinic-screen/1.0.1")
            exchange(Path("rules/clinic-screen/1.0.1"), {"version": '"1.0.1"'})
        commands.append(command.split()[0])
        result = run(*shlex.split(command))
        text = DIGEST.sub("...", result.stderr + result.stdout)
        return text.replace(date.today().isoformat(), SHOWN_DAY)

    def printed(block: re.Match[str]) -> str:
        asked = re.findall(r"^\$ boosterwatch (.*)$", block[2], re.MULTILINE)
        told = "\n".join(f"$ boosterwatch {command}\n{output(command)}" for command in asked)
        return f"{block[1]}{told}{block[3]}"

    written = SHOWN.sub(printed, guide)
    assert commands == ["release", "packs", "set", "new", "release", "release"]
    if REWRITE:
        GUIDE.write_text(written, encoding="utf-8", newline="\n")
    assert written == guide or REWRITE
    look_at_the_first(before)


def edit_as_the_guide_says(guide: str) -> None:
    """Put the lines of the face that the guide shows into the draft."""
    shown = FACE.search(guide)
    assert shown, "the guide shows no face"
    exchange(Path("rules/clinic-screen/1.1.0"), dict(line.split(": ", 1) for line in shown[1].splitlines()))


def look_at_the_first(before: dict[str, bytes]) -> None:
    """Look at the release whose gates were run: the figures are those of a pack in which nothing is wrong."""
    manifest = read_manifest(FIRST, "q")
    assert manifest is not None
    figures = {gate.name: dict(gate.figures) for gate in manifest.checks}
    assert (figures["check"]["errors"], figures["check"]["warnings"], figures["coverage"]["holes"]) == (0, 0, 0)
    assert figures["test"]["passed"] == figures["test"]["cases"] > 400
    assert (figures["mutate"]["survived"], figures["mutate"]["changes"] > 800) == (0, True)
    assert figures["prove"]["proved"] == figures["prove"]["promises"] > 10
    assert load_pack(str(FIRST)).digest == manifest.digest
    after = content(FIRST)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"release.json", "compiled.json"}

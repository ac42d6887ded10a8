"""The walk from a draft to a service, in the guides of clinical leads and of operators: every command of it is run.

`make golden` writes the output of a command below it, but for a block with `...`, which shows a part of it.
"""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest

from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.host import EngineHost, NotRunning
from boosterwatch.engine.pack.manifest import FILE
from boosterwatch.engine.terminal.commands import releasing
from boosterwatch.tests.author.test_guide import NEXT, assert_shows_a_part
from boosterwatch.tests.expect import REWRITE
from boosterwatch.tests.trust.desk import Desk
from boosterwatch.tests.trust.people import NOON

ROOT = Path(__file__).parents[3]
LEAD, OPERATOR = ROOT / "docs" / "clinical-lead.md", ROOT / "docs" / "operator.md"
END = "## Add a worked patient"
PACK = Path("rules/quick-screen/1.1.0")
SHOWN = re.compile(r"(```text\n\$ boosterwatch ([^\n]*)\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
FACE = re.compile(r'```yaml\n(version: "1\.1\.0"\nstatus: active .*\neffective: .*\n)```')
CASES = re.compile(r"```yaml\n(# yaml-language-server: [^\n]*/case\.schema\.json\n.*?)^```$", re.MULTILINE | re.DOTALL)
VARIES = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{16}\b")
SIZES = re.compile(r"\b\d[\d,]{3,} bytes")


class Day(date):
    """The day of the walk."""

    @classmethod
    def today(cls) -> Day:
        return cls(NOON.year, NOON.month, NOON.day)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk of the walk: the released pack, a folder of bundles, and everybody's keys."""
    made = Desk(tmp_path, monkeypatch)
    shutil.copytree(ROOT / PACK.with_name("1.0.0"), tmp_path / PACK.with_name("1.0.0"))
    assert (tmp_path / PACK.with_name("1.0.0") / FILE).exists()
    (tmp_path / "bundles").mkdir()
    monkeypatch.setattr(releasing, "date", Day)
    return made


def test_every_command_of_the_walk_prints_what_the_guides_show(desk: Desk) -> None:
    lead, operator = LEAD.read_text(encoding="utf-8"), OPERATOR.read_text(encoding="utf-8")
    start, end = lead.index(NEXT), lead.index(END)
    told = lead[:start] + rewritten(lead[start:end], desk, lead) + lead[end:]
    told_operator = rewritten(operator, desk, lead)
    if REWRITE:
        LEAD.write_text(told, encoding="utf-8", newline="\n")
        OPERATOR.write_text(told_operator, encoding="utf-8", newline="\n")
    assert (told, told_operator) == (lead, operator) or REWRITE
    service = host()
    with pytest.raises(NotRunning, match="no release of `quick-screen` may be used here"):
        service.evaluate({"as_of": "2027-01-02"})
    assert any("The window was meant for one site" in problem.message for problem in problems(service))


def problems(service: EngineHost) -> list[Diagnostic]:
    return [problem for event in service.events for problem in event.diagnostics]


def rewritten(guide: str, desk: Desk, lead: str) -> str:
    """Return the guide with what its commands print now; what a reader does by hand between them is done."""
    commands: list[str] = []

    def printed(shown: re.Match[str]) -> str:
        commands.append(shown[2].split()[0])
        by_hand(commands, lead)
        result = desk.run(*shlex.split(shown[2]))
        output = SIZES.sub("... bytes", VARIES.sub("...", result.stderr + result.stdout))
        if re.search(r"^\.\.\.$", shown[3], re.MULTILINE):
            assert_shows_a_part(shown[3], output)
            return shown[0]
        return f"{shown[1]}{output}{shown[4]}"

    written = SHOWN.sub(printed, guide)
    assert len(commands) >= 6
    return written


def by_hand(commands: list[str], lead: str) -> None:
    """Do what the guides tell the reader to do before the newest command."""
    if commands[-1] == "release" and commands.count("release") == 1:
        found = FACE.search(lead)
        assert found
        text, count = re.subn(r"version: .*\nstatus: .*\neffective: .*\n", found[1], (PACK / "pack.yaml").read_text())
        assert count == 1
        (PACK / "pack.yaml").write_text(text)
    elif commands[-1] == "release":
        cases = CASES.search(lead)
        assert cases
        (PACK / "cases" / "booked-2027.yaml").write_text(cases[1])
    elif commands[-2:] == ["bundle", "verify"]:
        data = bytearray(Path("bundles/quick-screen-1.1.0.bundle").read_bytes())
        data[len(data) // 2] ^= 1
        Path("damaged.bundle").write_bytes(data)
        assert host().evaluate({"as_of": "2027-01-02"}).pack["version"] == "1.1.0"


def host() -> EngineHost:
    """Return a host that has looked once, on the first day of the version."""
    later = NOON.replace(year=2027, month=1, day=2)
    made = EngineHost(
        "quick-screen", source=Path("bundles"), keyring=Path("keyring.yaml"), state=Path("state"), clock=lambda: later
    )
    made.refresh()
    return made

"""The guide to hosting: its command prints what it shows, its Python runs as it stands, its event is a real one.

`make golden` writes the outputs into it.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from boosterwatch.cli import main
from boosterwatch.engine.host import Event
from boosterwatch.engine.host.codes import BUNDLE_CODES, HOST_CODES
from boosterwatch.engine.terminal.commands import signing
from boosterwatch.tests.expect import REWRITE
from boosterwatch.tests.host.released import number, release
from boosterwatch.tests.trust.people import FIRST, LEAD, NOON, RELEASER, keyring_text

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "hosting.md"
COMMAND = re.compile(r"(```text\n\$ boosterwatch ([^\n]*)\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EVENT = re.compile(r"(```json\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
DIGEST = re.compile(r"\b[0-9a-f]{64}\b|\b\d+(?= bytes)")  # the pack may be reworded; the guide need not follow


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the guide: a released pack, a keyring, and a folder of bundles; it is noon of one day."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signing, "now", lambda: NOON)
    release().write(tmp_path / "quick-screen" / "1.0.0")
    (tmp_path / "keyring.yaml").write_text(keyring_text(), "utf-8")
    (tmp_path / "bundles").mkdir()
    return tmp_path


def rewrite(pattern: re.Pattern[str], shown: str) -> None:
    """Compare what the guide shows with what is so, or write it there when rewriting."""
    guide = GUIDE.read_text(encoding="utf-8")
    written = pattern.sub(lambda found: f"{found[1]}{shown}{found[len(found.groups())]}", guide)
    if REWRITE:
        GUIDE.write_text(written, encoding="utf-8", newline="\n")
    assert written == guide or REWRITE


@pytest.mark.usefixtures("desk")
def test_the_command_prints_what_the_guide_shows() -> None:
    commands = COMMAND.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(commands) == 1
    result = CliRunner().invoke(main, shlex.split(commands[0][1]), prog_name="boosterwatch")
    assert result.exit_code == 0, result.stderr
    rewrite(COMMAND, DIGEST.sub("...", result.stdout))


def python(at: int) -> str:
    """Return one of the Python examples, on the day of the guide."""
    code: str = PYTHON.findall(GUIDE.read_text(encoding="utf-8"))[at]
    return code.replace("datetime.now().astimezone()", "datetime.fromisoformat('2026-11-24T08:00:00-07:00')")


def test_the_host_in_ten_lines_runs_as_it_stands(desk: Path) -> None:
    (desk / "bundles" / "a.bundle").write_bytes(release().bundle())
    code = python(0)
    assert len([line for line in code.split("host = ")[1].splitlines() if line]) <= 10
    events: list[Event] = []
    names: dict[str, Any] = {"print_event": events.append}
    exec(code, names)
    assert [(event.kind, event.pack) for event in events] == [("accepted", "quick-screen@1.0.0")]
    assert names["decision"].pack["digest"] == release().manifest.digest
    assert {one.name for one in desk.joinpath("state").iterdir()} == {
        "floor.json",
        "floor.json.lock",
        "quick-screen.bundle",
    }


def test_loading_without_a_host_runs_as_it_stands(desk: Path) -> None:
    (desk / "quick-screen-1.0.0.bundle").write_bytes(release().bundle())
    names: dict[str, Any] = {}
    exec(python(1), names)
    assert names["decision"].pack["version"] == "1.0.0"


def test_the_event_of_the_guide_is_a_real_one(desk: Path) -> None:
    few = release("1.1.0", number(36)).bundle(("author", LEAD), ("approve", FIRST), ("release", RELEASER))
    (desk / "bundles" / "quick-screen-1.1.0.bundle").write_bytes(few)
    events: list[Event] = []
    names: dict[str, Any] = {"print_event": events.append}
    with pytest.raises(Exception, match="BW480"):
        exec(python(0), names)
    names["host"].stop()
    text = orjson.dumps(events[0].to_json(), option=orjson.OPT_INDENT_2).decode()
    rewrite(EVENT, DIGEST.sub("...", text) + "\n")


def test_the_codes_that_the_guide_names_are_those_that_there_are() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    assert f"{min(BUNDLE_CODES)} to {max(BUNDLE_CODES)}" in guide
    assert f"{min(HOST_CODES)} to {max(HOST_CODES)}" in guide


def test_importing_the_host_is_light() -> None:
    import subprocess

    code = "import boosterwatch.engine.host, sys; print({'sqlalchemy', 'z3', 'ibis', 'click'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

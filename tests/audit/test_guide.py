"""docs/audit.md: every command of it is run, in order, and prints what the page shows but for ids and digests."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from boosterwatch.engine.audit.keys import read_keys
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.respond import REASONS
from boosterwatch.tests.audit.trails import record
from boosterwatch.tests.cli.runs import run

GUIDE = Path(__file__).parents[2] / "docs" / "audit.md"
BLOCK = re.compile(r"^```text\n(\$ .*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
KEYED = re.compile(r"\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}|\b[0-9a-f]{64}\b|\b[a-z2-7]{32}\b|\b[a-z2-7]{24}\b")


def masked(text: str) -> str:
    """Return the text without what differs from log to log."""
    return KEYED.sub("KEYED", UUID.sub("ID", text))


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with the records that the page speaks of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOSTERWATCH_AUDIT_KEYS", "audit-keys.json")
    monkeypatch.setenv("BOOSTERWATCH_ACTOR", "role:clinician")
    (tmp_path / "patient.json").write_text(json.dumps(record("p-0001")))
    (tmp_path / "today.ndjson").write_text("".join(f"{json.dumps(record(p))}\n" for p in ("p-0001", "p-0002")))
    return tmp_path


def first_id() -> str:
    """Return the id of the first decision of the log."""
    reader = open_reader("sqlite:///audit.db")
    found = reader.entry_at(0)
    reader.close()
    assert found is not None
    return found.id


@pytest.mark.usefixtures("clinic")
def test_every_command_prints_what_the_page_shows() -> None:
    commands = 0
    for block in BLOCK.finditer(GUIDE.read_text(encoding="utf-8")):
        for step in block[1].split("$ boosterwatch ")[1:]:
            line, _, shown = step.partition("\n")
            words = shlex.split(line)
            result = run(*(first_id() if UUID.fullmatch(word) else word for word in words))
            assert result.exit_code == 0, (line, result.stderr)
            commands += 1
            if shown:
                assert masked(result.stdout) == masked(shown), line
            else:
                assert re.fullmatch(r"recorded as ID \(entry 0 of log KEYED\)\n", masked(result.stderr))
                assert masked(result.stderr) in masked(GUIDE.read_text(encoding="utf-8"))
    assert commands == 7
    assert read_keys(Path("audit-keys.json")).tenant == "North clinic"


@pytest.mark.usefixtures("clinic")
def test_the_example_in_python_runs() -> None:
    assert run("audit", "init", "sqlite:///audit.db", "--tenant", "North clinic").exit_code == 0
    [code] = PYTHON.findall(GUIDE.read_text(encoding="utf-8"))
    names: dict[str, object] = {"record": record()}
    exec(compile(code, str(GUIDE), "exec"), names)
    assert names["recorded"].receipt.seq == 0  # type: ignore[attr-defined]


def test_the_page_lists_every_reason() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows == REASONS

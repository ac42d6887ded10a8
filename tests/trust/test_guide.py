"""The guide to signing: every command that it shows is run in order, and what it shows is what is printed.

`make golden` writes the output of a command below it.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from boosterwatch.engine.pack.manifest import FILE, ReleasedChange
from boosterwatch.engine.trust import read_keyring
from boosterwatch.tests.expect import REWRITE
from boosterwatch.tests.trust.desk import PASSPHRASE, Desk, manifest_of
from boosterwatch.tests.trust.people import FIRST, LEAD, RELEASER, SECOND

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "signing.md"
PACK = "quick-screen/1.0.0"
SHOWN = re.compile(r"(```text\n\$ boosterwatch ([^\n]*)\n)(.*?)(^```$)", re.MULTILINE | re.DOTALL)
KEYRING = re.compile(r"```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
KEYS = {"first.key": FIRST, "second.key": SECOND, "release.key": RELEASER}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk of the guide: a released pack, the keyring that it shows, and the keys of all but the lead."""
    made = Desk(tmp_path, monkeypatch)
    shutil.copytree(ROOT / "rules" / PACK, tmp_path / PACK, ignore=shutil.ignore_patterns(FILE, "signatures"))
    made.pack = tmp_path / PACK
    first = ReleasedChange("first", (), ())
    (made.pack / FILE).write_bytes(manifest_of(made.pack, previous=None, change=first, changelog="First release.").data)
    found = KEYRING.search(GUIDE.read_text(encoding="utf-8"))
    assert found, "the guide shows no keyring"
    made.keyring(found[1])
    for name, person in KEYS.items():
        (tmp_path / made.keep_key(person)).rename(tmp_path / name)
    monkeypatch.setattr("boosterwatch.engine.terminal.keeping_keys.new_seed", lambda: bytes([LEAD.seed]) * 32)
    return made


def test_every_command_of_the_guide_prints_what_it_shows(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    commands: list[str] = []

    def printed(shown: re.Match[str]) -> str:
        commands.append(shown[2])
        if shown[2].startswith("sign") and "releaser" in shown[2]:  # "the second approver does the same"
            assert desk.run(*shlex.split(commands[-2].replace("first.key", "second.key"))).exit_code == 0
        if shown[2].startswith("withdraw"):  # what is written before it, of a release that is approved
            run_python(guide)
        result = desk.run(*shlex.split(shown[2]))
        return f"{shown[1]}{DIGEST.sub('...', result.stderr + result.stdout)}{shown[4]}"

    written = SHOWN.sub(printed, guide)
    assert [command.split()[0] for command in commands] == [
        "keys", "sign", "approve", "sign", "verify", "verify", "withdraw", "verify"
    ]  # fmt: skip
    approved = "['role:lead-author', 'role:first-approver', 'role:second-approver', 'role:release-manager']"
    assert capsys.readouterr().out == f"2027-11-24 {approved}\n"
    if REWRITE:
        GUIDE.write_text(written, encoding="utf-8", newline="\n")
    assert written == guide or REWRITE


def run_python(guide: str) -> None:
    """Run the example in Python, on the day of the guide."""
    found = PYTHON.search(guide)
    assert found, "the guide shows no Python"
    code = found[1].replace("datetime.now(UTC)", "datetime(2026, 11, 24, tzinfo=UTC)")
    assert code != found[1]
    exec(code, {})


def test_the_keyring_of_the_guide_holds_the_entry_that_it_prints() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    found = KEYRING.search(guide)
    assert found
    ring = read_keyring(found[1].encode(), "keyring.yaml")
    assert [key.public for key in ring.keys] == [one.key.public for one in (LEAD, FIRST, SECOND, RELEASER)]
    assert guide.count(f'  - id: "{LEAD.key.id}"\n') == 2
    assert PASSPHRASE not in guide

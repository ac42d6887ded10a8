"""`boosterwatch bundle`: what is written, what is printed, and what is refused with the old file left as it was."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from boosterwatch.cli import main
from boosterwatch.engine.pack.manifest import FILE
from boosterwatch.engine.terminal.commands import signing
from boosterwatch.tests.host.released import release
from boosterwatch.tests.trust.people import FIRST, LEAD, NOON, RELEASER, keyring_text

OUT = "out.bundle"
OLD = b"the bundle before"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a released pack, a keyring, and a bundle from before."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signing, "now", lambda: NOON)
    release().write(tmp_path / "mine")
    (tmp_path / "keyring.yaml").write_text(keyring_text(), "utf-8")
    (tmp_path / OUT).write_bytes(OLD)
    return tmp_path


def bundle(*more: str) -> Result:
    return CliRunner().invoke(main, ["bundle", "mine", "-o", OUT, *more], prog_name="boosterwatch")


def test_a_bundle_is_written_over_the_one_before(desk: Path) -> None:
    result = bundle()
    assert (result.exit_code, result.stderr) == (0, "")
    assert (desk / OUT).read_bytes() == release().bundle()
    assert "  Approval  not asked: no keyring was given\n" in result.stdout


def test_as_json(desk: Path) -> None:
    found = json.loads(bundle("--keyring", "keyring.yaml", "--format", "json").stdout)
    one = release().manifest
    assert found.pop("files") == [entry.name for entry in one.files]
    assert {said["person"] for said in found.pop("signatures")} >= {FIRST.id, LEAD.id}
    assert found == {
        "pack": {"id": one.id, "version": one.version, "digest": one.digest},
        "manifest": one.sha256,
        "file": OUT,
        "sha256": hashlib.sha256((desk / OUT).read_bytes()).hexdigest(),
        "bytes": len(release().bundle()),
        "until": "2027-11-24",
    }


def test_signatures_may_lie_elsewhere(desk: Path) -> None:
    (desk / "mine" / "signatures").rename(desk / "elsewhere")
    assert bundle("--keyring", "keyring.yaml").exit_code == 1
    assert bundle("--keyring", "keyring.yaml", "--signatures", "elsewhere").exit_code == 0
    assert (desk / OUT).read_bytes() == release().bundle()


def without_approver(desk: Path) -> None:
    (desk / "mine" / "signatures" / f"approve-{FIRST.key.id}.json").unlink()


def changed(desk: Path) -> None:
    (desk / "mine" / "waivers.yaml").write_text("x: 1\n", "utf-8")


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "not approved": (
        without_approver,
        "BW257 too few approvals of `quick-screen@1.0.0`: 1 of 2\n"
        "  hint: a clinical approver who is not an author runs `boosterwatch approve PACK`\n",
    ),
    "changed": (
        changed,
        "BW232 `mine/waivers.yaml` was changed after the release\n  hint: restore the folder as it was released, or copy it "
        "with `boosterwatch new version` and edit the copy\n",
    ),
    "not released": (
        lambda desk: (desk / "mine" / FILE).unlink(),
        "BW470 `mine` is not released, so there is nothing to sign or verify\n"
        "  hint: release it first: `boosterwatch release PACK VERSION`\n",
    ),
    "no keyring": (
        lambda desk: (desk / "keyring.yaml").unlink(),
        "BW110 `keyring.yaml` cannot be read: no such file or directory\n  hint: give the path of a keyring\n",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_leaves_the_file_as_it_was(desk: Path, what: str) -> None:
    do, words = REFUSED[what]
    do(desk)
    result = bundle("--keyring", "keyring.yaml")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", words)
    assert (desk / OUT).read_bytes() == OLD


def test_an_approval_that_ran_out_is_not_bundled(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "now", lambda: NOON + timedelta(days=366))
    result = bundle("--keyring", "keyring.yaml")
    assert result.exit_code == 1
    assert "BW258" in result.stderr
    assert (desk / OUT).read_bytes() == OLD
    assert bundle().exit_code == 0


def test_a_place_that_cannot_be_written(desk: Path) -> None:
    result = CliRunner().invoke(main, ["bundle", "mine", "-o", "no/such/folder.bundle"], prog_name="boosterwatch")
    assert (result.exit_code, result.stdout, result.stderr) == (
        1, "", "BW404 `no/such/folder.bundle` cannot be written: no such file or directory\n  hint: give another place with -o\n"
    )  # fmt: skip


def test_a_full_disk_leaves_the_file_as_it_was(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "BW404" in bundle().stderr
    assert (desk / OUT).read_bytes() == OLD
    assert sorted(one.name for one in desk.iterdir()) == ["keyring.yaml", "mine", OUT]


def test_a_bundle_without_signatures_says_so(desk: Path) -> None:
    for one in (desk / "mine" / "signatures").iterdir():
        one.unlink()
    assert "its manifest, no signatures\n" in bundle().stdout
    assert RELEASER.key.id not in bundle().stdout

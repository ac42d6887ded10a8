"""A durable write leaves the old file or the new one, wherever it fails or is killed."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from boosterwatch.engine.durable_files import create_durably, is_leftover, make_folder_durably, write_durably

OLD, NEW = b"old", b"new" * 100_000
STEPS = {  # the calls of the operating system that a write makes, in order
    "write_durably": ["fchmod", "fsync", "replace", "fsync"],
    "create_durably": ["fchmod", "fsync", "link", "unlink", "fsync"],
}


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_is_written_with_its_mode_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "release.json"
    write_durably(file, NEW)
    assert file.read_bytes() == NEW
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    write_durably(file, b"", mode=0o600)
    assert file.read_bytes() == b""
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert names(tmp_path) == ["release.json"]


def test_what_is_created_replaces_nothing(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    create_durably(file, OLD, mode=0o600)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create_durably(file, NEW)
    assert file.read_bytes() == OLD
    assert file.stat().st_nlink == 1
    assert names(tmp_path) == ["key.pem"]


@pytest.mark.parametrize("write", [write_durably, create_durably])
def test_a_folder_that_is_not_there_is_an_error_of_the_system(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "none" / "release.json", NEW)


@pytest.mark.parametrize("at", range(4))
def test_an_error_at_any_step_leaves_the_old_file_or_the_new_one_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    file = tmp_path / "release.json"
    file.write_bytes(OLD)
    monkeypatch.setattr("boosterwatch.engine.durable_files.os", Failing(at))
    with pytest.raises(OSError, match="planted"):
        write_durably(file, NEW)
    assert file.read_bytes() == (OLD if at < 3 else NEW)
    assert names(tmp_path) == ["release.json"]


class Failing:
    """The module `os`, whose call number `at` of the steps of a write fails before it does anything."""

    O_RDONLY, O_DIRECTORY = os.O_RDONLY, os.O_DIRECTORY

    def __init__(self, at: int) -> None:
        self.left = at

    def __getattr__(self, name: str) -> object:
        real = getattr(os, name)
        return self.planted(real) if name in STEPS["write_durably"] else real

    def planted(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            self.left -= 1
            if self.left == -1:
                raise OSError("planted")
            return real(*arguments)

        return call


KILLED = """
import os, sys
from pathlib import Path
from boosterwatch.engine import durable_files

name, at, path, steps = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4].split()
left = at

def killed(real):
    def call(*arguments):
        global left
        left -= 1
        if left == -1:
            os.kill(os.getpid(), 9)
        return real(*arguments)
    return call

for step in set(steps):
    setattr(os, step, killed(getattr(os, step)))
getattr(durable_files, name)(path, b"new" * 100_000)
"""


@pytest.mark.parametrize(("name", "at"), [(name, at) for name, steps in STEPS.items() for at in range(len(steps))])
def test_killed_at_any_step_it_leaves_the_old_state_or_the_new(tmp_path: Path, name: str, at: int) -> None:
    file = tmp_path / "release.json"
    if name == "write_durably":
        file.write_bytes(OLD)
    steps = STEPS[name]
    command = [sys.executable, "-c", KILLED, name, str(at), str(file), " ".join(steps)]
    assert subprocess.run(command, check=False).returncode == -9
    done = at > max(steps.index(step) for step in ("replace", "link") if step in steps)
    before = OLD if name == "write_durably" else None
    assert (file.read_bytes() if file.exists() else None) == (NEW if done else before)
    assert all(entry == file.name or is_leftover(entry) for entry in names(tmp_path))


def test_a_folder_is_made_unless_it_is_there(tmp_path: Path) -> None:
    make_folder_durably(tmp_path / "signatures")
    make_folder_durably(tmp_path / "signatures")
    assert names(tmp_path) == ["signatures"]
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(FileExistsError):
        make_folder_durably(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        make_folder_durably(tmp_path / "none" / "signatures")


@pytest.mark.parametrize(
    ("name", "leftover"),
    [
        (".release.json.k3v_9x2a.tmp", True),
        (".a.b.json.00000000.tmp", True),
        ("release.json", False),
        ("release.json.k3v_9x2a.tmp", False),
        (".release.json.tmp", False),
        (".release.json.k3v_9x2a.tmp.yaml", False),
        (".hidden.yaml", False),
    ],
)
def test_only_what_a_killed_write_leaves_is_a_leftover(name: str, leftover: bool) -> None:
    assert is_leftover(name) is leftover

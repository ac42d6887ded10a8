"""Kills a release, or a copy, at its n-th step on the disk: `python -m ...killed ROOT`, one process, one line a kill.

Every call that changes the disk is counted, and a write of a file counts twice: before it, and with half of it done.
Each kill happens in a forked child on a folder of its own, so nothing is cleaned up by anybody. The parent looks at what
is left, which must be the old state or the new one, and then does the same again without a kill.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from boosterwatch.engine.author.release import plan_copy, write_copy, write_release
from boosterwatch.engine.pack.drift import drift
from boosterwatch.engine.pack.manifest import read_manifest
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.author.release.stage import content, draft, plan

STEPS = ("fsync", "fchmod", "replace", "rename", "link", "unlink", "mkdir", "open")
MOST = 2000


class Countdown:
    """Counts steps, and kills this process at the one that was asked for."""

    def __init__(self, at: int) -> None:
        self._left = at

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the call with a step before it and one after."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.step()
            result = call(*args, **kwargs)
            self.step()
            return result

        return counted

    def fdopen(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return `os.fdopen` with files whose writes can be cut in half."""

        def opened(*args: Any, **kwargs: Any) -> Any:
            return HalfWritten(call(*args, **kwargs), self)

        return opened


class HalfWritten:
    """A file that is written in two halves, with a step before, between and after."""

    def __init__(self, file: Any, countdown: Countdown) -> None:
        self._file, self._countdown = file, countdown

    def __enter__(self) -> HalfWritten:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> None:
        self._countdown.step()
        half = len(data) // 2
        os.write(self._file.fileno(), data[:half])
        self._countdown.step()
        os.write(self._file.fileno(), data[half:])
        self._countdown.step()


def killed_at(step: int, act: Callable[[], object]) -> bool:
    """Return whether an act, in a child of its own, was killed at a step; False when it ended before."""
    child = os.fork()
    if child == 0:
        countdown = Countdown(step)
        for name in STEPS:
            setattr(os, name, countdown.around(getattr(os, name)))
        os.fdopen = countdown.fdopen(os.fdopen)
        try:
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def kill_releases(root: Path) -> int:
    """Return at how many steps a release was killed; each left a draft as it was, or a whole release."""
    model = draft(root / "model")
    whole = content(model)
    folder = root / "killed" / "small-pack" / "0.1.0"
    for step in range(1, MOST):
        shutil.copytree(model, folder)
        killed = killed_at(step, lambda: write_release(plan(folder, first=True)))
        released = look_at_release(folder, whole)
        if not released:
            write_release(plan(folder, first=True))
            assert look_at_release(folder, whole), "the release can be made after all"
        shutil.rmtree(root / "killed")
        if not killed:
            assert released, "a release that is not killed ends"
            return step - 1
    raise AssertionError("there is no end to it")


def look_at_release(folder: Path, whole: dict[str, bytes]) -> bool:
    """Return whether a folder is released; it is that wholly, or not at all, and its sources are untouched."""
    now = content(folder)
    assert {name: now.get(name) for name in whole} == whole
    assert all(name.startswith(".") for name in now.keys() - whole.keys() - {"release.json", "compiled.json"})
    manifest = read_manifest(folder, "killed")
    assert manifest is None or drift(folder, manifest, "killed") == ()
    return manifest is not None


def kill_copies(root: Path) -> int:
    """Return at how many steps a copy was killed; each left no new folder, or a whole one."""
    model = draft(root / "model")
    planned = plan_copy(open_pack(str(model)), "0.2.0", None)
    whole = dict(planned.files)
    for step in range(1, MOST):
        killed = killed_at(step, lambda: write_copy(planned))
        if planned.folder.exists():
            assert content(planned.folder) == whole
            shutil.rmtree(planned.folder)
        left = [path for path in planned.folder.parent.iterdir() if path.name != "0.1.0"]
        assert all(path.name.startswith(".0.2.0.") for path in left)
        for path in left:
            shutil.rmtree(path)
        if not killed:
            return step - 1
    raise AssertionError("there is no end to it")


if __name__ == "__main__":
    print(kill_releases(Path(sys.argv[1]) / "releases"), kill_copies(Path(sys.argv[1]) / "copies"))

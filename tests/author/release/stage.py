"""Small packs on the way to a release: drafts in a folder, gates that pass at once, and what a refusal reads like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from boosterwatch.engine.author.release import Planned, Task, Wish, plan_release, write_release
from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.pack.manifest import Gate
from boosterwatch.tests.packs.files import Files, edit, write_pack
from boosterwatch.tests.packs.small import SMALL

TODAY = date(2026, 11, 23)
FIRST = "0.1.0"
PASSED = (
    Gate("check", (("errors", 0), ("notes", 1), ("waived", 0), ("warnings", 0))),
    Gate("coverage", (("holes", 0), ("rules", 9), ("sides", 20), ("waived", 2))),
    Gate("mutate", (("changes", 50), ("noticed", 40), ("same", 9), ("survived", 0), ("waived", 1))),
    Gate("prove", (("days", 1), ("promises", 3), ("proved", 3))),
    Gate("test", (("cases", 12), ("passed", 12), ("todo", 0))),
)

WORDS = ("pack.yaml", "title: Small", "title: Smaller")
VALUE = ("instruments/glow.yaml", "value: 5, basis", "value: 6, basis")
CONTRACT = ("instruments/glow.yaml", "allowed: 2 to 9", "allowed: 3 to 9")
CHANGES = {"patch": WORDS, "minor": VALUE, "major": CONTRACT}


def passing(task: Task) -> tuple[Gate, ...]:
    """Pass every gate without looking."""
    return PASSED


def draft(root: Path, version: str = FIRST, *changes: tuple[str, str, str], status: str = "active") -> Path:
    """Return the folder of a version of the small pack; each later version begins a day later."""
    files: Files = edit(SMALL, "pack.yaml", "status: draft", f"status: {status}")
    for change in changes:
        files = edit(files, *change)
    if version != FIRST:
        files = edit(files, "pack.yaml", 'version: "0.1.0"', f'version: "{version}"')
        files = edit(files, "pack.yaml", "effective: 2000-01-01", "effective: 2026-12-01")
    return write_pack(files, root / "small-pack" / version)


def plan(folder: Path, version: str | None = None, *, previous: str | None = None, first: bool = False) -> Planned:
    """Return the release of a draft whose gates pass."""
    wish = Wish(str(folder), version or folder.name, "What changed", previous, first)
    return plan_release(wish, today=TODAY, gates=passing)


def released(root: Path, version: str = FIRST, *changes: tuple[str, str, str], status: str = "active") -> Path:
    """Return the folder of a released version."""
    folder = draft(root, version, *changes, status=status)
    write_release(plan(folder, first=version == FIRST))
    return folder


def refusal(root: Path, act: Callable[[], object]) -> str:
    """Return the whole rendered refusal, with the folder of the test as `ROOT`."""
    with pytest.raises(PackError) as caught:
        act()
    return render(caught.value.diagnostics, {}).replace(str(root), "ROOT")


def content(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its name."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

"""The corpus of mistaken edits: a clinical lead's slips in a copy of the default pack, and the whole report of each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from boosterwatch.engine import load_pack
from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.expect import expect_text
from boosterwatch.tests.packs.files import default_files, edit, write_pack

BROKEN = Path(__file__).parents[2] / "broken"
EDITS: list[dict[str, Any]] = yaml.safe_load((BROKEN / "edits.yaml").read_text(encoding="utf-8"))
FOLDER = "edited"  # what the pack's folder is called in messages


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the default pack into a folder; each test changes one file of it and puts it back."""
    return write_pack(default_files(), tmp_path_factory.mktemp("packs") / FOLDER)


@contextmanager
def slipped(copy: Path, slip: dict[str, Any]) -> Iterator[None]:
    """Make the slip in the copy, and put the file back."""
    files, name = default_files(), slip["file"]
    (copy / name).write_text(edit(files, name, slip["find"], slip["write"])[name], encoding="utf-8")
    try:
        yield
    finally:
        (copy / name).write_text(files[name], encoding="utf-8")


@pytest.mark.parametrize("slip", EDITS, ids=[one["mistake"] for one in EDITS])
def test_the_report_says(slip: dict[str, Any], copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.parent)
    with slipped(copy, slip):
        opened = open_pack(FOLDER)
    assert opened.pack is None
    expect_text(BROKEN / "edits" / f"{slip['mistake']}.txt", render(opened.problems, opened.sources))


def test_the_copy_itself_has_no_problem(copy: Path) -> None:
    assert open_pack(str(copy)).problems == ()


def test_the_face_raises_the_same_problems(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(copy.parent)
    with slipped(copy, EDITS[0]), pytest.raises(PackError) as caught:
        load_pack(FOLDER)
    with slipped(copy, EDITS[0]):
        assert caught.value.diagnostics == open_pack(FOLDER).problems


def test_every_report_has_its_edit() -> None:
    assert sorted(path.stem for path in (BROKEN / "edits").glob("*.txt")) == sorted(one["mistake"] for one in EDITS)
    assert len(EDITS) == len({one["mistake"] for one in EDITS}) >= 45

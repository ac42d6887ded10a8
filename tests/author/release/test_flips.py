"""No byte of a released pack can change unnoticed: flipped one at a time, each is told by `packs verify`.

The suite flips a sample; `make flips` flips every byte of every file, with every bit of the manifest.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from boosterwatch.engine.author.release import write_release
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.pack.find import Found, is_policy
from boosterwatch.engine.pack.manifest import FILE
from boosterwatch.engine.pack.open import compile_found
from boosterwatch.engine.terminal.verifying_packs import verified
from boosterwatch.tests.author.release.flips import Memory, compile_once, flipped
from boosterwatch.tests.author.release.stage import content, plan

ROOT = Path(__file__).parents[3]
STRIDE = int(
    os.environ.get("BOOSTERWATCH_FLIPS", "149")
)  # a prime, so that a sample meets every column; 1 is every byte
BITS = tuple(1 << bit for bit in range(8))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a release of the quick screen, its manifest and compiled form among them."""
    folder = tmp_path_factory.mktemp("rules") / "clinic-screen" / "1.0.0"
    unreleased = shutil.ignore_patterns(FILE, "compiled.json", "signatures")
    shutil.copytree(ROOT / "rules" / "quick-screen" / "1.0.0", folder, ignore=unreleased)
    face = folder / "pack.yaml"
    face.write_text(
        face.read_text(encoding="utf-8").replace("pack: quick-screen", "pack: clinic-screen"), encoding="utf-8"
    )
    write_release(plan(folder, first=True))
    return content(folder)


def places(files: dict[str, bytes]) -> Iterator[tuple[str, int, int]]:
    """Yield the flips: file, place, and which bits; every place of the manifest at any stride."""
    for name, data in sorted(files.items()):
        every = 1 if name == FILE else STRIDE
        for at in range(every - 1 if every < len(data) else 0, len(data), every):
            yield name, at, BITS[at % len(BITS)]


def test_a_flipped_byte_is_noticed(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(monkeypatch)
    assert verified(Found(Memory(files), "q")).state == "as released"
    flips = list(places(files))
    assert {name for name, _, _ in flips} == files.keys()
    unnoticed = [
        (name, at, bits)
        for name, at, bits in flips
        if verified(Found(flipped(files, name, at, bits), "q")).state != "changed"
    ]
    assert unnoticed == []


def test_a_flipped_byte_names_its_file(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(monkeypatch)
    for name, data in files.items():
        problems = verified(Found(flipped(files, name, len(data) // 2, 1), "q")).problems
        assert [f"`q/{name}`" in problem.message for problem in problems] == [True], name


def test_no_policy_with_a_flipped_byte_is_loaded(files: dict[str, bytes]) -> None:
    for name, data in files.items():
        if name.endswith(".yaml") and is_policy(name):
            with pytest.raises(PackError) as caught:
                compile_found(Found(flipped(files, name, len(data) // 3, 1), "q"))
            assert [problem.code for problem in caught.value.diagnostics] == ["BW237"]


def test_every_bit_of_the_manifest_counts(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(monkeypatch)
    for at in range(0, len(files[FILE]), max(1, STRIDE // 16)):
        for bits in BITS:
            assert verified(Found(flipped(files, FILE, at, bits), "q")).state == "changed", (at, bits)


def test_no_file_can_be_taken_away_or_added(files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    compile_once(monkeypatch)
    for name in files.keys() - {FILE, "compiled.json"}:
        less = {other: data for other, data in files.items() if other != name}
        problems = verified(Found(Memory(less), "q")).problems
        assert [problem.message for problem in problems] == [f"`q/{name}` is missing"]
        more = {**files, f"{name}.old": files[name]}
        problems = verified(Found(Memory(more), "q")).problems
        assert [problem.message for problem in problems] == [f"`q/{name}.old` was added after the release"]

"""A released folder against its manifest: every difference by its file; what is changed does not run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from boosterwatch.engine import load_pack
from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.pack.compiled import FILE as COMPILED
from boosterwatch.engine.pack.drift import drift
from boosterwatch.engine.pack.manifest import FILE, Manifest, read_manifest
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.engine.pack.versions import versions_of
from boosterwatch.tests.author.release.stage import VALUE, refusal, released

RESTORE = (
    "  hint: restore the folder as it was released, or copy it with `boosterwatch new version` and edit the copy\n"
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released pack, to be copied."""
    folder = released(tmp_path_factory.mktemp("model"))
    (folder / "signatures").mkdir()
    (folder / "signatures" / "approval.json").write_text("{}")
    return folder


@pytest.fixture
def folder(model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(model, tmp_path / "small-pack" / "0.1.0"))


def manifest_of(folder: Path) -> Manifest:
    manifest = read_manifest(folder, "p")
    assert manifest is not None
    return manifest


def told(folder: Path, manifest: Manifest | None = None) -> str:
    return render(drift(folder, manifest or manifest_of(folder), "p"), {})


def rewritten(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_what_was_released_has_not_drifted(folder: Path) -> None:
    assert told(folder) == ""


def test_each_difference_is_named_by_its_file(folder: Path) -> None:
    rewritten(folder / "parameters.yaml", "value: 40", "value: 41")
    (folder / "measures.yaml").unlink()
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "cases" / "more.yaml").write_text("x")
    assert told(folder) == (
        f"BW232 `p/parameters.yaml` was changed after the release\n{RESTORE}"
        f"BW233 `p/measures.yaml` is missing\n{RESTORE}"
        f"BW234 `p/cases/more.yaml` was added after the release\n{RESTORE}"
    )


HARMLESS: dict[str, Callable[[Path], object]] = {
    "one signature more": lambda folder: (folder / "signatures" / "second.json").write_text("{}"),
    "no signatures": lambda folder: shutil.rmtree(folder / "signatures"),
    "no compiled form": lambda folder: (folder / COMPILED).unlink(),
    "what a killed write left": lambda folder: (folder / ".release.json.abcd_123.tmp").write_text("half"),
    "an empty folder": lambda folder: (folder / "empty").mkdir(),
}


@pytest.mark.parametrize("act", HARMLESS.values(), ids=HARMLESS)
def test_what_is_no_part_of_a_release_may_come_and_go(folder: Path, act: Callable[[Path], object]) -> None:
    act(folder)
    assert told(folder) == ""


KEPT = (
    "BW235 `p/compiled.json` is not what the sources compile to\n"
    "  hint: delete it, or write it again: `python -m boosterwatch.engine.pack.compiled PACK`\n"
)
DAMAGED = {
    "a word": lambda data: data.replace(b'"active"', b'"trial"'),
    "a blank": lambda data: data + b" ",
    "its compiler": lambda data: data.replace(json.loads(data)["compiler"].encode(), b"0" * 64),
    "everything": lambda data: b"",
    "its kind": lambda data: b"[]",
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_compiled_form_that_says_something_else_is_told(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    kept = folder / COMPILED
    kept.write_bytes(damage(kept.read_bytes()))
    assert told(folder) == KEPT
    assert compile_reference(str(folder)).digest == manifest_of(folder).digest  # it is passed over


def test_a_compiled_form_of_the_compiler_that_released_is_left_alone(folder: Path) -> None:
    earlier = replace(manifest_of(folder), compiler="1" * 64)
    kept = folder / COMPILED
    kept.write_bytes(kept.read_bytes().replace(json.loads(kept.read_bytes())["compiler"].encode(), b"1" * 64))
    assert told(folder, earlier) == ""


def test_another_compiled_pack_is_told_with_the_tool_that_released(folder: Path) -> None:
    manifest = manifest_of(folder)
    earlier = replace(manifest, digest="2" * 64, compiler="1" * 64, tool="0.9.0")
    assert told(folder, earlier) == (
        f"BW236 `p` compiles to {manifest.digest}, and {'2' * 64} was released\n"
        "  hint: another compiler released it: use boosterwatch 0.9.0, or release a new version with this one\n"
    )
    assert told(folder, replace(manifest, digest="2" * 64)) == (
        f"BW236 `p` compiles to {manifest.digest}, and {'2' * 64} was released\n"
        "  hint: restore `release.json` as it was released\n"
    )


def test_a_manifest_that_says_other_than_the_pack_is_told(folder: Path) -> None:
    lying = replace(manifest_of(folder), status="trial", effective="1999-01-01", review_by="2099-01-01")
    (folder / FILE).write_bytes(lying.data)  # sealed anew: only the pack itself tells
    hint = "  hint: restore `release.json` as it was released\n"
    assert told(folder) == (
        f"BW239 `p/release.json` says `effective: 1999-01-01`, and the pack says `2000-01-01`\n{hint}"
        f"BW239 `p/release.json` says `review_by: 2099-01-01`, and the pack says `2030-01-01`\n{hint}"
        f"BW239 `p/release.json` says `status: trial`, and the pack says `active`\n{hint}"
    )


def test_a_release_under_another_name_is_told(folder: Path) -> None:
    moved = folder.rename(folder.parent / "0.9.0")
    assert told(moved) == (
        "BW239 the folder of small-pack 0.1.0 is called `small-pack/0.9.0`\n"
        "  hint: call it `small-pack/0.1.0`, as it was released\n"
    )


# ---------------------------------------------------------------- when it is loaded


def test_a_released_pack_is_loaded(folder: Path) -> None:
    assert load_pack(str(folder)).digest == manifest_of(folder).digest


def test_a_changed_release_does_not_run(folder: Path, tmp_path: Path) -> None:
    rewritten(folder / "parameters.yaml", "value: 40", "value: 41")
    (folder / "measures.yaml").rename(folder / "measured.yaml")
    says = "BW237 `ROOT/small-pack/0.1.0` is released and does not run: "
    assert refusal(tmp_path, lambda: load_pack(str(folder))) == (
        f"{says}`measured.yaml` was added after the release\n{RESTORE}"
        f"{says}`measures.yaml` is missing\n{RESTORE}"
        f"{says}`parameters.yaml` was changed after the release\n{RESTORE}"
    )


def test_what_decides_nothing_is_not_looked_at_when_it_is_loaded(folder: Path) -> None:
    (folder / "cases").mkdir(exist_ok=True)
    (folder / "cases" / "more.yaml").write_text("x")
    (folder / "notes.txt").write_text("x")
    assert load_pack(str(folder)).version == "0.1.0"


def test_a_release_whose_manifest_cannot_be_read_does_not_run(folder: Path, tmp_path: Path) -> None:
    (folder / FILE).write_bytes((folder / FILE).read_bytes()[:-1])
    assert refusal(tmp_path, lambda: load_pack(str(folder))) == (
        "BW230 `ROOT/small-pack/0.1.0/release.json` is not written as a release writes it\n"
        "  hint: restore it as it was released; it is written by `boosterwatch release` alone\n"
    )


# ---------------------------------------------------------------- which version


def test_versions_are_known_from_their_manifests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released(tmp_path)
    released(tmp_path, "0.2.0", VALUE)

    def refuse(*args: object) -> None:
        raise AssertionError("no YAML is read")

    monkeypatch.setattr("boosterwatch.engine.pack.load.load_document", refuse)
    found = versions_of("small-pack", [tmp_path])
    assert [(one.number, one.status, one.effective) for one in found] == [
        ("0.1.0", "active", "2000-01-01"),
        ("0.2.0", "active", "2026-12-01"),
    ]


@pytest.mark.parametrize("damage", ["face", "manifest", "name"])
def test_the_face_is_read_when_the_manifest_is_not_about_it(folder: Path, tmp_path: Path, damage: str) -> None:
    match damage:
        case "face":
            rewritten(folder / "pack.yaml", "status: active", "status: trial")
        case "manifest":
            (folder / FILE).write_bytes(b"{}")
        case "name":
            folder = folder.rename(folder.parent / "0.7.0")
    (version,) = versions_of("small-pack", [tmp_path])
    assert (version.number, version.status) == (folder.name, "trial" if damage == "face" else "active")


COLD = """
import sys
from datetime import date
from pathlib import Path
from boosterwatch import load_pack
pack = load_pack("small-pack", on=date(2026, 11, 30), search=[Path(sys.argv[1])])
print(pack.version, sorted({name.partition(".")[0] for name in sys.modules} & {"yaml", "ruamel", "lark"}))
"""


def test_a_pack_with_several_releases_is_loaded_without_reading_yaml(tmp_path: Path) -> None:
    released(tmp_path)
    released(tmp_path, "0.2.0", VALUE)
    result = subprocess.run([sys.executable, "-c", COLD, str(tmp_path)], capture_output=True, text=True, check=True)
    assert result.stdout == "0.1.0 []\n"
    assert load_pack("small-pack", on=date(2026, 12, 1), search=[tmp_path]).version == "0.2.0"


def test_a_version_that_was_changed_is_refused_by_its_id_too(tmp_path: Path) -> None:
    rewritten(released(tmp_path) / "parameters.yaml", "value: 40", "value: 41")
    with pytest.raises(PackError) as caught:
        load_pack("small-pack", search=[tmp_path])
    assert [one.code for one in caught.value.diagnostics] == ["BW237"]

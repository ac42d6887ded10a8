"""The compiled form kept beside each pack: current, equal to a fresh one, and never used when it is not."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from boosterwatch.engine.pack.compiled import FILE, compiled_bytes, read_compiled
from boosterwatch.engine.pack.find import find_pack, list_packs, read_sources
from boosterwatch.engine.pack.ir_json import digest_of_plain
from boosterwatch.engine.pack.open import compile_reference, compile_sources

PACKS = [f"{id}@{version}" for id, version, _ in list_packs()]


@pytest.mark.parametrize("reference", PACKS)
def test_the_compiled_form_is_that_of_the_sources(reference: str) -> None:
    found = find_pack(reference)
    sources = read_sources(found.folder, whole=False)
    fresh = compile_sources(found, sources)
    assert found.folder.joinpath(FILE).read_bytes() == compiled_bytes(fresh, sources), "run `make compiled`"
    assert read_compiled(found.folder, sources) == fresh


def copy(folder: Path) -> Path:
    found = find_pack("ketamine-maintenance")
    for source in read_sources(found.folder, whole=False):
        target = folder / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.data)
    (folder / FILE).write_bytes(found.folder.joinpath(FILE).read_bytes())
    return folder


def test_a_changed_source_is_compiled_again(tmp_path: Path) -> None:
    pack = copy(tmp_path)
    assert compile_reference(str(pack)).digest == compile_reference("ketamine-maintenance").digest
    file = pack / "parameters.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("value: 21,", "value: 28,", 1), encoding="utf-8")
    assert read_compiled(pack, read_sources(pack, whole=False)) is None
    assert compile_reference(str(pack)).digest != compile_reference("ketamine-maintenance").digest


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]", b"not json", b'{"compiler": 1, "sources": {}, "pack": {}}'])
def test_a_damaged_compiled_form_is_passed_over(tmp_path: Path, damage: bytes) -> None:
    pack = copy(tmp_path)
    (pack / FILE).write_bytes(damage)
    assert compile_reference(str(pack)) == compile_reference("ketamine-maintenance")


def test_a_new_file_is_compiled_again(tmp_path: Path) -> None:
    pack = copy(tmp_path)
    (pack / "more.yaml").write_text("words: {a: b}\n", encoding="utf-8")
    assert read_compiled(pack, read_sources(pack, whole=False)) is None


def edited(plain: dict[str, Any], rule: int) -> dict[str, Any]:
    plain["pack"]["rules"][rule]["because"] += " (edited)"
    return plain


def test_an_edited_compiled_form_never_runs_under_the_digest_of_the_original(tmp_path: Path) -> None:
    pack = copy(tmp_path)
    original = compile_reference("ketamine-maintenance")
    kept = edited(orjson.loads((pack / FILE).read_bytes()), 0)
    (pack / FILE).write_bytes(orjson.dumps(kept))
    assert read_compiled(pack, read_sources(pack, whole=False)) is None
    assert compile_reference(str(pack)) == original


def test_a_compiled_form_with_another_digest_shows_that_digest(tmp_path: Path) -> None:
    pack = copy(tmp_path)
    kept = edited(orjson.loads((pack / FILE).read_bytes()), 0)
    kept["pack"]["digest"] = digest_of_plain(kept["pack"])
    (pack / FILE).write_bytes(orjson.dumps(kept))
    assert compile_reference(str(pack)).digest != compile_reference("ketamine-maintenance").digest

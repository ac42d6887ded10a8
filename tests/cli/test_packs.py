"""`packs`: what there is, and what other commands say of a broken pack."""

import shutil
from pathlib import Path

import pytest

from boosterwatch import load_pack
from boosterwatch.engine.pack.find import find_pack
from boosterwatch.tests.cli.runs import PACK, printed_json, run


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the default pack that a test may break."""
    folder = tmp_path / "1.0.0"
    shutil.copytree(str(find_pack(PACK).folder), folder, ignore=shutil.ignore_patterns("compiled.json", "release.json"))
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_list_names_every_pack() -> None:
    assert PACK in run("packs", "list").stdout
    packs = printed_json(run("packs", "list", "--format", "json"))["packs"]
    assert {"id", "version", "title", "status", "effective"} == set(packs[0])


def test_show_tells_signs_instruments_and_numbers() -> None:
    pack = load_pack(PACK).ir
    text = run("packs", "show").stdout
    assert pack.digest in text
    for sign in pack.signs:
        assert sign.title in text
    data = printed_json(run("packs", "show", PACK, "--format", "json"))
    assert [one["name"] for one in data["parameters"]] == [one.name for one in pack.parameters]
    assert data["digest"] == pack.digest


@pytest.mark.parametrize("command", ["evaluate", "test", "packs show"])
def test_other_commands_show_the_lines_too(command: str, copy: Path, tmp_path: Path) -> None:
    edit(copy / "signs" / "6-sleep.yaml", "title: Sleep", "titel: Sleep")
    record = tmp_path / "record.yaml"
    record.write_text("as_of: 2026-03-14\n")
    more = (str(record), "--pack", str(copy)) if command == "evaluate" else (str(copy),)
    result = run(*command.split(), *more)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "  | titel: Sleep\n  | ^" in result.stderr

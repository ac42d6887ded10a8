"""`prose` on the command line: Markdown, one HTML document, JSON, and a file to write them into."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from boosterwatch.engine.author.prose import prose_page, prose_title
from boosterwatch.engine.explain.html import to_html
from boosterwatch.engine.explain.markdown import to_markdown
from boosterwatch.tests.author.lead import run, small_pack
from boosterwatch.tests.packs.files import load_files
from boosterwatch.tests.packs.small import SMALL

PACK = load_files(SMALL).ir


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(small_pack(tmp_path / "small-pack" / "0.1.0"))


def test_markdown_goes_to_standard_output(folder: str) -> None:
    result = run("prose", folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == to_markdown(prose_page(PACK), prose_title(PACK))


def test_a_file_is_written_and_the_digest_told_beside_it(folder: str, tmp_path: Path) -> None:
    out = tmp_path / "policy.html"
    result = run("prose", folder, "--format", "html", "--out", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{out}: small-pack@0.1.0 in plain English, digest {PACK.digest}\n"
    assert out.read_text(encoding="utf-8") == to_html(prose_page(PACK), prose_title(PACK))


def test_json_has_the_same_parts_as_the_page(folder: str) -> None:
    answer = json.loads(run("prose", folder, "--format", "json").stdout)
    assert answer["pack"] == {"id": "small-pack", "version": "0.1.0", "digest": PACK.digest, "title": "Small"}
    heads = [line.removeprefix("## ") for line in run("prose", folder).stdout.splitlines() if line.startswith("## ")]
    assert [section["title"] for section in answer["sections"]] == heads
    assert all(section["blocks"] for section in answer["sections"])


def test_a_folder_that_is_not_there_is_told(folder: str) -> None:
    result = run("prose", folder, "--out", "no-such-folder/policy.md")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "BW404 `no-such-folder/policy.md` cannot be written: no such file or directory\n"


def test_a_broken_pack_has_no_prose(folder: str) -> None:
    file = Path(folder) / "rules.yaml"
    file.write_text(file.read_text().replace("when: waited is unknown", "when: waite is unknown"))
    result = run("prose", folder)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.replace(folder, "PACK") == (
        "PACK/rules.yaml:20:32: BW201 unknown name `waite`\n"
        "  |       - {state: unknown, when: waite is unknown, because: Nothing is known.}\n"
        "  |                                ^\n"
        "  hint: did you mean `waited`?\n"
    )

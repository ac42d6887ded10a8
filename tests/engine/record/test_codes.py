"""Every code has its page, and every page tells the truth: its wrong example has that code, its right one has none."""

import re
from pathlib import Path

import pytest

from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.pack.layers import LAYER_CODES
from boosterwatch.engine.record.codes import RECORD_CODES
from boosterwatch.engine.record.read import check_against_pack, read_document
from boosterwatch.tests.engine.record.packs import small_pack

ROOT = Path(__file__).parents[3]
PACK = small_pack()
EXAMPLE = re.compile(r"## (Wrong|Right)\n.*?```(\w+)\n(.*?)```", re.DOTALL)


def examples(code: str) -> dict[str, str]:
    text = (ROOT / "docs" / "codes" / f"{code}.md").read_text(encoding="utf-8")
    return {title: body for title, language, body in EXAMPLE.findall(text) if language == "yaml"}


def read(text: str) -> None:
    record, document = read_document(text.encode(), "record.yaml")
    check_against_pack(record, PACK, document)


@pytest.mark.parametrize("code", [code for code in RECORD_CODES if "Wrong" in examples(code)])
def test_the_wrong_example_has_this_problem_only(code: str) -> None:
    with pytest.raises(RecordError) as caught:
        read(examples(code)["Wrong"])
    assert {each.code for each in caught.value.diagnostics} == {code}


@pytest.mark.parametrize("code", RECORD_CODES)
def test_the_right_example_is_right(code: str) -> None:
    read(examples(code)["Right"])


@pytest.mark.parametrize("code", RECORD_CODES)
def test_the_page_has_its_parts(code: str) -> None:
    lines = (ROOT / "docs" / "codes" / f"{code}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {code}: {RECORD_CODES[code]}"
    assert [line for line in lines if line.startswith("## ")] == ["## Wrong", "## Right", "## Why"]


def test_no_page_is_left_over() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "codes").glob("BW3*.md")}
    assert pages == {*RECORD_CODES, *LAYER_CODES}


def test_every_code_in_the_source_is_listed() -> None:
    sources = (ROOT / "engine" / "record").glob("*.py")
    used = {code for path in sources for code in re.findall(r"BW3\d\d", path.read_text())}
    assert used == set(RECORD_CODES)

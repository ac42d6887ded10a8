"""What the documents promise: links lead somewhere, examples are read, named files, targets and sections exist."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from boosterwatch.engine.pack.language import parse_clause
from boosterwatch.engine.pack.load import RECORD_LIMITS, load_document
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.tests.packs.files import default_files

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NOT_CODES = [page for page in PAGES if page.parent.name != "codes"]


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


class Block(NamedTuple):
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str


FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def blocks(page: Path, language: str) -> Iterator[Block]:
    """Yield the fenced blocks of a language."""
    text = page.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        if found[1] == language:
            yield Block(page, text.count("\n", 0, found.start()) + 2, found[1], found[2])


def prose(page: Path) -> str:
    """Return the text of a page without its fenced blocks."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- links

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def heading_ids(page: Path) -> set[str]:
    """Return the anchors of a page, as they are made from its headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in heading_ids(target), link


def test_every_page_is_reached_from_the_readme() -> None:
    reached, todo = set[Path](), [ROOT / "README.md", ROOT / "ARCHITECTURE.md"]
    while todo:
        page = todo.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            links = [link.partition("#")[0] for link in LINK.findall(prose(page)) if not re.match(r"[a-z]+:|#", link)]
            todo += [(page.parent / link).resolve() for link in links]
    assert {name(page) for page in NOT_CODES if page.parent.name == "docs"} <= {name(page) for page in reached}


# ---------------------------------------------------------------- examples

YAML = [block for page in NOT_CODES for block in blocks(page, "yaml")]


@pytest.mark.parametrize("block", YAML, ids=lambda block: f"{name(block.page)}:{block.line}")
def test_every_yaml_example_is_read(block: Block) -> None:
    assert load_document(textwrap.dedent(block.text).encode(), name(block.page)).data


OWN = [block for block in YAML if block.text.startswith(("patterns:\n  worsened:", "parameters:\n  phq9.delta:"))]


@pytest.mark.parametrize("block", OWN, ids=lambda block: f"{name(block.page)}:{block.line}")
def test_an_example_from_the_pack_is_the_text_of_the_pack(block: Block) -> None:
    assert any(block.text in text for text in default_files().values())


def test_the_pages_show_the_pack() -> None:
    assert len(OWN) >= 2


@pytest.mark.parametrize(
    "block", [block for block in YAML if block.page.name == "record.md"], ids=lambda block: block.line
)
def test_the_example_of_a_record_is_one(block: Block) -> None:
    record_from_mapping(load_document(block.text.encode(), "record.yaml", RECORD_LIMITS).data)


CLAUSES = [
    clause
    for row in re.findall(r"^\| (`.*?) \|", prose(ROOT / "docs" / "language.md"), re.M)
    for clause in re.findall(r"`([^`]+)`", row)
    if " " in clause or clause == "contradictory"
]


@pytest.mark.parametrize("clause", CLAUSES)
def test_every_clause_of_the_table_is_one(clause: str) -> None:
    parse_clause(clause)


def test_the_table_has_every_form_of_clause() -> None:
    forms = {type(parse_clause(clause)).__name__ for clause in CLAUSES}
    assert forms == {
        "BareText", "ComparesText", "IsText", "KnownText", "LevelText", "PatternText", "ReachesText", "SomeText", "WithinText",
    }  # fmt: skip


# ---------------------------------------------------------------- what is named exists

PATH = re.compile(r"`((?:tests|engine|rules|schemas|docs)/[\w./*@-]*)`")


@pytest.mark.parametrize("page", NOT_CODES, ids=name)
def test_every_path_that_is_named_exists(page: Path) -> None:
    for path in PATH.findall(prose(page)):
        assert (ROOT / path).exists() or "<" in path or any(ROOT.glob(path)), path


@pytest.mark.parametrize("page", NOT_CODES, ids=name)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = re.findall(r"`make ([a-z-]+)", prose(page))
    named += re.findall(r"^make ([a-z-]+)", "\n".join(block.text for block in blocks(page, "text")), re.M)
    assert set(named) <= targets


def test_the_language_page_names_every_section() -> None:
    schema = json.loads((ROOT / "schemas" / "part.schema.json").read_text(encoding="utf-8"))
    inside = {"name", "short", "use", "recall", "licence", "cites", "codes", "title", "says", "core", "supporting"}
    inside |= {
        "probable_when",
        "possible_when",
        "otherwise",
        "absent_because",
    }  # keys of an instrument's or a sign's file
    named = set(re.findall(r"`([a-z_]+)`", prose(ROOT / "docs" / "language.md")))
    assert schema["properties"].keys() - inside <= named


MOST_LINES = 120


def test_the_architecture_is_one_page() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= MOST_LINES

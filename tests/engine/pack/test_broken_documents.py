"""The corpus of broken documents: one mistake each, the whole message asserted."""

from functools import partial
from pathlib import Path

import pytest

from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.pack.load import load_document, load_json_document
from boosterwatch.engine.pack.yaml_text import HAS_C_PARSER
from boosterwatch.tests.expect import expect_text

FOLDER = Path(__file__).parents[2] / "broken" / "documents"
YAML = sorted(FOLDER.glob("*.yaml"))
JSON = sorted(FOLDER.glob("*.json"))


def name(path: Path) -> str:
    return path.name


def refusal(path: Path, *, pure: bool = False) -> str:
    """Return the rendered problems of the document in `path`."""
    data = path.read_bytes()
    load = load_json_document if path.suffix == ".json" else partial(load_document, pure=pure)
    with pytest.raises(PackError) as caught:
        load(data, path.name)
    return render(caught.value.diagnostics, {path.name: data.decode("utf-8", "replace")})


@pytest.mark.parametrize("path", YAML, ids=name)
def test_python_parser_says(path: Path) -> None:
    expect_text(path.with_suffix(".txt"), refusal(path, pure=True))


@pytest.mark.skipif(not HAS_C_PARSER, reason="PyYAML was built without libyaml")
@pytest.mark.parametrize("path", YAML, ids=name)
def test_c_parser_says_the_same(path: Path) -> None:
    assert refusal(path, pure=False) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", JSON, ids=name)
def test_json_reader_says(path: Path) -> None:
    expect_text(path.with_suffix(".txt"), refusal(path))


def test_every_expected_text_has_its_document() -> None:
    documents = {path.stem for path in [*YAML, *JSON]}
    assert {path.stem for path in FOLDER.glob("*.txt")} == documents

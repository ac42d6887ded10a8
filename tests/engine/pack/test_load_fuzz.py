"""Random bytes and mutated documents: never another exception, and one answer from both parsers."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.pack.guard import FORBIDDEN
from boosterwatch.engine.pack.load import Document, load_document, load_json_document
from boosterwatch.engine.pack.scalars import resolve
from boosterwatch.engine.pack.yaml_text import HAS_C_PARSER

CORPUS = Path(__file__).parents[2] / "broken" / "documents"
GOOD = """\
# a little of everything
pack: m   # x
a:
  - {x: 1, y: [a, "b", 'c''d', null], "z": {}}
  - |
    text
     more
  - >-
    folded
    text

    x
? long
: v
"k y": >
  a
z: "esc \\n \\u00e9 \\
  cont"
w: multi
  line text
s: 'multi

  line'
date: 2026-01-01
n: [-1, 0.5, true]
"""
SEEDS = [GOOD, "[a, b: c, {d: e}]", "- - - a\n- {? x : y}\n", "--- a\n...\n", json.dumps({"a": [1, {"b": "c"}]})]
SEEDS += [path.read_bytes().decode("utf-8", "replace") for path in sorted(CORPUS.glob("*.yaml"))]
SIGNS = ": - ? , [ ] { } # & * ! | > ' \" % @ ` \\ ~ = << ... --- \\u \\x \\ud800 \\U00110000 é 中 😀 0 1 . e _ +"
WORDS = ["yes", "y", "no", "true", "null", "010", "1:30", "a: b"]
SPACES = [" ", "  ", "\n", "\r\n", "\r", "\n ", "\n  ", "\t", "\u0085", "\u2028", "\ufeff", "\0"]
PIECES = [*SIGNS.split(" "), *WORDS, *SPACES]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """Return a seed with a few pieces put in, cut out or copied."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = draw(st.integers(at, min(len(text), at + 6)))
        match draw(st.sampled_from(["insert", "delete", "copy"])):
            case "insert":
                text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
            case "delete":
                text = text[:at] + text[end:]
            case _:
                text = text[:end] + text[at:]
    return text


DOCUMENTS = st.one_of(
    st.binary(max_size=60),
    mutated().map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(PIECES), max_size=25).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")),
)


def outcome(data: bytes, pure: bool) -> Document | PackError:
    try:
        return load_document(data, "f", pure=pure)
    except PackError as error:
        assert error.diagnostics
        assert render(error.diagnostics, {"f": data.decode("utf-8", "replace")})
        return error


def is_plain(data: object) -> bool:
    if type(data) is dict:
        return all(type(key) is str and key and is_plain(child) for key, child in data.items())
    if type(data) is list:
        return all(is_plain(child) for child in data)
    return data is None or type(data) in (str, int, float, bool)


@settings(max_examples=1500)
@given(DOCUMENTS)
def test_yaml_is_a_document_or_a_pack_error_and_the_parsers_agree(data: bytes) -> None:
    python = outcome(data, pure=True)
    if isinstance(python, Document):
        assert is_plain(python.data)
    if not HAS_C_PARSER:
        return
    c = outcome(data, pure=False)
    assert type(c) is type(python)
    if isinstance(c, Document) and isinstance(python, Document):
        assert repr(c.data) == repr(python.data)
        assert dict(c.spans) == dict(python.spans)
        assert dict(c.key_spans) == dict(python.key_spans)


@settings(max_examples=500)
@given(st.one_of(DOCUMENTS, st.text('[]{},:"\\ue0919d8aNnulltrue \n', max_size=40).map(str.encode)))
def test_json_is_a_document_or_a_pack_error_and_agrees_with_the_standard_reader(data: bytes) -> None:
    try:
        document = load_json_document(data, "f")
    except PackError as error:
        assert render(error.diagnostics, {"f": data.decode("utf-8", "replace")})
        return
    assert is_plain(document.data)
    assert repr(document.data) == repr(json.loads(data.decode("utf-8-sig")))


@settings(max_examples=300)
@given(DOCUMENTS)
def test_what_is_read_means_the_same_to_an_ordinary_yaml_reader(data: bytes) -> None:
    loaded = outcome(data, pure=True)
    if isinstance(loaded, Document):
        assert yaml.load(loaded.text, WithoutDates) == loaded.data


class WithoutDates(yaml.SafeLoader):
    """The safe loader of PyYAML, to which dates are text."""


WithoutDates.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Quoting(yaml.SafeDumper):
    """The safe dumper of PyYAML, with quotes around what this project takes for a look-alike."""


def quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if resolve(text) == text else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


Quoting.add_representer(str, quoted)

CHARACTERS = st.one_of(st.characters(codec="utf-8", exclude_categories=["Zs"]), st.just(" "))
TEXTS = st.text(CHARACTERS, max_size=20).filter(lambda text: not FORBIDDEN.search(text))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**16) + 1, 10**16 - 1),
    st.decimals(-(10**6), 10**6, places=3).map(float),
    st.dates().map(str),
    st.sampled_from(["NO", "010", "1:30", "~", "<<", "=", "yes", "1e3", "", " ", "- a", "a: b", "# x", "'", '"']),
    TEXTS,
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS.filter(bool), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize("pure", [True, False] if HAS_C_PARSER else [True])
@given(data=TREES, flow=st.booleans(), width=st.sampled_from([20, 80, 10_000]))
def test_printing_and_loading_is_identity(data: object, flow: bool, width: int, pure: bool) -> None:
    text = yaml.dump(data, Dumper=Quoting, allow_unicode=True, default_flow_style=flow, width=width, sort_keys=False)
    assert load_document(text.encode(), "f", pure=pure).data == data


@pytest.mark.parametrize("pure", [True, False] if HAS_C_PARSER else [True])
@given(data=TREES)
def test_json_text_is_yaml(data: object, pure: bool) -> None:
    text = json.dumps(data, ensure_ascii=False)
    assert load_document(text.encode(), "f", pure=pure).data == load_json_document(text.encode(), "f").data == data

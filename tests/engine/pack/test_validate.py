"""Validating packs: the corpus of broken ones, the default pack, and the schemas themselves.

`tests/broken/packs/<mistake>.yaml` is one file beside a good `pack.yaml`; `<mistake>/` is a whole folder. The
`.txt` beside it is everything that is said about it.
"""

import copy
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry, Resource

from boosterwatch.engine.diagnostics import Diagnostic, render
from boosterwatch.engine.pack.codes import VALIDATE_CODES
from boosterwatch.engine.pack.compile.kinds import KINDS
from boosterwatch.engine.pack.find import read_sources
from boosterwatch.engine.pack.load import Document, load_document
from boosterwatch.engine.pack.pack_files import sort_files
from boosterwatch.engine.pack.schema_store import NAMES, schema
from boosterwatch.engine.pack.validate import validate
from boosterwatch.tests.expect import expect_text

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "broken" / "packs"
MISTAKES = sorted(path for path in FOLDER.iterdir() if path.is_dir() or path.suffix == ".yaml")
FACE = (FOLDER / "folder_first_line_missing" / "pack.yaml").read_bytes()
DEFAULT = files("boosterwatch.rules").joinpath("ketamine-maintenance", "1.0.0")
OURS = ("pack", "part", "case", "waivers")


def broken_pack(path: Path) -> list[Document]:
    """Return the documents of one mistake; a single file gets a good face, and the name that it asks for."""
    if path.is_dir():
        return [load_document(source.data, source.name) for source in read_sources(path)]
    data = path.read_bytes()
    document = load_document(data, place_of(path.stem, data.decode()))
    return [document] if document.file == "pack.yaml" else [load_document(FACE, "pack.yaml"), document]


def place_of(mistake: str, text: str) -> str:
    """Return where the file belongs: its first line names the schema, its content the file."""
    named = re.search(r"^(?:instrument|sign|case): (\w+)$", text, re.MULTILINE)
    stem = named[1] if named else mistake
    if "/pack.schema.json" in text:
        return "pack.yaml"
    return f"cases/{stem}.yaml" if "/case.schema.json" in text else f"{stem}.yaml"


@cache
def default_pack() -> tuple[Document, ...]:
    return tuple(load_document(source.data, source.name) for source in read_sources(DEFAULT))


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_the_message_says_what_is_wrong_and_where(path: Path) -> None:
    documents = broken_pack(path)
    sources = {document.file: document.text for document in documents}
    expect_text(path.with_suffix(".txt"), render(validate(documents), sources))


def test_every_expected_text_has_its_mistake() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {path.stem for path in MISTAKES}


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_every_message_keeps_to_the_style(path: Path) -> None:
    for problem in validate(broken_pack(path)):
        assert not problem.message.endswith("."), problem.message
        assert "\n" not in problem.message
        assert problem.hint, problem.message


def test_several_mistakes_in_one_mapping_are_all_reported() -> None:
    problems = validate(broken_pack(FOLDER / "parameter_several_mistakes.yaml"))
    assert [problem.code for problem in problems] == ["BW103", "BW156", "BW103"]


def test_no_documents_are_a_pack_without_a_face() -> None:
    assert [problem.code for problem in validate([])] == ["BW173"]


# ---------------------------------------------------------------- the default pack


@pytest.mark.parametrize("document", default_pack(), ids=lambda document: document.file)
def test_every_file_of_the_default_pack_is_valid(document: Document) -> None:
    face = [each for each in default_pack() if each.file == "pack.yaml" != document.file]
    assert validate([*face, document]) == []


def test_a_pack_may_stand_in_any_folder() -> None:
    moved = [replace(document, file=f"/somewhere/else/{document.file}") for document in default_pack()]
    assert validate(moved) == []


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_changed_there_is_an_answer(seed: int) -> None:
    """A spoilt document gives problems exactly when the schema refuses it; never an exception."""
    rng = random.Random(seed)
    documents = [*default_pack(), *(broken_pack(path)[-1] for path in MISTAKES)]
    for _ in range(40):
        document = rng.choice(documents)
        spoilt = replace(document, data=spoil(rng, document.data))
        problems = [problem for problem in validate([spoilt]) if problem.code < "BW170"]
        assert bool(problems) != other_validator(sort_files([spoilt])[0].schema).is_valid(spoilt.data)
        assert all(problem.span is not None for problem in problems)


ODD: list[Any] = [None, True, 0, -1, 1.5, "", "  ", "A B", "2026-02-31", "5", "yes", [], {}, [1, 1], [None], {"id": 5}]
KEYS = ["Bad Key", "rules", "when", "event", "for", "scale", "record", "cases", "sign", "instrument"]


def spoil(rng: random.Random, data: Any) -> Any:
    """Return the data with one value replaced, deleted, renamed or moved."""
    spoilt = copy.deepcopy(data)
    owners = [value for value in walk(spoilt) if isinstance(value, dict | list) and value]
    owner = rng.choice(owners)
    key = rng.choice(list(owner) if isinstance(owner, dict) else range(len(owner)))
    match rng.randrange(4):
        case 0:
            owner[key] = copy.deepcopy(rng.choice(ODD))
        case 1:
            del owner[key]
        case 2 if isinstance(owner, dict):
            owner[rng.choice([*KEYS, f"{key}x"])] = owner.pop(key)
        case _:
            owner[key] = copy.deepcopy(rng.choice(owners))
    return spoilt


def walk(value: Any) -> Iterator[Any]:
    """Yield the value and everything inside."""
    yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(child)


# ---------------------------------------------------------------- the schemas


def other_validator(name: str) -> Draft7Validator:
    """Return a second validator of the same schema, so that editors and we mean the same."""
    registry: Registry[Any] = Registry().with_resources(
        (f"{each}.schema.json", Resource.from_contents(schema(each))) for each in NAMES
    )
    return Draft7Validator(schema(name), registry=registry, format_checker=FormatChecker())


@pytest.mark.parametrize("name", OURS)
def test_the_schema_is_draft_7(name: str) -> None:
    assert schema(name)["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", OURS)
def test_references_are_local(name: str) -> None:
    references = [node["$ref"] for node in walk(schema(name)) if isinstance(node, dict) and "$ref" in node]
    allowed = re.compile(rf"({'|'.join(re.escape(f'{each}.schema.json') for each in NAMES)})?(#/.+)?")
    assert references
    assert [reference for reference in references if not allowed.fullmatch(reference)] == []


@pytest.mark.parametrize("name", OURS)
def test_every_key_is_described(name: str) -> None:
    """`true` repeats a key described further out, `not` forbids one."""
    described = {
        key: "description" in node for key, node in keys_of(schema(name)) if node is not True and "not" not in node
    }
    assert described
    assert [key for key, is_described in described.items() if not is_described] == []


@pytest.mark.parametrize("name", OURS)
def test_every_description_is_a_sentence(name: str) -> None:
    for key, node in keys_of(schema(name)):
        if node is not True and "description" in node:
            assert re.fullmatch(r"[A-Z`].*[.)]", node["description"]), (key, node["description"])


@pytest.mark.parametrize("name", OURS)
def test_every_mapping_is_closed(name: str) -> None:
    """A mapping with keys of its own refuses others, unless its kind decides which keys it has."""
    for node in nodes_of(schema(name)):
        if node.get("type") != "object":
            continue
        assert "additionalProperties" in node or "allOf" in node, node
        if "allOf" in node and "additionalProperties" not in node:
            targets = [schema(name)["definitions"][branch["then"]["$ref"].split("/")[-1]] for branch in node["allOf"]]
            assert all(target["additionalProperties"] is False for target in targets)


@pytest.mark.parametrize("name", OURS)
def test_names_of_keys_are_checked_without_references(name: str) -> None:
    """Through a `$ref` jsonschema-rs loses the place of the error."""
    assert not any("$ref" in node.get("propertyNames", {}) for node in walk(schema(name)) if isinstance(node, dict))


@pytest.mark.parametrize("name", OURS)
def test_every_example_is_valid(name: str) -> None:
    whole = schema(name)
    for node in nodes_of(whole):
        for example in node.get("examples", ()):
            alone = {"definitions": whole.get("definitions", {}), **node}
            problems = list(other_validator(name).evolve(schema=alone).iter_errors(example))
            assert problems == [], example


def nodes_of(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of a schema but those of a question: what stands under `if` promises nothing."""
    if isinstance(node, dict):
        yield node
        for key, child in node.items():
            yield from nodes_of(child) if key != "if" else ()
    elif isinstance(node, list):
        for child in node:
            yield from nodes_of(child)


def keys_of(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key that a schema declares, with what it says about it."""
    for node in nodes_of(root):
        yield from node.get("properties", {}).items()
        yield from node.get("patternProperties", {}).items()


def test_the_kinds_of_measures_are_those_of_the_compiler() -> None:
    definitions = schema("part")["definitions"]
    for section, score in (("score_measure", True), ("measure", False)):
        kinds = definitions[section]["properties"]["kind"]["enum"]
        assert set(kinds) == {kind for kind, about in KINDS.items() if about.score == score}
    common = {*definitions["score_measure"]["properties"], *definitions["measure"]["properties"], "order", "where"}
    for kind, about in KINDS.items():
        node = definitions[f"kind_{kind}"]
        assert set(node["properties"]) - common == {key for key, _ in about.takes}, kind
        needed = {key for key, what in about.takes if not what.startswith("?")}
        assert needed <= set(node.get("required", [])), kind


# ---------------------------------------------------------------- the pages of the codes

EXAMPLE = re.compile(r"## (Wrong|Right)\n(?:(?!## ).)*?```yaml\n(.*?)```", re.DOTALL)


def examples(code: str) -> dict[str, str]:
    """Return the examples of a page by their heading."""
    return dict(EXAMPLE.findall((ROOT / "docs" / "codes" / f"{code}.md").read_text(encoding="utf-8")))


def problems_of(example: str) -> list[Diagnostic]:
    """Return the problems of an example: a comment on its first line may name the file, the schema is added."""
    named = re.match(r"# (\S+\.yaml)\n", example)
    file = named[1] if named else "rules.yaml"
    body = example[named.end() :] if named else example
    if not body.startswith("#"):
        body = f"{sort_files([load_document(FACE, 'pack.yaml'), load_document(FACE, file)])[1].modeline}\n{body}"
    face = [] if file == "pack.yaml" else [load_document(FACE, "pack.yaml")]
    return validate([*face, load_document(body.encode(), file)])


@pytest.mark.parametrize("code", [code for code in VALIDATE_CODES if code not in ("BW173", "BW174")])
def test_the_wrong_example_of_a_page_has_this_problem_only(code: str) -> None:
    assert {problem.code for problem in problems_of(examples(code)["Wrong"])} == {code}


@pytest.mark.parametrize("code", VALIDATE_CODES)
def test_the_right_example_of_a_page_is_right(code: str) -> None:
    assert problems_of(examples(code)["Right"]) == []


@pytest.mark.parametrize("code", VALIDATE_CODES)
def test_the_page_of_a_code_has_its_parts(code: str) -> None:
    lines = (ROOT / "docs" / "codes" / f"{code}.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == f"# {code}: {VALIDATE_CODES[code]}"
    assert [line for line in lines if line.startswith("## ")] == ["## Wrong", "## Right", "## Why"]


def test_every_code_in_the_source_is_listed() -> None:
    sources = [*(ROOT / "engine" / "pack").glob("*.py"), ROOT / "engine" / "author" / "cases_timeline.py"]
    used = {code for path in sources for code in re.findall(r"BW1[5-7]\d", path.read_text(encoding="utf-8"))}
    assert used == set(VALIDATE_CODES)

"""What an editor sees: the first line of every pack file leads to a schema under which the file is valid."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator

from boosterwatch.engine.pack.load import load_document

ROOT = Path(__file__).parents[2]
PACK_FILES = sorted([*ROOT.glob("rules/*/*/**/*.yaml"), *ROOT.glob("engine/author/new/starter_pack/**/*.yaml")])
FIRST_LINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")
KINDS = ("pack", "part", "case", "properties", "waivers")


def retrieve(uri: str) -> Any:
    """Read a schema as an editor does: a file, and the files beside it that it refers to."""
    return json.loads(Path(uri.removeprefix("file://")).read_text(encoding="utf-8"))


@cache
def validator_of(schema: Path) -> Draft7Validator:
    return Draft7Validator({"$ref": schema.as_uri()}, retriever=retrieve)


def validator(file: Path) -> Draft7Validator:
    """Return the validator that the first line of a file asks for.

    The reference validator reads the same files in `tests/engine/pack/test_second_look.py`.
    """
    found = FIRST_LINE.fullmatch(file.read_text(encoding="utf-8").partition("\n")[0])
    assert found, f"{file.name} has no first line for editors"
    schema = (file.parent / found[1]).resolve()
    assert schema.parent == ROOT / "schemas"
    return validator_of(schema)


def data_of(file: Path) -> Any:
    return load_document(file.read_bytes(), file.name).data


@pytest.mark.parametrize("file", PACK_FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_every_pack_file_is_valid_where_its_first_line_leads(file: Path) -> None:
    assert [error.message for error in validator(file).iter_errors(data_of(file))] == []


@pytest.mark.parametrize("name", ["pack.yaml", "parameters.yaml", "instruments/phq9.yaml", "cases/vignettes.yaml"])
def test_a_key_that_does_not_exist_is_underlined(name: str) -> None:
    file = ROOT / "rules" / "ketamine-maintenance" / "1.0.0" / name
    data = data_of(file) | {"no_such_key": 1}
    messages = [error.message for error in validator(file).iter_errors(data)]
    assert any("no_such_key" in message for message in messages)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_that_an_editor_completes_is_described(kind: str) -> None:
    schema = json.loads((ROOT / "schemas" / f"{kind}.schema.json").read_text(encoding="utf-8"))
    assert list(undescribed(schema, kind)) == []


def undescribed(schema: Any, path: str) -> list[str]:
    """Return the keys offered for completion that say nothing on hover."""
    if isinstance(schema, list):
        return [name for part in schema for name in undescribed(part, path)]
    if not isinstance(schema, dict):
        return []
    found = [
        name
        for key, part in schema.items()
        if key not in ("properties", "not")
        for name in undescribed(part, f"{path}.{key}")
    ]
    if "then" in path or "else" in path or "if" in path:  # these only narrow what is described elsewhere
        return []
    for key, part in schema.get("properties", {}).items():
        if isinstance(part, dict) and "description" not in part and "not" not in part and part:
            found.append(f"{path}.{key}")
        found += undescribed(part, f"{path}.{key}")
    return found

"""The schema of a record: complete, strict, and readable by the pack compiler."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from boosterwatch.engine.model import Record
from boosterwatch.engine.record import shape

SCHEMA = shape.schema()
FACTS = [name for name in SCHEMA["definitions"] if name.startswith("fact_")]


def nodes(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every schema node that describes a value."""
    if not isinstance(node, dict):
        return
    yield path, node
    for key in ("properties", "definitions"):
        for name, inner in node.get(key, {}).items():
            yield from nodes(inner, f"{path}/{name}")
    yield from nodes(node.get("items"), f"{path}[]")


def test_it_is_a_schema_of_draft_7() -> None:
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def test_everything_is_described() -> None:
    bare = [path for path, node in nodes(SCHEMA) if not described(node)]
    assert bare == []


def described(node: dict[str, Any]) -> bool:
    return "description" in node or "description" in shape.resolve(node, None)


def test_every_mapping_refuses_unknown_keys() -> None:
    mappings = {path: node for path, node in nodes(SCHEMA) if node.get("type") == "object"}
    lax = [path for path, node in mappings.items() if node.get("additionalProperties") is not False]
    assert lax == ["/safety_fact"]  # its type decides which keys there are


def test_every_type_of_fact_has_its_own_definition() -> None:
    types = SCHEMA["definitions"]["safety_fact"]["properties"]["type"]["enum"]
    assert [f"fact_{name}" for name in types] == FACTS
    for name in types:
        definition = shape.resolve(SCHEMA["definitions"]["safety_fact"], {"type": name})
        assert definition is SCHEMA["definitions"][f"fact_{name}"]
        assert definition["properties"]["type"]["const"] == name


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_has_a_type_a_date_and_may_be_withdrawn(name: str) -> None:
    definition = SCHEMA["definitions"][name]
    assert {"type", "date"} <= set(definition["required"])
    assert {"type", "date", "entered_in_error"} < definition["properties"].keys()


@pytest.mark.parametrize("name", FACTS)
def test_a_field_of_a_fact_has_one_plain_type(name: str) -> None:
    for field in SCHEMA["definitions"][name]["properties"].values():
        assert shape.resolve(field, None)["type"] in {"string", "number", "boolean"}


def test_the_record_has_the_same_parts_as_the_schema() -> None:
    parts = set(SCHEMA["properties"]) - {"safety"} | {"facts"}
    assert parts == set(Record.__slots__) - {"rejected", "digest"}

"""The shape of a record as its schema states it: the validator, and what the schema says at a path.

`schemas/record.schema.json` is the only statement of the shape; nothing here repeats it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jsonschema_rs import Draft7Validator, ValidationError

from boosterwatch.engine.pack.document import Path

Node = Mapping[str, Any]
_REFERENCE = "#/definitions/"
_NOWHERE: Node = {}


@cache
def schema() -> dict[str, Any]:
    """Return the schema as data."""
    text = files("boosterwatch.schemas").joinpath("record.schema.json").read_bytes()
    loaded: dict[str, Any] = orjson.loads(text)
    return loaded


@cache
def validator() -> Draft7Validator:
    """Return the compiled schema, the same one for every record."""
    return Draft7Validator(schema(), offline=True)


def errors(data: Any) -> list[ValidationError]:
    """Return everything that the schema does not allow in `data`."""
    return list(validator().iter_errors(data))


@cache
def answers() -> tuple[str, ...]:
    """Return the keys of an assessment that hold an extra answer of the form."""
    properties: Node = schema()["definitions"]["assessment"]["properties"]
    return tuple(key for key, node in properties.items() if node.get("answer"))


def node_at(path: Path, data: Any) -> Node:
    """Return what the schema says about the value at `path`; empty where it says nothing."""
    node, value = resolve(schema(), data), data
    for step in path:
        value = value[step]
        node = resolve(child(node, step), value)
    return node


def value_at(path: Path, data: Any) -> Any:
    """Return the value at `path`."""
    for step in path:
        data = data[step]
    return data


def child(node: Node, step: str | int) -> Node:
    """Return the node of one item or key, unresolved; empty where the schema knows none."""
    found = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
    return found if isinstance(found, dict) else _NOWHERE


def resolve(node: Node, value: Any) -> Node:
    """Return the definition that `node` refers to; where the type decides, that of this `value`."""
    while "$ref" in node:
        node = schema()["definitions"][node["$ref"].removeprefix(_REFERENCE)]
    for branch in node.get("allOf", ()):
        if "$ref" in branch["then"] and _applies(branch["if"], value):
            return resolve(branch["then"], value)
    return node


def _applies(condition: Node, value: Any) -> bool:
    wanted = condition["properties"].items()
    return isinstance(value, dict) and all(value.get(key) == is_["const"] for key, is_ in wanted)


def is_date(node: Node) -> bool:
    """Say whether the node is that of a date."""
    return node.get("title") == "date"


def dates_in(data: Any) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every date that has the form of one, withdrawn facts left out."""
    yield from _dates(schema(), data, ())


def _dates(node: Node, value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    node = resolve(node, value)
    if is_date(node):
        if validator_of_dates().is_valid(value):
            yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _dates(child(node, index), item, (*path, index))
    elif isinstance(value, dict) and not is_withdrawn(value):
        for key, item in value.items():
            yield from _dates(child(node, key), item, (*path, key))


@cache
def validator_of_dates() -> Draft7Validator:
    """Return the validator of the form of one date."""
    return Draft7Validator(schema()["definitions"]["date"], offline=True)


def is_withdrawn(fact: Any) -> bool:
    """Say whether a fact is marked as entered in error."""
    return isinstance(fact, dict) and fact.get("entered_in_error") is True

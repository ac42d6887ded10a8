"""The schemas of packs and cases as data and as compiled validators.

`schemas/*.schema.json` is the only statement of a document's shape; nothing here repeats it. They refer to
each other by file name and to nothing else: nothing is ever fetched.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jsonschema_rs import Draft7Validator, Registry

Node = dict[str, Any]
NAMES = (
    "pack",
    "part",
    "case",
    "record",
    "properties",
    "waivers",
    "overlay",
    "keyring",
    "envelope",
    "statement",
    "floor",
    "release",
)
_BASE = "json-schema:///"
_SUFFIX = ".schema.json"


@cache
def schema(name: str) -> Node:
    """Return the schema `schemas/<name>.schema.json` as data."""
    text = files("boosterwatch.schemas").joinpath(f"{name}{_SUFFIX}").read_bytes()
    loaded: Node = orjson.loads(text)
    return loaded


@cache
def validator(name: str) -> Draft7Validator:
    """Return the compiled schema, the same one for every document."""
    return Draft7Validator(
        schema(name),
        registry=_registry(),
        base_uri=f"{_BASE}{name}{_SUFFIX}",
        validate_formats=True,
        offline=True,
    )


@cache
def _registry() -> Registry:
    return Registry([(f"{_BASE}{name}{_SUFFIX}", schema(name)) for name in NAMES], draft=7)


def follow(name: str, reference: str) -> tuple[str, Node]:
    """Return where a `$ref` of the schema `name` leads: the schema's name, and the node there.

    >>> follow("case", "part.schema.json#/definitions/id")[1]["title"]
    'id'
    """
    file, _, pointer = reference.partition("#")
    name = file.removesuffix(_SUFFIX) or name
    node: Any = schema(name)
    for step in pointer.split("/")[1:]:
        node = node[step]
    return name, node

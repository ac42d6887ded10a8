"""From a schema error to the places it passed: what each is called, and what the schema says about it.

The validator reports two paths, one through the data and one through the schema. Walked together they tell
whether a step is a key of the format (`total`), a name the author chose (`mood.step`) or an item of a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema_rs import ValidationError

from boosterwatch.engine.pack.document import Path
from boosterwatch.engine.pack.schema_store import Node, follow, schema

StepKind = Literal["root", "key", "name", "item"]
_NOWHERE: Node = {}


@dataclass(slots=True)
class Step:
    """One place on the way: its path, how it was reached, its value, and what the schema says there."""

    path: Path
    kind: StepKind
    value: Any
    nodes: list[Node]

    @property
    def title(self) -> str | None:
        """What the schema calls it, the innermost name first."""
        return next((node["title"] for node in reversed(self.nodes) if "title" in node), None)

    def said(self, keyword: str) -> Any:
        """Return what the schema says under `keyword` here, the innermost node first."""
        return next((node[keyword] for node in reversed(self.nodes) if keyword in node), None)


@dataclass(frozen=True, slots=True)
class Trail:
    """The steps from the whole document to the value at fault; `node` holds the keyword that failed."""

    steps: Sequence[Step]
    node: Node

    @property
    def last(self) -> Step:
        """The value at fault."""
        return self.steps[-1]


def find_trail(name: str, data: Any, error: ValidationError) -> Trail:
    """Return the trail of an error that the validator of the schema `name` found in `data`."""
    walk = _Walk(name, data, tuple(error.instance_path))
    words = list(error.evaluation_path)
    while words:
        words = words[walk.advance(words) :]
    return walk.finish()


class _Walk:
    """Follows the path through the schema, and takes a step in the data where it leads to a value inside."""

    def __init__(self, name: str, data: Any, path: Path) -> None:
        self.name = name
        self.node = schema(name)
        self.path = path
        self.of_names = False  # what the schema says about a mapping's keys is not about the mapping
        self.steps = [Step((), "root", data, [self.node])]

    def advance(self, words: Sequence[str | int]) -> int:
        """Follow the first words of the path and return how many; the last word is the keyword that failed."""
        match words:
            case ["$ref", *_] if "$ref" in self.node:
                self.name, node = follow(self.name, self.node["$ref"])
                return self._arrive(node, 1)
            case [*_] if "$ref" in self.node:  # jsonschema-rs repeats part of the way to some references
                return words.index("$ref") if "$ref" in words else len(words)
            case ["properties", str(key), *_]:
                return self._enter(self.node["properties"][key], "key", 2)
            case ["patternProperties", str(key), *_]:
                return self._enter(self.node["patternProperties"][key], "name", 2)
            case ["additionalProperties" | "items" as keyword, _, *_]:
                return self._enter(self.node[keyword], "item" if keyword == "items" else "name", 1)
            case ["allOf" | "anyOf" | "oneOf" as keyword, int(index), *_]:
                return self._arrive(self.node[keyword][index], 2)
            case ["then" | "else" as keyword, _, *_]:
                return self._arrive(self.node[keyword], 1)
            case ["propertyNames", _, *_]:
                self.of_names = True
                return self._arrive(self.node["propertyNames"], 1)
            case _:
                return len(words)

    def finish(self) -> Trail:
        """Return the trail, with every step of the data even where the schema's path ended early."""
        while len(self.steps) <= len(self.path):
            self._enter(_NOWHERE, "item" if isinstance(self.path[len(self.steps) - 1], int) else "key", 0)
        return Trail(self.steps, self.node)

    def _arrive(self, node: Any, words: int) -> int:
        """Note another node about the same value."""
        self.node = node if isinstance(node, dict) else _NOWHERE
        if not self.of_names:
            self.steps[-1].nodes.append(self.node)
        return words

    def _enter(self, node: Any, kind: StepKind, words: int) -> int:
        """Take a step in the data."""
        path = self.path[: len(self.steps)]
        self.steps.append(Step(path, kind, self.steps[-1].value[path[-1]], []))
        return self._arrive(node, words)

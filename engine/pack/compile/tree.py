"""A cursor over a valid document that knows its place in the text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack.document import Document, Path

MOST_LINES = 12  # of a folded sentence


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document with its path. Reading a key that is absent gives None."""

    document: Document
    path: Path
    value: Any

    def __getitem__(self, key: str | int) -> Node:
        return Node(self.document, (*self.path, key), self.value[key])

    def get(self, key: str) -> Node | None:
        """Return the node under `key`, or None."""
        return self[key] if isinstance(self.value, dict) and key in self.value else None

    def text(self, key: str, default: str = "") -> str:
        """Return the plain value under `key` as text."""
        return str(self.value.get(key, default))

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield (key, node) of a mapping in the order written."""
        for key in self.value:
            yield key, self[key]

    def elements(self) -> Iterator[Node]:
        """Yield the nodes of a list."""
        for index in range(len(self.value)):
            yield self[index]

    @property
    def span(self) -> Span:
        """The place of the value."""
        return self.document.span(self.path)

    @property
    def key_span(self) -> Span:
        """The place of the key that holds the value."""
        return self.document.key_span(self.path)

    def inside(self, column: int, length: int = 1) -> Span:
        """Return the place `column` characters into a one-line text value."""
        span = self.span
        lines = self.document.text.splitlines()
        line = lines[span.line - 1] if span.line <= len(lines) else ""
        quoted = line[span.column - 1 : span.column] in ("'", '"')
        return Span(span.file, span.line, span.column + column + quoted, length)

    def holding(self, words: str) -> Span:
        """Return the place of words inside a text value, however many lines it has; the value's own without them."""
        lines = self.document.text.splitlines()
        start = self.span
        for line in range(start.line, min(start.line + MOST_LINES, len(lines) + 1)):
            column = lines[line - 1].find(words, start.column - 1 if line == start.line else 0)
            if column >= 0:
                return Span(start.file, line, column + 1, len(words))
        return start


def listed(node: Node | None) -> tuple[Node, ...]:
    """Return the elements of a list node, the node itself when it is not a list, nothing for None."""
    if node is None:
        return ()
    return tuple(node.elements()) if isinstance(node.value, list) else (node,)


def texts(node: Node | None) -> tuple[str, ...]:
    """Return the texts of a list node or of a single one."""
    return tuple(str(part.value) for part in listed(node))


_OWNERS = {
    "readings": "reading", "patterns": "pattern", "score_measures": "measure", "measures": "measure",
    "findings": "finding", "flags": "flag", "holds": "hold", "cautions": "caution", "triggers": "trigger",
    "classes": "class", "recommendations": "recommendation", "events": "event", "roles": "role",
}  # fmt: skip


def owner(node: Node) -> str:
    """Return what a clause, sentence or setting is part of, as ``reading `x` ``: the entry of its section."""
    match node.path:
        case (str(section), str(name), *_) if section in _OWNERS:
            return f"{_OWNERS[section]} `{name}`"
        case (str(section), int(index), *_) if section in _OWNERS:
            return f"{_OWNERS[section]} `{node.document.data[section][index].get('id')}`"
        case _:
            root = node.document.data
            return f"sign `{root['sign']}`" if "sign" in root else f"`{node.path[0]}`"

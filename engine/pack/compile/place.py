"""Where a clause stands, what its words are bound to there, and what its names stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.dimensions import DOUBTFUL
from boosterwatch.engine.pack.compile.names import Names, Typed
from boosterwatch.engine.pack.compile.resolve import resolve
from boosterwatch.engine.pack.compile.tree import Node

Binding = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one type of fact with their dimensions: what a `where` may read besides parameters.

    `known` is None when the type of fact is unknown, which is reported where it is named.
    """

    fact: str
    known: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a clause stands and what its words are bound to."""

    names: Names
    node: Node
    binding: Binding
    fields: Fields | None

    @property
    def span(self) -> Span:
        """The place of the whole clause."""
        return self.node.span

    def of(self, name: str, *, last: bool = False) -> Span:
        """Return the place of a name inside the clause, the last one when asked for."""
        found = list(re.finditer(rf"(?<![\w.]){re.escape(name)}(?![\w.])", str(self.node.value)))
        return self.node.inside(found[-last].start(), len(name)) if found else self.span

    def bound(self, name: str) -> str:
        """Return the name with its leading word replaced by what the template binds it to."""
        head, dot, tail = name.partition(".")
        return f"{self.binding[head]}{dot}{tail}" if head in self.binding else name

    def for_whom(self, name: str) -> str:
        """Return the words that say which scale a name of a template stands for, or nothing."""
        head = name.partition(".")[0]
        return f", where `{head}` is `{self.binding[head]}`" if head in self.binding else ""

    def typed(self, name: str) -> Typed | None:
        """Return what a name of the clause stands for; an unknown one is reported and gives None."""
        fields = self.fields
        if fields is None:
            return resolve(self.names, self.bound(name), self.of(name), name, self.node)
        if fields.known is not None and name in fields.known:
            return Typed("field", name, fields.known[name])
        if name in self.names.parameters:
            return Typed("parameter", name, self.names.parameters[name].dimension)
        if fields.known is None:
            return Typed("field", name, DOUBTFUL)
        self.names.no_field(name, fields.fact, fields.known, self.of(name))
        return None

    def leaf(self, test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, text: str) -> ir.Leaf:
        """Return the clause as evaluated, at its place in the text."""
        return ir.Leaf(test, text, self.span)

"""What the names of a pack stand for: the symbol table that every part of the compiler reads and adds to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from boosterwatch.engine.diagnostics import Diagnostic, Level, Span, suggest
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.tree import Node


@dataclass(frozen=True, slots=True)
class Typed:
    """A name with its kind (`measure`, `parameter` or `field`) and its dimension."""

    kind: str
    name: str
    dimension: str


@dataclass(slots=True)
class Names:
    """Everything declared so far, and every problem met so far."""

    problems: list[Diagnostic] = field(default_factory=list)
    citations: dict[str, ir.Citation] = field(default_factory=dict)
    parameters: dict[str, ir.Parameter] = field(default_factory=dict)
    instruments: dict[str, ir.Instrument] = field(default_factory=dict)
    scales: dict[str, ir.Scale] = field(default_factory=dict)
    roles: dict[str, ir.Role] = field(default_factory=dict)
    score_measures: dict[str, Node] = field(default_factory=dict)
    declared_measures: dict[str, Node] = field(default_factory=dict)
    measures: dict[str, ir.Measure] = field(default_factory=dict)
    events: dict[str, ir.EventSet] = field(default_factory=dict)
    event_nodes: dict[str, Node] = field(default_factory=dict)
    patterns: dict[str, Node] = field(default_factory=dict)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    signs: list[str] = field(default_factory=list)
    atoms: dict[str, str] = field(default_factory=dict)
    notices: dict[tuple[str, str], str | None] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    open_patterns: list[str] = field(default_factory=list)
    places: set[tuple[str, Span]] = field(default_factory=set)

    def report(self, code: str, message: str, span: Span, hint: str | None = None, level: Level = "error") -> None:
        """Note a problem; compiling goes on so that all are found.

        A mistake in a template is met once for each scale it is written out for, and noted once.
        """
        if (code, span) not in self.places:
            self.places.add((code, span))
            self.problems.append(Diagnostic(code, message, span, hint, level))

    def unknown(self, what: str, name: str, known: Iterable[str], span: Span) -> None:
        """Note an unknown name with the closest known one."""
        self.report("BW201", f"unknown {what} `{name}`", span, suggest(name, known))

    def label(self, scale: str) -> str:
        """Return the short name of a scale or role."""
        if scale in self.scales:
            return self.scales[scale].short
        return self.roles[scale].says if scale in self.roles else scale

    def every_name(self) -> set[str]:
        """Return all names a clause may use, for suggestions."""
        names = set(self.parameters) | set(self.measures) | set(self.declared_measures) | set(self.atoms)
        names |= set(self.tables)
        for scale in (*self.scales, *self.roles):
            names |= {f"{scale}.{measure}" for measure in self.score_measures}
        return names

    def direction(self, name: str) -> ir.Direction | None:
        """Return which way the scale of a dotted name worsens; None when the name has no scale."""
        scale = name.rsplit(".", 1)[0]
        if scale in self.roles:
            scale = self.roles[scale].scales[0]
        return self.scales[scale].worse if scale in self.scales else None

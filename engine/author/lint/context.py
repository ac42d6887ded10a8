"""What a lint reads: the compiled pack, its documents for what that does not keep, the day, and the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.tree import Node, listed
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.pack_files import FACE

NOTICE = 90  # days


@dataclass(frozen=True, slots=True)
class Settings:
    """How strict some lints are: years after which a citation is old (None: never), days before a review is due."""

    oldest_citation: int | None = None
    review_notice: int = NOTICE


def settings_of(documents: Iterable[Document], oldest_citation: int | None = None) -> Settings:
    """Return the settings of a pack's face; `oldest_citation` goes before that of the pack."""
    face = next(one.data for one in documents if one.file == FACE)
    oldest = oldest_citation if oldest_citation is not None else face.get("oldest_citation")
    return Settings(oldest, face.get("review_notice", NOTICE))


@dataclass(frozen=True, eq=False)
class Context:
    """One pack as the lints see it on the day `today`. `documents` are the policy's, the face among them."""

    pack: ir.Pack
    documents: tuple[Document, ...]
    today: date
    settings: Settings

    @cached_property
    def face(self) -> Node:
        """The face of the pack."""
        return next(Node(one, (), one.data) for one in self.documents if one.file == FACE)

    @cached_property
    def roots(self) -> tuple[Node, ...]:
        """Every part of the policy but the face."""
        return tuple(Node(one, (), one.data) for one in self.documents if one.file != FACE)

    def named(self, section: str) -> Iterator[tuple[str, Node]]:
        """Yield (name, node) of every entry of a section that is a mapping, wherever it stands."""
        for root in self.roots:
            node = root.get(section)
            if node is not None:
                yield from node.items()

    def entries(self, section: str) -> Iterator[Node]:
        """Yield every entry of a section that is a list."""
        for root in self.roots:
            yield from listed(root.get(section))

    @cached_property
    def forms(self) -> Mapping[str, Node]:
        """The file of every instrument by the instrument's id."""
        return {root.text("instrument"): root for root in self.roots if root.get("instrument") is not None}

    @cached_property
    def parameter_nodes(self) -> Mapping[str, Node]:
        """The text of every parameter by its name."""
        return dict(self.named("parameters"))

    def value_span(self, parameter: str, position: int) -> Span:
        """Return the place of one dated value."""
        return self.parameter_nodes[parameter]["values"][position]["value"].span

    @cached_property
    def measures(self) -> Mapping[str, ir.Measure]:
        """The measures by name."""
        return {one.name: one for one in self.pack.measures}

    @cached_property
    def scales(self) -> Mapping[str, ir.Scale]:
        """The scales by id."""
        return {one.id: one for one in self.pack.scales}

    @cached_property
    def roles(self) -> Mapping[str, ir.Role]:
        """The roles by id."""
        return {one.id: one for one in self.pack.roles}

    @cached_property
    def rules(self) -> Mapping[str, ir.Rule]:
        """The rules by id."""
        return {one.id: one for one in self.pack.rules}

    @cached_property
    def values(self) -> Mapping[str, float]:
        """The parameters in force today; before its first date a parameter counts with its first value."""
        return {one.name: _in_force(one, self.today.isoformat()) for one in self.pack.parameters}

    def behind(self, name: str) -> tuple[ir.Measure, ...]:
        """Return the measures that a name may stand for: itself, or for a role that of each of its scales."""
        measure = self.measures.get(name)
        if measure is None:
            return ()
        if measure.kind != "role":
            return (measure,)
        args = dict(measure.args)
        parts = (f"{scale}.{args['measure']}" for scale in self.roles[args["role"]].scales)
        return tuple(self.measures[part] for part in parts if part in self.measures)

    def parameters_behind(self, name: str) -> tuple[str, ...]:
        """Return the parameters that a measure stands for: those of each scale of a role, else none."""
        measure = self.measures.get(name)
        if measure is None or measure.kind != "role_parameter":
            return ()
        args = dict(measure.args)
        return tuple(f"{self.scales[one].group}.{args['parameter']}" for one in self.roles[args["role"]].scales)

    def conditions(self) -> Iterator[ir.Condition]:
        """Yield every condition of the pack: of rules, events, measures and checks of facts."""
        yield from (rule.when for rule in self.pack.rules)
        yield from (event.where for event in self.pack.events if event.where is not None)
        yield from (measure.where for measure in self.pack.measures if measure.where is not None)
        yield from (check.keep for check in self.pack.fact_checks)


def _in_force(parameter: ir.Parameter, day: str) -> float:
    started = [one.value for one in parameter.values if one.start <= day]
    return started[-1] if started else parameter.values[0].value

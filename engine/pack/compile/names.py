"""What the names of a pack stand for: the symbol table that every part of the compiler reads and adds to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from boosterwatch.engine.diagnostics import Diagnostic, Span, sort
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.advice import also_at, closest, declare_it, question
from boosterwatch.engine.pack.compile.tree import Node
from boosterwatch.engine.pack.schema_words import with_article

UNREAD = "a scale without a reading"  # doubtful where a reading lists an unknown scale: perhaps that one was meant


@dataclass(frozen=True, slots=True)
class Typed:
    """A name with its kind (`measure`, `parameter` or `field`) and its dimension."""

    kind: str
    name: str
    dimension: str


@dataclass(slots=True)
class Lack:
    """The parameters that scales of one group should have and do not, and what asks for them."""

    scale: ir.Scale
    parameters: dict[str, None] = field(default_factory=dict)  # in the order asked for
    askers: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Names:
    """Everything declared so far, and every problem met so far."""

    problems: list[Diagnostic] = field(default_factory=list)
    citations: dict[str, ir.Citation] = field(default_factory=dict)
    parameters: dict[str, ir.Parameter] = field(default_factory=dict)
    instruments: dict[str, ir.Instrument] = field(default_factory=dict)
    scales: dict[str, ir.Scale] = field(default_factory=dict)
    uses: dict[str, str] = field(default_factory=dict)  # scale -> signs, safety or display: which measures are taken
    roles: dict[str, ir.Role] = field(default_factory=dict)
    score_measures: dict[str, Node] = field(default_factory=dict)
    declared_measures: dict[str, Node] = field(default_factory=dict)
    measures: dict[str, ir.Measure] = field(default_factory=dict)
    events: dict[str, ir.EventSet] = field(default_factory=dict)
    event_nodes: dict[str, Node] = field(default_factory=dict)
    patterns: dict[str, Node] = field(default_factory=dict)
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    signs: list[str] = field(default_factory=list)
    classes: dict[str, Node] = field(default_factory=dict)
    atoms: dict[str, str] = field(default_factory=dict)
    notices: dict[tuple[str, str], str | None] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    open_patterns: list[str] = field(default_factory=list)
    places: set[tuple[str, Span]] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)  # names whose declaration is faulty: nothing more is said of them
    unknown_at: dict[str, list[Diagnostic]] = field(default_factory=dict)  # what is said of a name, wherever it stands
    lacks: dict[str, Lack] = field(default_factory=dict)  # by group
    listed_at: dict[str, tuple[str, Span]] = field(default_factory=dict)  # scale -> the first reading that lists it

    def report(
        self, code: str, message: str, span: Span, hint: str | None = None, *, unknown: str | None = None
    ) -> None:
        """Note a problem; compiling goes on so that all are found.

        A mistake in a template is met once for each scale it is written out for, and noted once. `unknown` is the
        name that the message is about, when nothing of the kind wanted has it: `told` tells of it once.
        """
        if (code, span) not in self.places:
            self.places.add((code, span))
            self.problems.append(Diagnostic(code, message, span, hint))
            if unknown is not None:
                self.unknown_at.setdefault(unknown, []).append(self.problems[-1])

    def told(self) -> list[Diagnostic]:
        """Return the problems; a name that is unknown in several places is told once, with the other places."""
        said_once = {one: None for same in self.unknown_at.values() for one in sort(same)[1:]}
        told = [one for one in self.problems if one not in said_once]
        for topic, same in self.unknown_at.items():
            first, *others = sort(same)
            if others:
                told[told.index(first)] = replace(first, hint=also_at(topic, first, others))
        return told

    def unknown(self, what: str, name: str, known: Iterable[str], span: Span) -> str | None:
        """Note an unknown name; return the known one that was probably meant, with which compiling goes on.

        A name that is declared as something else is told as that.
        """
        choices = sorted(set(known) - {name})
        meant = closest(name, choices)
        other = self.kind_of(name)
        hint = question(meant) or declare_it(what, choices)
        if other is None or other == what:
            self.report("BW201", f"unknown {what} `{name}`", span, hint, unknown=self.topic(name))
        else:
            message = f"`{name}` is {with_article(other)}, not {with_article(what)}"
            self.report("BW208", message, span, hint)
        return meant

    def topic(self, name: str) -> str:
        """Return the part of an unknown name that is the unknown one: before or after the dot."""
        head, _, tail = name.rpartition(".")
        return tail if not head or head in self.scales or head in self.roles else head

    def no_field(self, name: str, fact: str, known: Iterable[str], span: Span) -> None:
        """Note a name that is no field of a type of fact."""
        fields = sorted(known)
        meant = closest(name, (*fields, *self.parameters))
        hint = question(meant) or f"its fields are {', '.join(fields)}"
        self.report("BW201", f"`{fact}` has no field `{name}`", span, hint)

    def twice(self, message: str, span: Span, first: Span, hint: str) -> None:
        """Note a second declaration, with the place of the first one."""
        place = f"line {first.line}" if first.file == span.file else f"{first.file}:{first.line}"
        self.report("BW206", message, span, f"the other is at {place}; {hint}")

    def kind_of(self, name: str) -> str | None:
        """Return as what a name is declared, None when it is not."""
        if name in self.parameters:
            return "parameter"
        if name in self.signs:
            return "sign"
        for kind, names in (("scale", self.scales), ("role", self.roles), ("class", self.classes)):
            if name in names:
                return kind
        if name in self.atoms:
            return self.atoms[name].partition(":")[0]
        for kind in ("hold", "caution"):
            if (kind, name) in self.notices:
                return kind
        return self._kind_of_source(name)

    def _kind_of_source(self, name: str) -> str | None:
        """Return as what a name is declared of which conclusions are made."""
        if name in self.measures or name in self.declared_measures:
            return "measure"
        if name in self.patterns:
            return "pattern"
        if name in self.score_measures:
            return "measure of a scale"
        return "event" if name in self.event_nodes else None

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
            names |= {f"{scale}.{measure}" for measure in (*self.score_measures, *self.tails_of(scale))}
        return names

    def tails_of(self, name: str) -> set[str]:
        """Return the parameters of a scale, or those that every scale of a role has, without their group."""
        groups = [self.scales[scale].group for scale in self._scales_of(name)]
        tails = [
            {one.removeprefix(f"{group}.") for one in self.parameters if one.startswith(f"{group}.")}
            for group in groups
        ]
        return set.intersection(*tails) if tails else set()

    def _scales_of(self, name: str) -> tuple[str, ...]:
        return self.roles[name].scales if name in self.roles else (name,) if name in self.scales else ()

    def direction(self, name: str) -> ir.Direction | None:
        """Return which way the scale of a dotted name worsens; None when the name has no scale."""
        scales = self._scales_of(name.rsplit(".", 1)[0])
        return self.scales[scales[0]].worse if scales else None

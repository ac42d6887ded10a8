"""`properties.yaml` beside a pack -> properties, with every problem in the author's words.

The clauses are those of the rule language (`engine/pack/language.py`), read by the compiler itself; only their names
come from the compiled pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boosterwatch.engine.author.prove.names import names_of, with_measures
from boosterwatch.engine.author.prove.properties import (
    Always,
    ExactlyOne,
    Exempt,
    FewSources,
    Levels,
    Never,
    NeverLoosens,
    Property,
    Reachable,
    Statement,
    Unknown,
    Worse,
)
from boosterwatch.engine.diagnostics import Diagnostic, suggest
from boosterwatch.engine.overlay.loosen import guard_of
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.conditions import read_condition
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.tables import RECOMMENDATION
from boosterwatch.engine.pack.compile.tree import Node, listed, texts
from boosterwatch.engine.pack.open import Opened

PROPERTIES = "properties.yaml"
FORMS = (
    "always",
    "never",
    "when",
    "then",
    "exactly_one",
    "time_alone",
    "one_source_alone",
    "worse",
    "unknown",
    "reachable",
    "layers",
)
ONE_OF = (
    "write one of `always`, `never`, `when` with `then`, `exactly_one`, `time_alone`, `one_source_alone`, `worse`, "
    "`unknown`, `reachable`, `layers`"
)
ROW = "recommend_"  # what the compiler puts before the id of a recommendation


@dataclass(frozen=True, slots=True)
class Promises:
    """The properties of a pack, the pack with every measure that they read, and what is wrong with them."""

    properties: tuple[Property, ...]
    pack: ir.Pack
    problems: tuple[Diagnostic, ...]


def read_properties(opened: Opened) -> Promises:
    """Return what a pack promises. A pack that did not compile, or has no such file, promises nothing (BW435)."""
    assert opened.pack is not None, "a pack with errors is not asked for its properties"
    document = next((one for one in opened.beside if one.file == PROPERTIES), None)
    if document is None:
        message = f"the pack has no `{PROPERTIES}`"
        hint = "add it beside `pack.yaml`: what must hold for every patient"
        return Promises((), opened.pack, (Diagnostic("BW435", message, None, hint),))
    names = names_of(opened.pack, opened.documents)
    reader = _Reader(opened.pack, names)
    found = tuple(reader.read(Node(document, (), document.data)["properties"]))
    problems = tuple(map(opened.place, names.problems))
    return Promises(found, with_measures(opened.pack, names), problems)


class _Reader:
    """Reads properties against one pack; problems are noted in its names."""

    def __init__(self, pack: ir.Pack, names: Names) -> None:
        self._pack, self._names = pack, names
        self._tables = {table.id: table for table in pack.tables}

    def read(self, properties: Node) -> Iterator[Property]:
        """Yield the properties that can be read."""
        seen: dict[str, Node] = {}
        for node in properties.elements():
            first = seen.setdefault(node.text("id"), node)
            if first is not node:
                message = f"property `{node.text('id')}` is declared twice"
                hint = f"the other is at line {first['id'].span.line}; give one of them another id"
                self._names.report("BW432", message, node["id"].span, hint)
            statement = self._statement(node)
            exempt = tuple(self._exempt(one, statement) for one in listed(node.get("except")))
            yield Property(node.text("id"), node.text("says"), statement, exempt, node["id"].span)

    def _statement(self, node: Node) -> Statement:
        """Return the one statement of a property; with none or several (BW436) it says nothing."""
        match [form for form in FORMS if form in node.value]:
            case ["when", "then"]:
                return Always(self._condition(node["when"]), self._condition(node["then"]))
            case ["always"]:
                return Always(None, self._condition(node["always"]))
            case ["never"]:
                return Never(self._condition(node["never"]))
            case ["exactly_one"]:
                return ExactlyOne(self._table(node["exactly_one"]))
            case ["time_alone" | "one_source_alone" as form]:
                return FewSources(0 if form == "time_alone" else 1, self._condition(node[form]["never"]))
            case ["worse"]:
                return self._worse(node["worse"])
            case ["unknown"]:
                return Unknown(self._condition(node["unknown"]["never_gives"]))
            case ["reachable"]:
                return Reachable()
            case ["layers"]:
                return NeverLoosens()
            case found:
                many = ("no statement", "half a statement", "several statements")[min(len(found), 2)]
                self._names.report("BW436", f"property `{node.text('id')}` makes {many}", node["id"].span, ONE_OF)
        return Reachable()

    def _condition(self, node: Node) -> ir.Condition:
        return read_condition(self._names, node, {})

    def _exempt(self, node: Node, statement: Statement) -> Exempt:
        if isinstance(statement, NeverLoosens) or "parameter" in node.value:
            return self._set_by_nobody(node, statement)
        before, after = node.get("when") or node.get("before"), node.get("after")
        pair = "before" in node.value or "after" in node.value
        if ("when" in node.value) is pair:
            hint = "write `when`, or `before` and `after`: the first and the second patient"
            self._names.report("BW436", "an exception names one case", node["reason"].span, hint)
        return Exempt(
            None if before is None else self._condition(before),
            None if after is None else self._condition(after),
            node.text("reason"),
            node.span,
        )

    def _set_by_nobody(self, node: Node, statement: Statement) -> Exempt:
        """Return the number of which a property about layers does not speak; another property has no such exception."""
        keys = [key for key in ("when", "before", "after", "parameter") if key in node.value]
        if keys != ["parameter"] or not isinstance(statement, NeverLoosens):
            message = "an exception of `layers` names a parameter, and no other does"
            hint = "write `parameter` under `layers`, and `when`, or `before` and `after`, elsewhere"
            self._names.report("BW436", message, node["reason"].span, hint)
        name = node.text("parameter") if "parameter" in node.value else None
        if name is not None:
            self._check_parameter(name, node["parameter"])
        return Exempt(None, None, node.text("reason"), node.span, name)

    def _check_parameter(self, name: str, node: Node) -> None:
        parameter = self._names.parameters.get(name)
        if parameter is None:
            hint = suggest(name, self._names.parameters)
            self._names.report("BW434", f"there is no parameter `{name}`", node.span, hint)
        elif parameter.allowed is None or guard_of(self._pack).parameters.get(name, "free") is not None:
            message = f"no layer can loosen a hold or a trigger with `{name}`, so it is no exception"
            self._names.report("BW436", message, node.span, "leave it out")

    def _table(self, node: Node) -> str:
        name = str(node.value)
        if name not in self._tables:
            self._unknown("table", name, self._tables, node)
            return RECOMMENDATION
        return name

    def _unknown(self, what: str, name: str, known: Sequence[str] | dict[str, ir.Table], node: Node) -> None:
        hint = suggest(name, known) or f"there are {', '.join(known)}"
        self._names.report("BW434", f"there is no {what} `{name}`", node.span, hint)

    # ------------------------------------------------------------ a worse score

    def _worse(self, node: Node) -> Worse:
        return Worse(self._scales(node), self._levels(node))

    def _scales(self, node: Node) -> tuple[str, ...]:
        """Return the scales that can be worse: those named, else all that a reading judges."""
        read = tuple(table.id for table in self._pack.tables if table.kind == "reading")
        answers = {event.scale for event in self._pack.events if event.scale is not None}
        for one in listed(node.get("scores")):
            if str(one.value) not in self._names.scales:
                self._unknown("scale", str(one.value), tuple(self._names.scales), one)
            elif one.value in answers:
                message = f"`{one.value}` worse is refused: its answers are events, and the model does not say which"
                self._names.report("BW433", message, one.span, "leave the scale out of `scores`")
        wanted = texts(node.get("scores")) or tuple(id for id in read if id not in answers)
        return tuple(id for id in wanted if id in self._names.scales)

    def _levels(self, node: Node) -> Levels:
        what = node["never_lowers"]
        if what.value == RECOMMENDATION:
            row_of = {row.rule.removeprefix(ROW): row.rule for row in self._pack.recommendations}
            return Levels((RECOMMENDATION,), self._ranks(node["order"], row_of, "recommendation"), rows=True)
        tables = tuple(self._names.signs) if what.value == "signs" else (self._table(what),)
        states = dict.fromkeys(state for id in tables for state in self._names.tables[id])
        return Levels(tables, self._ranks(node["order"], {state: state for state in states}, "state"), rows=False)

    def _ranks(self, order: Node, known: dict[str, str], what: str) -> tuple[tuple[str, ...], ...]:
        """Return the order, in which everything that there is has exactly one place."""
        seen: set[str] = set()
        for one in (one for rank in order.elements() for one in listed(rank)):
            if one.value not in known:
                self._unknown(what, str(one.value), tuple(known), one)
            elif one.value in seen:
                self._names.report("BW432", f"{what} `{one.value}` has two places in the order", one.span, "keep one")
            seen.add(str(one.value))
        for name in known:
            if name not in seen:
                message = f"{what} `{name}` has no place in the order"
                self._names.report("BW434", message, order.key_span, f"add `{name}` where it belongs")
        return tuple(tuple(known[name] for name in texts(rank) if name in known) for rank in order.elements())

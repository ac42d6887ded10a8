"""Readings, signs, classes and the recommendation: ordered rules of which the first true one wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.conditions import read_condition
from boosterwatch.engine.pack.compile.kinds import REASONS, one_of
from boosterwatch.engine.pack.compile.measures import find_measure
from boosterwatch.engine.pack.compile.names import UNREAD, Names
from boosterwatch.engine.pack.compile.resolve import resolve
from boosterwatch.engine.pack.compile.rules import ANOTHER_ID, bind_sentence, bindings, check_once, make_rule
from boosterwatch.engine.pack.compile.tree import Node, listed, texts

READ = ("probable", "possible", "absent")
CANNOT = "cannot_assess"
RECOMMENDATION = "recommendation"


@dataclass(frozen=True, slots=True)
class Made:
    """A table with its rules."""

    table: ir.Table
    rules: tuple[ir.Rule, ...]


def make_table(
    id: str, kind: str, rules: Sequence[ir.Rule], otherwise: str, span: Span, reason: str | None = None
) -> Made:
    """Return a table of these rules."""
    states = tuple(dict.fromkeys((*(rule.state for rule in rules), otherwise)))
    return Made(ir.Table(id, kind, tuple(rule.id for rule in rules), states, otherwise, 0, span, reason), tuple(rules))


# ---------------------------------------------------------------- readings


def each_reading(names: Names, roots: Sequence[Node]) -> Iterator[tuple[str, Node]]:
    """Yield (scale, reading) for every scale that a reading is written out for."""
    for root in roots:
        for node in listed(root.get("readings")):
            if any(part.value not in names.scales for part in listed(node["for"]["scale"])):
                names.doubtful.add(UNREAD)
            for binding in bindings(names, node):
                yield binding["scale"], node


def _listed_at(node: Node, scale: str) -> Span:
    """Return where a reading lists a scale; its own place when it is written out for it without naming it."""
    parts = listed(node["for"]["scale"])
    return next((part.span for part in parts if part.value == scale), node.span)


def declare_readings(names: Names, roots: Sequence[Node]) -> dict[str, Node]:
    """Note the states of every reading, and return the reading of each scale."""
    readings: dict[str, Node] = {}
    for scale, node in each_reading(names, roots):
        place, id = _listed_at(node, scale), node.text("id")
        if scale in readings:
            first, span = names.listed_at[scale]
            message = f"scale `{scale}` is read twice: by `{first}` and by `{id}`"
            names.twice(message, place, span, "take it out of one of the two lists")
            continue
        readings[scale] = node
        names.listed_at[scale] = (id, place)
        names.tables[scale] = (*(state for state in READ if node.get(state) is not None), CANNOT)
    return readings


def make_readings(names: Names, readings: dict[str, Node]) -> list[Made]:
    """Return the table of every scale that is read."""
    return [_reading(names, scale, node) for scale, node in readings.items()]


def _reading(names: Names, scale: str, node: Node) -> Made:
    binding = {"scale": scale}
    reason = node.text("reason").replace("scale.", f"{scale}.", 1)
    measure = find_measure(names, reason)
    if measure is not None and measure.dimension not in (one_of(REASONS), "?"):
        message = f"`{node.text('reason')}` gives no reasons"
        names.report("BW204", message, node["reason"].span, "name a measure of kind `reason`")
    if measure is None:  # made here: the decision says why a scale cannot be assessed
        resolve(names, reason, node["reason"].span, node.text("reason"), node["reason"])
    needs = read_condition(names, node["needs"], binding)
    rules = []
    for state in READ:
        part = node.get(state)
        if part is None:
            continue
        own = part.get("when")
        when = ir.All((needs, read_condition(names, own, binding))) if own is not None else needs
        rules.append(
            make_rule(
                names,
                part,
                id=f"{scale}_{state}",
                kind="reading",
                subject=scale,
                state=state,
                atom=f"row:{scale}_{state}",
                binding=binding,
                when=when,
                table=scale,
            )
        )
    return make_table(scale, "reading", rules, CANNOT, node.span, reason)


# ---------------------------------------------------------------- classes


def declare_classes(names: Names, roots: Sequence[Node]) -> list[Node]:
    """Note the states of every class."""
    classes = [node for root in roots for node in listed(root.get("classes"))]
    for node in classes:
        states = [row.text("state") for row in node["rows"].elements()]
        names.tables[node.text("id")] = tuple(dict.fromkeys((*states, node.text("otherwise"))))
        names.classes[node.text("id")] = node
        hint = "join their conditions under `any`, or give one of them another state"
        message = f"class `{node.text('id')}` has two rows of state"
        if check_once(names, node["rows"].elements(), "state", message, hint):
            names.doubtful.add(node.text("id"))
    check_once(names, classes, "id", "two classes are called", ANOTHER_ID)
    return classes


def make_classes(names: Names, classes: list[Node]) -> list[Made]:
    """Return the table of every class."""
    made = []
    for node in classes:
        id = node.text("id")
        rules = [
            make_rule(
                names,
                row,
                id=f"{id}_{row.text('state')}",
                kind="class",
                subject=id,
                state=row.text("state"),
                atom=f"row:{id}_{row.text('state')}",
                binding={},
                table=id,
            )
            for row in node["rows"].elements()
        ]
        made.append(make_table(id, "class", rules, node.text("otherwise"), node["id"].span))
    return made


# ---------------------------------------------------------------- the recommendation


def make_recommendation(names: Names, roots: Sequence[Node]) -> tuple[Made | None, tuple[ir.Recommendation, ...]]:
    """Return the recommendation table and what each of its rows says; None when the pack has no rows."""
    rows = [node for root in roots for node in listed(root.get("recommendations"))]
    if not rows:
        return None, ()
    rules = [_recommendation_rule(names, row) for row in rows]
    check_once(names, rows, "id", "two recommendations are called", ANOTHER_ID)
    _check_remainder(names, rows)
    says = tuple(_says(names, row, rule) for row, rule in zip(rows, rules, strict=True))
    return make_table(RECOMMENDATION, RECOMMENDATION, rules, rules[-1].state, rows[0].span), says


def _check_remainder(names: Names, rows: Sequence[Node]) -> None:
    """Report rows that hide what follows, and a last row under which nothing may remain."""
    *others, last = rows
    for row in others:
        if row.get("when") is None:
            message = f"recommendation `{row.text('id')}` has no `when`, so no row after it is ever reached"
            names.report("BW215", message, row["id"].span, "say when it holds: only the last row has no `when`")
    if last.get("when") is not None:
        message = f"recommendation `{last.text('id')}` is the last and has a `when`, so there may be none at all"
        names.report("BW215", message, last["id"].span, "add a last row without `when`, for what remains")


def _recommendation_rule(names: Names, row: Node) -> ir.Rule:
    id = f"recommend_{row.text('id')}"
    return make_rule(
        names, row, id=id, kind=RECOMMENDATION, subject=RECOMMENDATION, state=row.text("recommend"),
        atom=f"row:{id}", binding={}, because=row["summary"], table=RECOMMENDATION,
    )  # fmt: skip


def _says(names: Names, row: Node, rule: ir.Rule) -> ir.Recommendation:
    flags = texts(row.get("flags"))
    for flag in listed(row.get("flags")):
        if ("flag", str(flag.value)) not in names.notices:
            known = [id for kind, id in names.notices if kind == "flag"]
            names.unknown("flag", str(flag.value), known, flag.span)
    summary = bind_sentence(names, row["summary"], {})
    checklist = bool(row.value.get("checklist", False))
    return ir.Recommendation(rule.id, rule.state, row.value.get("urgency"), summary, flags, checklist, row["id"].span)

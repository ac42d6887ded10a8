"""Findings, flags, holds, cautions and triggers: conclusions that are drawn or not."""

from __future__ import annotations

from collections.abc import Sequence

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.conditions import read_condition
from boosterwatch.engine.pack.compile.kinds import OPEN
from boosterwatch.engine.pack.compile.measures import find_measure
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.rules import ANOTHER_ID, bindings, check_once, make_rule, rule_nodes, suffix
from boosterwatch.engine.pack.compile.tree import Node, listed, owner

SECTIONS = {"findings": "finding", "flags": "flag", "holds": "hold", "cautions": "caution", "triggers": "trigger"}
BARE = ("finding", "flag", "trigger")  # what a clause may name alone; holds and cautions may share an id


def each_notice(roots: Sequence[Node]) -> list[tuple[str, Node]]:
    """Return (kind, node) of every finding and notice of the pack."""
    return [(kind, node) for section, kind in SECTIONS.items() for root in roots for node in listed(root.get(section))]


def declare_notices(names: Names, roots: Sequence[Node]) -> tuple[ir.Notice, ...]:
    """Note every finding and notice by id, and return the notices in the order shown."""
    notices = []
    seen: dict[tuple[str, str], Node] = {}
    patient_text = next((str(root.value["patient_text"]) for root in roots if "patient_text" in root.value), None)
    for kind, node in each_notice(roots):
        id = node.text("id")
        _check_declared(names, kind, node, seen)
        if kind in BARE:
            names.atoms[id] = f"{kind}:{id}"
        if kind == "flag" and not rule_nodes(node):
            names.unread.add(id)
        if kind == "finding":
            continue
        due = node.value.get("due")
        names.notices[(kind, id)] = due
        text = patient_text if node.value.get("crisis") else None
        optional = bool(node.value.get("optional"))
        notices.append(ir.Notice(id, kind, node.text("title"), due, node["id"].span, text, optional))  # type: ignore[arg-type]
    return tuple(notices)


def _check_declared(names: Names, kind: str, node: Node, seen: dict[tuple[str, str], Node]) -> None:
    """Report a doubled id: findings, flags and triggers share their ids, for a clause names them alone."""
    key = ("bare" if kind in BARE else kind, node.text("id"))
    first = seen.setdefault(key, node)
    if first is not node:
        same = owner(first) == owner(node)
        message = f"{owner(node)} is declared twice" if same else f"{owner(node)} is called like {owner(first)}"
        names.twice(message, node["id"].span, first["id"].span, ANOTHER_ID)
    check_once(names, listed(node.get("rules")), "id", f"{owner(node)} has two rules", ANOTHER_ID)


def make_notice_rules(names: Names, roots: Sequence[Node]) -> list[ir.Rule]:
    """Return the rules of every finding and notice."""
    rules: list[ir.Rule] = []
    for kind, node in each_notice(roots):
        if kind == "trigger" and node.get("event") is not None:
            rules.append(_event_trigger(names, node))
            continue
        parts = rule_nodes(node)
        for position, part in enumerate(parts):
            for binding in bindings(names, part):
                rules.append(_rule(names, kind, node, part, binding, position))
    return rules


def _rule(names: Names, kind: str, node: Node, part: Node, binding: dict[str, str], position: int) -> ir.Rule:
    id = node.text("id")
    several = 0 if part is node else len(node["rules"].value)
    prefix = id if kind in ("finding", "trigger") else f"{kind}_{id}"
    rule_id = prefix + suffix(part, binding, several, position)
    when = read_condition(names, part["when"], binding)
    if kind == "hold" and part.value.get("clearable", True):
        when = _unless_cleared(names, id, when)
    return make_rule(
        names, part, id=rule_id, kind=kind, subject=id, state="", atom=f"{kind}:{id}", binding=binding, when=when
    )


def _event_trigger(names: Names, node: Node) -> ir.Rule:
    id = node.text("id")
    name = f"{id}.{OPEN}"
    names.measures[name] = ir.Measure(
        name, "any_event", "truth", node.text("title"), node["event"].key_span, (("of", id),)
    )
    when = ir.Leaf(ir.Equals(name, True), f"{name} is yes", node["event"].key_span)
    return make_rule(
        names, node, id=id, kind="trigger", subject=id, state="", atom=f"trigger:{id}", binding={}, when=when, event=id
    )


# ---------------------------------------------------------------- clearing a hold


def _unless_cleared(names: Names, hold: str, when: ir.Condition) -> ir.Condition:
    """Return the condition in which each clause counts only while its fact is newer than the hold's clearance."""
    match when:
        case ir.All(parts):
            return ir.All(tuple(_unless_cleared(names, hold, part) for part in parts))
        case ir.Any(parts):
            return ir.Any(tuple(_unless_cleared(names, hold, part) for part in parts))
        case ir.Leaf(ir.Compare(left=left) | ir.Equals(left=left), _, span):
            date = _evidence_date(names, left)
            if date is None:
                return when
            stands = ir.Measure(
                f"{date}.stands.{hold}", "stands", "truth", f"not cleared for {hold} since", span,
                (("date", date), ("hold", hold)),
            )  # fmt: skip
            names.measures.setdefault(stands.name, stands)
            return ir.All((when, ir.Leaf(ir.Equals(stands.name, True), f"{stands.name} is yes", span)))
        case _:
            return when


def _evidence_date(names: Names, name: str) -> str | None:
    """Return the date measure of the fact that a measure reads, or None when it reads none."""
    measure = names.measures.get(name)
    if measure is None:
        return None
    if measure.kind == "days_since":
        return dict(measure.args)["of"]
    if measure.scale is not None:
        dated = next((key for key, node in names.score_measures.items() if node.text("kind") == "latest_date"), "")
        date = find_measure(names, f"{measure.scale}.{dated}")
        return date.name if date is not None else None
    date = find_measure(names, f"{name}.date")
    return date.name if date is not None else None

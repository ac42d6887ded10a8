"""Event sets and the checks of safety facts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.conditions import read_condition
from boosterwatch.engine.pack.compile.declare import parameter_name, section
from boosterwatch.engine.pack.compile.kinds import one_of
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.place import Fields
from boosterwatch.engine.pack.compile.tree import Node, listed

SOURCES = ("infusions", "booked", "answers")
BREAK = "take one of them out of the loop"
PATIENT = "patient"  # who has fields too, but is no fact
ANSWER = {"value": "number", "best_before": "number"}


@cache
def record_fields() -> Mapping[str, Mapping[str, str]]:
    """Return the fields of every type of safety fact, and of the `patient`, with their dimensions.

    They are read from the record's schema, the only statement of its shape.
    """
    schema = json.loads(files("boosterwatch.schemas").joinpath("record.schema.json").read_text("utf-8"))
    facts = {
        name.removeprefix("fact_"): _dimensions(shape["properties"])
        for name, shape in schema["definitions"].items()
        if name.startswith("fact_")
    }
    return {**facts, PATIENT: _dimensions(schema["properties"])}


def _dimensions(properties: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: _dimension(shape)
        for name, shape in properties.items()
        if name not in ("type", "date", "entered_in_error") and "$ref" not in shape
    }


def _dimension(shape: Mapping[str, Any]) -> str:
    if "enum" in shape:
        return one_of(tuple(shape["enum"]))
    if "enum" in shape.get("items", {}):
        return "list of " + ", ".join(shape["items"]["enum"])
    return {"boolean": "truth", "number": "number", "integer": "number"}.get(shape.get("type", ""), "text")


def fact_types(names: Names) -> list[str]:
    """Return the types of safety fact."""
    return [fact for fact in names.facts if fact != PATIENT]


def declare_events(names: Names, roots: Sequence[Node]) -> None:
    """Note the event sets by name, the triggers' own included, before any is made."""
    for root in roots:
        for key, node in section(root, "events"):
            names.event_nodes[key] = node
        for trigger in listed(root.get("triggers")):
            event = trigger.get("event")
            if event is not None:
                names.event_nodes[trigger.text("id")] = event


def make_events(names: Names) -> None:
    """Make every event set."""
    for key, node in names.event_nodes.items():
        names.events[key] = _event(names, key, node)
    for key in names.events:
        _check_loop(names, key)


def _check_loop(names: Names, start: str) -> None:
    """Report an event set that waits for itself, however far around."""
    reached, todo = set[str](), [start]
    while todo:
        event = names.events[todo.pop()]
        closers = (event.followed_by, event.not_followed_by, event.silenced_by, (event.not_preceded_by or (None,))[0])
        for other in (*closers, *(closer for closer, _ in event.closed_by)):
            if other == start:
                names.report("BW205", f"event `{start}` waits for itself", names.events[start].span, BREAK)
                return
            if other in names.events and other not in reached:
                reached.add(other)
                todo.append(other)


def _event(names: Names, key: str, node: Node) -> ir.EventSet:
    source = node.text("from")
    if source not in SOURCES and source not in fact_types(names):
        names.unknown("fact", source, (*SOURCES, *fact_types(names)), node["from"].span)
    scale = node.get("scale")
    if scale is not None and scale.value not in names.scales:
        names.unknown("scale", str(scale.value), names.scales, scale.span)
    return ir.EventSet(
        id=key,
        source=source,
        span=node.key_span,
        scale=str(scale.value) if scale is not None else None,
        where=_where(names, node, source),
        within=_within(names, node),
        since=node.value.get("since"),
        followed_by=_other(names, node, "followed_by"),
        not_followed_by=_other(names, node, "not_followed_by"),
        not_preceded_by=_preceded(names, node.get("not_preceded_by")),
        closed_by=tuple(_closer(names, event, how) for event, how in section(node, "closed_by")),
        silenced_by=_other(names, node, "silenced_by"),
    )


def _where(names: Names, node: Node, source: str) -> ir.Condition | None:
    where = node.get("where")
    if where is None:
        return None
    return read_condition(names, where, {}, Fields(source, _fields_of(names, source)))


def _fields_of(names: Names, source: str) -> Mapping[str, str] | None:
    """Return the fields of what an event set selects from; None when there is no such thing."""
    if source == "answers":
        return ANSWER
    return names.facts.get(source, {} if source in SOURCES else None)


def _within(names: Names, node: Node) -> str | None:
    within = node.get("within")
    return parameter_name(names, within, unit="days") if within is not None else None


def _other(names: Names, node: Node, key: str) -> str | None:
    other = node.get(key)
    return _event_name(names, other) if other is not None else None


def _event_name(names: Names, node: Node) -> str:
    if str(node.value) not in names.event_nodes:
        names.unknown("event", str(node.value), names.event_nodes, node.span)
    return str(node.value)


def _preceded(names: Names, node: Node | None) -> tuple[str, str] | None:
    if node is None:
        return None
    return _event_name(names, node["event"]), parameter_name(names, node["within"], unit="days")


def _closer(names: Names, event: str, how: Node) -> tuple[str, Any]:
    if event not in names.event_nodes:
        names.unknown("event", event, names.event_nodes, how.key_span)
    return event, how.value


def make_fact_checks(names: Names, roots: Sequence[Node]) -> tuple[ir.FactCheck, ...]:
    """Return the checks that safety facts must pass."""
    return tuple(_fact_check(names, node) for root in roots for node in listed(root.get("fact_checks")))


def _fact_check(names: Names, node: Node) -> ir.FactCheck:
    fact = node.text("fact")
    if fact not in fact_types(names):
        names.unknown("fact", fact, fact_types(names), node["fact"].span)
    keep = read_condition(names, node["keep"], {}, Fields(fact, names.facts.get(fact)))
    return ir.FactCheck(fact, keep, node.text("code"), node.text("says"), node.span)

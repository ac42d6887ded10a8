"""One rule at a time: templates written out, conditions read, sentences bound and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.conditions import ALWAYS, Binding, read_condition
from boosterwatch.engine.pack.compile.declare import cited
from boosterwatch.engine.pack.compile.kinds import OPEN
from boosterwatch.engine.pack.compile.measures import find_measure
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.tree import Node, listed

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
SPECIALS = ("signs", "holds", "triggers", "concerns", "gaps")


def bindings(names: Names, node: Node) -> Iterator[dict[str, str]]:
    """Yield what the words of a `for` stand for, in every combination of different scales; {} without one."""
    template = node.get("for")
    if template is None:
        yield {}
        return
    words = list(template.value)
    for scale in (part for word in words for part in listed(template[word])):
        if scale.value not in names.scales:
            names.unknown("scale", str(scale.value), names.scales, scale.span)
    for combination in product(*([str(part.value) for part in listed(template[word])] for word in words)):
        known = all(scale in names.scales for scale in combination)
        if known and len(set(combination)) == len(combination):
            yield dict(zip(words, combination, strict=True))


def rule_nodes(node: Node) -> list[Node]:
    """Return the rules of a finding or notice: its `rules`, or itself when it has a `when`."""
    rules = node.get("rules")
    if rules is not None:
        return list(rules.elements())
    return [node] if node.get("when") is not None else []


def make_rule(
    names: Names,
    node: Node,
    *,
    id: str,
    kind: str,
    subject: str,
    state: str,
    atom: str,
    binding: Binding,
    when: ir.Condition | None = None,
    because: Node | None = None,
    event: str | None = None,
    table: str | None = None,
) -> ir.Rule:
    """Return one rule; `when` overrides the node's own condition, `because` its own sentence."""
    own = node.get("when")
    condition = when if when is not None else read_condition(names, own, binding) if own is not None else ALWAYS
    sentence = because if because is not None else node.get("because")
    basis = node.get("basis")
    return ir.Rule(
        id=id,
        kind=kind,
        subject=subject,
        state=state,
        atom=atom,
        when=condition,
        because=bind_sentence(names, sentence, binding, event) if sentence is not None else "",
        stratum=0,
        span=node.span,
        basis=str(basis.value) if basis is not None else None,
        cites=cited(names, node),
        table=table,
    )


def bind_sentence(names: Names, node: Node, binding: Binding, event: str | None = None) -> str:
    """Return the sentence with template words replaced, after checking that every placeholder names something."""

    def bound(match: re.Match[str]) -> str:
        name = match.group(1)
        head, dot, tail = name.partition(".")
        if head in binding:
            name = f"{binding[head]}{dot}{tail}"
        if head == "event" and event is not None:
            name = f"{event}.{OPEN}{dot}{tail}"
        return "{" + _known_placeholder(names, name, node.span) + "}"

    return PLACEHOLDER.sub(bound, str(node.value))


def _known_placeholder(names: Names, name: str, span: Span) -> str:
    head, _, tail = name.rpartition(".")
    if name in SPECIALS or name in names.parameters or name in names.scales:
        return name
    if tail == "says" and head in names.scales:
        return name
    if find_measure(names, name) is not None:
        return name
    if head in names.scales and f"{names.scales[head].group}.{tail}" in names.parameters:
        return f"{names.scales[head].group}.{tail}"
    names.unknown("placeholder", name, {*names.every_name(), *SPECIALS}, span)
    return name


def suffix(node: Node, binding: Mapping[str, str], count: int, position: int) -> str:
    """Return what tells the rules of one conclusion apart: the rule's own id, its scales, or its position."""
    words = []
    if node.get("id") is not None and count:
        words.append(node.text("id"))
    words += binding.values()
    if not words and count > 1:
        words.append(str(position + 1))
    return "".join(f"_{word}" for word in words)

"""One rule at a time: templates written out, conditions read, sentences bound and checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.comparisons import ALWAYS
from boosterwatch.engine.pack.compile.conditions import read_condition
from boosterwatch.engine.pack.compile.declare import cited, known_scales
from boosterwatch.engine.pack.compile.kinds import OPEN
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.place import Binding
from boosterwatch.engine.pack.compile.resolve import SPECIALS, resolve
from boosterwatch.engine.pack.compile.tree import Node

ANOTHER_ID = "give one of them another id"
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def bindings(names: Names, node: Node) -> Iterator[dict[str, str]]:
    """Yield what the words of a `for` stand for, in every combination of different scales; {} without one."""
    template = node.get("for")
    if template is None:
        yield {}
        return
    lists = {word: known_scales(names, part) for word, part in template.items()}
    for combination in product(*lists.values()):
        if len(set(combination)) == len(combination):
            yield dict(zip(lists, combination, strict=True))


def check_once(names: Names, nodes: Iterable[Node], key: str, message: str, hint: str) -> bool:
    """Report what stands under `key` in two of the nodes; return whether there is such a thing."""
    seen: dict[str, Node] = {}
    doubled = False
    for node in nodes:
        part = node.get(key)
        if part is None:
            continue
        first = seen.setdefault(str(part.value), part)
        if first is not part:
            doubled = True
            names.twice(f"{message} `{part.value}`", part.span, first.span, hint)
    return doubled


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
        written = match.group(1)
        head, dot, tail = written.partition(".")
        name = f"{binding[head]}{dot}{tail}" if head in binding else written
        if head == "event" and event is not None:
            name = f"{event}.{OPEN}{dot}{tail}"
        return "{" + _placeholder(names, name, written, node) + "}"

    return PLACEHOLDER.sub(bound, str(node.value))


def _placeholder(names: Names, name: str, written: str, node: Node) -> str:
    """Return what a placeholder stands for; an unknown one is reported."""
    head, _, tail = name.rpartition(".")
    if name in SPECIALS or name in names.scales or (tail == "says" and head in names.scales):
        return name
    if written == "event.date" == name:
        hint = "only a trigger with an `event` has one; name a measure that gives a date"
        message = "`{event.date}` stands where there is no event"
        names.report("BW201", message, node.holding("{event.date}"), hint)
        return name
    found = resolve(names, name, node.holding(f"{{{written}}}"), written, node, "placeholder")
    return found.name if found is not None else name


def suffix(node: Node, binding: Mapping[str, str], count: int, position: int) -> str:
    """Return what tells the rules of one conclusion apart: the rule's own id, its scales, or its position."""
    words = []
    if node.get("id") is not None and count:
        words.append(node.text("id"))
    words += binding.values()
    if not words and count > 1:
        words.append(str(position + 1))
    return "".join(f"_{word}" for word in words)

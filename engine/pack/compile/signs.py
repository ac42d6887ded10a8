"""Signs: the roll-up of readings into one state, with caps, gates and special rules, and the sources they rest on.

A sign has the highest level among its inputs and its special rules. Without one it is absent when a core input is
assessable, else it cannot be assessed. A supporting input alone never makes a sign absent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.conditions import read_condition
from boosterwatch.engine.pack.compile.measures import find_measure
from boosterwatch.engine.pack.compile.misnamed import NO_READING
from boosterwatch.engine.pack.compile.names import UNREAD, Names
from boosterwatch.engine.pack.compile.rules import ANOTHER_ID, check_once, make_rule
from boosterwatch.engine.pack.compile.tables import CANNOT, RECOMMENDATION, Made, make_table
from boosterwatch.engine.pack.compile.tree import Node, listed

STATES = ("probable", "possible", "absent", CANNOT)


@dataclass(frozen=True, slots=True)
class _Input:
    """One scale that a sign reads: its place, when it counts, and when it counts as possible at most."""

    scale: str
    node: Node
    core: bool
    only_when: Node | None = None
    capped: bool = False
    capped_when: Node | None = None


def declare_signs(names: Names, roots: Sequence[Node], readings: dict[str, Node]) -> list[tuple[Node, list[_Input]]]:
    """Note every sign with its states and its inputs, and the sources that the inputs are."""
    signs = []
    for root in roots:
        if root.get("sign") is None:
            continue
        id = root.text("sign")
        if id in names.tables or id == RECOMMENDATION:
            names.report("BW206", f"`{id}` is called so already", root["sign"].span, "give the sign another id")
        for section in ("possible_when", "probable_when", "otherwise"):
            check_once(names, listed(root.get(section)), "id", f"sign `{id}` has two rules", ANOTHER_ID)
        inputs = _inputs(names, root, readings)
        names.signs.append(id)
        others = [node.text("state") for node in listed(root.get("otherwise"))]
        names.tables[id] = tuple(dict.fromkeys((*STATES, *others)))
        signs.append((root, inputs))
    used = {names.scales[one.scale].instrument for _, inputs in signs for one in inputs}
    names.sources.extend(f"source:{instrument}" for instrument in names.instruments if instrument in used)
    return signs


def _inputs(names: Names, root: Node, readings: dict[str, Node]) -> list[_Input]:
    inputs: dict[str, _Input] = {}
    for core, section in ((True, "core"), (False, "supporting")):
        for node in listed(root.get(section)):
            scale = str(node.value["scale"]) if isinstance(node.value, dict) else str(node.value)
            place = node["scale"].span if isinstance(node.value, dict) else node.span
            if scale not in readings:
                scale = _report_unread(names, scale, readings, place) or ""
            if scale in inputs:
                message = f"sign `{root.text('sign')}` reads `{scale}` twice"
                names.twice(message, place, inputs[scale].node.span, "delete one of them")
            elif scale:
                inputs[scale] = _input(scale, node, core)
    return list(inputs.values())


def _report_unread(names: Names, scale: str, readings: dict[str, Node], place: Span) -> str | None:
    """Report an input without a reading; return the scale that was probably meant."""
    if scale not in names.scales:
        return names.unknown("scale", scale, readings, place)
    if UNREAD not in names.doubtful:
        names.report("BW201", f"scale `{scale}` has no reading", place, NO_READING)
    return None


def _input(scale: str, node: Node, core: bool) -> _Input:
    if not isinstance(node.value, dict):
        return _Input(scale, node, core)
    capped_when = node.get("when")
    capped = "at_most" in node.value and capped_when is None
    return _Input(scale, node, core, node.get("only_when"), capped, capped_when)


def make_signs(
    names: Names, signs: list[tuple[Node, list[_Input]]], readings: dict[str, Node]
) -> tuple[list[Made], list[ir.Rule], tuple[ir.Sign, ...]]:
    """Return the tables of the signs, the rules of the sources, and what each sign is called."""
    tables, sources, shown = [], [], []
    for root, inputs in signs:
        _make_needed(names, inputs)
        tables.append(_sign_table(names, root, inputs, readings))
        sources += [_source(names, root, one) for one in inputs]
        shown.append(_sign(root, inputs))
    return tables, sources, tuple(shown)


def _make_needed(names: Names, inputs: list[_Input]) -> None:
    """Make what a decision says of a core scale whether or not a rule reads it: its date and its reference."""
    for name, node in names.score_measures.items():
        if node.text("kind") in ("latest_date", "best_since_induction"):
            for one in inputs:
                if one.core:
                    find_measure(names, f"{one.scale}.{name}")


def _sign(root: Node, inputs: list[_Input]) -> ir.Sign:
    id = root.text("sign")
    reasons = tuple(
        (f"{id}_{node.text('id')}", node.text("reason"))
        for node in listed(root.get("otherwise"))
        if node.get("reason") is not None
    )
    core = tuple(one.scale for one in inputs if one.core)
    supporting = tuple(one.scale for one in inputs if not one.core)
    return ir.Sign(id, root.text("title"), root.text("says"), core, supporting, reasons, root["sign"].span)


def _sign_table(names: Names, root: Node, inputs: list[_Input], readings: dict[str, Node]) -> Made:
    rules = [*_gate(names, root)]
    for state in ("probable", "possible"):
        rules += [
            _by_input(names, root, one, state, readings[one.scale])
            for one in inputs
            if not (state == "probable" and (one.capped or readings[one.scale].get("probable") is None))
        ]
        rules += [_special(names, root, node, state) for node in listed(root.get(f"{state}_when"))]
    rules.append(_absent(names, root, inputs, readings))
    return make_table(root.text("sign"), "sign", rules, CANNOT, root["sign"].span)


def _row(
    names: Names,
    root: Node,
    node: Node,
    tail: str,
    state: str,
    when: ir.Condition,
    because: Node | None,
    scale: str | None = None,
) -> ir.Rule:
    id = root.text("sign")
    return make_rule(
        names, node, id=f"{id}_{tail}", kind="sign", subject=id, state=state, atom=f"row:{id}_{tail}",
        binding={"scale": scale} if scale is not None else {}, when=when, because=because, table=id,
    )  # fmt: skip


def _gate(names: Names, root: Node) -> list[ir.Rule]:
    applies = root.get("applies_when")
    if applies is None:
        return []
    shut = ir.Not(read_condition(names, applies, {}))
    rows = []
    for node in listed(root.get("otherwise")):
        own = node.get("when")
        when = ir.All((shut, read_condition(names, own, {}))) if own is not None else shut
        rows.append(_row(names, root, node, node.text("id"), node.text("state"), when, node.get("because")))
    return rows


def _drawn(one: _Input, state: str) -> ir.Leaf:
    return ir.Leaf(ir.Drawn(f"{one.scale}={state}"), f"{one.scale} is {state}", one.node.span)


def _counts(names: Names, one: _Input) -> list[ir.Condition]:
    return [read_condition(names, one.only_when, {})] if one.only_when is not None else []


def _positive(names: Names, one: _Input) -> ir.Condition:
    states = [state for state in ("probable", "possible") if state in names.tables[one.scale]]
    drawn = tuple(_drawn(one, state) for state in states)
    return drawn[0] if len(drawn) == 1 else ir.Any(drawn)


def _by_input(names: Names, root: Node, one: _Input, state: str, reading: Node) -> ir.Rule:
    parts = _counts(names, one)
    if state == "probable":
        parts.insert(0, _drawn(one, "probable"))
        if one.capped_when is not None:
            parts.append(ir.Not(read_condition(names, one.capped_when, {})))
    else:
        parts.insert(0, _positive(names, one))
    when = parts[0] if len(parts) == 1 else ir.All(tuple(parts))
    return _row(names, root, one.node, f"{state}_by_{one.scale}", state, when, reading[state]["because"], one.scale)


def _special(names: Names, root: Node, node: Node, state: str) -> ir.Rule:
    when = read_condition(names, node["when"], {})
    return _row(names, root, node, f"{state}_{node.text('id')}", state, when, node.get("because"))


def _absent(names: Names, root: Node, inputs: list[_Input], readings: dict[str, Node]) -> ir.Rule:
    core = [one for one in inputs if one.core]
    parts = tuple(_assessable(names, one, readings[one.scale]) for one in core)
    when = parts[0] if len(parts) == 1 else ir.Any(parts)
    return _row(names, root, root["sign"], "absent", "absent", when, root.get("absent_because"))


def _assessable(names: Names, one: _Input, reading: Node) -> ir.Condition:
    parts = (read_condition(names, reading["needs"], {"scale": one.scale}), *_counts(names, one))
    return parts[0] if len(parts) == 1 else ir.All(parts)


def _source(names: Names, root: Node, one: _Input) -> ir.Rule:
    """Return the rule that makes an input's instrument a source of evidence for an applicable sign."""
    parts = [_positive(names, one), *_counts(names, one)]
    applies = root.get("applies_when")
    if applies is not None:
        parts.append(read_condition(names, applies, {}))
    instrument = names.scales[one.scale].instrument
    id = f"source_{root.text('sign')}_{one.scale}"
    rule = make_rule(
        names, one.node, id=id, kind="source", subject=instrument, state="", atom=f"source:{instrument}", binding={},
        when=parts[0] if len(parts) == 1 else ir.All(tuple(parts)),
    )  # fmt: skip
    return replace(rule, because=f"{{{one.scale}}} is positive for {root.text('title').lower()}.")

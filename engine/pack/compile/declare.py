"""Citations, parameters, instruments, scales and roles: everything that is declared, not derived."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.dimensions import DOUBTFUL, said, wanted
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.tree import Node, listed, texts

RANGE = re.compile(r"(-?\d+(?:\.\d+)?) to (-?\d+(?:\.\d+)?)")
OPEN_RANGE = re.compile(r"(?:(-?\d+(?:\.\d+)?) and above|above (-?\d+(?:\.\d+)?))")
FAR = 1e9  # an open range ends here; no score comes near


def read_range(names: Names, node: Node) -> tuple[float, float]:
    """Return the ends of `A to B`."""
    match = RANGE.fullmatch(str(node.value))
    if match is None:
        names.report("BW216", f"`{node.value}` is not a range", node.span, "write it as `0 to 27`")
        return (0, 0)
    low, high = (number(part) for part in match.groups())
    if low > high:
        names.report("BW216", f"the range `{node.value}` is empty", node.span, "write the smaller number first")
    return (low, high)


def number(text: str) -> float:
    """Return an int where the text is whole, else a float."""
    return float(text) if "." in text else int(text)


def declare_citations(names: Names, roots: Sequence[Node]) -> None:
    """Read every `citations` section."""
    for root in roots:
        for key, node in section(root, "citations"):
            link = node.value.get("link")
            names.citations[key] = ir.Citation(key, node.text("text"), link)


def section(root: Node, key: str) -> list[tuple[str, Node]]:
    """Return the (name, node) pairs of a mapping section, or nothing."""
    node = root.get(key)
    return list(node.items()) if node is not None else []


def cited(names: Names, node: Node) -> tuple[str, ...]:
    """Return the citation ids of `cite` or `cites`, each known."""
    ids = []
    for part in (*listed(node.get("cite")), *listed(node.get("cites"))):
        if part.value not in names.citations:
            names.unknown("citation", str(part.value), names.citations, part.span)
        ids.append(str(part.value))
    return tuple(ids)


# ---------------------------------------------------------------- parameters


def declare_parameters(names: Names, roots: Sequence[Node]) -> None:
    """Read every `parameters` section, in instrument files too."""
    for root in roots:
        for key, node in section(root, "parameters"):
            if key in names.parameters:
                first = names.parameters[key].span
                names.twice(f"parameter `{key}` is declared twice", node.key_span, first, "keep one of them")
                continue
            names.parameters[key] = _parameter(names, key, node)


def check_groups(names: Names, roots: Sequence[Node]) -> None:
    """Report every `scale` of a parameter that is no scale; nothing is compared with such a parameter."""
    groups = {scale.group for scale in names.scales.values()}
    for key, node in (pair for root in roots for pair in section(root, "parameters")):
        scale = node.get("scale")
        if scale is not None and scale.value not in groups:
            names.unknown("scale", str(scale.value), groups, scale.span)
            names.parameters[key] = replace(names.parameters[key], dimension=DOUBTFUL)


def _parameter(names: Names, key: str, node: Node) -> ir.Parameter:
    unit = node.text("unit")
    group = node.text("scale") or key.rsplit(".", 1)[0]
    allowed_node = node.get("allowed")
    allowed = read_range(names, allowed_node) if allowed_node is not None else None
    values = tuple(_dated(names, value) for value in node["values"].elements())
    _check_dates(names, key, node)
    for value, place in zip(values, node["values"].elements(), strict=True):
        _check_value(names, key, value, allowed, place["value"].span, unit)
    dimension = f"points of {group}" if unit == "points" else unit
    return ir.Parameter(key, node.text("says"), unit, dimension, values, node.key_span, allowed)


def _dated(names: Names, node: Node) -> ir.DatedValue:
    return ir.DatedValue(
        node.text("from"), node.value["value"], node.text("basis"), cited(names, node), node.value.get("note")
    )


def _check_dates(names: Names, key: str, node: Node) -> None:
    previous = ""
    for value in node["values"].elements():
        start = value.text("from")
        if start <= previous:
            message = f"the values of `{key}` are not in the order of their dates"
            names.report("BW211", message, value["from"].span, f"write a date after {previous}")
        previous = start


def _check_value(
    names: Names, key: str, value: ir.DatedValue, allowed: tuple[float, float] | None, span: Span, unit: str
) -> None:
    if allowed is not None and not allowed[0] <= value.value <= allowed[1]:
        message = f"`{key}` is {value.value}, outside its allowed range {allowed[0]} to {allowed[1]}"
        names.report("BW210", message, span, f"write a value from {allowed[0]} to {allowed[1]}")
    if value.value < 0:
        names.report("BW210", f"`{key}` is below zero", span, "write zero or more")
    if unit in ("days", "count", "years") and value.value != int(value.value):
        names.report("BW210", f"`{key}` is counted in whole {unit}", span, "write a whole number")


# ---------------------------------------------------------------- instruments


def declare_instruments(names: Names, roots: Sequence[Node]) -> None:
    """Read every instrument file: the instrument and its scales."""
    for root in roots:
        if root.get("instrument") is None:
            continue
        id = root.text("instrument")
        if id in names.instruments:
            first = names.instruments[id].span
            names.twice(f"instrument `{id}` is declared twice", root["instrument"].span, first, "keep one of them")
            continue
        names.instruments[id] = _instrument(names, id, root)
        _declare_scales(names, id, root)


def _instrument(names: Names, id: str, root: Node) -> ir.Instrument:
    total = root["total"]
    low, high = read_range(names, total["range"])
    _check_methods(names, total)
    error = total.get("error")
    if error is not None:  # the lints read it; here only what it cites is looked up
        cited(names, error)
    return ir.Instrument(
        id=id,
        name=root.text("name"),
        short=root.text("short"),
        low=low,
        high=high,
        whole=bool(total.value.get("whole", True)),
        worse=total.value["worse"],
        items=_items(names, total.get("items")),
        methods=_methods(names, total),
        unstated=_unstated(names, total.get("unstated")),
        codes=tuple((key, str(node.value)) for key, node in section(root, "codes")),
        licence=root.text("licence"),
        cites=cited(names, root),
        recall=root.text("recall"),
        use=root.value["use"],
        span=root["instrument"].span,
    )


def _check_methods(names: Names, total: Node) -> None:
    """Report a method of totalling that `unstated` or `items` names and the instrument does not have."""
    known = [key for key, _ in section(total, "methods")]
    for place, key in ((total.get("unstated"), "otherwise"), (total.get("items"), "method")):
        part = place.get(key) if place is not None else None
        if part is not None and part.value not in known:
            names.unknown("method", str(part.value), known, part.span)


def _methods(names: Names, total: Node) -> tuple[ir.Method, ...]:
    methods = []
    for key, node in section(total, "methods"):
        low, high = read_range(names, node["range"])
        methods.append(ir.Method(key, low, high, node.value.get("times", 1), node.value.get("usable", True)))
    return tuple(methods)


def _unstated(names: Names, node: Node | None) -> ir.Unstated | None:
    if node is None:
        return None
    ambiguous = node.get("ambiguous")
    bounds = _ambiguous(names, ambiguous) if ambiguous is not None else None
    return ir.Unstated(node.text("otherwise"), bounds, bool(node.value.get("items_settle", False)))


def _ambiguous(names: Names, node: Node) -> tuple[float, float]:
    match = OPEN_RANGE.fullmatch(str(node.value))
    if match is None:
        return read_range(names, node)
    at, above = match.groups()
    return (number(at), FAR) if at is not None else (number(above) + 1e-9, FAR)


def _items(names: Names, node: Node | None) -> ir.Items | None:
    if node is None:
        return None
    low, high = read_range(names, node["range"])
    alone = [*listed(node.get("reversed")), *listed(node.get("self_harm"))]
    positions = [*alone, *(part for one in listed(node.get("domains")) for part in listed(one))]
    for part in positions:
        if not 1 <= part.value <= node.value["count"]:
            names.report("BW201", f"there is no item {part.value}", part.span, f"the form has {node.value['count']}")
    return ir.Items(
        count=node.value["count"],
        low=int(low),
        high=int(high),
        reversed=tuple(node.value.get("reversed", ())),
        domains=tuple(tuple(domain) for domain in node.value.get("domains", ())),
        blank=node.value.get("blank", "total_stands"),
        method=node.value.get("method"),
    )


def _declare_scales(names: Names, id: str, root: Node) -> None:
    whole = names.instruments[id]
    if id in names.scales:
        first = names.scales[id].span
        names.twice(f"scale `{id}` is declared twice", whole.span, first, "give the part of that name another one")
    names.scales[id] = ir.Scale(id, id, None, id, whole.short, "total", whole.low, whole.high, whole.worse, whole.span)
    names.uses[id] = whole.use
    for key, node in section(root, "parts"):
        if key in names.scales:
            first = names.scales[key].span
            names.twice(f"scale `{key}` is declared twice", node.key_span, first, "give the part another name")
        names.scales[key] = _part(names, whole, key, node)
        names.uses[key] = node.text("use", whole.use)


def _part(names: Names, whole: ir.Instrument, key: str, node: Node) -> ir.Scale:
    item = node.value.get("item")
    part: tuple[str, int | str] = ("item", item) if item is not None else ("field", node.text("field"))
    range_node = node.get("range")
    if range_node is not None:
        low, high = read_range(names, range_node)
    elif whole.items is not None:
        low, high = whole.items.low, whole.items.high
    else:
        low, high = whole.low, whole.high
    if item is not None and (whole.items is None or not 1 <= item <= whole.items.count):
        hint = f"its items are 1 to {whole.items.count}" if whole.items is not None else "declare `items` under `total`"
        names.report("BW201", f"instrument `{whole.id}` has no item {item}", node["item"].span, hint)
    return ir.Scale(
        key, whole.id, part, node.text("parameters", key), node.text("short"), node.text("says"),
        low, high, whole.worse, node.key_span,
    )  # fmt: skip


def declare_roles(names: Names, roots: Sequence[Node]) -> None:
    """Read every `roles` section."""
    for root in roots:
        for key, node in section(root, "roles"):
            scales = known_scales(names, node["scales"])
            if not scales:
                names.doubtful.add(key)
            if len({names.scales[scale].worse for scale in scales}) > 1:
                message = f"the scales of role `{key}` worsen in different directions"
                names.report("BW204", message, node["scales"].span, "a role stands for scales that are read alike")
            names.roles[key] = ir.Role(key, scales, texts(node.get("prefer")), node.text("says"), node.key_span)


def known_scales(names: Names, node: Node) -> tuple[str, ...]:
    """Return the scales of a list; an unknown one is reported, and read as the one that was probably meant."""
    scales: dict[str, None] = {}
    for part in listed(node):
        name: str | None = str(part.value)
        if name not in names.scales:
            name = names.unknown("scale", str(part.value), names.scales, part.span)
            names.doubtful.update([name] if name is not None else [])
        if name is not None:
            scales[name] = None
    return tuple(scales)


def single(names: Names, roots: Sequence[Node], key: str) -> Node | None:
    """Return the one section `key` of the pack; a second one is a problem, none gives None."""
    found = [root[key] for root in roots if root.get(key) is not None]
    for again in found[1:]:
        names.twice(f"`{key}` is declared twice", again.key_span, found[0].key_span, "keep one of them")
    return found[0] if found else None


def parameter_name(names: Names, node: Node, *, unit: str, name: str | None = None) -> str:
    """Return the parameter that a node names, or means by `name`, checked against its unit."""
    name = str(node.value) if name is None else name
    known = names.parameters.get(name)
    if known is None:
        names.unknown("parameter", name, names.parameters, node.span)
    elif known.unit != unit:
        message = f"`{name}` is {said(known.unit)}, not {said(unit)}"
        names.report("BW204", message, node.span, wanted(unit))
    return name

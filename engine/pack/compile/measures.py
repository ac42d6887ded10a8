"""Measures: what each name of the pack derives. A measure of a scale or role is made when something reads it."""

from __future__ import annotations

from collections.abc import Sequence

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.declare import parameter_name, section
from boosterwatch.engine.pack.compile.dimensions import DOUBTFUL, said
from boosterwatch.engine.pack.compile.kinds import DATED, KINDS, Kind, one_of
from boosterwatch.engine.pack.compile.lacking import note_lack
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.settings import check_settings
from boosterwatch.engine.pack.compile.tree import Node, listed, texts

COMMON = ("kind", "says", "report", "for", "unit", "order", "where")


def declare_measures(names: Names, roots: Sequence[Node]) -> None:
    """Note which measures the pack has, before any is made, so that they may refer to each other."""
    for root in roots:
        names.score_measures.update(section(root, "score_measures"))
        for key, node in section(root, "measures"):
            if key in names.declared_measures:
                first = names.declared_measures[key].key_span
                names.twice(f"measure `{key}` is declared twice", node.key_span, first, "keep one of them")
                continue
            if key in names.scales or key in names.roles:
                first = (names.scales.get(key) or names.roles[key]).span
                names.twice(f"`{key}` is a scale or role already", node.key_span, first, "call the measure otherwise")
            names.declared_measures[key] = node
    for key in [name for name in names.declared_measures if _is_of_scale(names, name)]:
        node = names.declared_measures.pop(key)
        first = names.score_measures[key.rpartition(".")[2]].key_span
        names.twice(
            f"each scale has a measure `{key.rpartition('.')[2]}`", node.key_span, first, "call this one otherwise"
        )
    for part in (part for root in roots for _, role in section(root, "roles") for part in listed(role.get("prefer"))):
        if part.value not in names.score_measures:
            names.unknown("measure of a scale", str(part.value), names.score_measures, part.span)


def _is_of_scale(names: Names, name: str) -> bool:
    """Return whether a name is that of a measure that each scale has."""
    head, _, tail = name.rpartition(".")
    return tail in names.score_measures and (head in names.scales or head in names.roles)


def make_reported(names: Names) -> None:
    """Make every measure that a decision reports, whether or not a rule reads it."""
    for role in names.roles.values():
        _choice(names, role)
    for key, node in names.score_measures.items():
        if node.value.get("report"):
            for scale in names.scales.values():
                if _applies(names, node, scale):
                    find_measure(names, f"{scale.id}.{key}")
    for node in names.declared_measures.values():
        check_settings(names, node)
    for key in names.declared_measures:  # all of them, so that a mistake in an unused one is found too
        find_measure(names, key)


# ---------------------------------------------------------------- making one measure


def find_measure(names: Names, name: str) -> ir.Measure | None:
    """Return the measure of this name, making it when it can be made."""
    if name in names.measures:
        return names.measures[name]
    if name in names.declared_measures:
        return _make(names, name, names.declared_measures[name], None)
    head, _, tail = name.rpartition(".")
    if tail == "date" and (dated := find_measure(names, head)) is not None and dated.kind in DATED:
        return _date_of(names, dated)
    if tail in names.score_measures and head in names.scales:
        return _make(names, name, names.score_measures[tail], names.scales[head])
    if tail in names.score_measures and head in names.roles and names.roles[head].scales:
        return _of_role(names, names.roles[head], tail)
    return None


def _applies(names: Names, node: Node, scale: ir.Scale) -> bool:
    return names.uses[scale.id] in (texts(node.get("for")) or ("signs",))


def _add(names: Names, measure: ir.Measure) -> ir.Measure:
    return names.measures.setdefault(measure.name, measure)


def _make(names: Names, name: str, node: Node, scale: ir.Scale | None) -> ir.Measure:
    kind = KINDS[node.text("kind")]
    where = _where(names, node)
    placeholder = ir.Measure(name, node.text("kind"), DOUBTFUL, node.text("says"), node.key_span, scale=_id(scale))
    names.measures[name] = placeholder  # a measure that reads itself finds this and is reported as a loop later
    args = _args(names, node, kind, scale)
    made = ir.Measure(
        name=name,
        kind=node.text("kind"),
        dimension=_dimension(names, node, kind, scale, dict(args)),
        says=node.text("says"),
        span=node.key_span,
        args=args,
        scale=_id(scale),
        where=where,
        order=tuple(_ordered(word) for word in node.value.get("order", ())),
        reported=bool(node.value.get("report", False)) and (scale is None or _applies(names, node, scale)),
    )
    names.measures[name] = made
    return made


def _ordered(word: object) -> str:
    return str(word).lower() if isinstance(word, bool) else str(word)


def _id(scale: ir.Scale | None) -> str | None:
    return scale.id if scale is not None else None


def _where(names: Names, node: Node) -> ir.Condition | None:
    from boosterwatch.engine.pack.compile.conditions import read_condition  # late: clauses read measures
    from boosterwatch.engine.pack.compile.place import Fields

    where = node.get("where")
    if where is None:
        return None
    fact = node.text("fact")
    return read_condition(names, where, {}, Fields(fact, names.facts.get(fact)))


def _args(names: Names, node: Node, kind: Kind, scale: ir.Scale | None) -> tuple[tuple[str, str], ...]:
    args = []
    for key, role in kind.takes:
        value = node.get(key)
        if value is not None:
            args.append((key, _arg(names, value, role.removeprefix("?"), scale)))
        elif not role.startswith("?"):
            names.report("BW213", f"measure `{node.path[-1]}` of kind `{node.text('kind')}` lacks `{key}`", node.span)
    return tuple(args)


def _arg(names: Names, value: Node, role: str, scale: ir.Scale | None) -> str:
    written = name = str(value.value)
    if scale is not None and written.startswith("scale."):
        name = f"{scale.group}.{written.removeprefix('scale.')}"
        if note_lack(names, scale, written.removeprefix("scale."), value, role):
            return name
    what, _, wanted = role.partition(":")
    match what:
        case "parameter":
            parameter_name(names, value, unit=wanted, name=name)
        case "measure":
            _check_measure(names, value, name, wanted)
        case "event" if name not in names.event_nodes:
            names.unknown("event", name, names.event_nodes, value.span)
        case "role" if name not in names.roles:
            names.unknown("role", name, names.roles, value.span)
        case "word" if value.path[-1] == "measure" and name not in names.score_measures:
            names.unknown("measure of a scale", name, names.score_measures, value.span)
    return name


def _check_measure(names: Names, value: Node, name: str, dimension: str) -> None:
    measure = find_measure(names, name)
    if name.rpartition(".")[0] in names.doubtful:
        return
    if measure is None:
        names.unknown("measure", name, names.every_name(), value.span)
    elif measure.dimension not in (dimension, DOUBTFUL):
        hint = "name a measure that gives a date" if dimension == "date" else f"name a measure {said(dimension)}"
        names.report("BW204", f"`{name}` is {said(measure.dimension)}, not {said(dimension)}", value.span, hint)


def _dimension(names: Names, node: Node, kind: Kind, scale: ir.Scale | None, args: dict[str, str]) -> str:
    if kind.score and scale is not None and kind.gives.startswith("points"):
        return kind.gives.replace("points", f"points of {scale.group}", 1)
    if node.text("kind") == "role":
        of_role = find_measure(names, f"{args.get('role')}.{args.get('measure')}")
        return of_role.dimension if of_role is not None else DOUBTFUL
    if node.text("kind") == "latest_fact":
        return _fact_dimension(names, node)
    if node.text("kind") == "attribute":
        return names.facts.get("patient", {}).get(args.get("of", ""), DOUBTFUL)
    return kind.gives


def _fact_dimension(names: Names, node: Node) -> str:
    """Return the dimension of a fact's field; `check_settings` reports one that is not there."""
    if node.get("unit") is not None:
        return node.text("unit")
    return names.facts.get(node.text("fact"), {}).get(node.text("field"), DOUBTFUL)


# ---------------------------------------------------------------- companions and roles


def _date_of(names: Names, dated: ir.Measure) -> ir.Measure:
    kind = "event_date" if dated.kind == "any_event" else "fact_date"
    return _add(
        names,
        ir.Measure(
            f"{dated.name}.date", kind, "date", f"date of: {dated.says}", dated.span, dated.args, where=dated.where
        ),
    )


def _choice(names: Names, role: ir.Role) -> ir.Measure:
    for scale in role.scales:
        for preference in role.prefer:
            find_measure(names, f"{scale}.{preference}")
    made = ir.Measure(
        role.id,
        "choice",
        one_of(role.scales) if role.scales else DOUBTFUL,
        role.says,
        role.span,
        (("role", role.id),),
        reported=True,
    )
    return _add(names, made)


def _of_role(names: Names, role: ir.Role, tail: str) -> ir.Measure:
    _choice(names, role)
    parts = [find_measure(names, f"{scale}.{tail}") for scale in role.scales]
    first = next(part for part in parts if part is not None)
    own = names.scales[role.scales[0]].group
    dimension = first.dimension.replace(f"points of {own}", f"points of {role.id}")
    made = ir.Measure(
        f"{role.id}.{tail}", "role", dimension, f"{first.says}, {role.says}", role.span,
        (("role", role.id), ("measure", tail)),
    )  # fmt: skip
    return _add(names, made)

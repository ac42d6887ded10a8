"""Clauses and lists of clauses -> `ir.Condition`, typed: points of different scales do not compare."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from boosterwatch.engine.diagnostics import Span, suggest
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.names import Names, Typed
from boosterwatch.engine.pack.compile.tree import Node, listed
from boosterwatch.engine.pack.language import (
    BareText,
    ClauseError,
    ClauseText,
    ComparesText,
    IsText,
    KnownText,
    LevelText,
    PatternText,
    ReachesText,
    SomeText,
    WithinText,
    parse_clause,
)

Binding = Mapping[str, str]
TRUTHS = {"yes": True, "no": False}
LEVELS = ("possible", "probable")  # ordered: what `at least` means
ALWAYS = ir.All(())
NOT_OF_A_FACT = "a `where` or `keep` reads the fields of one fact, nothing else"
OF_A_FACT = "write `field is word`, `field >= parameter`, or `field is known`"


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one type of fact with their dimensions: what a `where` may read besides parameters."""

    known: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a clause stands and what its words are bound to."""

    names: Names
    node: Node
    binding: Binding
    fields: Fields | None

    @property
    def span(self) -> Span:
        """The place of the whole clause."""
        return self.node.span

    def of(self, name: str) -> Span:
        """Return the place of a name inside the clause."""
        found = re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", str(self.node.value))
        return self.node.inside(found.start(), len(name)) if found else self.span

    def leaf(self, test: ir.Compare | ir.Equals | ir.Known | ir.Drawn, text: str) -> ir.Leaf:
        """Return the clause as evaluated, at its place in the text."""
        return ir.Leaf(test, text, self.span)


def read_condition(names: Names, node: Node, binding: Binding, fields: Fields | None = None) -> ir.Condition:
    """Return the condition of a clause, or of a mapping with `all`, `any`, `none`, `at_least` (all must hold)."""
    if isinstance(node.value, str):
        return _clause(names, node, binding, fields)
    parts: list[ir.Condition] = []
    for key, part in node.items():
        if key == "at_least":
            if fields is not None:
                names.report("BW204", NOT_OF_A_FACT, part.span, OF_A_FACT)
            parts.append(_at_least(names, part))
            continue
        inner = tuple(read_condition(names, element, binding, fields) for element in listed(part))
        match key:
            case "all":
                parts.extend(inner)
            case "any":
                parts.append(ir.Any(inner))
            case "none":
                parts.extend(ir.Not(condition) for condition in inner)
    return parts[0] if len(parts) == 1 else ir.All(tuple(parts))


def _at_least(names: Names, node: Node) -> ir.Condition:
    count = node["n"]
    parameter = names.parameters.get(str(count.value))
    if parameter is None:
        names.unknown("parameter", str(count.value), names.parameters, count.span)
    elif parameter.unit != "count":
        names.report("BW204", f"`{count.value}` is in {parameter.unit}, not a count", count.span)
    of = node["of"]
    atoms = (
        tuple(names.sources)
        if of.value == "sources"
        else tuple(names.atoms.get(str(part.value), "") for part in listed(of))
    )
    for part in listed(of):
        if of.value != "sources" and str(part.value) not in names.atoms:
            names.unknown("finding", str(part.value), names.atoms, part.span)
    return ir.AtLeast(str(count.value), atoms, f"at least {count.value} of {of.value}", node.span)


def _clause(names: Names, node: Node, binding: Binding, fields: Fields | None) -> ir.Condition:
    text = str(node.value)
    try:
        parsed = parse_clause(text)
    except ClauseError as problem:
        code = "BW203" if "number" in problem.message else "BW202"
        names.report(code, f"{problem.message}: `{text}`", node.inside(problem.column), problem.hint)
        return ALWAYS
    return _read(_Place(names, node, binding, fields), parsed)


def _read(at: _Place, clause: ClauseText) -> ir.Condition:
    if at.fields is not None and not isinstance(clause, ComparesText | IsText | KnownText):
        at.names.report("BW204", NOT_OF_A_FACT, at.span, OF_A_FACT)
        return ALWAYS
    match clause:
        case ComparesText():
            return _compare(at, clause.left, clause.op, clause.right)
        case ReachesText():
            return _reaches(at, clause)
        case IsText():
            return _is(at, clause)
        case KnownText():
            return _known(at, clause)
        case LevelText():
            return _level(at, _bound(at, clause.left), clause.level)
        case WithinText():
            return _within(at, clause)
        case SomeText():
            return _some(at, clause)
        case PatternText():
            return _pattern(at, clause)
        case BareText():
            return _bare(at, clause.name)


def _bound(at: _Place, name: str) -> str:
    """Return the name with its leading word replaced by what the template binds it to."""
    head, dot, tail = name.partition(".")
    return f"{at.binding[head]}{dot}{tail}" if head in at.binding else name


def _typed(at: _Place, name: str) -> Typed | None:
    from boosterwatch.engine.pack.compile.measures import resolve  # the two know each other: a measure has a `where`

    if at.fields is not None and name in at.fields.known:
        return Typed("field", name, at.fields.known[name])
    if at.fields is not None and name not in at.names.parameters:
        at.names.unknown("field", name, (*at.fields.known, *at.names.parameters), at.of(name))
        return None
    return resolve(at.names, _bound(at, name), at.of(name), name)


# ---------------------------------------------------------------- comparisons


def _compare(at: _Place, left: str, op: ir.Op, right: tuple[str, ...]) -> ir.Condition:
    typed = [_typed(at, name) for name in (left, *right)]
    if any(part is None for part in typed):
        return ALWAYS
    first, *others = (part for part in typed if part is not None)
    if first.kind == "parameter":
        hint = "turn the comparison around"
        at.names.report("BW204", f"`{first.name}` is a parameter: a clause starts with what is measured", at.span, hint)
    if len(others) == 2:
        return _product(at, first, op, others)
    second = others[0]
    if not _comparable(first.dimension, second.dimension):
        message = f"`{first.name}` is {first.dimension}, `{second.name}` is {second.dimension}: they do not compare"
        at.names.report("BW204", message, at.span, "compare values of one scale and one unit")
    bound = ir.Right(second.kind, (second.name,))  # type: ignore[arg-type]
    return at.leaf(ir.Compare(first.name, op, bound), f"{first.name} {op} {second.name}")


def _product(at: _Place, first: Typed, op: ir.Op, others: list[Typed]) -> ir.Condition:
    share, scaled = others
    ok = share.kind == scaled.kind == "parameter" and share.dimension in ("fraction", "times")
    if not ok or not _comparable(first.dimension, scaled.dimension):
        hint = "write `share * delta`: a fraction or multiple, times a parameter of the same unit"
        at.names.report("BW204", f"`{share.name} * {scaled.name}` cannot be compared here", at.span, hint)
    bound = ir.Right("product", (share.name, scaled.name))
    return at.leaf(ir.Compare(first.name, op, bound), f"{first.name} {op} {share.name} * {scaled.name}")


def _comparable(left: str, right: str) -> bool:
    numeric = not any(part == "truth" or part.startswith("one of") or part == "text" for part in (left, right))
    return numeric and (left == right or "number" in (left, right))


def _reaches(at: _Place, clause: ReachesText) -> ir.Condition:
    direction = at.names.direction(_bound(at, clause.left))
    if direction is None:
        message = f"`{clause.left}` has no scale, so nothing says which way is worse"
        at.names.report("BW204", message, at.span, "write `>=` or `<=`")
        return ALWAYS
    return _compare(at, clause.left, ">=" if direction == "high" else "<=", (clause.right,))


def _within(at: _Place, clause: WithinText) -> ir.Condition:
    from boosterwatch.engine.pack.compile.measures import resolve

    names = at.names
    left, right = _bound(at, clause.left), _bound(at, clause.right)
    for part, written in ((left, clause.left), (right, clause.right)):
        typed = resolve(names, part, at.of(written), written)
        if typed is not None and typed.dimension != "date":
            names.report("BW204", f"`{part}` is {typed.dimension}, not a date", at.of(written))
    name = f"{left}~{right}"
    apart = ir.Measure(name, "days_apart", "days", "days apart", at.span, (("from", left), ("to", right)))
    names.measures.setdefault(name, apart)
    return _compare(at, name, "<=", (clause.days,))


# ---------------------------------------------------------------- states and words


def _is(at: _Place, clause: IsText) -> ir.Condition:
    subject = _bound(at, clause.left)
    if at.fields is None and subject in at.names.tables:
        drawn = _state(at, subject, clause.word)
        return ir.Not(drawn) if clause.negated else drawn
    typed = _typed(at, clause.left)
    if typed is None:
        return ALWAYS
    value = _word(at, typed, clause.word)
    recorded = clause.recorded and clause.negated
    link = "is" + " not" * clause.negated + " recorded as" * clause.recorded
    return at.leaf(ir.Equals(typed.name, value, clause.negated, recorded), f"{typed.name} {link} {clause.word}")


def _word(at: _Place, typed: Typed, word: str) -> str | bool:
    if typed.dimension == "truth":
        if word not in TRUTHS:
            at.names.report("BW207", f"`{typed.name}` is yes or no, not `{word}`", at.of(word), "write `yes` or `no`")
        return TRUTHS.get(word, True)
    words = typed.dimension.removeprefix("one of ").split(", ") if typed.dimension.startswith("one of") else []
    if not words:
        at.names.report("BW204", f"`{typed.name}` is {typed.dimension}: compare it with a parameter", at.span)
    elif word not in words:
        hint = suggest(word, words) or f"it is one of {', '.join(words)}"
        at.names.report("BW207", f"`{typed.name}` is never `{word}`", at.of(word), hint)
    return word


def _known(at: _Place, clause: KnownText) -> ir.Condition:
    subject = _bound(at, clause.left)
    if at.fields is None and not clause.known and "unknown" in at.names.tables.get(subject, ()):
        return _state(at, subject, "unknown")
    typed = _typed(at, clause.left)
    if typed is None:
        return ALWAYS
    return at.leaf(ir.Known(typed.name, clause.known), f"{typed.name} is {'known' if clause.known else 'unknown'}")


def _state(at: _Place, table: str, state: str) -> ir.Condition:
    states = at.names.tables[table]
    if state not in states:
        hint = suggest(state, states) or f"it is one of {', '.join(states)}"
        at.names.report("BW207", f"`{table}` is never `{state}`", at.of(state), hint)
    return at.leaf(ir.Drawn(f"{table}={state}"), f"{table} is {state}")


def _level(at: _Place, table: str, level: str) -> ir.Condition:
    if table not in at.names.tables:
        at.names.unknown("sign or scale", table, at.names.tables, at.span)
        return ALWAYS
    if level not in LEVELS:
        at.names.report("BW207", f"`at least {level}` means nothing", at.span, "levels are possible and probable")
        return ALWAYS
    reached = [state for state in LEVELS[LEVELS.index(level) :] if state in at.names.tables[table]]
    if not set(LEVELS) & set(at.names.tables[table]):
        message = f"`{table}` has no levels"
        at.names.report("BW207", message, at.of(table), f"write `{table} is` and one of its states")
        return ALWAYS
    parts = tuple(_state(at, table, state) for state in reached)
    return parts[0] if len(parts) == 1 else ir.Any(parts)


def _some(at: _Place, clause: SomeText) -> ir.Condition:
    names = at.names
    if clause.kind == "sign":
        return ir.Any(tuple(_some_sign(at, clause, sign) for sign in names.signs))
    members = [(id, due) for (kind, id), due in names.notices.items() if kind == clause.kind]
    if not members:
        kinds = sorted({kind for kind, _ in names.notices} | {"sign"})
        names.unknown("kind", clause.kind, kinds, at.span)
    if clause.form == "some_due":
        members = [(id, due) for id, due in members if due == clause.word]
        if not members:
            dues = ", ".join(sorted({due for (kind, _), due in names.notices.items() if kind == clause.kind and due}))
            message = f"no {clause.kind} is due `{clause.word}`"
            names.report("BW207", message, at.of(clause.word), f"they are due {dues}")
    return ir.Any(tuple(at.leaf(ir.Drawn(f"{clause.kind}:{id}"), f"{clause.kind} {id}") for id, _ in members))


def _some_sign(at: _Place, clause: SomeText, sign: str) -> ir.Condition:
    return _level(at, sign, clause.word) if clause.form == "some_level" else _state(at, sign, clause.word)


def _bare(at: _Place, name: str) -> ir.Condition:
    atom = at.names.atoms.get(name)
    if atom is None:
        at.names.unknown("finding", name, at.names.atoms, at.span)
        return ALWAYS
    if name in at.names.unread:
        message = f"`{name}` is raised by a recommendation, when all rules are done"
        at.names.report("BW207", message, at.span, "read what the recommendation reads")
    return at.leaf(ir.Drawn(atom), name)


def _pattern(at: _Place, clause: PatternText) -> ir.Condition:
    pattern = at.names.patterns.get(clause.pattern)
    subject = _bound(at, clause.subject)
    if pattern is None:
        at.names.report(
            "BW209",
            f"unknown pattern `{clause.pattern}`",
            at.of(clause.pattern),
            suggest(clause.pattern, at.names.patterns),
        )
        return ALWAYS
    if subject not in at.names.scales:
        at.names.unknown("scale", subject, at.names.scales, at.span)
        return ALWAYS
    if clause.pattern in at.names.open_patterns:
        loop = " -> ".join((*at.names.open_patterns, clause.pattern))
        at.names.report("BW205", f"these patterns wait for each other: {loop}", at.of(clause.pattern))
        return ALWAYS
    body = Node(pattern.document, pattern.path, {k: v for k, v in pattern.value.items() if k in ("all", "any", "none")})
    at.names.open_patterns.append(clause.pattern)
    condition = read_condition(at.names, body, {pattern.text("of"): subject})
    at.names.open_patterns.pop()
    return condition

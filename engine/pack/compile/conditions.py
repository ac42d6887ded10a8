"""Clauses and lists of clauses -> `ir.Condition`."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import suggest
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.advice import declare_it
from boosterwatch.engine.pack.compile.comparisons import ALWAYS, compare, reaches, within
from boosterwatch.engine.pack.compile.declare import parameter_name
from boosterwatch.engine.pack.compile.misnamed import report_misnamed
from boosterwatch.engine.pack.compile.names import Names
from boosterwatch.engine.pack.compile.place import Binding, Fields, Place
from boosterwatch.engine.pack.compile.slips import LEADING, explain_slip
from boosterwatch.engine.pack.compile.states import bare, equals, known, level, some
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

NOT_OF_A_FACT = "a `where` or `keep` reads the fields of one fact, nothing else"
OF_A_FACT = "write `field is word`, `field >= parameter`, or `field is known`"


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
    count = parameter_name(names, node["n"], unit="count")
    of = node["of"]
    text = f"at least {count} of {of.value}"
    if of.value == "sources":
        return ir.AtLeast(count, tuple(names.sources), text, node.span)
    for part in listed(of):
        name = str(part.value)
        if name not in names.atoms and not report_misnamed(names, name, "finding", part.span, name):
            names.unknown("finding", name, names.atoms, part.span)
    atoms = tuple(names.atoms.get(str(part.value), "") for part in listed(of))
    return ir.AtLeast(count, atoms, text, node.span)


def _clause(names: Names, node: Node, binding: Binding, fields: Fields | None) -> ir.Condition:
    text = str(node.value)
    try:
        parsed = parse_clause(text)
    except ClauseError as problem:
        slip = explain_slip(text, problem)
        names.report(slip.code, f"{slip.message}: `{text}`", node.inside(slip.column), slip.hint)
        return ALWAYS
    return _read(Place(names, node, binding, fields), parsed)


def _read(at: Place, clause: ClauseText) -> ir.Condition:
    if at.fields is not None and not isinstance(clause, ComparesText | IsText | KnownText):
        at.names.report("BW204", NOT_OF_A_FACT, at.span, OF_A_FACT)
        return ALWAYS
    match clause:
        case ComparesText():
            return compare(at, clause)
        case ReachesText():
            return reaches(at, clause)
        case IsText():
            return equals(at, clause)
        case KnownText():
            return known(at, clause)
        case LevelText():
            return level(at, clause)
        case WithinText():
            return within(at, clause)
        case SomeText():
            return some(at, clause)
        case PatternText():
            return _pattern(at, clause)
        case BareText():
            return bare(at, clause)


# ---------------------------------------------------------------- patterns


def _pattern(at: Place, clause: PatternText) -> ir.Condition:
    names = at.names
    pattern = names.patterns.get(clause.pattern)
    if pattern is None:
        _report_no_pattern(at, clause)
        return ALWAYS
    if not _has_pattern(at, clause):
        return ALWAYS
    if clause.pattern in names.open_patterns:
        message = f"these patterns wait for each other: {' -> '.join((*names.open_patterns, clause.pattern))}"
        place = at.of(clause.pattern, last=True)
        names.report("BW205", message, place, "take one of them out of the loop")
        return ALWAYS
    body = Node(pattern.document, pattern.path, {k: v for k, v in pattern.value.items() if k in ("all", "any", "none")})
    names.open_patterns.append(clause.pattern)
    condition = read_condition(names, body, {pattern.text("of"): at.bound(clause.subject)})
    names.open_patterns.pop()
    return condition


def _report_no_pattern(at: Place, clause: PatternText) -> None:
    """Report two words that are no pattern: a negated clause looks like one."""
    if clause.subject in LEADING:
        message = f"cannot read this clause: `{at.node.value}`"
        at.names.report("BW202", message, at.of(clause.subject), LEADING[clause.subject])
        return
    known, place = sorted(at.names.patterns), at.of(clause.pattern, last=True)
    hint = suggest(clause.pattern, known) or declare_it("pattern", known)
    at.names.report("BW209", f"unknown pattern `{clause.pattern}`", place, hint, unknown=clause.pattern)


def _has_pattern(at: Place, clause: PatternText) -> bool:
    """Return whether a pattern can be about this subject: a scale. Anything else is reported."""
    subject, names = at.bound(clause.subject), at.names
    if subject in names.scales:
        return True
    role = names.roles.get(subject)
    if role is None:
        names.unknown("scale", subject, names.scales, at.of(clause.subject))
    else:
        message = f"`{subject}` is a role, and a pattern is about one scale"
        hint = f"write a rule `for: {{scale: [{', '.join(role.scales)}]}}`, and in it `scale {clause.pattern}`"
        names.report("BW208", message, at.of(clause.subject), hint)
    return False

"""What a name of a clause or a sentence stands for: a parameter, a measure, or a parameter of a scale or role."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.advice import closest, declare_it, question
from boosterwatch.engine.pack.compile.lacking import note_lack
from boosterwatch.engine.pack.compile.measures import find_measure
from boosterwatch.engine.pack.compile.misnamed import report_misnamed
from boosterwatch.engine.pack.compile.names import Names, Typed
from boosterwatch.engine.pack.compile.tree import Node

SPECIALS = ("signs", "holds", "triggers", "concerns", "gaps")  # what braces may hold besides names


def resolve(names: Names, name: str, span: Span, written: str, node: Node, what: str = "name") -> Typed | None:
    """Return what a name stands for; an unknown one is reported at `span` as `written` and gives None.

    `node` is the clause or sentence that holds it: what a scale lacks is told with what asks for it.
    """
    found = find_name(names, name)
    if found is None and not _is_excused(names, name, written, node):
        _report_unknown(names, name, span, written, what)
    return found


def find_name(names: Names, name: str) -> Typed | None:
    """Return what a name stands for, None when it stands for nothing."""
    if name in names.parameters:
        return Typed("parameter", name, names.parameters[name].dimension)
    measure = find_measure(names, name)
    if measure is not None:
        return Typed("measure", name, measure.dimension)
    return _scale_parameter(names, name)


def _is_excused(names: Names, name: str, written: str, node: Node) -> bool:
    """Return whether an unknown name is reported elsewhere: with its scale, or with what was declared wrongly."""
    head, _, tail = name.rpartition(".")
    if head in names.doubtful:
        return True
    if head in names.roles:
        lacking = {scale: note_lack(names, names.scales[scale], tail, node) for scale in names.roles[head].scales}
        return any(lacking.values())
    return head in names.scales and name != written and note_lack(names, names.scales[head], tail, node)


def _report_unknown(names: Names, name: str, span: Span, written: str, what: str) -> None:
    """Report in the author's words: in a template the suggestion begins with the template's word again."""
    if "." not in name and report_misnamed(names, name, "measure", span, written):
        return
    specials = SPECIALS if what == "placeholder" else ()
    meant = closest(name, {*names.every_name(), *specials} - {name})
    hint = question(meant)
    if written != name and hint is not None:
        hint = hint.replace(f"`{name.partition('.')[0]}.", f"`{written.partition('.')[0]}.")
    hint = hint or declare_it(what, ())
    names.report("BW201", f"unknown {what} `{written}`", span, hint, unknown=names.topic(name))


def _scale_parameter(names: Names, name: str) -> Typed | None:
    """Resolve `<scale>.<parameter>` through the scale's group, and `<role>.<parameter>` per patient."""
    head, _, tail = name.rpartition(".")
    if head in names.scales:
        own = f"{names.scales[head].group}.{tail}"
        if own in names.parameters:
            return Typed("parameter", own, names.parameters[own].dimension)
    if head in names.roles and tail in names.tails_of(head):
        return _role_parameter(names, names.roles[head], tail)
    return None


def _role_parameter(names: Names, role: ir.Role, tail: str) -> Typed:
    first = names.parameters[f"{names.scales[role.scales[0]].group}.{tail}"]
    dimension = f"points of {role.id}" if first.unit == "points" else first.dimension
    made = ir.Measure(
        f"{role.id}.{tail}", "role_parameter", dimension, f"{first.says} ({role.says})", role.span,
        (("role", role.id), ("parameter", tail)),
    )  # fmt: skip
    names.measures.setdefault(made.name, made)
    return Typed("measure", made.name, dimension)

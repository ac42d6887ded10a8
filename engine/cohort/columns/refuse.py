"""What cannot be evaluated in columns is refused by name, before any patient is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from boosterwatch.engine.chain.conditions import leaves
from boosterwatch.engine.cohort.names import measure_column, parameter_column
from boosterwatch.engine.cohort.results import result_schema
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, Span
from boosterwatch.engine.measures.plan import KINDS
from boosterwatch.engine.pack import ir

COLUMNS_CODES: dict[str, str] = {
    "BW666": "measure of a kind that has no columns",
    "BW667": "clause that has no columns",
    "BW668": "names that would be one column",
}

WORKING = ("mid", "pid", "at", "key", "before", "last_infusion", "course_first", "course_last", "course_floor")


class CohortError(DiagnosticError):
    """A pack that cannot be evaluated over a cohort, or tables that cannot be used."""


def refuse_uncompilable(pack: ir.Pack) -> None:
    """Raise CohortError with everything of the pack that has no columns (BW666 to BW668)."""
    problems = [*_kinds(pack), *_clauses(pack), *_names(pack)]
    if problems:
        raise CohortError(problems)


def _kinds(pack: ir.Pack) -> Iterator[Diagnostic]:
    for measure in pack.measures:
        if measure.kind not in KINDS:
            message = f"`{measure.name}` is of kind `{measure.kind}`, which has no columns"
            yield Diagnostic("BW666", message, measure.span, "evaluate these patients one by one")


def _clauses(pack: ir.Pack) -> Iterator[Diagnostic]:
    known = {measure.name for measure in pack.measures}
    for rule in pack.rules:
        for leaf in leaves(rule.when):
            if isinstance(leaf, ir.Leaf):
                yield from _clause(rule, leaf, known)


def _clause(rule: ir.Rule, leaf: ir.Leaf, known: set[str]) -> Iterator[Diagnostic]:
    match leaf.test:
        case ir.Compare(right=ir.Right(kind="field")):
            yield Diagnostic("BW667", f"`{rule.id}` compares with a field of a fact: `{leaf.text}`", leaf.span)
        case ir.Compare(left=left) | ir.Equals(left=left) | ir.Known(left=left) if left not in known:
            yield Diagnostic("BW667", f"`{rule.id}` reads `{left}`, which is no measure: `{leaf.text}`", leaf.span)


def _names(pack: ir.Pack) -> Iterator[Diagnostic]:
    """Yield the names that cannot be told apart as columns; engines take upper and lower case for the same."""
    own = [(one.name, measure_column(one.name), one.span) for one in pack.measures if not _is_working(one)]
    own += [(parameter.name, parameter_column(parameter.name), parameter.span) for parameter in pack.parameters]
    ours = [*WORKING, *result_schema(replace(pack, measures=())).names]
    yield from _doubled(own, ours)


def _is_working(measure: ir.Measure) -> bool:
    """Return whether a measure is what the working column of its name holds."""
    return measure.kind == "course_date" and dict(measure.args)["which"] == measure.name


def _doubled(own: Iterable[tuple[str, str, Span]], ours: Iterable[str]) -> Iterator[Diagnostic]:
    named = list(own)
    taken = {column.lower() for column in ours}
    times = Counter(column.lower() for _, column, _ in named)
    for name, column, span in named:
        if column.lower() in taken:
            yield Diagnostic("BW668", f"`{name}` is the column `{column}`, which is one of ours", span, "rename it")
        elif times[column.lower()] > 1:
            message = f"`{name}` is the column `{column}`, and so is another name"
            yield Diagnostic("BW668", message, span, "rename one of them")

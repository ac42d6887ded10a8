"""Clauses that compare values: typed, so that points of different scales, days and counts do not compare."""

from __future__ import annotations

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compile.dimensions import DOUBTFUL, are_comparable, said, wanted, words_of
from boosterwatch.engine.pack.compile.names import Names, Typed
from boosterwatch.engine.pack.compile.place import Place
from boosterwatch.engine.pack.compile.resolve import find_name
from boosterwatch.engine.pack.language import ComparesText, ReachesText, WithinText

ALWAYS = ir.All(())
_TURNED: dict[str, str] = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}


def compare(at: Place, clause: ComparesText) -> ir.Condition:
    """Return the condition of `left op right` and `left op share * parameter`."""
    typed = [at.typed(name) for name in (clause.left, *clause.right)]
    if None in typed:
        return ALWAYS
    first, *others = (part for part in typed if part is not None)
    if first.kind == "parameter":
        _report_turned(at, clause)
    if len(others) == 2:
        return _product(at, clause, first, others)
    second = others[0]
    if first.kind != "parameter" and not are_comparable(first.dimension, second.dimension):
        _report_apart(at, clause, first, second)
    bound = ir.Right(second.kind, (second.name,))  # type: ignore[arg-type]
    return at.leaf(ir.Compare(first.name, clause.op, bound), f"{first.name} {clause.op} {second.name}")


def _report_turned(at: Place, clause: ComparesText) -> None:
    """Report a parameter on the left."""
    message = f"`{clause.left}` is a parameter: a clause starts with what is measured"
    hint = "turn the comparison around"
    if len(clause.right) == 1:
        hint += f": `{clause.right[0]} {_TURNED[clause.op]} {clause.left}`"
    at.names.report("BW204", message, at.span, hint)


def _report_apart(at: Place, clause: ComparesText, first: Typed, second: Typed) -> None:
    """Report two values that do not compare, at the right one: what is measured is rarely the slip."""
    left, right = clause.left, clause.right[0]
    message = f"`{left}` is {said(first.dimension)}, `{right}` is {said(second.dimension)}: they do not compare"
    at.names.report("BW204", message, at.of(right, last=True), _compare_instead(at, left, right, first, second))


def _compare_instead(at: Place, left: str, right: str, first: Typed, second: Typed) -> str:
    """Return what to compare with instead."""
    if first.dimension == "truth":
        return f"write `{left} is yes` or `{left} is no`"
    if words_of(first.dimension):
        return f"write `{left} is` and one of {', '.join(words_of(first.dimension))}"
    if first.dimension == "date":
        return _count_days(at.names, left)
    own = f"{left.rpartition('.')[0]}.{right.rpartition('.')[2]}"
    alike = find_name(at.names, at.bound(own)) if at.fields is None and "." in left and own != left else None
    if alike is not None and are_comparable(first.dimension, alike.dimension):
        return f"did you mean `{own}`?"
    named = second.kind == "parameter" and not first.dimension.startswith("points of ")
    return wanted(first.dimension) if named else "compare values of one scale and one unit"


def _count_days(names: Names, date: str) -> str:
    """Return the measure that counts the days since a date, or that one can be declared."""
    counts = [
        key
        for key, node in names.declared_measures.items()
        if node.text("kind") == "days_since" and node.text("of") == date
    ]
    return f"did you mean `{counts[0]}`?" if counts else f"declare a measure of kind `days_since` of `{date}`"


def _product(at: Place, clause: ComparesText, first: Typed, others: list[Typed]) -> ir.Condition:
    share, scaled = others
    ok = share.kind == scaled.kind == "parameter" and share.dimension in ("fraction", "times")
    if not ok or not are_comparable(first.dimension, scaled.dimension):
        product = " * ".join(clause.right)
        hint = "write `share * delta`: a fraction or multiple, times a parameter of the same unit"
        at.names.report("BW204", f"`{product}` cannot be compared here", at.of(clause.right[0]), hint)
    bound = ir.Right("product", (share.name, scaled.name))
    text = f"{first.name} {clause.op} {share.name} * {scaled.name}"
    return at.leaf(ir.Compare(first.name, clause.op, bound), text)


def reaches(at: Place, clause: ReachesText) -> ir.Condition:
    """Return the condition of `left reaches right`: at least as bad as, by the scale's own direction."""
    direction = at.names.direction(at.bound(clause.left))
    if direction is None:
        if at.typed(clause.left) is not None:
            message = f"`{clause.left}` has no scale, so nothing says which way is worse"
            at.names.report("BW204", message, at.span, "write `>=` or `<=`")
        return ALWAYS
    return compare(at, ComparesText(clause.left, ">=" if direction == "high" else "<=", (clause.right,)))


def within(at: Place, clause: WithinText) -> ir.Condition:
    """Return the condition of `left within days of right`, in the author's words with the scales put in."""
    names = at.names
    sides = [(written, at.typed(written)) for written in (clause.left, clause.right)]
    days = at.typed(clause.days)
    for written, typed in sides:
        if typed is not None and typed.dimension not in ("date", DOUBTFUL):
            message = f"`{written}` is {said(typed.dimension)}, not a date"
            names.report("BW204", message, at.of(written), _name_a_date(names, written))
    if days is not None and days.dimension not in ("days", DOUBTFUL):
        message = f"`{clause.days}` is {said(days.dimension)}, not in days"
        names.report("BW204", message, at.of(clause.days), wanted("days"))
    if days is None or any(typed is None for _, typed in sides):
        return ALWAYS
    left, right = (typed.name for _, typed in sides if typed is not None)
    apart = f"{left}~{right}"
    names.measures.setdefault(
        apart, ir.Measure(apart, "days_apart", "days", "days apart", at.span, (("from", left), ("to", right)))
    )
    bound = ir.Right(days.kind, (days.name,))  # type: ignore[arg-type]
    return at.leaf(ir.Compare(apart, "<=", bound), f"{left} within {days.name} of {right}")


def _name_a_date(names: Names, written: str) -> str:
    """Return which date to name instead: that of the same scale where it has one."""
    head, dot, _ = written.rpartition(".")
    dated = next((key for key, node in names.score_measures.items() if node.text("kind") == "latest_date"), None)
    return f"name a date, such as `{head}.{dated}`" if dot and dated is not None else "name a measure that gives a date"

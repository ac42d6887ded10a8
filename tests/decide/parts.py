"""Parts of packs compiled by hand: clauses, parameters, scales, measures, rules, tables."""

from __future__ import annotations

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir


def here(line: int) -> Span:
    """Return a place in the made-up file."""
    return Span("rules.yaml", line, 1)


def leaf(text: str, test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> ir.Leaf:
    """Return a clause."""
    return ir.Leaf(test, text, here(len(text)))


def compare(left: str, op: ir.Op, *right: str) -> ir.Leaf:
    """Return `left op parameter`, or the product of two."""
    bound = ir.Right("parameter" if len(right) == 1 else "product", right)
    return leaf(f"{left} {op} {' * '.join(right)}", ir.Compare(left, op, bound))


def against(left: str, op: ir.Op, right: str) -> ir.Leaf:
    """Return `left op measure`."""
    return leaf(f"{left} {op} {right}", ir.Compare(left, op, ir.Right("measure", (right,))))


def equals(left: str, value: str | bool, *, negated: bool = False, recorded: bool = False) -> ir.Leaf:
    """Return `left is value`."""
    word = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
    verb = "is not recorded as" if recorded else "is not" if negated else "is"
    return leaf(f"{left} {verb} {word}", ir.Equals(left, value, negated, recorded))


def known(left: str, *, is_known: bool = True) -> ir.Leaf:
    """Return `left is known`."""
    return leaf(f"{left} is {'known' if is_known else 'unknown'}", ir.Known(left, is_known))


def drawn(atom: str) -> ir.Leaf:
    """Return the clause that an earlier rule or table drew something."""
    return leaf(atom.replace("=", " is ").replace(":", " "), ir.Drawn(atom))


def parameter(
    name: str, unit: str, dimension: str, *values: ir.DatedValue, allowed: tuple[float, float] | None = None
) -> ir.Parameter:
    """Return a parameter."""
    return ir.Parameter(name, f"what {name} says", unit, dimension, values, here(1), allowed)


def since(start: str, value: float | int, *cites: str) -> ir.DatedValue:
    """Return a dated value."""
    return ir.DatedValue(start, value, "published" if cites else "clinic_policy", cites)


def instrument(id: str, short: str, *, whole: bool, worse: ir.Direction) -> ir.Instrument:
    """Return an instrument."""
    return ir.Instrument(id, short, short, 0, 100, whole, worse, None, (), None, (), "", (), "", "signs", here(2))


def scale(id: str, instrument: str, short: str, part: tuple[str, int | str] | None = None) -> ir.Scale:
    """Return a scale."""
    return ir.Scale(id, instrument, part, id.split("_")[0], short, f"about {short}", 0, 100, "high", here(3))


def measure(
    name: str, kind: str, dimension: str, on: str | None = None, *, reported: bool = False, **args: str
) -> ir.Measure:
    """Return a measure."""
    return ir.Measure(name, kind, dimension, f"what {name} says", here(4), tuple(args.items()), on, reported=reported)


def rule(
    id: str,
    kind: str,
    subject: str,
    when: ir.Condition,
    because: str = "",
    *,
    state: str = "",
    table: str | None = None,
) -> ir.Rule:
    """Return a rule that stands at a line of its own."""
    atom = f"{kind}:{subject}" if table is None else f"row:{id}"
    return ir.Rule(id, kind, subject, state, atom, when, because, 0, here(100 + len(id)), table=table)


def table(id: str, kind: str, rows: list[ir.Rule], otherwise: str) -> ir.Table:
    """Return a table of rows."""
    states = tuple(dict.fromkeys((*(row.state for row in rows), otherwise)))
    reason = f"{id}.reason" if kind == "reading" else None
    return ir.Table(id, kind, tuple(row.id for row in rows), states, otherwise, 0, here(5), reason)

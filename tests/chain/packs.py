"""Build small compiled packs by hand: only what chaining reads is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.chain.strata import slice_for, stratify
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

HERE = Span("rules.yaml", 1, 1)


def leaf(test: ir.Compare | ir.Equals | ir.Known | ir.Drawn) -> ir.Leaf:
    """Return a clause of one test."""
    return ir.Leaf(test, "clause", HERE)


def compare(left: str, op: ir.Op, *parameters: str) -> ir.Leaf:
    """Return `left op parameter`, or with two parameters `left op first * second`."""
    kind: ir.Right = ir.Right("parameter" if len(parameters) == 1 else "product", parameters)
    return leaf(ir.Compare(left, op, kind))


def compare_measures(left: str, op: ir.Op, right: str) -> ir.Leaf:
    """Return `left op right` between two measures."""
    return leaf(ir.Compare(left, op, ir.Right("measure", (right,))))


def drawn(atom: str) -> ir.Leaf:
    """Return the clause that an earlier stratum drew `atom`."""
    return leaf(ir.Drawn(atom))


def equals(left: str, value: str | bool, negated: bool = False, recorded: bool = False) -> ir.Leaf:
    """Return `left is value`."""
    return leaf(ir.Equals(left, value, negated, recorded))


def at_least(count: str, *atoms: str) -> ir.AtLeast:
    """Return the clause that at least so many (a parameter) of these atoms were drawn."""
    return ir.AtLeast(count, atoms, "at least", HERE)


def rule(id_: str, when: ir.Condition, atom: str | None = None, table: str | None = None, state: str = "") -> ir.Rule:
    """Return a rule; it draws `atom`, or its own id."""
    return ir.Rule(
        id=id_,
        kind="finding",
        subject=table or id_,
        state=state,
        atom=atom or id_,
        when=when,
        because="",
        stratum=0,
        span=HERE,
        table=table,
    )


def table(id_: str, rows: Sequence[ir.Rule], otherwise: str) -> ir.Table:
    """Return a table of rows in order."""
    states = dict.fromkeys([*(row.state for row in rows), otherwise])
    return ir.Table(id_, "sign", tuple(row.id for row in rows), tuple(states), otherwise, 0, HERE)


def pack(
    rules: Sequence[ir.Rule],
    tables: Sequence[ir.Table] = (),
    lookback: Sequence[str] = (),
    parameters: Mapping[str, int | float] | None = None,
) -> ir.Pack:
    """Return a pack with its strata found."""
    strata = stratify(rules, tables)
    number = {at: stratum.number for stratum in strata for at in stratum.rules}
    placed = tuple(replace(r, stratum=number[at]) for at, r in enumerate(rules))
    return ir.Pack(
        id="made-up",
        version="1.0.0",
        title="",
        status="draft",
        effective="2025-01-01",
        digest="0" * 64,
        about=(),
        citations=(),
        parameters=tuple(_parameter(name, value) for name, value in (parameters or {}).items()),
        instruments=(),
        scales=(),
        roles=(),
        course=ir.Course("", "", "", "", ""),
        schedule=ir.Schedule((), "", "", HERE),
        fact_checks=(),
        events=(),
        measures=(),
        rules=placed,
        tables=tuple(tables),
        strata=strata,
        lookback=_lookback(placed, tables, lookback) if lookback else None,
        signs=(),
        notices=(),
        recommendations=(),
    )


def _parameter(name: str, value: int | float) -> ir.Parameter:
    dated = ir.DatedValue("2025-01-01", value, "clinic_policy")
    return ir.Parameter(name, "", "", "", (dated,), HERE)


def _lookback(rules: Sequence[ir.Rule], tables: Sequence[ir.Table], atoms: Sequence[str]) -> ir.Lookback:
    positions = slice_for(rules, tables, atoms)
    measures = dict.fromkeys(name for at in positions for name in measures_read(rules[at].when))
    return ir.Lookback(tuple(atoms), (), positions, tuple(measures))

"""Packs with other measures and event sets than their own, for the tests of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.tests.packs.files import default_pack

SPAN = Span("made-up.yaml", 1, 1)
PACK = default_pack()


def pack_with(measures: Iterable[ir.Measure], events: Iterable[ir.EventSet] = (), **more: object) -> LoadedPack:
    """Return the default pack with these measures and, where they are given, event sets in place of its own."""
    sets = tuple(events) or PACK.ir.events
    return LoadedPack(replace(PACK.ir, measures=tuple(measures), events=sets, **more))  # type: ignore[arg-type]


def measure(
    name: str,
    kind: str,
    dimension: str,
    *,
    order: tuple[str, ...] = (),
    where: ir.Condition | None = None,
    **args: str,
) -> ir.Measure:
    """Return a measure; a trailing `_` of a setting is dropped, for `from`."""
    settings: Mapping[str, str] = {key.rstrip("_"): value for key, value in args.items()}
    return ir.Measure(name, kind, dimension, name, SPAN, tuple(settings.items()), where=where, order=order)


def clause(test: ir.Compare | ir.Equals | ir.Known) -> ir.Leaf:
    """Return a clause of a condition."""
    return ir.Leaf(test, "made up", SPAN)


def said(name: str, value: str | bool, *, negated: bool = False, recorded: bool = False) -> ir.Leaf:
    """Return the clause that a field is a value."""
    return clause(ir.Equals(name, value, negated, recorded))


def compared(left: str, op: ir.Op, *right: str, kind: str = "parameter") -> ir.Leaf:
    """Return the clause that compares a field with a parameter, or with another field."""
    return clause(ir.Compare(left, op, ir.Right(kind, right)))  # type: ignore[arg-type]

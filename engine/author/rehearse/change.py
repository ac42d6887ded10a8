"""A small change of a compiled pack, as data: what stands in place of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from boosterwatch.engine.pack import ir

DIGITS = 10  # a shifted number is written with so many decimals at most: 0.1 + 0.2 is 0.3


@dataclass(frozen=True, slots=True)
class Change:
    """What differs: parameters by what is added to every dated value, the other parts by what stands in their place.

    Rules and fact checks go by position in the pack, the others by id or name.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    rules: Mapping[int, ir.Rule] = field(default_factory=dict)
    tables: Mapping[str, ir.Table] = field(default_factory=dict)
    events: Mapping[str, ir.EventSet] = field(default_factory=dict)
    measures: Mapping[str, ir.Measure] = field(default_factory=dict)
    checks: Mapping[int, ir.FactCheck] = field(default_factory=dict)

    @property
    def replans(self) -> bool:
        """Whether measures are planned otherwise."""
        return bool(self.events or self.measures or self.checks)


def shifted(value: float, by: float) -> float | int:
    """Return a parameter's value moved by a step, without the dust of binary fractions.

    >>> shifted(0.3, -0.05), shifted(5, 1), shifted(0.8, 0.2)
    (0.25, 6, 1.0)
    """
    moved = round(value + by, DIGITS)
    return int(moved) if isinstance(value, int) and moved == int(moved) else moved


def changed(pack: ir.Pack, change: Change) -> ir.Pack:
    """Return the pack with the change made; its digest stays that of the original."""
    return replace(
        pack,
        parameters=tuple(_parameter(one, change) for one in pack.parameters),
        rules=tuple(change.rules.get(at, rule) for at, rule in enumerate(pack.rules)),
        tables=tuple(change.tables.get(table.id, table) for table in pack.tables),
        events=tuple(change.events.get(event.id, event) for event in pack.events),
        measures=tuple(change.measures.get(measure.name, measure) for measure in pack.measures),
        fact_checks=tuple(change.checks.get(at, check) for at, check in enumerate(pack.fact_checks)),
    )


def _parameter(parameter: ir.Parameter, change: Change) -> ir.Parameter:
    by = change.parameters.get(parameter.name)
    if by is None:
        return parameter
    values = tuple(replace(dated, value=shifted(dated.value, by)) for dated in parameter.values)
    return replace(parameter, values=values)

"""How far a parameter is shifted: the smallest difference that matters in its unit.

A score moves by the resolution of its instrument: 1 where scores are whole, else what one item answer moves a mean by.
A fraction moves by a twentieth, a multiple (`times`) by a tenth, and everything that is counted, days and mmHg
included, by 1.
"""

from __future__ import annotations

from collections.abc import Mapping

from boosterwatch.engine.pack import ir

_OF_UNIT: Mapping[str, float] = {"fraction": 0.05, "times": 0.1}
_POINTS = "points of "
_FINE = 0.1  # a score that is not whole, of a form whose items the pack does not know


def steps_of(pack: ir.Pack) -> dict[str, float]:
    """Return the step of every parameter, in its own unit."""
    groups = _groups(pack)
    return {one.name: _step(one, groups) for one in pack.parameters}


def _step(parameter: ir.Parameter, groups: Mapping[str, float]) -> float:
    if parameter.dimension.startswith(_POINTS):
        return groups.get(parameter.dimension.removeprefix(_POINTS), 1)
    return _OF_UNIT.get(parameter.unit, 1)


def _groups(pack: ir.Pack) -> dict[str, float]:
    """Return the resolution of every group of scales: that of its finest scale."""
    instruments = {one.id: one for one in pack.instruments}
    found: dict[str, float] = {}
    for scale in pack.scales:
        instrument = instruments[scale.instrument]
        fine = 1.0 if scale.part is not None or instrument.whole else _of_mean(instrument)
        step = int(fine) if fine == 1 else fine
        found[scale.group] = min(step, found.get(scale.group, step))
    return found


def _of_mean(instrument: ir.Instrument) -> float:
    return _FINE if instrument.items is None else 1 / instrument.items.count

"""Levers for the policy's numbers: each that a clinic may change, by its natural step, inside its allowed range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from boosterwatch.engine.author.what_if.change import Change, Lever, Record, tidy
from boosterwatch.engine.author.what_if.stops import Turning, steps_to
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

_NEARLY = 1e-9
_WHOLE = ("days", "count", "points", "years")


def number_levers(
    pack: ir.Pack, values: Mapping[str, float], measured: Mapping[str, Scalar], days: Iterable[int]
) -> Iterator[Lever]:
    """Yield the levers of the parameters with an allowed range; `values` are those in force.

    `measured` and `days` are the measures and the dates (ordinals) of the record: most numbers change something only
    where they pass one of them, see `stops.py`.
    """
    turning = Turning(pack, measured, days)
    for parameter in pack.parameters:
        if parameter.allowed is None:
            continue
        points = turning.points(parameter.name)
        yield from (_lever(parameter, parameter.allowed, values[parameter.name], points, way) for way in (-1, 1))


def _lever(
    parameter: ir.Parameter, allowed: tuple[float, float], was: float, points: set[float] | None, way: int
) -> Lever:
    low, high = allowed
    step = step_of(parameter)
    most = int(abs((high if way > 0 else low) - was) / step + _NEARLY)
    stops = None if points is None else steps_to(points, was, step * way, most)
    return Lever(
        "number",
        parameter.name,
        most,
        high - low,
        lambda record, steps: _pull(parameter, was, way, record, steps),
        stops,
    )


def step_of(parameter: ir.Parameter) -> float:
    """Return the natural step of a parameter: 1 for what is counted, else a hundredth, or finer where it is finer."""
    if parameter.unit in _WHOLE:
        return 1
    told = [value.value for value in parameter.values] + list(parameter.allowed or ())
    decimals = max(len(f"{value:.6f}".rstrip("0").partition(".")[2]) for value in told)
    return float(10 ** -max(decimals, 2))


def _pull(parameter: ir.Parameter, was: float, way: int, record: Record, steps: int) -> tuple[Record, Change] | None:
    now, step = tidy(was + steps * step_of(parameter) * way), step_of(parameter)
    if parameter.allowed is None or not parameter.allowed[0] <= now <= parameter.allowed[1]:
        return None
    low, high = parameter.allowed
    says = (
        f"the number {parameter.name} ({parameter.says}) were {now:g} instead of {tidy(was):g}"
        f" (allowed {low:g} to {high:g})"
    )
    size = tidy(steps * step)
    return with_number(record, parameter.name, now), Change(
        "number", parameter.name, tidy(was), now, size, parameter.unit, says
    )


def with_number(record: Mapping[str, Any], name: str, value: float) -> Record:
    """Return the record with the patient's own value of a parameter in place of any other."""
    others = [one for one in record.get("overrides", ()) if one["parameter"] != name]
    own = {"parameter": name, "value": value, "reason": "what if", "by": "what if", "date": str(record["as_of"])}
    return {**record, "overrides": [*others, own]}

"""A compiled pack with other numbers: every parameter may take another value that its text could have held."""

from __future__ import annotations

import random
from dataclasses import replace

from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.ir_json import seal

WHOLE_UNITS = ("days", "count", "years")


def vary(pack: ir.Pack, rng: random.Random, share: float = 0.3) -> ir.Pack:
    """Return the pack with this share of its parameters changed, inside the allowed range where there is one."""
    parameters = tuple(_varied(one, rng) if rng.random() < share else one for one in pack.parameters)
    return seal(replace(pack, parameters=parameters))


def other_value(parameter: ir.Parameter, rng: random.Random) -> float | int:
    """Return another value near the newest one, inside the allowed range where there is one."""
    value = parameter.values[-1].value
    whole = parameter.unit in WHOLE_UNITS or (parameter.unit == "points" and value == int(value))
    step = max(1, round(abs(value) / 4)) if whole else abs(value) / 4 or 0.25
    low, high = parameter.allowed or (max(0, value - step), value + step)
    for _ in range(20):
        drawn = rng.randint(-int(-low // 1), int(high)) if whole else round(rng.uniform(low, high), 2)
        if drawn != value and low <= drawn <= high:
            return drawn
    return value


def _varied(parameter: ir.Parameter, rng: random.Random) -> ir.Parameter:
    *older, newest = parameter.values
    return replace(parameter, values=(*older, replace(newest, value=other_value(parameter, rng))))

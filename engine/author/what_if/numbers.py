"""Levers for the policy's numbers: each that a clinic may change, by its natural step, inside its allowed range."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from boosterwatch.engine.author.what_if.change import Change, Lever, Record, tidy
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

_NEARLY = 1e-9
_WHOLE = ("days", "count", "points", "years")


def number_levers(pack: ir.Pack, values: Mapping[str, float], measured: Mapping[str, Scalar]) -> Iterator[Lever]:
    """Yield the levers of the parameters with an allowed range; `values` are those in force.

    A number that rules only compare measures with changes nothing but where it passes one of them (`measured`).
    """
    within = used_in_measures(pack)
    for parameter in pack.parameters:
        if parameter.allowed is None:
            continue
        low, high = parameter.allowed
        was, step = values[parameter.name], step_of(parameter)
        compared = None if parameter.name in within else _compared(pack, parameter.name, measured)
        for way in (-1, 1):
            most = int(abs((high if way > 0 else low) - was) / step + _NEARLY)
            stops = None if compared is None else _stops(compared, was, step * way, most)
            yield Lever("number", parameter.name, most, high - low, partial(_pull, parameter, was, way), stops)


def used_in_measures(pack: ir.Pack) -> set[str]:
    """Return the parameters that something else than a plain comparison in a rule reads."""
    plain = {
        pack.course.gap_days,
        pack.course.span_days,
        pack.course.least,
        pack.course.most,
        pack.course.baseline_days,
    }
    plain |= {
        pack.schedule.otherwise,
        pack.schedule.unstarted,
        *(name for step in pack.schedule.steps for name in step),
    }
    groups = {scale.group for scale in pack.scales}
    conditions: list[ir.Condition] = [check.keep for check in pack.fact_checks]
    for measure in pack.measures:
        args = dict(measure.args)
        plain |= set(args.values()) | {f"{group}.{args.get('parameter')}" for group in groups}
        conditions += [measure.where] if measure.where is not None else []
    for event in pack.events:
        plain |= {name for name in (event.within, *(event.not_preceded_by or ())) if name is not None}
        conditions += [event.where] if event.where is not None else []
    told = (right.names for condition in conditions for _, right in _comparisons(condition))
    products = (right.names for rule in pack.rules for _, right in _comparisons(rule.when) if right.kind == "product")
    return plain.union(*told, *products, *(_counts(rule.when) for rule in pack.rules))


def _compared(pack: ir.Pack, name: str, measured: Mapping[str, Scalar]) -> set[float]:
    """Return the values of the measures that rules compare with a parameter."""
    found = {left for rule in pack.rules for left, right in _comparisons(rule.when) if right.names == (name,)}
    values = (measured.get(left) for left in found)
    return {float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)}


def _stops(compared: Iterable[float], was: float, step: float, most: int) -> tuple[int, ...]:
    """Return the steps around those that take a number to one of the values."""
    near = {int((value - was) / step // 1) + n for value in compared for n in (-1, 0, 1, 2)}
    return tuple(sorted(steps for steps in near if 1 <= steps <= most))


def _comparisons(condition: ir.Condition) -> Iterator[tuple[str, ir.Right]]:
    for part in _walk(condition):
        if isinstance(part, ir.Leaf) and isinstance(part.test, ir.Compare):
            yield part.test.left, part.test.right


def _counts(condition: ir.Condition) -> set[str]:
    return {part.count for part in _walk(condition) if isinstance(part, ir.AtLeast)}


def _walk(condition: ir.Condition) -> Iterator[ir.Condition]:
    yield condition
    match condition:
        case ir.All(parts=parts) | ir.Any(parts=parts):
            for part in parts:
                yield from _walk(part)
        case ir.Not(part=part):
            yield from _walk(part)


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

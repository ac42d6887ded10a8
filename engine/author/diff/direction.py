"""The effect of one parameter without a solver, where it can be read off: it is only compared with.

A higher threshold under `>=` is true for fewer, under `<=` for more; a negation turns it round. What a measure is
worked out with, and what stands in a product, is left to the proof.
"""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.author.diff.model import Effect
from boosterwatch.engine.pack import ir

_FEWER_WHEN_HIGHER = {">=": True, ">": True, "<=": False, "<": False}


def read_off(pack: ir.Pack, parameter: str, old: float, new: float) -> Effect | None:
    """Return the effect of a value on the rules that compare with it; None where it cannot be read off."""
    if old == new:
        return "equal"
    if _elsewhere(pack, parameter):
        return None
    seen = {fewer for rule in pack.rules for fewer in _occurrences(rule.when, parameter, plain=True)}
    if None in seen or not seen:
        return None
    if len(seen) == 2:
        return "mixed"
    return "tighter" if (True in seen) == (new > old) else "looser"


def _elsewhere(pack: ir.Pack, parameter: str) -> bool:
    """Return whether anything but a rule's comparison uses the parameter."""
    conditions = [one.where for one in pack.events] + [one.where for one in pack.measures]
    conditions += [one.keep for one in pack.fact_checks]
    used = any(set(_occurrences(where, parameter, plain=True)) for where in conditions if where is not None)
    windows = any(parameter in (one.within, *(one.not_preceded_by or ())) for one in pack.events)
    settings = any(parameter in dict(one.args).values() for one in pack.measures)
    group, _, name = parameter.rpartition(".")
    groups = {scale.id: scale.group for scale in pack.scales}
    roles = {role.id for role in pack.roles if group in {groups[scale] for scale in role.scales}}
    by_role = any(
        one.kind == "role_parameter" and dict(one.args)["parameter"] == name and dict(one.args)["role"] in roles
        for one in pack.measures
    )
    steps = {step for pair in pack.schedule.steps for step in pair} | {pack.schedule.otherwise, pack.schedule.unstarted}
    course = pack.course
    course_names = {course.gap_days, course.span_days, course.least, course.most, course.baseline_days}
    return used or windows or settings or by_role or parameter in steps or parameter in course_names


def _occurrences(condition: ir.Condition, parameter: str, plain: bool) -> Iterator[bool | None]:
    """Yield, per use, whether a higher value makes the condition true for fewer; None where it cannot be told."""
    match condition:
        case ir.All(parts) | ir.Any(parts):
            for part in parts:
                yield from _occurrences(part, parameter, plain)
        case ir.Not(part):
            yield from _occurrences(part, parameter, not plain)
        case ir.AtLeast(count=count) if count == parameter:
            yield plain
        case ir.Leaf(test=ir.Compare(op=op, right=right)) if parameter in right.names and right.kind != "measure":
            yield _FEWER_WHEN_HIGHER[op] == plain if right.kind == "parameter" else None

"""The same patient under the pack's own numbers and under those of its layers, in the model.

The two speak of the same unknowns. What is worked out with another number is another unknown, about which little is
said: events of another window are related where nothing else about them differs. So more is allowed than a record could
show, never less. Every number with an allowed range is free, whether it decides a hold or not: what `overlay/loosen.py`
finds out from the text of the rules is not taken for granted here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import z3

from boosterwatch.engine.author.prove.pairs import Pair
from boosterwatch.engine.author.symbolic import Symbolic, Twin
from boosterwatch.engine.author.symbolic.terms import both, either, implies, negate, real
from boosterwatch.engine.overlay.loosen import Side, guard_of
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import WHOLE_UNITS


def layered_pair(before: Symbolic, fixed: Collection[str]) -> Pair:
    """Return the patient under the pack, and under any site's overlay and any own numbers; `fixed` ones are not set."""
    pack = before.pack
    free = {one.name: _variable(one) for one in pack.parameters if one.allowed is not None and one.name not in fixed}
    off = {atom: z3.Bool(f"left out {atom}") for atom in _optional(pack)}
    after = Symbolic(pack, {**before.parameters, **free}, prefix=before.prefix, at=before.at, left_out=off)
    own = {name: real(before.parameters[name]) for name in free}
    unset = [free[name] == own[name] for name in free]
    links = [either(same, one) for same, one in zip(unset, _permitted(pack, free, own), strict=True)]
    links += _events(before, after, dict(zip(free, unset, strict=True)))
    return Pair((before, _apart(after)), links, [*(negate(one) for one in off.values()), *unset])


def _apart(after: Symbolic) -> Symbolic | Twin:
    """Return the second patient with unknowns of their own for measures of which the model knows the range at most."""
    names = (*after.free, *after.unmodelled)
    own = [term for name in names for term in (after.known(name), after.value(name))]
    return Twin(after, own) if own else after


def _variable(parameter: ir.Parameter) -> z3.ArithRef:
    name = f"layered {parameter.name}"
    return z3.Int(name) if parameter.unit in WHOLE_UNITS else z3.Real(name)


def _optional(pack: ir.Pack) -> list[str]:
    """Return the notices that a site may leave out."""
    guarded = guard_of(pack).atoms
    found = [f"{notice.kind}:{notice.id}" for notice in pack.notices if notice.optional]
    return [atom for atom in found if atom not in guarded]


def _permitted(pack: ir.Pack, free: Mapping[str, z3.ArithRef], own: Mapping[str, Any]) -> Iterator[z3.BoolRef]:
    """Yield what a layer may set each number to: inside its range, and not on the less strict side."""
    sides: Mapping[str, Side | None] = guard_of(pack).parameters
    for parameter in (one for one in pack.parameters if one.name in free):
        assert parameter.allowed is not None, "only numbers with a range are free"
        value, (low, high) = free[parameter.name], map(real, parameter.allowed)
        stricter = {"higher": value >= own[parameter.name], "lower": value <= own[parameter.name]}
        side = sides.get(parameter.name)
        yield both(low <= value, value <= high, *([stricter[side]] if side is not None else []))


def _events(before: Symbolic, after: Symbolic, unset: Mapping[str, z3.BoolRef]) -> Iterator[z3.BoolRef]:
    """Yield how the events of a set are related when only the window of the set is another one.

    The newest event is the same, as long as it is young enough for both windows.
    """
    for spec in before.pack.events:
        was, now = _newest(before, spec.id), _newest(after, spec.id)
        if was is None or now is None or was[0] is now[0]:
            continue
        alike = both(*(unset[name] for name in sorted(before.measures.facts.numbers_of(spec.id)) if name in unset))
        for (there, day), other, model in ((was, now, after), (now, was, before)):
            young = [] if spec.within is None else [day >= model.at - real(model.parameters[spec.within])]
            yield implies(both(alike, there, *young), both(other[0], other[1] == day))


def _newest(model: Symbolic, id: str) -> tuple[z3.BoolRef, z3.ArithRef] | None:
    """Return whether a set holds an event, and the day of the newest; None when the model does not speak of it."""
    name = model.measures.facts.event_name(id)
    there, day = model.unknowns.get(name), model.unknowns.get(f"{name} day")
    return (there, day) if isinstance(there, z3.BoolRef) and isinstance(day, z3.ArithRef) else None

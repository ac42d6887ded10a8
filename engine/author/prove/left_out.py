"""The same patient with facts left out, in the model: instruments, safety facts, what is known of the person.

Infusions, bookings and the course stay. Whatever hangs on what was left out in a way that is not plain is left free:
more than a record could show is allowed, never less.
"""

from __future__ import annotations

from collections.abc import Mapping

import z3

from boosterwatch.engine.author.prove.pairs import Pair
from boosterwatch.engine.author.symbolic import Symbolic, Twin
from boosterwatch.engine.author.symbolic.scales import ScaleModel
from boosterwatch.engine.author.symbolic.terms import both, either, implies, negate
from boosterwatch.engine.pack import ir

FACTS = ("latest_fact", "latest_fact_meets", "fact_date")
PERSONAL = ("age_years", "attribute")
OF_SETS = ("count", "days_to_next", "event_date")
STAYING = ("infusions", "booked", "answers")  # sources of events that are no safety facts


def less_known_pair(before: Symbolic) -> Pair:
    """Return the same patient with some instruments and facts left out."""
    scales, sets = _by_instrument(before), _reached(before.pack)
    plain, events = _plain_flags(before), _events(before, sets)
    left_out = {one: z3.Bool(f"without {one}") for one in (*scales, *_types(before.pack))}
    own = [*before.loose, *plain, *events.values(), *_of_sets(before, sets)]
    own += [flag for group in scales.values() for scale in group for flag in scale.flags]
    after = Twin(before, own)
    links = [implies(after.again(one), one) for one in plain]
    for id, group in scales.items():
        flags = {flag.get_id(): flag for scale in group for flag in scale.flags}
        links += [after.again(flag) == both(flag, negate(left_out[id])) for flag in flags.values()]
    for event in (event for event in before.pack.events if event.id in events):
        links += _event_links(before.pack, event, events[event.id], after, left_out, sets)
    return Pair((before, after), links, [negate(one) for one in left_out.values()])


def _by_instrument(model: Symbolic) -> dict[str, list[ScaleModel]]:
    found: dict[str, list[ScaleModel]] = {}
    for scale in model.measures.scales.values():
        found.setdefault(scale.instrument.id, []).append(scale)
    return found


def _plain_flags(model: Symbolic) -> list[z3.BoolRef]:
    """Return what can only be lost: facts, what is known of the person, holds lifted, rejections."""
    flags = list(model.measures.facts.lifted.values())
    for measure in model.pack.measures:
        if measure.kind in (*FACTS, *PERSONAL):
            flags.append(model.known(measure.name))
        elif measure.kind == "any_rejected":
            flags.append(model.measures.term(measure.name).value)
    return flags


# ---------------------------------------------------------------- events


def _types(pack: ir.Pack) -> set[str]:
    return {event.source for event in pack.events if event.source not in STAYING}


def _reached(pack: ir.Pack) -> dict[str, set[str]]:
    """Return the event sets that hang on instruments and facts, with these, themselves or through other sets."""
    instruments = {scale.id: scale.instrument for scale in pack.scales}
    found: dict[str, set[str]] = {event.id: set() for event in pack.events}
    for event in pack.events:
        if event.scale is not None:
            found[event.id].add(instruments[event.scale])
        elif event.source not in STAYING:
            found[event.id].add(event.source)
    for _ in pack.events:  # a chain of sets is no longer than there are sets
        for event in pack.events:
            found[event.id] |= {one for other in (*_adds(event), *_takes(event)) for one in found[other]}
    return {id: sources for id, sources in found.items() if sources}


def _adds(event: ir.EventSet) -> list[str]:
    """Return the sets that let an event count."""
    return [event.followed_by] if event.followed_by is not None else []


def _takes(event: ir.EventSet) -> list[str]:
    """Return the sets that stop an event from counting: without them there may be more."""
    others = [event.not_followed_by, event.silenced_by, *(id for id, _ in event.closed_by)]
    if event.not_preceded_by is not None:
        others.append(event.not_preceded_by[0])
    return [one for one in others if one is not None]


def _only_fewer(pack: ir.Pack, event: ir.EventSet, sets: Mapping[str, set[str]]) -> bool:
    """Return whether leaving out facts can only take events away from a set."""
    by_id = {one.id: one for one in pack.events}
    stopped = any(other in sets for other in _takes(event))
    return not stopped and all(_only_fewer(pack, by_id[other], sets) for other in _adds(event))


def _events(model: Symbolic, sets: Mapping[str, set[str]]) -> dict[str, z3.BoolRef]:
    """Return whether there is an event, by set, of the sets that the model speaks of."""
    names = {id: model.measures.facts.event_name(id) for id in sets}
    return {id: model.unknowns[name] for id, name in names.items() if name in model.unknowns}


def _of_sets(model: Symbolic, sets: Mapping[str, set[str]]) -> list[z3.ExprRef]:
    """Return the dates and numbers of these sets; nothing says how they change."""
    found = [one.name for one in model.pack.measures if one.kind in OF_SETS and dict(one.args)["of"] in sets]
    return [term for name in found for term in (model.known(name), model.value(name))]


def _event_links(
    pack: ir.Pack,
    event: ir.EventSet,
    was: z3.BoolRef,
    after: Twin,
    left_out: Mapping[str, z3.BoolRef],
    sets: Mapping[str, set[str]],
) -> list[z3.BoolRef]:
    """Return that a set is as it was when nothing it hangs on is left out, and empty without its own source."""
    now = after.again(was)
    gone = either(*(left_out[one] for one in sorted(sets[event.id]) if one in left_out))
    links = [implies(negate(gone), now == was)]
    instruments = {scale.id: scale.instrument for scale in pack.scales}
    source = instruments[event.scale] if event.scale is not None else event.source
    if source in left_out:
        links.append(implies(left_out[source], negate(now)))
    if _only_fewer(pack, event, sets):
        links.append(implies(now, was))
    return links

"""The second patient of a two-patient property, in the model: the same one but for what the property speaks of.

What the second patient does not own is the very same unknown, so everything that does not hang on the change is the
same term. What hangs on earlier dates (observed cycles) is left free: a change may reach it, and more than a record
could show is allowed, never less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import z3

from boosterwatch.engine.author.symbolic import Symbolic, Twin
from boosterwatch.engine.author.symbolic.scales import ScaleModel
from boosterwatch.engine.author.symbolic.terms import both, either, implies, negate
from boosterwatch.engine.pack import ir

FACTS = ("latest_fact", "latest_fact_meets", "fact_date")
PERSONAL = ("age_years", "attribute")


class Pair(NamedTuple):
    """The patients of a property, what relates them, and what a reader wishes: as little changed as can be."""

    models: tuple[Symbolic | Twin, ...]
    links: list[z3.BoolRef]
    wishes: list[z3.BoolRef]


def worse_pair(before: Symbolic, scales: Sequence[str]) -> Pair:
    """Return the same patient with the latest scores of these scales as bad or worse."""
    own = [*before.loose]
    for scale in (before.measures.scale(id) for id in scales):
        own += [scale.latest, scale.baseline, *(visit.value for visit in scale.visits)]
    after = Twin(before, own)
    links: list[z3.BoolRef] = []
    wishes: list[z3.BoolRef] = []
    for id in scales:
        scale = before.measures.scale(id)
        links += _one_worse(scale, after)
        wishes.append(after.again(scale.latest) == scale.latest)
    return Pair((before, after), links, wishes)


def _one_worse(was: ScaleModel, after: Twin) -> list[z3.BoolRef]:
    """Return that only the latest value is worse; before an induction it may be the baseline as well."""
    latest, baseline = after.again(was.latest), after.again(was.baseline)
    after_first = both(was.treatment.started, was.day > was.treatment.first)
    same_form = both(was.baseline == was.latest, baseline == latest)
    links = [latest >= was.latest, either(baseline == was.baseline, both(negate(after_first), same_form))]
    for visit in was.visits:
        links.append(implies(visit.day < was.day, after.again(visit.value) == visit.value))
    return links


def less_known_pair(before: Symbolic) -> Pair:
    """Return the same patient with some instruments and facts left out altogether.

    Infusions, bookings, the course and the facts that are events stay.
    """
    pack, measures = before.pack, before.measures
    flags = {id: [flag for scale in group for flag in scale.flags] for id, group in _by_instrument(before).items()}
    facts = [one for name, one in before.unknowns.items() if name in _facts_left_out(before)]
    events = {id: before.measures.facts.event_name(id) for id in _sets_of_answers(pack)}
    of_events = [before.unknowns[name] for name in events.values() if name in before.unknowns]
    own = [
        *measures.from_earlier_dates,
        *facts,
        *of_events,
        *_of_sets(before, set(events)),
        *(flag for group in flags.values() for flag in group),
    ]
    after = Twin(before, own)
    left_out = {id: z3.Bool(f"without {id}") for id in flags}
    links = [implies(after.again(one), one) for one in facts]
    for id, group in flags.items():
        links += [after.again(one) == both(one, negate(left_out[id])) for one in group]
    links += _event_links(before, after, events, left_out)
    return Pair((before, after), links, [negate(one) for one in left_out.values()])


def _by_instrument(model: Symbolic) -> Mapping[str, list[ScaleModel]]:
    found: dict[str, list[ScaleModel]] = {}
    for scale in model.measures.scales.values():
        found.setdefault(scale.instrument.id, []).append(scale)
    return found


def _facts_left_out(model: Symbolic) -> set[str]:
    """Return the names of the flags of facts that are no events, of attributes, and of rejections."""
    sources = {event.source for event in model.pack.events}
    flags: list[z3.ExprRef] = []
    for measure in model.pack.measures:
        args = dict(measure.args)
        if measure.kind in PERSONAL or (measure.kind in FACTS and args["fact"] not in sources):
            flags.append(model.known(measure.name))
        elif measure.kind == "any_rejected":
            flags.append(model.value(measure.name))
    return model.names_of(flags)


def _sets_of_answers(pack: ir.Pack) -> dict[str, set[str]]:
    """Return the event sets that hang on the answers of instruments, themselves or through other sets."""
    instruments = {scale.id: scale.instrument for scale in pack.scales}
    found = {event.id: {instruments[event.scale]} for event in pack.events if event.scale is not None}
    grown = True
    while grown:
        grown = False
        for event in pack.events:
            reached = {one for other in _reads(event) for one in found.get(other, ())} | found.get(event.id, set())
            if reached != found.get(event.id, set()):
                found[event.id], grown = reached, True
    return found


def _of_sets(model: Symbolic, sets: set[str]) -> list[z3.ExprRef]:
    """Return the unknown dates and numbers of these sets; nothing says how they change."""
    kinds = ("count", "days_to_next", "event_date")
    found = [one.name for one in model.pack.measures if one.kind in kinds and dict(one.args)["of"] in sets]
    return [term for name in found for term in (model.known(name), model.value(name))]


def _reads(event: ir.EventSet) -> list[str]:
    others = [event.followed_by, event.not_followed_by, event.silenced_by, *(id for id, _ in event.closed_by)]
    if event.not_preceded_by is not None:
        others.append(event.not_preceded_by[0])
    return [one for one in others if one is not None]


def _event_links(
    before: Symbolic, after: Twin, events: Mapping[str, str], left_out: Mapping[str, z3.BoolRef]
) -> list[z3.BoolRef]:
    """Return that a set is as it was when nothing it hangs on is left out, and empty without its own instrument."""
    reached = _sets_of_answers(before.pack)
    own = {event.id: event for event in before.pack.events}
    instruments = {scale.id: scale.instrument for scale in before.pack.scales}
    links = []
    for id, name in events.items():
        if name in before.unknowns:
            was, now = before.unknowns[name], after.unknowns[name]
            gone = either(*(left_out[one] for one in reached[id] if one in left_out))
            links.append(implies(negate(gone), now == was))
            scale = own[id].scale
            if scale is not None and instruments[scale] in left_out:
                links.append(implies(left_out[instruments[scale]], negate(now)))
    return links

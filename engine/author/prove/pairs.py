"""The second patient of a two-patient property, in the model: the same one but for what the property speaks of.

What the second patient does not own is the very same unknown, so everything that does not hang on the change is the
same term. What hangs on earlier dates (observed cycles) is left free: a change may reach it, and more than a record
could show is allowed, never less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import z3

from boosterwatch.engine.author.symbolic import Symbolic, Twin
from boosterwatch.engine.author.symbolic.scales import ScaleModel
from boosterwatch.engine.author.symbolic.terms import both, either, implies, negate


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

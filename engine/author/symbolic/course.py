"""Time in the model: the evaluation date, the infusions and the induction; see `engine/measures/course.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import z3

from boosterwatch.engine.author.symbolic.terms import Number, both, implies
from boosterwatch.engine.author.symbolic.variables import Unknowns, named
from boosterwatch.engine.pack import ir

FIRST_DAY = date(1900, 1, 1).toordinal()  # no record has an earlier date


class Treatment:
    """The last infusion and the course of one patient at the day `at`; days are ordinals."""

    def __init__(self, unknowns: Unknowns, course: ir.Course, parameters: Mapping[str, Number], at: int) -> None:
        self.numbers = (course.gap_days, course.span_days, course.least, course.most)
        found = [parameters[name] for name in self.numbers]
        self.at = at
        self.infused = unknowns.truth("infused")
        self.last_infusion = unknowns.whole("last infusion")
        self.signature = named("course", *found)
        self.started = unknowns.truth(self.signature)
        self.first = unknowns.whole(named("course first", *found))
        self.last = unknowns.whole(named("course last", *found))

    def relations(self) -> list[z3.BoolRef]:
        """Return how the dates lie: an induction's first day is an infusion; a marked one may still be going on."""
        return [
            both(self.last_infusion >= FIRST_DAY, self.last_infusion <= self.at),
            self.first >= FIRST_DAY,
            implies(self.started, both(self.infused, self.first <= self.last, self.first <= self.last_infusion)),
            implies(both(self.started, self.last <= self.at), self.last <= self.last_infusion),
        ]

    def after_induction(self, day: z3.ArithRef) -> z3.BoolRef:
        """Return whether there is a course and the day comes after its induction."""
        return both(self.started, day > self.last)

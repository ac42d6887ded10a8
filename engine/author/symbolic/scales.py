"""One scale in the model, oriented so that higher is worse: the mirror of `engine/measures/look.py` and `score.py`.

The unknowns are what the forms of a record can show independently of each other; every measure is defined over them,
so relations such as `change = latest - best` hold by definition. What the forms guarantee besides is in `relations`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import z3

from boosterwatch.engine.author.symbolic.course import FIRST_DAY, Treatment
from boosterwatch.engine.author.symbolic.terms import (
    TRUE,
    Number,
    Term,
    both,
    choose,
    code,
    either,
    implies,
    lowest,
    negate,
    real,
)
from boosterwatch.engine.author.symbolic.variables import Unknowns, named
from boosterwatch.engine.measures.source import sign_of
from boosterwatch.engine.pack import ir


class Preceding(NamedTuple):
    """The visit before the latest, and the best before that."""

    known: z3.BoolRef
    value: z3.ArithRef
    day: z3.ArithRef
    best_known: z3.BoolRef
    best: z3.ArithRef


class ScaleModel:
    """What one scale shows. `seen`: there is a latest value; `others`: best of the other post-induction values."""

    def __init__(
        self,
        unknowns: Unknowns,
        scale: ir.Scale,
        instrument: ir.Instrument,
        treatment: Treatment,
        parameters: Mapping[str, Number],
        baseline_days: str,
    ) -> None:
        self.scale, self.instrument, self.treatment, self.parameters = scale, instrument, treatment, parameters
        self.sign = sign_of(scale.worse)
        self.total = scale.part is None
        self.low, self.high, self.whole = bounds(scale, instrument)
        self.relations: list[z3.BoolRef] = []
        self._unknowns = unknowns
        self._kept: dict[tuple[object, ...], Any] = {}
        self.flags: list[z3.BoolRef] = []  # the unknowns that are no without forms of the instrument
        self.visits: list[Preceding] = []
        form = (instrument.worse, instrument.items, instrument.methods, instrument.unstated, scale.low, scale.high)
        self._form = named("", instrument.low, instrument.high, instrument.whole, scale.part, *form)
        self.seen = self._truth("seen")
        self.invalid = self._truth("invalid")
        self.after = self._truth("after that day's infusion")
        self.latest = self._score("latest", self.seen)
        self.day = self._whole("day")
        self.worst_known = self._truth("another that day")
        self.worst = self._score("worst other that day", self.worst_known)
        course = treatment.signature
        self.best_known = self._truth("best known", course)
        self.best = self._score("best", self.best_known, course)
        self.others_known = self._truth("others known", course)
        self.others = self._score("others", self.others_known, course)
        self.baseline_known = self._truth("baseline known", course, parameters[baseline_days])
        self.baseline = self._score("baseline", self.baseline_known, course, parameters[baseline_days])
        self._relate()

    # ------------------------------------------------------------ unknowns

    def _name(self, what: str, *settings: object) -> str:
        return named(f"{self.scale.id} {what}", self._form, *settings)

    def _truth(self, what: str, *settings: object) -> z3.BoolRef:
        flag = self._unknowns.truth(self._name(what, *settings))
        self.flags.append(flag)
        return flag

    def _whole(self, what: str, *settings: object) -> z3.ArithRef:
        return self._unknowns.whole(self._name(what, *settings))

    def _score(self, what: str, known: z3.BoolRef, *settings: object) -> z3.ArithRef:
        """Return an unknown oriented score within the range of the scale."""
        score = self._unknowns.number(self._name(what, *settings), whole=self.whole)
        ends = sorted((self.sign * self.low, self.sign * self.high))
        self.relations.append(implies(known, both(real(ends[0]) <= score, score <= real(ends[1]))))
        return score

    # ------------------------------------------------------------ what every record guarantees

    def _relate(self) -> None:
        of, day = self.treatment, self.day
        on_infusion = both(of.infused, day <= of.last_infusion)
        self.relations += [
            both(day >= FIRST_DAY, day <= of.at),
            implies(self.after, both(self.seen, on_infusion)),
            implies(self.best_known, both(self.seen, of.started, day > of.last + 1)),
            implies(self.best_known, both(self.others_known, self.others <= self.best)),
            implies(self.others_known, of.started),
            implies(self.baseline_known, of.started),
            implies(self.worst_known, self.seen),
            implies(self.seen, negate(self.invalid)),
        ]
        if self.total:  # the latest total is the last of all totals; two of one day lie around an infusion
            before = either(day < of.first, both(day == of.first, negate(self.after)))
            self.relations += [
                implies(either(self.others_known, self.baseline_known), self.seen),
                implies(self.others_known, of.after_induction(day)),
                implies(
                    both(self.others_known, either(negate(self.best_known), self.others != self.best)), on_infusion
                ),
                implies(self.worst_known, on_infusion),
                implies(both(self.baseline_known, before), self.baseline == self.latest),
            ]

    # ------------------------------------------------------------ what the kinds ask

    @property
    def since(self) -> Term:
        """The best of all post-induction values."""
        counts = both(self.seen, self.treatment.after_induction(self.day))
        value = choose(counts, choose(self.others_known, lowest(self.others, self.latest), self.latest), self.others)
        return Term(either(counts, self.others_known), value)

    def series_day(self) -> Term:
        """The day of the newest value of the scale, which of a part need not be the one that is read."""
        if self.total:
            return Term(self.seen, self.day)
        known, day = self._truth("series known"), self._whole("series day")
        self._once("series", lambda: [
            both(day >= FIRST_DAY, day <= self.treatment.at), implies(self.seen, both(known, day >= self.day)),
            implies(either(self.baseline_known, self.others_known), known),
        ])  # fmt: skip
        return Term(known, day)

    def judged(self, args: Mapping[str, str]) -> z3.ArithRef:
        """The code of "assessable", or of the first reason why the score says nothing about today."""
        settle, fresh = real(self.parameters[args["settle"]]), real(self.parameters[args["fresh"]])
        of = self.treatment
        settled = both(
            self.day - of.last_infusion >= settle,
            either(self.day > of.last_infusion, both(self.day == of.last_infusion, self.after)),
        )
        waiting = choose(of.at - of.last_infusion < settle, code("settling"), code("missing"))
        reference = choose(self.best_known, code("assessable"), code("no_reference"))
        fresh_enough = choose(of.at - self.day > fresh, code("stale"), reference)
        judged = choose(both(of.infused, negate(settled)), waiting, fresh_enough)
        return choose(self.seen, judged, choose(self.invalid, code("invalid"), code("missing")))

    def preceding(self, args: Mapping[str, str]) -> Preceding:
        """The latest value so many days before the latest, in its cycle."""
        least, most = self.parameters[args["from"]], self.parameters[args["to"]]
        key = ("preceding", str(least), str(most))
        if key not in self._kept:
            self._kept[key] = self._make_preceding(least, most)
            self.visits.append(self._kept[key])
        found: Preceding = self._kept[key]
        return found

    def _make_preceding(self, least: Number, most: Number) -> Preceding:
        course = self.treatment.signature
        known, day = self._truth("previous known", least, most), self._whole("previous day", least, most)
        best_known = self._truth("previous best known", least, most, course)
        made = Preceding(
            known,
            self._score("previous", known, least, most),
            day,
            best_known,
            self._score("previous best", best_known, least, most, course),
        )
        cycle_known, cycle = self.cycle
        earlier = both(known, day < self.day)
        self.relations += [
            day >= FIRST_DAY,
            implies(known, both(self.seen, self.day - day >= real(least), self.day - day <= real(most))),
            implies(both(known, cycle_known), day >= cycle),
            implies(best_known, both(known, self.treatment.after_induction(day - 1))),
            implies(both(earlier, self.treatment.after_induction(day)), self._best_at_most(made.value)),
            implies(both(earlier, best_known), self._best_at_most(made.best)),
        ]
        return made

    def _best_at_most(self, value: z3.ArithRef) -> z3.BoolRef:
        return both(self.best_known, self.best <= value)

    @property
    def cycle(self) -> tuple[z3.BoolRef, z3.ArithRef]:
        """Whether an infusion begins the cycle of the latest value, and its day."""
        known, day = self._truth("cycle known"), self._whole("cycle start")
        self._once("cycle", lambda: self._relate_cycle(known, day))
        return known, day

    def _relate_cycle(self, known: z3.BoolRef, day: z3.ArithRef) -> list[z3.BoolRef]:
        of = self.treatment
        current = either(of.last_infusion < self.day, both(of.last_infusion == self.day, self.after))
        return [
            day >= FIRST_DAY,
            implies(known, both(of.infused, day <= of.last_infusion, day <= self.day)),
            implies(both(known, negate(self.after)), day < self.day),
            implies(both(self.seen, of.infused, current), both(known, day == of.last_infusion)),
            implies(both(self.seen, of.started, of.first < self.day), both(known, day >= of.first)),
            implies(both(self.seen, of.started, of.last < self.day), both(known, day >= of.last)),
        ]

    def _once(self, what: str, make: Callable[[], list[z3.BoolRef]]) -> None:
        if (what,) not in self._kept:
            self._kept[(what,)] = True
            self.relations += make()

    def newest_invalid(self) -> z3.BoolRef:
        """Whether the newest form of the instrument failed; a total that was never valid is absent for that reason."""
        one = self.instrument
        form = (one.low, one.high, one.whole, one.items, one.methods, one.unstated)
        failed = self._unknowns.truth(named(f"{one.id} newest form failed", form))
        self.flags.append(failed)
        if self.total:
            self._once("failed", lambda: [implies(negate(self.seen), failed == self.invalid)])
        return failed


def bounds(scale: ir.Scale, instrument: ir.Instrument) -> tuple[float, float, bool]:
    """Return the lowest and highest value that the record checks let through, and whether all are whole."""
    items = instrument.items
    if scale.part is not None:
        if scale.part[0] == "item" and items is not None:
            return min(items.low, scale.low), max(items.high, scale.high), True
        return scale.low, scale.high, True
    ends = [instrument.low, instrument.high]
    ends += [end * one.times for one in instrument.methods for end in (one.low, one.high)]
    if items is not None:  # a sum of items is not checked against the range
        count = len(items.domains) or items.count
        times = max([1, *(one.times for one in instrument.methods)])
        ends += [items.low * count, items.high * count, items.high * count * times]
    whole = instrument.whole and all(float(one.times).is_integer() for one in instrument.methods)
    return min(ends), max(ends), whole


# ---------------------------------------------------------------- the kinds of measures of one scale


Args = Mapping[str, str]


def _previous_change(scale: ScaleModel, args: Args) -> Term:
    found = scale.preceding(args)
    return Term(found.best_known, found.value - found.best)


def _previous_interpretable(scale: ScaleModel, args: Args) -> Term:
    found = scale.preceding(args)
    known, start = scale.cycle
    settled = found.day - start >= real(scale.parameters[args["settle"]])
    return Term(found.known, either(negate(known), settled))


def _change(scale: ScaleModel, args: Args) -> Term:
    if args["since"] == "best":
        return Term(scale.best_known, scale.latest - scale.best)
    return Term(both(scale.seen, scale.baseline_known), scale.latest - scale.baseline)


def _gain(scale: ScaleModel, _args: Args) -> Term:
    return Term(both(scale.baseline_known, scale.since.known), scale.baseline - scale.since.value)


def _fraction_lost(scale: ScaleModel, args: Args) -> Term:
    smallest = scale.parameters[args["smallest_gain"]]
    gain = scale.baseline - scale.best
    known = both(scale.best_known, scale.baseline_known, gain >= real(smallest), gain != 0)
    above_zero = not isinstance(smallest, z3.ArithRef) and smallest > 0
    return _share(known, scale.latest - scale.best, gain, above_zero=above_zero)


def _response_fraction(scale: ScaleModel, args: Args) -> Term:
    level, since = real(scale.parameters[args["case_level"]]), scale.since
    known = both(scale.baseline_known, since.known, scale.baseline >= scale.sign * level, scale.baseline != 0)
    raw = scale.sign * scale.baseline
    return _share(known, raw - scale.sign * since.value, raw, above_zero=scale.low >= 0)


def _share(known: z3.BoolRef, part: Any, whole: Any, *, above_zero: bool) -> Term:
    """Return part / whole with a denominator above 0."""
    if above_zero:
        return Term(known, part, whole)
    return Term(known, choose(whole > 0, part, -part), choose(whole > 0, whole, -whole))


def _latest_within(scale: ScaleModel, args: Args) -> Term:
    recent = scale.treatment.at - scale.day <= real(scale.parameters[args["within"]])
    worst = choose(both(scale.worst_known, scale.worst > scale.latest), scale.worst, scale.latest)
    return Term(both(scale.seen, recent), scale.sign * worst)


SCALE_KINDS: Mapping[str, Callable[[ScaleModel, Args], Term]] = {
    "latest": lambda scale, _: Term(scale.seen, scale.sign * scale.latest),
    "latest_date": lambda scale, _: Term(scale.seen, scale.day),
    "age": lambda scale, _: Term(scale.seen, scale.treatment.at - scale.day),
    "latest_within": _latest_within,
    "best": lambda scale, _: Term(scale.best_known, scale.sign * scale.best),
    "baseline": lambda scale, _: Term(scale.baseline_known, scale.sign * scale.baseline),
    "best_since_induction": lambda scale, _: Term(scale.since.known, scale.sign * scale.since.value),
    "change": _change,
    "gain": _gain,
    "fraction_lost": _fraction_lost,
    "response_fraction": _response_fraction,
    "assessable": lambda scale, args: Term(TRUE, scale.judged(args) == code("assessable")),
    "reason": lambda scale, args: Term(TRUE, scale.judged(args)),
    "newest_invalid": lambda scale, _: Term(TRUE, scale.newest_invalid()),
    "previous": lambda scale, args: Term(scale.preceding(args).known, scale.sign * scale.preceding(args).value),
    "previous_change": _previous_change,
    "previous_interpretable": _previous_interpretable,
}

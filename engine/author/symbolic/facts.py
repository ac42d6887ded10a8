"""Measures of safety facts and events in the model: what the latest fact says, its date, and whether events are there.

What a fact or an event set shows is unknown within its range; a set is the same in two models when everything that
selects its events is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import z3

from boosterwatch.engine.author.symbolic.course import FIRST_DAY, Treatment
from boosterwatch.engine.author.symbolic.terms import (
    TRUE,
    Number,
    Term,
    both,
    code,
    compare,
    constant,
    either,
    implies,
    negate,
    real,
    words_of,
)
from boosterwatch.engine.author.symbolic.variables import Unknowns, named
from boosterwatch.engine.chain.conditions import measures_read, parameters_read
from boosterwatch.engine.pack import ir

PARAMETERS_OF_A_SET = ("within",)


class FactModel:
    """What the safety facts and events of one patient show."""

    def __init__(
        self, unknowns: Unknowns, pack: ir.Pack, treatment: Treatment, parameters: Mapping[str, Number]
    ) -> None:
        self._unknowns, self.treatment, self.parameters = unknowns, treatment, parameters
        self._checks = pack.fact_checks
        self._events = {event.id: event for event in pack.events}
        self._scales = {scale.id: scale for scale in pack.scales}
        self._instruments = {one.id: one for one in pack.instruments}
        self._related: set[str] = set()
        self._counts: list[tuple[ir.Measure, z3.ArithRef]] = []
        self.relations: list[z3.BoolRef] = []
        self.days: list[z3.ArithRef] = []  # unknown dates of facts
        self.lifted: dict[str, z3.BoolRef] = {}  # by hold: a clinician cleared it once
        self.answered: list[z3.BoolRef] = []  # the event sets that are answers to a form

    def term(self, measure: ir.Measure) -> Term | None:
        """Return the measure, None when its kind is not one of facts and events."""
        args = dict(measure.args)
        match measure.kind:
            case "latest_fact" | "latest_fact_meets":
                return Term(self._stated(measure, args)[0], self._value(measure, args))
            case "fact_date":
                known, day = self._stated(measure, args)
                return Term(known, day)
            case "stands":
                return None
            case "any_event":
                return Term(TRUE, self._event(args["of"])[0])
            case "event_date":
                there, day = self._event(args["of"])
                return Term(there, day)
            case "days_to_next":
                return self._next(args["of"])
            case "count":
                return Term(TRUE, self._count(measure, args))
            case "any_rejected":
                return Term(TRUE, self._unknowns.truth(self._rejected(args["code"])))
        return None

    def _rejected(self, code: str) -> str:
        """Return the name of whether something was rejected for a reason, with the numbers that its checks compare."""
        settings = [self._read(check.keep) for check in self._checks if check.code == code]
        return named(f"rejected {code}", *settings)

    def stands(self, measure: ir.Measure, dated: Term) -> Term:
        """Return whether the hold of a date is not lifted by a review on or after it."""
        hold = dict(measure.args)["hold"]
        lifted, day = self._unknowns.truth(f"lifted {hold}"), self._unknowns.whole(f"lifted {hold} day")
        self.lifted[hold] = lifted
        self._dated(f"lifted {hold}", day)
        return Term(dated.known, either(negate(lifted), day < dated.value))

    # ------------------------------------------------------------ the latest fact that states a field

    def _stated(self, measure: ir.Measure, args: Mapping[str, str]) -> tuple[z3.BoolRef, z3.ArithRef]:
        name = self._fact_name(measure, args)
        known, day = self._unknowns.truth(f"{name} known"), self._unknowns.whole(f"{name} day")
        self._dated(f"{name} day", day)
        return known, day

    def _fact_name(self, measure: ir.Measure, args: Mapping[str, str]) -> str:
        checks = [check.keep for check in self._checks if check.fact == args["fact"]]
        settings = [self._read(keep) for keep in checks]
        return named(f"{args['fact']} {args.get('field', args.get('stating'))}", measure.args, checks, settings)

    def _value(self, measure: ir.Measure, args: Mapping[str, str]) -> Any:
        name = self._fact_name(measure, args)
        settings = (measure.order, measure.where, self._read(measure.where))
        known = self._stated(measure, args)[0]
        if measure.dimension == "truth":
            return self._unknowns.truth(named(f"{name} value", settings))
        words = words_of(measure.dimension)
        if words or measure.dimension == "text":
            word = self._unknowns.whole(named(f"{name} value", settings, words))
            if words:
                self._once(f"{name} value", either(*(word == code(one) for one in words)))
            return word
        number = self._unknowns.number(named(f"{name} value", settings))
        if "per" in args:
            self._once(f"{name} value", number >= 0)
        else:
            self._once(f"{name} value", *(implies(known, limit) for limit in self._kept(args, number)))
        return number

    def _kept(self, args: Mapping[str, str], number: z3.ArithRef) -> Iterator[z3.BoolRef]:
        """Yield what the fact checks guarantee of the field alone."""
        for check in self._checks:
            if check.fact == args["fact"]:
                for part in _conjuncts(check.keep):
                    match part:
                        case ir.Leaf(test=ir.Compare(left, op, ir.Right("parameter", (name,)))) if (
                            left == args["field"]
                        ):
                            yield compare(Term(TRUE, number), op, constant(self.parameters[name])).true

    # ------------------------------------------------------------ event sets

    def _event(self, id: str) -> tuple[z3.BoolRef, z3.ArithRef]:
        """Return whether the set holds an event, and the newest date of it."""
        spec, name = self._events[id], self.event_name(id)
        there, day = self._unknowns.truth(name), self._unknowns.whole(f"{name} day")
        of, found = self.treatment, [day >= FIRST_DAY]
        if spec.source != "booked":
            found.append(implies(there, day <= of.at))
        if spec.within is not None:
            found.append(implies(there, day >= of.at - real(self.parameters[spec.within])))
        if spec.since == "course":
            found.append(implies(there, both(of.started, day >= of.first)))
        if spec.since == "last_infusion":
            found.append(implies(there, both(of.infused, day > of.last_infusion)))
        if spec.source == "infusions":
            found.append(implies(there, both(of.infused, day <= of.last_infusion)))
        if _is_every_infusion(spec):
            found.append(implies(of.infused, both(there, day == of.last_infusion)))
        if name not in self._related:
            self.days.append(day)
            self.answered += [there] if spec.source == "answers" else []
        self._once(name, *found)
        return there, day

    def event_name(self, id: str) -> str:
        """Return the name of a set, with a signature of everything that selects its events."""
        return named(f"event {id}", *self._selects(id, ()))

    def numbers_of(self, id: str) -> set[str]:
        """Return the parameters that say which events are in a set, but for the window of the set itself."""
        return self._numbers(id, ())

    def _numbers(self, id: str, seen: tuple[str, ...]) -> set[str]:
        spec = self._events[id]
        conditions = [spec.where, *(check.keep for check in self._checks if check.fact == spec.source)]
        found = {name for one in conditions if one is not None for name in parameters_read(one)}
        found |= {spec.not_preceded_by[1]} if spec.not_preceded_by is not None else set()
        found |= set(self.treatment.numbers) if _hangs_on_course(spec) else set()
        for other in (one for one in _others(spec) if one not in (*seen, id)):
            window = self._events[other].within
            found |= self._numbers(other, (*seen, id)) | ({window} if window is not None else set())
        return found

    def _selects(self, id: str, seen: tuple[str, ...]) -> list[object]:
        spec = self._events[id]
        parameters = [spec.within, *((spec.not_preceded_by or ())[1:])]
        found: list[object] = [spec, self._read(spec.where), [str(self.parameters[one]) for one in parameters if one]]
        found += [check.keep for check in self._checks if check.fact == spec.source]
        found += [self._read(check.keep) for check in self._checks if check.fact == spec.source]
        if _hangs_on_course(spec):
            found.append(self.treatment.signature)
        if spec.scale is not None:
            scale = self._scales[spec.scale]
            found += [scale.part, scale.low, scale.high, scale.worse, self._instruments[scale.instrument].whole]
        for other in (one for one in _others(spec) if one not in seen):
            found += self._selects(other, (*seen, id))
        return found

    def _next(self, id: str) -> Term:
        name = f"next {self.event_name(id)}"
        known, days = self._unknowns.truth(f"{name} known"), self._unknowns.whole(name)
        self._once(name, days >= 0)
        if self._events[id].source != "booked":
            self._once(f"{name} past", implies(known, days == 0))
        return Term(known, days)

    def _count(self, measure: ir.Measure, args: Mapping[str, str]) -> z3.ArithRef:
        """Return how many events are young enough; of infusions there is at most one a day."""
        spec, limit = self._events[args["of"]], args.get("younger_than")
        outside = args.get("outside") == "induction"
        settings = [str(self.parameters[limit])] if limit else []
        course = [self.treatment.signature] if outside else []
        name = named(f"count {self.event_name(args['of'])}", settings, course)
        number = self._unknowns.whole(name)
        found, of = [number >= 0], self.treatment
        if _is_every_infusion(spec):
            young = of.infused if limit is None else both(of.infused, of.at - of.last_infusion < self._days(limit))
            found.append(implies(number > 0, young))
            if not outside:
                found.append(implies(young, number > 0))
            if limit is not None:
                found.append(number <= self._days(limit))
        self._once(name, *found)
        self._order_counts(measure, number)
        return number

    def _order_counts(self, measure: ir.Measure, number: z3.ArithRef) -> None:
        """Relate two counts of one set: the longer window, with nothing left out, has no fewer."""
        if any(one.name == measure.name for one, _ in self._counts):
            return
        for other, known in self._counts:
            if dict(other.args)["of"] == dict(measure.args)["of"]:
                self.relations += self._no_fewer(measure, number, other, known)
                self.relations += self._no_fewer(other, known, measure, number)
        self._counts.append((measure, number))

    def _no_fewer(
        self, one: ir.Measure, few: z3.ArithRef, other: ir.Measure, many: z3.ArithRef
    ) -> Iterator[z3.BoolRef]:
        narrow, wide = dict(one.args), dict(other.args)
        if wide.get("outside") == "induction" and narrow.get("outside") != "induction":
            return
        if "younger_than" not in wide:
            yield few <= many
        elif "younger_than" in narrow:
            yield implies(self._days(narrow["younger_than"]) <= self._days(wide["younger_than"]), few <= many)

    def _days(self, parameter: str) -> Any:
        return real(self.parameters[parameter])

    # ------------------------------------------------------------ helpers

    def _read(self, condition: ir.Condition | None) -> list[str]:
        if condition is None:
            return []
        return [str(self.parameters[name]) for name in parameters_read(condition)]

    def _dated(self, name: str, day: z3.ArithRef) -> None:
        """Note an unknown date: no record has a fact before the calendar or after the evaluation."""
        if name not in self._related:
            self.days.append(day)
        self._once(name, day >= FIRST_DAY, day <= self.treatment.at)

    def _once(self, name: str, *found: z3.BoolRef) -> None:
        if name not in self._related:
            self._related.add(name)
            self.relations += found


def _hangs_on_course(spec: ir.EventSet) -> bool:
    """Return whether the course says which events are in a set: its dates, or the best of an answer in it."""
    best = spec.where is not None and "best_before" in measures_read(spec.where)
    return spec.since == "course" or best


def _others(spec: ir.EventSet) -> list[str]:
    """Return the sets that decide with it which events are in a set."""
    others = [spec.followed_by, spec.not_followed_by, spec.silenced_by, *(other for other, _ in spec.closed_by)]
    if spec.not_preceded_by is not None:
        others.append(spec.not_preceded_by[0])
    return [one for one in others if one is not None]


def _is_every_infusion(spec: ir.EventSet) -> bool:
    """Return whether the set is all infusions, with no filter at all."""
    return spec == ir.EventSet(spec.id, "infusions", spec.span)


def _conjuncts(condition: ir.Condition) -> Iterator[ir.Condition]:
    if isinstance(condition, ir.All):
        for part in condition.parts:
            yield from _conjuncts(part)
    else:
        yield condition

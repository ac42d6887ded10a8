"""Every measure of a pack as a term, by its kind: the mirror of `engine/measures/plan.py`.

A kind that is not known here has no model: `Unmodelled` names it, and whoever needs it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping

import z3

from boosterwatch.engine.author.symbolic.course import Treatment
from boosterwatch.engine.author.symbolic.facts import FactModel
from boosterwatch.engine.author.symbolic.scales import SCALE_KINDS, ScaleModel
from boosterwatch.engine.author.symbolic.terms import (
    FALSE,
    TRUE,
    Number,
    Term,
    both,
    choose,
    code,
    either,
    implies,
    negate,
    real,
    words_of,
)
from boosterwatch.engine.author.symbolic.variables import Unknowns, named
from boosterwatch.engine.pack import ir

FREE = ("slope",)  # shown only; any number will do


class Unmodelled(Exception):
    """A measure of a kind that the model does not know."""

    def __init__(self, measure: ir.Measure) -> None:
        super().__init__(measure.name)
        self.measure = measure


class MeasureModel:
    """The measures of one patient under one pack, made when asked for."""

    def __init__(self, unknowns: Unknowns, pack: ir.Pack, parameters: Mapping[str, Number], at: int) -> None:
        self._unknowns, self._pack, self.parameters = unknowns, pack, parameters
        self.treatment = Treatment(unknowns, pack.course, parameters, at)
        self.facts = FactModel(unknowns, pack, self.treatment, parameters)
        self.declared = {measure.name: measure for measure in pack.measures}
        self._scale_of = {scale.id: scale for scale in pack.scales}
        self._instrument_of = {one.id: one for one in pack.instruments}
        self._roles = {role.id: role for role in pack.roles}
        self.scales: dict[str, ScaleModel] = {}
        self.made: dict[str, Term] = {}
        self.free: list[str] = []
        self._relations: list[z3.BoolRef] = self.treatment.relations()
        self._forms: list[z3.BoolRef] = []
        self.from_earlier_dates: list[z3.ExprRef] = []  # unknowns that hang on what the rules said at earlier dates

    @property
    def relations(self) -> list[z3.BoolRef]:
        """What holds between the unknowns made so far."""
        of_scales = [one for scale in self.scales.values() for one in scale.relations]
        return [*self._relations, *self.facts.relations, *of_scales, *self._forms]

    def term(self, name: str) -> Term:
        """Return the measure of this name. Raises KeyError for a name, Unmodelled for a kind that is not known."""
        known = self.made.get(name)
        if known is None:
            known = self.made[name] = self._make(self.declared[name])
        return known

    def scale(self, id: str) -> ScaleModel:
        """Return the scale of this id; a part is read from a form that is not older than the latest total."""
        known = self.scales.get(id)
        if known is None:
            scale = self._scale_of[id]
            known = self.scales[id] = ScaleModel(
                self._unknowns, scale, self._instrument_of[scale.instrument],
                self.treatment, self.parameters, self._pack.course.baseline_days,
            )  # fmt: skip
            for other in self.scales.values():
                if other.scale.instrument == scale.instrument and other.total != known.total:
                    total, part = (known, other) if known.total else (other, known)
                    self._forms.append(implies(both(total.seen, part.seen), part.day >= total.day))
        return known

    def _make(self, measure: ir.Measure) -> Term:
        if measure.scale is not None and measure.kind in SCALE_KINDS:
            return SCALE_KINDS[measure.kind](self.scale(measure.scale), dict(measure.args))
        made = self.facts.term(measure)
        return made if made is not None else self._other(measure, dict(measure.args))

    def _other(self, measure: ir.Measure, args: Mapping[str, str]) -> Term:
        at = self.treatment.at
        match measure.kind:
            case "stands":
                return self.facts.stands(measure, self.term(args["date"]))
            case "course_date":
                return self._course_date(args["which"])
            case "days_since":
                since = self.term(args["of"])
                return Term(since.known, at - since.value)
            case "days_between" | "days_apart":
                start, end = self.term(args["from"]), self.term(args["to"])
                days = end.value - start.value
                apart = choose(days >= 0, days, -days) if measure.kind == "days_apart" else days
                return Term(both(start.known, end.known), apart)
            case "date_after":
                start, days = self.term(args["from"]), self.term(args["days"])
                whole = days.value if days.value.is_int() else z3.ToInt(days.value)
                return Term(both(start.known, days.known), start.value + whole)
            case "choice":
                return Term(TRUE, self._chosen(self._roles[args["role"]], {s: code(s) for s in self._scale_of}))
            case "role":
                return self._of_role(self._roles[args["role"]], args["measure"])
            case "role_parameter":
                return self._role_parameter(self._roles[args["role"]], args["parameter"])
            case "scheduled_interval":
                return Term(TRUE, self._scheduled())
            case "due_date":
                return self._due(self._roles[args["role"]])
        return self._plain(measure, args)

    def _plain(self, measure: ir.Measure, args: Mapping[str, str]) -> Term:
        """Return a measure of the record itself, of the observed cycles, or one that only its range is known of."""
        match measure.kind:
            case "age_years":
                age = self._unknowns.whole("age in years")
                self._relations.append(age >= 0)
                return Term(self._unknowns.truth("birth date known"), age)
            case "attribute":
                return self._attribute(measure, args["of"])
            case "includes":
                return Term(TRUE, self._unknowns.truth(f"{args['list']} includes {args['value']}"))
            case "observed_cycles":
                return Term(TRUE, self.cycles)
            case "individual_interval":
                return Term(TRUE, self._interval(args))
        if measure.kind in FREE:
            self.free.append(measure.name)
            return Term(self._unknowns.truth(f"{measure.name} known"), self._unknowns.number(measure.name))
        raise Unmodelled(measure)

    def _course_date(self, which: str) -> Term:
        of = self.treatment
        dates = {
            "last_infusion": Term(of.infused, of.last_infusion),
            "induction_first": Term(of.started, of.first),
            "induction_last": Term(of.started, of.last),
        }
        return dates[which]

    def _attribute(self, measure: ir.Measure, of: str) -> Term:
        word, words = self._unknowns.whole(of), words_of(measure.dimension)
        if words:
            self._relations.append(either(*(word == code(one) for one in words)))
        return Term(self._unknowns.truth(f"{of} known"), word)

    # ------------------------------------------------------------ cycles

    @property
    def cycles(self) -> z3.ArithRef:
        """How many cycles of the course ended in a loss; the earlier dates it takes to tell are not modelled."""
        name = named("observed cycles", self._pack.lookback, self._pack.rules, self._settings())
        number = self._unknowns.whole(name)
        self.from_earlier_dates.append(number)
        self._relations += [number >= 0, implies(negate(self.treatment.started), number == 0)]
        return number

    def _settings(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.parameters.items()}

    def _interval(self, args: Mapping[str, str]) -> z3.ArithRef:
        """Return the fallback with too few cycles, else whole days between the least and the most."""
        least, most, needed, used, fallback = (
            self.parameters[args[one]] for one in ("least", "most", "needed", "used", "fallback")
        )
        days = self._unknowns.whole(named("interval", self._pack.lookback, self._pack.rules, self._settings()))
        self.from_earlier_dates.append(days)
        low, high = real(least), real(most)
        inside = both(either(days > low - 1, days > high - 1), days <= high)
        self._relations.append(inside)
        few = either(self.cycles == 0, self.cycles < real(needed), real(used) < 1)
        return choose(few, real(fallback), days)

    # ------------------------------------------------------------ roles and the schedule

    def _chosen(self, role: ir.Role, by_scale: Mapping[str, object]) -> z3.ExprRef:
        """Return what belongs to the first scale that meets the first preference that any meets, else to the first."""
        found = by_scale[role.scales[0]]
        for preference in reversed(role.prefer):
            for scale in reversed(role.scales):
                found = choose(self._meets(f"{scale}.{preference}"), by_scale[scale], found)
        return z3.IntVal(found) if isinstance(found, int) else found

    def _meets(self, name: str) -> z3.BoolRef:
        if name not in self.declared:
            return FALSE
        found = self.term(name)
        return both(found.known, found.value) if z3.is_bool(found.value) else found.known

    def _of_role(self, role: ir.Role, tail: str) -> Term:
        terms = {scale: self.term(f"{scale}.{tail}") for scale in role.scales}
        per = {scale: term.per for scale, term in terms.items()}
        return Term(
            self._chosen(role, {scale: term.known for scale, term in terms.items()}),
            self._chosen(role, {scale: term.value for scale, term in terms.items()}),
            1 if all(isinstance(one, int) and one == 1 for one in per.values()) else self._chosen(role, per),
        )

    def _role_parameter(self, role: ir.Role, tail: str) -> Term:
        values = {scale: self.parameters[f"{self._scale_of[scale].group}.{tail}"] for scale in role.scales}
        return Term(TRUE, self._chosen(role, {scale: real(value) for scale, value in values.items()}))

    def _scheduled(self) -> z3.ArithRef:
        """Return how many days may pass between assessments at this point of the course."""
        schedule, of = self._pack.schedule, self.treatment
        days = real(self.parameters[schedule.otherwise])
        for until, every in reversed(schedule.steps):
            inside = of.at - of.last <= real(self.parameters[until])
            days = choose(inside, real(self.parameters[every]), days)
        return choose(of.started, days, real(self.parameters[schedule.unstarted]))

    def _due(self, role: ir.Role) -> Term:
        of = self.treatment
        days = {scale: self.scale(scale).series_day() for scale in role.scales}
        known = self._chosen(role, {scale: day.known for scale, day in days.items()})
        last = self._chosen(role, {scale: day.value for scale, day in days.items()})
        from_course = both(of.started, either(negate(known), last <= of.last))
        scheduled = self._scheduled()
        more = scheduled if scheduled.is_int() else z3.ToInt(scheduled)
        return Term(either(of.started, known), choose(from_course, of.last, last) + more)

"""The safety facts of a made-up patient, from the wanted events and the wanted latest facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from boosterwatch.engine.author.patients.course import Parameters
from boosterwatch.engine.author.patients.days import AS_OF, iso
from boosterwatch.engine.author.patients.fields import Fields, fact_fields, meet, named, turning_points
from boosterwatch.engine.author.patients.wants import Wants
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.record.scoring import whole

Fact = dict[str, Any]
USUAL_AGE = 1  # days
_UNITS = 40  # the limit that a wanted ratio is made over


def make_facts(pack: ir.Pack, parameters: Parameters, wants: Wants) -> list[Fact]:
    """Return the facts that show the wanted events and latest facts, oldest first."""
    maker = _Maker(pack, parameters, wants)
    found = [*maker.latest(), *maker.met(), *maker.events(), *maker.cleared()]
    once = {repr(sorted(fact.items())): fact for fact in found}
    return sorted(once.values(), key=lambda fact: str(fact["date"]))


class _Maker:
    """Makes the facts of one patient."""

    def __init__(self, pack: ir.Pack, parameters: Parameters, wants: Wants) -> None:
        self.pack, self.parameters, self.wants = pack, parameters, wants
        self.sets = {event.id: event for event in pack.events}
        self.holds = [notice.id for notice in pack.notices if notice.kind == "hold"][:1]

    def fact(self, type: str, day: int, fixed: Fields, conditions: list[ir.Condition]) -> Fact | None:
        """Return one usable fact, or None when no fact of the type can be so."""
        checks = [check.keep for check in self.pack.fact_checks if check.fact == type]
        fields = fact_fields(type, fixed, [*conditions, *checks], self.parameters, self.holds)
        return None if fields is None else {"type": type, "date": iso(day), **fields}

    # ------------------------------------------------------------ the latest fact that states something

    def latest(self) -> Iterator[Fact]:
        """Yield the facts that state the wanted values, those of one type and day together."""
        stated: dict[tuple[str, str, str, int], Fields] = {}
        for _, args, value in self.wants.of_kind("latest_fact"):
            if value is not None:
                place = (args["fact"], args.get("key", ""), args.get("value", ""), AS_OF - self._age(args))
                stated.setdefault(place, {}).update(_fields(args, value))
        for measure in self.wants.measures.values():
            args, age = dict(measure.args), self.wants.age_of(measure.name)
            if measure.kind == "fact_date" and age is not None and "stating" not in args:
                stated.setdefault((args["fact"], args.get("key", ""), args.get("value", ""), AS_OF - age), {})
        for (type, key, word, day), fields in stated.items():
            fact = self.fact(type, day, {**({key: word} if key else {}), **fields}, [])
            if fact is not None:
                yield fact

    def _age(self, args: dict[str, str]) -> int:
        """Return the days since the date that stands beside a measure of a fact, or beside another of such facts."""
        found: dict[bool, int] = {}
        for other in self.wants.measures.values():
            told = dict(other.args)
            age = self.wants.age_of(other.name) if other.kind == "fact_date" and _same(args, told, _ABOUT) else None
            if age is not None:
                found.setdefault(_same(args, told, _READ), age)
        return found.get(True, found.get(False, USUAL_AGE))

    def met(self) -> Iterator[Fact]:
        """Yield the facts that meet a condition, or state its field and do not."""
        for measure, args, value in self.wants.of_kind("latest_fact_meets"):
            if value is None or measure.where is None:
                continue
            condition = measure.where if value else ir.Not(measure.where)
            day = AS_OF - self._age(args)
            for stated in (True, False):
                fact = self.fact(args["fact"], day, {args["stating"]: stated}, [condition])
                if fact is not None:
                    yield fact
                    break

    # ------------------------------------------------------------ events

    def events(self) -> Iterator[Fact]:
        """Yield the facts that make the wanted events."""
        for _, args, value in self.wants.of_kind("any_event"):
            if value is True:
                yield from self.event(args["of"], AS_OF - (self._event_age(args["of"]) or USUAL_AGE))
        for _, args, value in self.wants.of_kind("event_date"):
            if isinstance(value, int):
                yield from self.event(args["of"], value)
        for _, args, value in self.wants.of_kind("count"):
            if isinstance(value, int):
                for n in range(value):
                    yield from self.event(args["of"], AS_OF - USUAL_AGE - n)

    def _event_age(self, id: str) -> int | None:
        for measure, args, _ in ((one, dict(one.args), None) for one in self.wants.measures.values()):
            if measure.kind == "event_date" and args["of"] == id:
                return self.wants.age_of(measure.name)
        return None

    def event(self, id: str, day: int) -> Iterator[Fact]:
        """Yield the facts of an event of this set, with the events that must follow it."""
        spec = self.sets[id]
        if spec.followed_by is not None:
            yield from self.event(spec.followed_by, day)
        if spec.source not in ("infusions", "booked", "answers"):
            asked = [] if spec.where is None else [spec.where]
            fact = self.fact(spec.source, day, {}, [*asked, *self._denied(spec)]) or self.fact(
                spec.source, day, {}, asked
            )
            if fact is not None:
                yield fact

    def _denied(self, spec: ir.EventSet) -> list[ir.Condition]:
        """Return what the fact should not be: an event of another set of which none is wanted."""
        unwanted = [args["of"] for _, args, value in self.wants.of_kind("any_event") if value is False]
        sets = [self.sets[id] for id in unwanted]
        return [ir.Not(one.where) for one in sets if one.source == spec.source and one.where is not None]

    # ------------------------------------------------------------ holds lifted

    def cleared(self) -> Iterator[Fact]:
        """Yield the reviews that lift a hold."""
        for _, args, value in self.wants.of_kind("stands"):
            if value is False:
                yield {"type": "review", "date": iso(AS_OF), "kind": "hold_cleared", "hold": args["hold"]}


def _fields(args: dict[str, str], value: Scalar) -> Fields:
    if "per" in args and isinstance(value, int | float):
        return {args["field"]: whole(round(value * _UNITS, 2)), args["per"]: _UNITS}
    return {args["field"]: value}


_ABOUT = ("fact", "key", "value")  # which facts a measure reads
_READ = (*_ABOUT, "field", "per", "stating")  # and what of them


def _same(one: dict[str, str], other: dict[str, str], keys: tuple[str, ...]) -> bool:
    return all(one.get(key) == other.get(key) for key in keys)


# ---------------------------------------------------------------- answers of forms that are events


def answers_wanted(pack: ir.Pack, parameters: Parameters, wants: Wants) -> dict[str, dict[str, Scalar | None]]:
    """Return what wanted events ask of the scales whose answers they are: a latest value, perhaps a best before."""
    asked: dict[str, dict[str, Scalar | None]] = {}
    sets = {event.id: event for event in pack.events}
    scales = {scale.id: scale for scale in pack.scales}
    for _, args, value in wants.of_kind("any_event", "event_date"):
        spec = sets[args["of"]]
        if spec.source == "answers" and spec.scale is not None and value not in (None, False):
            asked[spec.scale] = _answer(spec, scales[spec.scale], parameters)
    return asked


def _answer(spec: ir.EventSet, scale: ir.Scale, parameters: Parameters) -> dict[str, Scalar | None]:
    if spec.where is None:
        return {"latest": whole(scale.low)}
    spoken = set(named(spec.where))
    numbers = [*turning_points([spec.where], parameters), scale.low, scale.high]
    values = [value for value in dict.fromkeys(numbers) if isinstance(value, int | float)]
    counts = [whole(value) for value in values if scale.low <= value <= scale.high and float(value).is_integer()]
    domains = {"value": counts} | ({"best_before": [None, *counts]} if "best_before" in spoken else {})
    found = next(meet([spec.where], domains, parameters), {})
    best = {"best": found.get("best_before")} if "best_before" in spoken else {}
    return {"latest": found.get("value"), **best}

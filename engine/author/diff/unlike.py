"""Which measures two versions work out differently, and what hangs on them.

A measure is made of its settings, the values of its parameters, and whatever else they name: event sets, other
measures, roles, instruments, the course. Each is written as one nested tuple; two versions work a measure out alike
when the tuples are equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from boosterwatch.engine.author.diff.meaning import meaning
from boosterwatch.engine.chain.conditions import atoms_read, measures_read, parameters_read
from boosterwatch.engine.pack import ir

Values = Mapping[str, float]
_LOOKS_BACK = ("observed_cycles", "individual_interval")
_SCHEDULED = ("due_date", "scheduled_interval")
_PLAIN = ("attribute", "includes", "age_years")


class Made:
    """How one pack, at one set of parameter values, works out each of its measures.

    Without `lookback`, what decides that an earlier cycle was lost is left out: it hangs on most rules.
    """

    def __init__(self, pack: ir.Pack, parameters: Values, *, lookback: bool = True) -> None:
        self.pack, self._looks_back = pack, lookback
        self._parameters = parameters
        self._measures = {one.name: one for one in pack.measures}
        self._events = {one.id: one for one in pack.events}
        self._scales = {one.id: one for one in pack.scales}
        self._roles = {one.id: one for one in pack.roles}
        self._instruments = {one.id: one for one in pack.instruments}
        self._kept: dict[str, Any] = {}

    def of(self, name: str) -> Any:
        """Return what a measure is made of; None for one that the pack does not have."""
        if name not in self._measures:
            return None
        if name not in self._kept:
            self._kept[name] = None  # measures do not wait for each other; roles may name their own
            self._kept[name] = self._make(self._measures[name])
        return self._kept[name]

    def _make(self, one: ir.Measure) -> Any:
        args = dict(one.args)
        parts: list[Any] = [one.kind, one.dimension, one.order, one.args and self._args(args), self._scale(one.scale)]
        if one.where is not None:
            parts += [meaning(one.where), self._values(parameters_read(one.where))]
        if one.kind not in _PLAIN:
            parts.append(self._course)
        if one.kind in _SCHEDULED:
            parts.append(self._schedule)
        if self._looks_back and one.kind in _LOOKS_BACK:
            parts.append(self._lookback)
        if one.kind == "any_rejected":
            parts += [meaning(self.pack.instruments), self._checks(None)]
        if "fact" in args:
            parts.append(self._checks(args["fact"]))
        return tuple(parts)

    def _args(self, args: Mapping[str, str]) -> Any:
        return tuple((key, self._named(value, args)) for key, value in sorted(args.items()))

    def _named(self, value: str, args: Mapping[str, str]) -> Any:
        """Return what a setting names: a value, an event set, a measure, a role; a word stands for itself."""
        if value in self._parameters:
            return ("parameter", self._parameters[value])
        if value in self._events:
            return self._event(value)
        if value in self._roles and args.get("role") == value:
            return self._role(self._roles[value], args)
        return (value, self.of(value)) if value in self._measures else value

    def _role(self, role: ir.Role, args: Mapping[str, str]) -> Any:
        names = (*role.prefer, *((args["measure"],) if "measure" in args else ()))
        made = tuple(self.of(f"{scale}.{name}") for scale in role.scales for name in names)
        own = ()
        if "parameter" in args:
            groups = (self._scales[scale].group for scale in role.scales)
            own = tuple(self._parameters.get(f"{group}.{args['parameter']}") for group in groups)  # type: ignore[assignment]
        return (meaning(role), made, own)

    def _event(self, id: str) -> Any:
        key = f"event {id}"
        if key not in self._kept:
            self._kept[key] = None
            one = self._events[id]
            others = [one.followed_by, one.not_followed_by, one.silenced_by, *(name for name, _ in one.closed_by)]
            values = [one.within, *(one.not_preceded_by or ())[1:]]
            where = () if one.where is None else self._values(parameters_read(one.where))
            if one.not_preceded_by is not None:
                others.append(one.not_preceded_by[0])
            made = tuple(self._event(other) for other in others if other is not None and other in self._events)
            windows = tuple(self._parameters.get(name) for name in values if name is not None)
            checks = self._checks(one.source)
            self._kept[key] = (meaning(one), windows, where, made, self._scale(one.scale), checks, self._course)
        return self._kept[key]

    def _scale(self, id: str | None) -> Any:
        if id is None:
            return None
        key = f"scale {id}"
        if key not in self._kept:
            scale = self._scales[id]
            self._kept[key] = (meaning(scale), meaning(self._instruments[scale.instrument]))
        return self._kept[key]

    def _values(self, names: Iterable[str]) -> tuple[float | None, ...]:
        return tuple(self._parameters.get(name) for name in names)

    def _checks(self, fact: str | None) -> Any:
        return tuple(
            (meaning(one), self._values(parameters_read(one.keep)))
            for one in self.pack.fact_checks
            if fact is None or one.fact == fact
        )

    @cached_property
    def _course(self) -> Any:
        course = self.pack.course
        names = (course.gap_days, course.span_days, course.least, course.most, course.baseline_days)
        return self._values(names)

    @cached_property
    def _schedule(self) -> Any:
        schedule = self.pack.schedule
        names = [name for step in schedule.steps for name in step]
        return (meaning(schedule), self._values((*names, schedule.otherwise, schedule.unstarted)))

    @cached_property
    def _lookback(self) -> Any:
        """Return what decides that a cycle's relief was lost: the rules of the look-back, and what they read."""
        lookback = self.pack.lookback
        if lookback is None:
            return None
        rules = [self.pack.rules[at] for at in lookback.rules]
        read = {name for rule in rules for name in measures_read(rule.when)}
        return (
            lookback.atoms,
            tuple(self._event(id) for id in lookback.events),
            tuple((meaning(rule), self._values(parameters_read(rule.when))) for rule in rules),
            tuple((name, self.of(name)) for name in sorted(read) if self._measures[name].kind not in _LOOKS_BACK),
            tuple(meaning(table) for table in self.pack.tables if set(table.rows) & {rule.id for rule in rules}),
        )


def unlike_measures(old: Made, new: Made) -> frozenset[str]:
    """Return the measures that both versions have and work out differently, or that only one has."""
    names = {one.name for one in old.pack.measures} | {one.name for one in new.pack.measures}
    return frozenset(name for name in names if old.of(name) != new.of(name))


# ---------------------------------------------------------------- what hangs on what


class Hanging:
    """What the conclusions of one pack hang on: measures, parameters, and the rules between."""

    def __init__(self, pack: ir.Pack) -> None:
        self._rules = {rule.id: rule for rule in pack.rules}
        self._tables = {table.id: table for table in pack.tables}
        self._drawn: dict[str, list[str]] = {}
        for rule in pack.rules:
            if rule.table is None:
                self._drawn.setdefault(rule.atom, []).append(rule.id)
        self._closed: dict[str, frozenset[str]] = {}

    def rules_of_atom(self, atom: str) -> frozenset[str]:
        """Return the rules that an atom hangs on, all the way down."""
        table, equals, _ = atom.partition("=")
        rows = self._tables[table].rows if equals and table in self._tables else self._drawn.get(atom, ())
        return self.closure(rows)

    def closure(self, ids: Iterable[str]) -> frozenset[str]:
        """Return these rules and all that they hang on."""
        found: frozenset[str] = frozenset()
        for id in ids:
            found |= self._closure(id)
        return found

    def _closure(self, id: str) -> frozenset[str]:
        if id not in self._closed:
            atoms = atoms_read(self._rules[id].when)
            below = [self.rules_of_atom(atom) for atom in dict.fromkeys(atoms)]
            self._closed[id] = frozenset({id}).union(*below)
        return self._closed[id]

    def measures(self, ids: Iterable[str]) -> frozenset[str]:
        """Return the measures that these rules read themselves."""
        return frozenset(name for id in ids for name in measures_read(self._rules[id].when))

    def parameters(self, ids: Iterable[str]) -> frozenset[str]:
        """Return the parameters that these rules read themselves."""
        return frozenset(name for id in ids for name in parameters_read(self._rules[id].when))

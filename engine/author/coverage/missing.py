"""The fourth side of a boundary: a case in which what is compared with a parameter is missing, and which says so.

A measure is missing in a case when it is undefined, or when the record has nothing that it could be read from. The case
covers the side when it would break if a rule that compares or reads the measure drew the opposite conclusion (a row of
a table: if it won, or did not win): then taking the missing fact for one that is there could not pass. It covers it as
well when it expects a measure that reads the parameter to be null. What a rule compares with the parameter comes first;
only for a parameter that no rule compares with anything do the measures and events that read it count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.author.rehearse.reads import (
    INFUSIONS,
    SCHEDULED,
    Touch,
    Use,
    touched_by,
    touched_by_event,
    with_dependents,
)
from boosterwatch.engine.author.rehearse.rehearsal import Kept
from boosterwatch.engine.chain.conditions import atoms_read, leaves
from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.pack import ir

_NEEDS_INFUSIONS = Touch(source=INFUSIONS)
_OF_CYCLES = ("individual_interval", "observed_cycles")


class _Sought(NamedTuple):
    """What is looked for of a parameter: rules with the measures they read, measures expected null, the course."""

    pairs: frozenset[tuple[int, str]]
    nulls: frozenset[str]
    course: bool


class Missing:
    """The rules and measures of one pack, ready to be asked which cases cover a parameter without its fact."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self._rehearsal = rehearsal
        self._pack = rehearsal.pack
        self._measures = {measure.name: measure for measure in self._pack.measures}
        self._breaks: dict[tuple[str, int], bool] = {}
        self._known: dict[str, _Sought] = {}
        self._empties = {kept.case.id: self._empty_in(kept) for kept in rehearsal.kept}

    def cases(self, parameter: str) -> tuple[str, ...] | None:
        """Return the ids of the cases; None when nothing compared with the parameter can be unknown."""
        sought = self._sought(parameter)
        if not sought.pairs and not sought.nulls and not sought.course:
            return None
        return tuple(kept.case.id for kept in self._rehearsal.kept if self._covers(kept, sought))

    def covers(self, kept: Kept, parameter: str) -> bool:
        """Return whether a case that is not among those of the rehearsal covers the side."""
        self._empties[kept.case.id] = self._empty_in(kept)
        self._breaks = {key: breaks for key, breaks in self._breaks.items() if key[0] != kept.case.id}
        return self._covers(kept, self._sought(parameter))

    def _sought(self, parameter: str) -> _Sought:
        if parameter not in self._known:
            pairs = set(self._compared_in_rules(parameter))
            nulls: set[str] = set()
            uses = self._rehearsal.reads.uses.get(parameter, ())
            direct = bool(pairs)
            for use in uses:
                measures = self._measures_of(use)
                nulls |= measures
                if direct:
                    continue
                pairs |= {(at, name) for name in measures for at in self._readers.get(name, ())}
                if use.setting == "role_parameter":
                    pairs |= self._compared_with(use.name)
            course = any(use.what == "course" for use in uses)
            self._known[parameter] = _Sought(frozenset(pairs), frozenset(nulls), course)
        return self._known[parameter]

    def _covers(self, kept: Kept, sought: _Sought) -> bool:
        empty, pairs = self._empties[kept.case.id], sought.pairs
        expected = kept.case.expect.get("measures", {})
        if any(name in sought.nulls and wanted is None for name, wanted in expected.items()):
            return True
        if sought.course and not kept.touched(_NEEDS_INFUSIONS):
            pairs = frozenset((at, name) for name in empty for at in self._readers.get(name, ()))
        return any(name in empty and self._broken(kept, at) for at, name in pairs)

    # ------------------------------------------------------------ what is compared

    def _compared_in_rules(self, parameter: str) -> Iterable[tuple[int, str]]:
        """Yield the rules and the measures that they compare with a parameter."""
        for at in self._rehearsal.reads.rules.get(parameter, ()):
            for leaf in leaves(self._pack.rules[at].when):
                match leaf:
                    case ir.Leaf(test=ir.Compare(left=left, right=right)) if parameter in right.names:
                        yield at, left

    def _compared_with(self, measure: str) -> set[tuple[int, str]]:
        """Return the rules and the measures that they compare with another measure."""
        found = set()
        for at, rule in enumerate(self._pack.rules):
            for leaf in leaves(rule.when):
                match leaf:
                    case ir.Leaf(test=ir.Compare(left=left, right=right)) if right.names == (measure,):
                        found.add((at, left))
        return found

    def _measures_of(self, use: Use) -> set[str]:
        """Return the measures that a use before the rules decides, and those that read them."""
        match use.what:
            case "measure":
                start = {use.name}
            case "event":
                start = {measure.name for measure in self._pack.measures if use.name in dict(measure.args).values()}
            case "check":
                start = {m.name for m in self._pack.measures if dict(m.args).get("fact") == use.name}
            case "schedule":
                start = {measure.name for measure in self._pack.measures if measure.kind in SCHEDULED}
            case _:
                return set()
        return set(with_dependents(self._pack, start))

    @cached_property
    def _readers(self) -> Mapping[str, list[int]]:
        """The positions of the rules that read a measure, by measure."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, rule in enumerate(self._pack.rules):
            for name in dict.fromkeys(name for leaf in leaves(rule.when) for name in _reads(leaf)):
                found[name].append(at)
        return found

    # ------------------------------------------------------------ what is missing in a case

    def _empty_in(self, kept: Kept) -> frozenset[str]:
        lost = any(cycle.loss is not None for cycle in kept.run.cycles)
        empty = set(kept.run.measures.reasons)
        for measure in self._pack.measures:
            touch = self._touch(measure)
            if (touch is not None and not kept.touched(touch)) or (measure.kind in _OF_CYCLES and not lost):
                empty.add(measure.name)
        return frozenset(empty)

    def _touch(self, measure: ir.Measure) -> Touch | None:
        of = dict(measure.args).get("of")
        event = next((event for event in self._pack.events if event.id == of), None)
        return touched_by(self._pack, measure) if event is None else touched_by_event(self._pack, event)

    # ------------------------------------------------------------ what the case says of it

    def _broken(self, kept: Kept, at: int) -> bool:
        """Return whether the case breaks when the rule draws the opposite conclusion."""
        key = (kept.case.id, at)
        known = self._breaks.get(key)
        if known is None:
            known = self._breaks[key] = self._can_tell(kept, at) and self._tells(kept, at)
        return known

    def _tells(self, kept: Kept, at: int) -> bool:
        rehearsal, run = self._rehearsal, kept.run
        outcome, _ = rehearsal.chained.run(run.measures.values, kept.parameters, self._opposite(kept, at))
        return not rehearsal.meets.meets(kept.case.expect, rehearsal.chained, outcome, run.measures)

    def _opposite(self, kept: Kept, at: int) -> dict[int, bool]:
        """Return the truths that give a rule the opposite conclusion."""
        truths, table = kept.run.outcome.truths, self._pack.rules[at].table
        if table is None:
            return {at: not truths[at]}
        rows = [row for row, _ in self._rehearsal.chained.rows[table]]
        above = rows[: rows.index(at)]
        if truths[at] and not any(truths[row] for row in above):
            return {at: False}
        return {**dict.fromkeys(above, False), at: True}

    def _can_tell(self, kept: Kept, at: int) -> bool:
        """Return whether `expect` names anything that the rule can reach at all; a quick look before a long one."""
        expect = kept.case.expect
        reached = self._reached[at]
        if not {"recommendation", "urgency", "flags", "flags_include", "flags_exclude"}.isdisjoint(expect):
            return True
        named = {*expect.get("signs", ()), *expect.get("reasons", ())}
        rules = {*expect.get("fired", ()), *expect.get("not_fired", ())}
        kinds = {kind.removesuffix("s") for kind in ("holds", "cautions") if kind in expect}
        return any(
            rule.subject in named
            or rule.id in rules
            or rule.kind in kinds
            or (rule.kind == "class" and "response" in expect)
            for rule in (self._pack.rules[one] for one in reached)
        )

    @cached_property
    def _reached(self) -> list[set[int]]:
        """The rules that the conclusion of each rule can reach, itself included."""
        readers: dict[str, list[int]] = defaultdict(list)
        for at, rule in enumerate(self._pack.rules):
            for atom in atoms_read(rule.when):
                readers[atom].append(at)
        tables = {table.id: table for table in self._pack.tables}
        reached: list[set[int]] = [{at} for at in range(len(self._pack.rules))]
        for stratum in reversed(self._pack.strata):
            for at in stratum.rules:
                rule = self._pack.rules[at]
                atoms = [rule.atom]
                if rule.table is not None:
                    table = tables[rule.table]
                    atoms = [table_atom(table.id, state) for state in (*table.states, table.otherwise)]
                for atom in atoms:
                    for reader in readers.get(atom, ()):
                        reached[at] |= reached[reader]
        return reached


def _reads(leaf: ir.Leaf | ir.AtLeast) -> list[str]:
    match leaf:
        case ir.Leaf(test=ir.Compare(left=left, right=right)):
            return [left, *right.names] if right.kind == "measure" else [left]
        case ir.Leaf(test=ir.Equals(left=left) | ir.Known(left=left)):
            return [left]
    return []

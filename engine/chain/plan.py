"""What durable_rules is asked, in which order: a pack (or the slice of it that lookback needs) as rulesets and steps.

A plan is pure data and shared between threads; `rulesets` opens its rulesets, `durable` runs it. Each stratum is one or
more *steps*: helpers first, then the rules that read them. The rulesets of a step hold both rails of its rules, the
false one behind a guard, and are cut into chunks that the library is known to survive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter

import orjson

from boosterwatch.engine.chain.clauses import (
    Clause,
    FactTest,
    Formula,
    Literal,
    helper_literal,
    needs_of,
    rail,
    split,
    to_formula,
)
from boosterwatch.engine.chain.properties import ALWAYS, DurableError, Properties, refuse_collisions
from boosterwatch.engine.chain.strata import restrict
from boosterwatch.engine.pack import ir

CHUNK_CLAUSES = 40  # of one ruleset; the library hangs or crashes at a few hundred
MOST_RULES = 60  # where a rule alone is longer than a chunk
CHUNK_PROPERTIES = 240  # of one fact; the library refuses 254
NAME_LENGTH = 6  # a library rule is named by unit and rail, such as `00012T`, and then the number of the clause

_Named = dict[str, Clause]  # clauses by the name of their library rule

_OPERATORS = {"!=": "$neq", ">=": "$gte", "<=": "$lte", ">": "$gt", "<": "$lt", "there": "$ex"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """One ruleset: its text, the parameters it reads, and how to pick the other pieces of its fact."""

    number: int
    rules: str
    parameters: tuple[str, ...]
    pick: Callable[[Sequence[str]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """Rulesets that can be asked together, and the helpers among their units with their properties."""

    chunks: tuple[Chunk, ...]
    helpers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stratum: totals to count first, steps to run, tables to decide."""

    totals: tuple[tuple[str, tuple[str, ...]], ...]
    steps: tuple[Step, ...]
    tables: tuple[tuple[ir.Table, tuple[tuple[int, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class _Unit:
    """A rule (numbered by its position) or a helper (numbered after the rules)."""

    number: int
    formula: Formula
    both_rails: bool
    helper: str | None = None


class Plan:
    """The stages of a pack, and what their numbers and names refer to.

    `chunks` by number; `guards` by unit; `waiting`: by property, the units in doubt without it; `meaning`: by the name
    of a library rule, the unit and the truth that its firing tells.
    """

    def __init__(self, pack: ir.Pack, positions: Collection[int], *, both_rails: bool) -> None:
        self.pack = pack
        self.properties = Properties()
        self.chunks: list[Chunk] = []
        self.guards: dict[int, str] = {}
        self.waiting: dict[str, list[int]] = defaultdict(list)
        self.meaning: dict[str, tuple[int, bool]] = {}
        self._position = {rule.id: at for at, rule in enumerate(pack.rules)}
        self.units = len(pack.rules)
        self._both_rails = both_rails
        self._fresh: list[_Unit] = []
        self._levels: dict[str, int] = {}
        strata = restrict(pack.strata, pack.rules, pack.tables, positions)
        self.stages = tuple(self._stage(stratum) for stratum in strata)

    def _stage(self, stratum: ir.Stratum) -> Stage:
        seen = len(self.properties.totals)
        rules = [self._rule(at) for at in stratum.rules]
        totals = list(self.properties.totals.items())[seen:]
        units = [*self._fresh, *rules]
        self._fresh.clear()
        by_level: dict[int, list[_Unit]] = defaultdict(list)
        for unit in units:
            by_level[self._level(unit)].append(unit)
        return Stage(
            totals=tuple((name, atoms) for atoms, name in totals),
            steps=tuple(self._step(by_level[level]) for level in sorted(by_level)),
            tables=tuple((table, self._rows(table)) for table in self.pack.tables if table.id in stratum.tables),
        )

    def _rows(self, table: ir.Table) -> tuple[tuple[int, str], ...]:
        positions = [self._position[row] for row in table.rows]
        return tuple((at, self.pack.rules[at].state) for at in positions)

    def _rule(self, at: int) -> _Unit:
        formula = split(to_formula(self.pack.rules[at].when, self.properties), self._helper)
        return _Unit(at, formula, self._both_rails)

    def _helper(self, formula: Formula) -> Literal:
        unit = _Unit(self.units, formula, both_rails=True, helper=self.properties.helper())
        self.units += 1
        self._fresh.append(unit)
        return helper_literal(unit.helper or "")

    def _level(self, unit: _Unit) -> int:
        """Return how many steps a unit has to wait for the helpers it reads."""
        own = [self._levels[name] + 1 for name in needs_of(unit.formula) if name in self._levels]
        level = max(own, default=0)
        if unit.helper:
            self._levels[unit.helper] = level
        return level

    def _step(self, units: Sequence[_Unit]) -> Step:
        clauses = [self._both_rails_of(unit) for unit in units]
        return Step(
            chunks=tuple(self._chunk(packed) for packed in _pack(clauses)),
            helpers=tuple((unit.number, unit.helper) for unit in units if unit.helper),
        )

    def _both_rails_of(self, unit: _Unit) -> _Named:
        """Return the clauses of a unit; those for "false" stand behind a guard, and only where it can be unknown."""
        named = self._named(unit.number, True, rail(unit.formula, True))
        needs = needs_of(unit.formula)
        if unit.both_rails and needs:
            ask = FactTest(self._guard(unit.number, needs), "==", 1)
            false = [(ask, *clause) for clause in rail(unit.formula, False)]
            named |= self._named(unit.number, False, false)
        return named

    def _named(self, unit: int, truth: bool, clauses: Iterable[Clause]) -> _Named:
        start = f"{unit:0{NAME_LENGTH - 1}}{'T' if truth else 'F'}"
        self.meaning[start] = (unit, truth)
        return {f"{start}{at}": clause for at, clause in enumerate(clauses)}

    def _guard(self, unit: int, needs: Iterable[str]) -> str:
        self.guards[unit] = self.properties.guard()
        for name in needs:
            self.waiting[name].append(unit)
        return self.guards[unit]

    def _chunk(self, packed: _Named) -> Chunk:
        rules: dict[str, object] = {"warm": {"all": [{"m": {"warm": 1}}]}}
        for name, clause in packed.items():
            rules[name] = {"all": [{"m": _condition(clause)}]}
        names = sorted(_properties_of(packed.values()))
        refuse_collisions(names)
        if len(rules) > MOST_RULES or len(names) > CHUNK_PROPERTIES:
            raise DurableError("one rule is too long for a ruleset")
        parameters = set(self.properties.parameters.values())
        places = [self.properties.places[name] for name in names if name not in parameters]
        still = tuple(name for name in names if name in parameters)
        chunk = Chunk(len(self.chunks), orjson.dumps(rules).decode(), still, itemgetter(*places))
        self.chunks.append(chunk)
        return chunk


def _pack(units: Iterable[_Named]) -> Iterator[_Named]:
    """Yield the clauses of many units in rulesets that the library survives, never dividing a unit."""
    packed: _Named = {}
    for unit in units:
        together = packed | unit
        few = len(together) <= CHUNK_CLAUSES
        if packed and not (few and len(_properties_of(together.values())) <= CHUNK_PROPERTIES):
            yield packed
            together = unit
        packed = together
    if packed:
        yield packed


def _properties_of(clauses: Iterable[Clause]) -> set[str]:
    tests = [test for clause in clauses for test in clause]
    rights = {test.right for test in tests if isinstance(test.right, str)}
    return {ALWAYS, *rights, *(test.left for test in tests)}


def _condition(clause: Clause) -> dict[str, object]:
    """Return a clause in the library's JSON."""
    tests = [_fact_test(test) for test in clause or (FactTest(ALWAYS, "==", 1),)]
    return tests[0] if len(tests) == 1 else {"$and": tests}


def _fact_test(test: FactTest) -> dict[str, object]:
    right: object = {"$m": test.right} if isinstance(test.right, str) else test.right
    plain: dict[str, object] = {test.left: right}
    return plain if test.op == "==" else {_OPERATORS[test.op]: plain}

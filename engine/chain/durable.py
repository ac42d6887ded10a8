"""The durable_rules evaluator: the same outcome as `reference`, found by a forward-chaining engine.

The library is trusted with one thing only: which conjunctions of single-fact tests hold for one wide fact of whole
numbers. Each rule asks it twice, once on the rail "true" and, where something it reads is missing, once on the rail
"false"; neither means unknown, both is a fault. Thresholds are properties of the fact beside the values they are
compared with, so a ruleset never changes when a parameter does. Why numbers travel as order-keeping whole numbers, and
why a right side that may be missing is tested for first, is measured in docs/decisions/003-durable-thresholds.md.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from boosterwatch.engine.chain.facts import Facts, piece
from boosterwatch.engine.chain.plan import Chunk, Plan, Stage, Step
from boosterwatch.engine.chain.properties import DurableError, stand_in
from boosterwatch.engine.chain.prospects import counts_read, decisive_atoms
from boosterwatch.engine.chain.rulesets import FACT_END, Rulesets, durable_available, library
from boosterwatch.engine.chain.strata import table_atom
from boosterwatch.engine.model import Outcome, Scalar, Truth
from boosterwatch.engine.pack.ir import Pack

__all__ = ["Durable", "DurableError", "durable_available"]

_Values = Mapping[str, Scalar]
_Parameters = Mapping[str, int | float]


class Durable:
    """A compiled pack in durable_rules; safe to share between threads, each of which gets rulesets of its own."""

    def __init__(self, pack: Pack) -> None:
        library()
        self._pack = pack
        self._whole = _Evaluator(Plan(pack, range(len(pack.rules)), both_rails=True))

    def evaluate(self, values: _Values, parameters: _Parameters) -> Outcome:
        """Return the truth of every rule and the state of every table."""
        run = _Run(self._whole, values, parameters)
        with self._whole.rulesets() as rulesets:
            for stage in self._whole.plan.stages:
                run.stage(stage, rulesets)
        return Outcome(tuple(run.truths[: self._whole.rules]), run.states)

    def lost(self, values: _Values, parameters: _Parameters) -> bool:
        """Return whether any lookback atom was drawn; only the rules that decide that are asked, as far as needed."""
        look = self._look
        if look is None:
            return False
        counting = all(parameters[name] > 0 for name in look.counts)
        run = _Run(look.evaluator, values, parameters)
        with look.evaluator.rulesets() as rulesets:
            for stage, decisive in zip(look.evaluator.plan.stages, look.decisive, strict=True):
                run.stage(stage, rulesets)
                if not look.atoms.isdisjoint(run.drawn):
                    return True
                if counting and decisive is not None and run.drawn.isdisjoint(decisive):
                    return False
        return False

    @cached_property
    def _look(self) -> _Look | None:
        """The lookback made ready, when it is first asked for."""
        lookback = self._pack.lookback
        if lookback is None:
            return None
        return _Look(
            evaluator=_Evaluator(Plan(self._pack, lookback.rules, both_rails=False)),
            atoms=frozenset(lookback.atoms),
            decisive=decisive_atoms(self._pack, lookback),
            counts=counts_read(self._pack, lookback),
        )


class _Look(NamedTuple):
    """What `lost` needs: the slice, the atoms it looks for, and when it may stop looking."""

    evaluator: _Evaluator
    atoms: frozenset[str]
    decisive: tuple[frozenset[str] | None, ...]
    counts: frozenset[str]


class _Effect(NamedTuple):
    """What a rule does when it is true, or a table when it takes a state: its atom, and that atom's piece of a fact."""

    atom: str
    place: int | None
    piece: str


class _Evaluator:
    """A plan with what running it needs: facts, effects made ready, and rulesets by thread."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.facts = Facts(plan.properties, plan.chunks)
        self.rules = len(plan.pack.rules)
        drawing = [None if rule.table else rule.atom for rule in plan.pack.rules]
        helpers = [None] * (plan.units - len(drawing))
        self.effects = [a if a is None else self._effect(a) for a in (*drawing, *helpers)]
        self.table_effects = {
            (table.id, state): self._effect(table_atom(table.id, state))
            for stage in plan.stages
            for table, rows in stage.tables
            for state in (table.otherwise, *(state for _, state in rows))
        }
        self.states = {table.id: table.otherwise for table in plan.pack.tables}  # in the order of every evaluator
        self.doubts = {
            name: tuple((unit, *self._ready(plan.guards[unit])) for unit in units)
            for name, units in plan.waiting.items()
        }
        self._local = threading.local()

    def rulesets(self) -> Rulesets:
        """Return this thread's rulesets; the library mixes up answers when threads share a session."""
        found: Rulesets | None = getattr(self._local, "rulesets", None)
        if found is None:
            found = self._local.rulesets = Rulesets(self.plan.chunks)
        return found

    def _effect(self, atom: str) -> _Effect:
        name = self.plan.properties.atoms.get(atom)
        return _Effect(atom, None, "") if name is None else _Effect(atom, *self._ready(name))

    def _ready(self, name: str) -> tuple[int, str]:
        return self.facts.places[name], piece(name, 1)


class _Run:
    """One evaluation under way: the pieces of its facts, and what has been found so far."""

    def __init__(self, evaluator: _Evaluator, values: _Values, parameters: _Parameters) -> None:
        self.truths: list[Truth] = [False] * evaluator.plan.units
        self.states = dict(evaluator.states)
        self.drawn: set[str] = set()
        self._evaluator = evaluator
        self._heads = evaluator.facts.heads(parameters)
        self._pieces, missing = evaluator.facts.fill(values)
        for name in missing:
            self._doubt(name)

    def stage(self, stage: Stage, rulesets: Rulesets) -> None:
        """Run one stratum: count, ask, decide tables, draw atoms."""
        for name, atoms in stage.totals:
            total = sum(map(self.drawn.__contains__, atoms))
            self._pieces[self._evaluator.facts.places[name]] = piece(name, stand_in(total))
        found = [unit for step in stage.steps for unit in self._step(step, rulesets)]
        effects = self._evaluator.effects
        for unit in found:
            self._draw(effects[unit])
        for table, rows in stage.tables:
            self.states[table.id] = state = self._first_true(rows, table.otherwise)
            self._draw(self._evaluator.table_effects[table.id, state])

    def _step(self, step: Step, rulesets: Rulesets) -> list[int]:
        """Ask both rails of every unit, and return those found true."""
        meaning = self._evaluator.plan.meaning
        true: list[int] = []
        false: list[int] = []
        for chunk in step.chunks:
            for name in rulesets.fire(chunk.number, self._fact(chunk)):
                unit, truth = meaning[name]
                (true if truth else false).append(unit)
        truths = self.truths
        for unit in true:
            truths[unit] = True
        for unit in false:
            if truths[unit]:
                raise DurableError("durable_rules found a rule both true and false")
            truths[unit] = False
        for unit, helper in step.helpers:
            self._tell(helper, truths[unit])
        return true

    def _first_true(self, rows: Sequence[tuple[int, str]], otherwise: str) -> str:
        for at, state in rows:
            if self.truths[at]:
                return state
        return otherwise

    def _fact(self, chunk: Chunk) -> str:
        return self._heads[chunk.number] + "".join(chunk.pick(self._pieces)) + FACT_END

    def _tell(self, helper: str, truth: Truth) -> None:
        if truth is None:
            self._doubt(helper)
        else:
            self._pieces[self._evaluator.facts.places[helper]] = piece(helper, int(truth))

    def _doubt(self, missing: str) -> None:
        """Note which units may be unknown for want of a property, so that their false rail is asked."""
        for unit, place, guard in self._evaluator.doubts.get(missing, ()):
            self.truths[unit] = None
            self._pieces[place] = guard

    def _draw(self, effect: _Effect | None) -> None:
        if effect is not None:
            self.drawn.add(effect.atom)
            if effect.place is not None:
                self._pieces[effect.place] = effect.piece

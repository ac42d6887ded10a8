"""One property asked of z3: proved, or a scene in which it is broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

import z3

from boosterwatch.engine.author.prove.layers import layered_pair
from boosterwatch.engine.author.prove.left_out import less_known_pair
from boosterwatch.engine.author.prove.pairs import Pair, worse_pair
from boosterwatch.engine.author.prove.properties import NeverLoosens, Property, Reachable, Unknown, Worse
from boosterwatch.engine.author.prove.violation import violation
from boosterwatch.engine.author.symbolic import Scene, Symbolic, find_scenes
from boosterwatch.engine.author.symbolic.terms import TRUE, both, negate
from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.pack import ir

Verdict = Literal["proved", "broken", "undecided", "refused"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What z3 said of one property: a scene for each patient of a broken one, the rules that nobody reaches, why not.

    `seconds` is the time for asking, the model of the pack included when it had to be made.
    """

    of: Property
    verdict: Verdict
    seconds: float
    scenes: tuple[Scene, ...] = ()
    unreached: tuple[ir.Rule, ...] = ()
    why: str | None = None


class Prover:
    """One pack at one set of parameter values, asked one property after the other."""

    def __init__(self, pack: ir.Pack, parameters: Mapping[str, float], at: int) -> None:
        self._pack, self._parameters, self._at = pack, parameters, at
        self._model: Symbolic | None = None

    def ask(self, which: Property) -> Answer:
        """Return the answer, with the smallest scene found for a broken property."""
        start = perf_counter()
        needed = _not_modelled(self._whole(), which)
        if needed is not None:
            return Answer(which, "refused", perf_counter() - start, why=needed)
        if isinstance(which.statement, Reachable):
            unreached = _unreached(self._whole())
            return Answer(which, "broken" if unreached else "proved", perf_counter() - start, unreached=unreached)
        try:
            scenes = self._find(which, TRUE)
        except TimeoutError as gave_up:
            return Answer(which, "undecided", perf_counter() - start, why=str(gave_up))
        return Answer(which, "proved" if scenes is None else "broken", perf_counter() - start, scenes or ())

    def others(self, answer: Answer) -> Iterator[tuple[Scene, ...]]:
        """Yield more scenes of a broken property, each without something that every earlier one shows."""
        scenes: tuple[Scene, ...] | None = answer.scenes
        other = TRUE
        while scenes:
            shown = _shown(self._whole(), scenes[0])
            other = both(other, negate(both(*shown)))
            scenes = self._find(answer.of, other) if shown else None
            if scenes is not None:
                yield scenes

    def _find(self, which: Property, other: z3.BoolRef) -> tuple[Scene, ...] | None:
        model = self._whole()
        pair = _pair(model, which)
        models, links, wishes = pair if pair is not None else Pair((model,), [], [])
        return find_scenes(models, both(violation(which, models), other, *links), wishes=wishes)

    def _whole(self) -> Symbolic:
        if self._model is None:
            self._model = Symbolic(self._pack, self._parameters, at=self._at)
        return self._model


def _not_modelled(model: Symbolic, which: Property) -> str | None:
    """Return what the property asks about that the model cannot say; None when it knows all of it."""
    for name in (name for condition in which.conditions for name in measures_read(condition)):
        if name in model.unmodelled or name in model.free:
            kind = model.measures.declared[name].kind
            return f"it reads `{name}`, and of a measure of kind `{kind}` the model knows the range only"
    return None


def _pair(model: Symbolic, which: Property) -> Pair | None:
    match which.statement:
        case Worse(scales):
            return worse_pair(model, scales)
        case Unknown():
            return less_known_pair(model)
        case NeverLoosens():
            return layered_pair(model, which.fixed)
    return None


def _shown(model: Symbolic, scene: Scene) -> list[z3.BoolRef]:
    """Return what a scene shows at all: the facts that are known of it, and the events that are there."""
    flags = [model.known(name) for name, value in scene.items() if value is not None]
    flags += [model.measures.term(name).value for name, value in scene.items() if value is True]
    return [flag for flag in flags if model.names_of([flag])]


def _unreached(model: Symbolic) -> tuple[ir.Rule, ...]:
    """Return the rules that no patient of the model makes true, and the rows that none makes win."""
    solver = z3.Solver()
    solver.add(*model.relations)
    goals = {rule.id: model.wins(rule.id) if rule.table else model.rule(rule.id) for rule in model.pack.rules}
    for rule in reversed(model.pack.rules):
        if rule.id in goals and solver.check(goals[rule.id]) == z3.sat:
            found = solver.model()
            goals = {id: one for id, one in goals.items() if not z3.is_true(found.eval(one, model_completion=True))}
    return tuple(rule for rule in model.pack.rules if rule.id in goals)

"""A model held to one record: every measure fixed to what was derived, and the conclusions that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import z3

from boosterwatch.engine.author.symbolic import Symbolic, Twin
from boosterwatch.engine.author.symbolic.terms import code
from boosterwatch.engine.chain.truth import drawn_in, evaluate_slowly
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Scalar
from boosterwatch.tests.differential.derive import Derived, derive

SMALLEST_SHARE = 10**6


def exact(value: int | float) -> z3.ArithRef:
    """Return the quotient of small numbers that a binary number stands for."""
    fraction = Fraction(value).limit_denominator(SMALLEST_SHARE)
    return z3.Q(fraction.numerator, fraction.denominator)


def fixed(model: Symbolic | Twin, name: str, value: Scalar | None) -> list[z3.BoolRef]:
    """Return that a measure shows this value, None for undefined."""
    known = model.known(name)
    if value is None:
        return [z3.Not(known)]
    term: Any = model.value(name)
    if isinstance(value, bool):
        return [known, term == z3.BoolVal(value)]
    return [known, term == (code(value) if isinstance(value, str) else exact(value))]


class Held:
    """One pack, its models by parameter values, and the answers of its evaluator for records."""

    def __init__(self, pack: LoadedPack) -> None:
        self.pack = pack
        self.models: dict[tuple[tuple[str, float], ...], Symbolic] = {}

    def model(self, parameters: Mapping[str, float]) -> Symbolic:
        """Return the model at these values. Its day is any: dates are moved to it."""
        key = tuple(sorted(parameters.items()))
        if key not in self.models:
            self.models[key] = Symbolic(self.pack.ir, parameters)
        return self.models[key]

    def differences(self, record: Mapping[str, Any]) -> list[str]:
        """Return where model and evaluator differ: relations that the record breaks, or conclusions."""
        derived = derive(self.pack, record)
        model = self.model(derived.parameters)
        held = [(f"{name} = {value}", z3.And(what)) for name, value, what in _fixed(model, derived, model.at)]
        solver = z3.Solver()
        solver.add(*model.relations, *(what for _, what in held))
        if solver.check() != z3.sat:
            return _contradiction([*held, *((f"{n}: {one}", one) for n, one in enumerate(model.relations))])
        return list(self._answers(solver.model(), model, derived))

    def _answers(self, found: z3.ModelRef, model: Symbolic, derived: Derived) -> Iterator[str]:
        outcome = evaluate_slowly(self.pack.ir, derived.measures.values, derived.parameters)
        drawn = drawn_in(self.pack.ir, outcome)
        for atom in atoms_of(self.pack.ir):
            if z3.is_true(found.eval(model.drawn(atom), True)) != (atom in drawn):
                yield atom
        for rule, truth in zip(self.pack.ir.rules, outcome.truths, strict=True):
            if [z3.is_true(found.eval(one, True)) for one in model.kleene(rule.id)] != [truth is True, truth is False]:
                yield rule.id


def fixed_measures(model: Symbolic | Twin, derived: Derived, at: int) -> list[z3.BoolRef]:
    """Return that every measure of a model whose day is `at` shows what was derived."""
    return [z3.And(what) for _, _, what in _fixed(model, derived, at)]


def _fixed(model: Symbolic | Twin, derived: Derived, at: int) -> Iterator[tuple[str, Scalar | None, list[z3.BoolRef]]]:
    """Yield every measure fixed to its derived value; dates are moved to the model's day."""
    moved = at - derived.facts.as_of
    for name, measure in model.measures.declared.items():
        value = derived.measures.values.get(name)
        if measure.dimension == "date" and isinstance(value, int):
            value += moved
        yield name, value, fixed(model, name, value)


def _contradiction(named: list[tuple[str, z3.BoolRef]]) -> list[str]:
    """Return the names of what cannot hold together."""
    solver = z3.Solver()
    for name, what in named:
        solver.assert_and_track(what, name)
    assert solver.check() == z3.unsat
    return sorted(str(one) for one in solver.unsat_core())


def atoms_of(pack: Any) -> Iterator[str]:
    """Yield every conclusion that a pack can draw."""
    yield from sorted({rule.atom for rule in pack.rules if rule.table is None})
    for table in pack.tables:
        yield from (f"{table.id}={state}" for state in dict.fromkeys((*table.states, table.otherwise)))

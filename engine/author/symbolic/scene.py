"""Scenes: what the measures of a patient show, read from a z3 model, with as few known facts as can be.

A scene says what `Measures.values` says: numbers in points and days, categories as text, dates as ordinals; None
stands for undefined. It names every measure of its pack, and as `param.<name>` the numbers that were left free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any

import z3

from boosterwatch.engine.author.symbolic.model import Symbolic
from boosterwatch.engine.author.symbolic.terms import code, negate, words_of
from boosterwatch.engine.author.symbolic.twin import Twin
from boosterwatch.engine.model import Scalar

Scene = Mapping[str, Scalar | None]
SECONDS = 2.0
MILLISECONDS = 60_000  # z3 gives up after these
LONG_AGO = 70  # days since the induction, where any will do


def find_scene(
    models: Symbolic | Sequence[Symbolic | Twin], goal: z3.BoolRef, *, small: bool = True, seconds: float = SECONDS
) -> Scene | None:
    """Return a scene in which the goal holds, None when there is none; with several models the first names it."""
    found = find_scenes(models, goal, small=small, seconds=seconds)
    if found is None:
        return None
    merged: dict[str, Scalar | None] = {}
    for scene in found:
        merged = {**scene, **merged}
    return merged


def find_scenes(
    models: Symbolic | Sequence[Symbolic | Twin],
    goal: z3.BoolRef,
    *,
    small: bool = True,
    seconds: float = SECONDS,
    wishes: Sequence[z3.BoolRef] = (),
) -> tuple[Scene, ...] | None:
    """Return one scene for each model, in which the goal holds, None when there are none.

    With `small` the facts are made few and the dates round, for at most so many seconds, after the caller's own
    `wishes`. Raises TimeoutError when z3 cannot tell.
    """
    several = [models] if isinstance(models, Symbolic) else list(models)
    solver = z3.Solver()
    solver.set("timeout", MILLISECONDS)
    solver.add(goal, *(relation for model in several for relation in model.relations))
    answer = solver.check()
    if answer == z3.unknown:
        raise TimeoutError(solver.reason_unknown())
    if answer == z3.unsat:
        return None
    found = solver.model()
    if small:
        found = make_small(solver, found, several, seconds, wishes)
    return tuple(read_scene(model, found) for model in several)


def make_small(
    solver: z3.Solver,
    found: z3.ModelRef,
    models: Sequence[Symbolic | Twin],
    seconds: float,
    wishes: Sequence[z3.BoolRef] = (),
) -> z3.ModelRef:
    """Return a model of the solver's assertions with few facts and round dates, as far as the time allows."""
    until = monotonic() + seconds
    for batch in (list(wishes), *_wishes(models)):
        found = _grant(solver, found, batch, until)
    return found


def _grant(solver: z3.Solver, found: z3.ModelRef, wishes: Sequence[z3.BoolRef], until: float) -> z3.ModelRef:
    """Add every wish that can be had, the earlier ones first: all at once, else those of each half."""
    there = [wish for wish in wishes if z3.is_true(found.eval(wish, model_completion=True))]
    solver.add(*there)
    left = [wish for wish in wishes if not any(wish is one for one in there)]
    if not left or monotonic() > until:
        return found
    solver.push()
    solver.add(*left)
    if solver.check() == z3.sat:
        return solver.model()
    solver.pop()
    if len(left) > 1:
        half = len(left) // 2
        found = _grant(solver, found, left[:half], until)
        found = _grant(solver, found, left[half:], until)
    return found


def _wishes(models: Sequence[Symbolic | Twin]) -> Iterator[list[z3.BoolRef]]:
    """Yield what a reader wishes of a scene: totals rather than answers, unknown rather than known, whole weeks."""
    measures = models[0].measures
    of, scales = measures.treatment, list(measures.scales.values())
    yield [negate(one) for one in (*measures.facts.answered, *(scale.seen for scale in scales if not scale.total))]
    bools = {str(one): one for model in models for one in model.unknowns.values() if z3.is_bool(one)}
    yield [negate(one) for one in bools.values()]
    yield [of.last == of.at - LONG_AGO, of.first == of.last - 21, of.last_infusion == of.last]
    yield [scale.day == of.at for scale in scales]
    yield [scale.day >= of.last for scale in scales]
    yield [visit.day == scale.day - 14 for scale in scales for visit in scale.visits]
    yield [day == of.at - 7 for day in measures.facts.days]


# ---------------------------------------------------------------- reading


def read_scene(model: Symbolic | Twin, found: z3.ModelRef) -> Scene:
    """Return what the measures show in a z3 model."""
    words = {code(word): word for word in _words(model)}
    scene = {name: _read(model, name, found, words) for name in sorted(model.measures.made)}
    for name, value in sorted(model.measures.parameters.items()):
        if isinstance(value, z3.ArithRef):
            scene[f"param.{name}"] = _number(found.eval(value, model_completion=True))
    return scene


def _words(model: Symbolic | Twin) -> Iterator[str]:
    for measure in model.measures.declared.values():
        yield from words_of(measure.dimension)


def _read(model: Symbolic | Twin, name: str, found: z3.ModelRef, words: Mapping[int, str]) -> Scalar | None:
    if not z3.is_true(found.eval(model.known(name), model_completion=True)):
        return None
    value = found.eval(model.value(name), model_completion=True)
    dimension = model.measures.declared[name].dimension
    if dimension == "truth":
        return bool(z3.is_true(value))
    number = _number(value)
    if dimension == "text" or words_of(dimension):
        return words.get(int(number), str(number))
    return number


def _number(value: Any) -> int | float:
    if z3.is_int_value(value):
        return int(value.as_long())
    if z3.is_algebraic_value(value):
        value = value.approx(10)
    fraction = value.as_fraction()
    return int(fraction) if fraction.denominator == 1 else float(fraction)

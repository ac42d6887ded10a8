"""Scenes: what the measures of a patient show, read from a z3 model, with as few known facts as can be.

A scene says what `Measures.values` says: numbers in points and days, categories as text, dates as ordinals; None
stands for undefined. It names every measure of its pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from time import monotonic
from typing import Any

import z3

from boosterwatch.engine.author.symbolic.model import Symbolic
from boosterwatch.engine.author.symbolic.terms import both, code, negate, words_of
from boosterwatch.engine.model import Scalar

Scene = Mapping[str, Scalar | None]
SECONDS = 2.0
MILLISECONDS = 60_000  # z3 gives up after these
WEEKS = (7, 14, 21, 28, 42, 56, 70, 84)


def find_scene(
    models: Symbolic | Sequence[Symbolic], goal: z3.BoolRef, *, small: bool = True, seconds: float = SECONDS
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
    models: Symbolic | Sequence[Symbolic],
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
    models: Sequence[Symbolic],
    seconds: float,
    wishes: Sequence[z3.BoolRef] = (),
) -> z3.ModelRef:
    """Return a model of the solver's assertions with few facts and round dates, as far as the time allows."""
    until = monotonic() + seconds
    for wish in (*wishes, *_wishes(models)):
        if z3.is_true(found.eval(wish, model_completion=True)):
            solver.add(wish)
        elif monotonic() < until:
            solver.push()
            solver.add(wish)
            if solver.check() == z3.sat:
                found = solver.model()
            else:
                solver.pop()
    return found


def _wishes(models: Sequence[Symbolic]) -> Iterator[z3.BoolRef]:
    """Yield what a reader wishes of a scene: unknown rather than known, no rather than yes, then whole weeks."""
    seen: set[str] = set()
    for model in models:
        for unknown in list(model.unknowns.values()):
            if z3.is_bool(unknown) and str(unknown) not in seen:
                seen.add(str(unknown))
                yield negate(unknown)
    for model in models:
        of = model.measures.treatment
        for days in (70, 84, 56):
            yield of.last == of.at - days
        yield both(of.first == of.last - 21, of.last_infusion == of.last)
        for scale in model.measures.scales.values():
            yield from (scale.day == of.at - days for days in (0, *WEEKS[:2]))


# ---------------------------------------------------------------- reading


def read_scene(model: Symbolic, found: z3.ModelRef) -> Scene:
    """Return what the measures show in a z3 model."""
    words = {code(word): word for word in _words(model)}
    return {name: _read(model, name, found, words) for name in sorted(model.measures.made)}


def _words(model: Symbolic) -> Iterator[str]:
    for measure in model.measures.declared.values():
        yield from words_of(measure.dimension)


def _read(model: Symbolic, name: str, found: z3.ModelRef, words: Mapping[int, str]) -> Scalar | None:
    if not z3.is_true(found.eval(model.known(name), model_completion=True)):
        return None
    value = found.eval(model.value(name), model_completion=True)
    dimension = model.measures.declared[name].dimension
    if dimension == "truth":
        return z3.is_true(value)
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

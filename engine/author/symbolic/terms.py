"""The words of the model: terms, exact numbers, codes for texts, and Kleene pairs.

A measure is a `Term`: whether it is known, and its value. A share is kept as numerator and denominator, so that
comparing it with a number stays linear. A condition is a `Kleene`: true, false, or neither (unknown).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias
from zlib import crc32

import z3

from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir

TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
OPS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
Number: TypeAlias = int | float | z3.ArithRef


class Term(NamedTuple):
    """A measure: known or not, and its value; `per`, where there is one, divides it and is above 0 when known."""

    known: z3.BoolRef
    value: Any
    per: Any = 1


class Kleene(NamedTuple):
    """The two ways a condition can be settled. Never both; neither is unknown."""

    true: z3.BoolRef
    false: z3.BoolRef


def exact(number: int | float) -> Fraction:
    """Return the decimal that a number is written as, not the binary number that stands for it.

    >>> exact(0.1)
    Fraction(1, 10)
    """
    return Fraction(str(number))


def constant(number: Number) -> Term:
    """Return a number that is known, a variable as it is; a fraction keeps its denominator."""
    if isinstance(number, z3.ArithRef):
        return Term(TRUE, number)
    fraction = exact(number)
    return Term(TRUE, z3.IntVal(fraction.numerator), fraction.denominator)


def real(number: Number) -> Any:
    """Return a number as one z3 term: an integer where it is one."""
    if isinstance(number, z3.ArithRef):
        return number
    fraction = exact(number)
    return (
        z3.IntVal(fraction.numerator) if fraction.denominator == 1 else z3.Q(fraction.numerator, fraction.denominator)
    )


def code(text: str) -> int:
    """Return the number that stands for a text, the same in every model."""
    return crc32(text.encode())


def words_of(dimension: str) -> Sequence[str]:
    """Return the words that a category takes; none for other dimensions.

    >>> words_of("one of red, green"), words_of("days")
    (('red', 'green'), ())
    """
    found = dimension.removeprefix("one of ")
    return tuple(found.split(", ")) if found != dimension else ()


def compare(left: Term, op: ir.Op, right: Term) -> Kleene:
    """Return the comparison of two numbers: unknown when one of them is."""
    known = both(left.known, right.known)
    holds = OPS[op](_times(left.value, right.per), _times(right.value, left.per))
    return Kleene(both(known, holds), both(known, negate(holds)))


def equals(left: Term, value: Scalar) -> Kleene:
    """Return whether a category is a word, or a truth is yes or no."""
    holds = left.value == (z3.BoolVal(value) if isinstance(value, bool) else code(str(value)))
    return Kleene(both(left.known, holds), both(left.known, negate(holds)))


def _times(one: Any, other: Any) -> Any:
    return one if isinstance(other, int) and other == 1 else one * other


# ---------------------------------------------------------------- logic, simplified as it is built
# (the constants are told by identity: asking z3 for every part costs more than all else)


def both(*parts: z3.BoolRef) -> z3.BoolRef:
    """Return the conjunction."""
    left = [part for part in parts if part is not TRUE]
    if any(part is FALSE for part in left):
        return FALSE
    return TRUE if not left else left[0] if len(left) == 1 else z3.And(left)


def either(*parts: z3.BoolRef) -> z3.BoolRef:
    """Return the disjunction."""
    left = [part for part in parts if part is not FALSE]
    if any(part is TRUE for part in left):
        return TRUE
    return FALSE if not left else left[0] if len(left) == 1 else z3.Or(left)


def negate(part: z3.BoolRef) -> z3.BoolRef:
    """Return the negation."""
    return FALSE if part is TRUE else TRUE if part is FALSE else z3.Not(part)


def implies(condition: z3.BoolRef, then: z3.BoolRef) -> z3.BoolRef:
    """Return the implication."""
    return either(negate(condition), then)


def choose(condition: z3.BoolRef, one: Any, other: Any) -> Any:
    """Return `one` when the condition holds, else `other`."""
    if condition is TRUE:
        return one
    return other if condition is FALSE else z3.If(condition, one, other)


def at_least(count: Number, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
    """Return whether so many of the parts hold."""
    total = z3.Sum([z3.IntVal(0), *(z3.If(part, 1, 0) for part in parts)])
    wanted = constant(count)
    return _times(total, wanted.per) >= wanted.value


def lowest(one: Any, other: Any) -> Any:
    """Return the smaller of two numbers."""
    return z3.If(one <= other, one, other)

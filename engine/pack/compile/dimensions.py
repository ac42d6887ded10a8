"""What kind of value a name stands for, as text, and how a message says it.

A dimension is a unit, `points of <group>`, `date`, `truth`, `one of a, b, c`, `number` (of a fact's field), or `?`
where a mistake was reported already: that compares with everything, so that one slip is one message.
"""

from __future__ import annotations

DOUBTFUL = "?"
_SAID = {"truth": "yes or no", "date": "a date", "count": "a count", "number": "a number", "fraction": "a fraction"}


def words_of(dimension: str) -> tuple[str, ...]:
    """Return the words of a category, nothing for any other dimension."""
    return tuple(dimension.removeprefix("one of ").split(", ")) if dimension.startswith("one of ") else ()


def is_numeric(dimension: str) -> bool:
    """Return whether values of the dimension have an order."""
    return dimension not in ("truth", "text") and not words_of(dimension)


def are_comparable(left: str, right: str) -> bool:
    """Return whether `>=` between the two means something."""
    if DOUBTFUL in (left, right):
        return True
    return is_numeric(left) and is_numeric(right) and (left == right or "number" in (left, right))


def said(dimension: str) -> str:
    """Return the dimension as what a value is.

    >>> said("days"), said("date"), said("points of mood")
    ('in days', 'a date', 'in points of mood')
    """
    if dimension.startswith(("one of ", "list of ")):
        return dimension if dimension.startswith("one") else f"a {dimension}"
    return _SAID.get(dimension) or ("a multiple" if dimension == "times" else _in_unit(dimension))


def _in_unit(unit: str) -> str:
    return unit if unit == "text" else f"in {unit}"


def wanted(unit: str) -> str:
    """Return what to name where a parameter of this unit belongs.

    >>> wanted("days")
    'name a parameter whose unit is `days`'
    """
    return f"name a parameter whose unit is `{unit}`"

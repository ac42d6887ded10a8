"""Values as people read them: one way of writing each dimension, and one way of writing each number.

Sentences and traces use nothing else, so a value looks the same wherever it appears. Unknown has its own words and
is never written as 0 or no.
"""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache

from boosterwatch.engine.model import Scalar

NOT_KNOWN = "not known"
LAST_DAY = date.max.toordinal()


@lru_cache(maxsize=4096)
def iso(day: int) -> str:
    """Return the ISO date of an ordinal; a day that no calendar has becomes the nearest one it has.

    >>> iso(738000)
    '2021-07-29'
    """
    return date.fromordinal(min(max(day, 1), LAST_DAY)).isoformat()


def plain_number(value: Scalar) -> Scalar:
    """Return a whole float as an int and anything else as it is, so 5 and 5.0 are told alike.

    >>> plain_number(5.0), plain_number(0.5), plain_number("5.0")
    (5, 0.5, '5.0')
    """
    return int(value) if type(value) is float and value.is_integer() else value


def shown(value: Scalar | None, dimension: str) -> Scalar | None:
    """Return a value as a trace lists it: a date as ISO text, everything else unchanged."""
    if value is None:
        return None
    return iso(int(value)) if dimension == "date" else plain_number(value)


def spoken(value: Scalar | None, dimension: str) -> str:
    """Return a value as a sentence says it.

    >>> spoken(0.588, "fraction"), spoken(738000, "date"), spoken(2.50, "times"), spoken(None, "days")
    ('59 %', '2021-07-29', '2.5', 'not known')
    """
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ")
    if dimension == "date":
        return iso(int(value))
    return f"{math.floor(value * 100 + 0.5)} %" if dimension == "fraction" else spoken_number(value)


def spoken_number(value: int | float) -> str:
    """Return a number with at most two decimals and no needless zero.

    >>> spoken_number(5.0), spoken_number(2.125), spoken_number(-0.001)
    ('5', '2.13', '0')
    """
    if isinstance(value, int):
        return str(value)
    hundredths = math.floor(value * 100 + 0.5)
    whole, rest = divmod(abs(hundredths), 100)
    sign = "-" if hundredths < 0 else ""
    return f"{sign}{whole}" + (f".{rest:02d}".rstrip("0") if rest else "")


def unit_of(dimension: str) -> str | None:
    """Return the unit in which values of a dimension differ; None for truths, categories and text.

    >>> unit_of("points of a"), unit_of("date"), unit_of("times"), unit_of("one of a, b")
    ('points', 'days', 'times', None)
    """
    if dimension.startswith("points of "):
        return "points"
    if dimension == "date":
        return "days"
    return None if dimension in ("truth", "text") or dimension.startswith("one of ") else dimension


def lower_first(text: str) -> str:
    """Return a title as it stands inside a sentence: an ordinary first word in lower case, a name as it is.

    >>> lower_first("High score"), lower_first("A score"), lower_first("AB-1 is old")
    ('high score', 'a score', 'AB-1 is old')
    """
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if len(first) == 1 or first[1:].islower() else text


def joined(parts: list[str], word: str = "and") -> str:
    """Return a list as people say it.

    >>> joined(["a"]), joined(["a", "b", "c"]), joined(["a", "b"], "or")
    ('a', 'a, b and c', 'a or b')
    """
    return f" {word} ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))

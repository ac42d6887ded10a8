"""A change of one fact or one number, and the lever that makes it: so many steps of something, one at a time.

A change is always a changed record: a number of the policy is changed by this patient's own value, which has the same
allowed range and goes through the same evaluation as the policy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from boosterwatch.engine.model import Scalar

Record = dict[str, Any]
Kind = Literal["points", "value", "days", "number"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `name` is the part of the record or the parameter; `size` is in `unit`, for a number in its own.

    `says` is a clause that follows "if": it speaks of the record or the policy, never to the patient.
    """

    kind: Kind
    name: str
    was: Scalar | None
    now: Scalar | None
    size: float
    unit: str
    says: str


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that can be moved step by step: `pull` gives the record after so many steps, None past the end.

    `most` bounds the steps. `range` is how large the whole scale is: of two changes of one size, that of the larger
    scale is the smaller one. `stops` are the only steps at which anything can change; None when any may.
    """

    kind: Kind
    name: str
    most: int
    range: float
    pull: Callable[[Record, int], tuple[Record, Change] | None]
    stops: tuple[int, ...] | None = None

    def steps(self) -> Iterable[int]:
        """Return the steps worth trying, from small to large."""
        return range(1, self.most + 1) if self.stops is None else self.stops


def plural(size: float, unit: str) -> str:
    """Return a size with its unit.

    >>> plural(1, "points"), plural(2, "days"), plural(0.05, "")
    ('1 point', '2 days', '0.05')
    """
    said = f"{size:g}"
    if not unit:
        return said
    singular = unit.removesuffix("s") if size == 1 and unit in ("points", "days", "years") else unit
    return f"{said} {singular}"


def tidy(value: float) -> int | float:
    """Return 12 for 12.0, and 0.55 for what is nearly that."""
    rounded = round(value, 6)
    return int(rounded) if float(rounded).is_integer() else rounded

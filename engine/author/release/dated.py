"""Numbers that change on a day: what was covered before does not cover the value that decides from that day on.

Coverage moves a number from what it is on the day of each case, so it cannot tell that every case lies before a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest

from boosterwatch.engine.author.coverage.boundaries import Boundary
from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack import ir

_SIDES = ("below", "at", "above")


def untried(boundaries: Iterable[Boundary], days: Mapping[str, str], effective: str) -> Iterator[Diagnostic]:
    """Yield each dated value that will decide and is not covered on its own days, though the number is on others.

    `days` are those on which the cases are evaluated (ISO text), by id; before `effective` the pack does not decide.
    """
    for boundary in boundaries:
        values = boundary.parameter.values
        for value, later in zip_longest(values, values[1:]):
            end = None if later is None else later.start
            if len(values) > 1 and (end is None or end > effective):
                open_ = tuple(side for side in _SIDES if _is_open(boundary, side, days, value.start, end))
                if open_:
                    yield _untried(boundary.parameter, value, open_)


def _is_open(boundary: Boundary, side: str, days: Mapping[str, str], start: str, end: str | None) -> bool:
    """Return whether a side is covered, but by no case on or after `start` and before `end`."""
    covered = [days[case] for case in boundary.cases(side) or ()]
    return bool(covered) and not any(start <= day and (end is None or day < end) for day in covered)


def _untried(parameter: ir.Parameter, value: ir.DatedValue, sides: tuple[str, ...]) -> Diagnostic:
    where = " or ".join([", ".join(sides[:-1]), sides[-1]] if len(sides) > 1 else sides)
    message = f"no case lies {where} `{parameter.name}` while it is {value.value:g}, from {value.start} on"
    hint = f"add cases whose `as_of` is {value.start} or later"
    return Diagnostic("BW498", message, parameter.span, hint)

"""Labels beside lines that may lie close together: moved apart until each can be read."""

from __future__ import annotations

from collections.abc import Sequence


def spread(values: Sequence[float], least: float, low: float, high: float) -> dict[float, float]:
    """Return a place for the label of each value, at least `least` apart and inside the range, in the same order.

    >>> spread([4, 5, 10], least=2, low=0, high=27)
    {4: 3.5, 5: 5.5, 10: 10.0}
    """
    groups: list[tuple[list[float], float]] = []  # values that touch, and the middle of their labels
    for value in sorted(set(values)):
        groups.append(([value], value))
        while len(groups) > 1 and _top(groups[-2], least) > _bottom(groups[-1], least):
            (lower, _), (upper, _) = groups[-2:]
            together = lower + upper
            groups[-2:] = [(together, sum(together) / len(together))]
    places: dict[float, float] = {}
    for members, middle in groups:
        half = least * (len(members) - 1) / 2
        middle = min(max(middle, low + half), high - half)
        places |= {value: middle - half + least * at for at, value in enumerate(members)}
    return places


def _top(group: tuple[list[float], float], least: float) -> float:
    return group[1] + least * len(group[0]) / 2


def _bottom(group: tuple[list[float], float], least: float) -> float:
    return group[1] - least * len(group[0]) / 2

"""The smallest choice of sources that settles everything which can be settled: exact up to three, then greedy."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

EXACT = 3


@lru_cache(maxsize=512)
def smallest_cover(masks: tuple[int, ...], costs: tuple[int, ...]) -> tuple[int, ...]:
    """Return the positions of the fewest sources whose masks together cover what all of them cover.

    Of equally few the cheapest in sum, then the first in order.

    >>> smallest_cover((0b011, 0b111, 0b100), (1, 2, 1))
    (1,)
    >>> smallest_cover((0b01, 0b01, 0b10), (2, 1, 1))
    (1, 2)
    """
    full = _union(masks, range(len(masks)))
    for size in range(min(EXACT, len(masks)) + 1):
        fits = [c for c in combinations(range(len(masks)), size) if _union(masks, c) == full]
        if fits:
            return min(fits, key=lambda chosen: (sum(costs[at] for at in chosen), chosen))
    return _greedy(masks, costs, full)


def _greedy(masks: tuple[int, ...], costs: tuple[int, ...], full: int) -> tuple[int, ...]:
    chosen: list[int] = []
    left = full
    while left:
        gains = [(mask & left).bit_count() for mask in masks]
        best = max(range(len(masks)), key=lambda at: (gains[at], -costs[at], -at))
        chosen.append(best)
        left &= ~masks[best]
    return tuple(sorted(chosen))


def _union(masks: tuple[int, ...], chosen: tuple[int, ...] | range) -> int:
    union = 0
    for at in chosen:
        union |= masks[at]
    return union

"""Which induction counts at a date: the one marked, or the latest block of infusions that is long enough.

A block depends only on infusions up to its end, so one search over the whole record answers for every earlier date.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from boosterwatch.engine.measures.undefined import Parameters
from boosterwatch.engine.pack import ir


class Course(NamedTuple):
    """The induction that counts. `floor` is the last infusion before it, where an earlier induction exists."""

    first: int
    last: int
    floor: int | None


class Block(NamedTuple):
    """Infusions that make an induction from the day `since` on; `previous` is the infusion before them."""

    days: tuple[int, ...]
    since: int
    previous: int | None


class Inductions(NamedTuple):
    """What can count: blocks found before the marked induction (all, without one), the marked one, blocks after it."""

    early: tuple[Block, ...]
    marked: tuple[int, int] | None
    late: tuple[Block, ...]


def find_inductions(
    infusions: Sequence[int],
    marked: tuple[int, int] | None,
    names: ir.Course,
    parameters: Parameters,
) -> Inductions:
    """Return what can count at any date. A marking replaces detection for infusions up to its last date."""
    if marked is None:
        return Inductions(find_blocks(infusions, names, parameters), None, ())
    first, last = marked
    before = [day for day in infusions if day < first]
    late = find_blocks(infusions, names, parameters, after=last)
    return Inductions(find_blocks(before, names, parameters), marked, late)


def find_blocks(
    infusions: Sequence[int],
    names: ir.Course,
    parameters: Parameters,
    after: int | None = None,
) -> tuple[Block, ...]:
    """Return the blocks long enough to be an induction that start after `after`, oldest first."""
    gap = parameters[names.gap_days]
    least = int(parameters[names.least])
    blocks: list[Block] = []
    n = 0
    while n < len(infusions):
        start, previous = n, infusions[n - 1] if n else None
        n += 1
        if previous is not None and infusions[start] - previous < gap:
            continue
        if after is None or infusions[start] > after:
            n = _block_end(infusions, start, names, parameters)
            if n - start >= least:
                blocks.append(Block(tuple(infusions[start:n]), infusions[start + least - 1], previous))
    return tuple(blocks)


def _block_end(infusions: Sequence[int], start: int, names: ir.Course, parameters: Parameters) -> int:
    gap, span = parameters[names.gap_days], parameters[names.span_days]
    most = parameters[names.most]
    n = start + 1
    while (
        n < len(infusions)
        and n - start < most
        and infusions[n] - infusions[start] <= span
        and infusions[n] - infusions[n - 1] < gap
    ):
        n += 1
    return n


def course_at(inductions: Inductions, day: int) -> Course | None:
    """Return the induction that counts when infusions up to and including `day` are known."""
    early, marked, late = inductions
    if marked is None or marked[0] > day:
        return _latest(early, day, earlier=False)
    return _latest(late, day, earlier=True) or Course(marked[0], marked[1], None)


def _latest(blocks: tuple[Block, ...], day: int, *, earlier: bool) -> Course | None:
    for n in range(len(blocks) - 1, -1, -1):
        block = blocks[n]
        if block.since <= day:
            last = block.days[bisect_right(block.days, day) - 1]
            return Course(block.days[0], last, block.previous if earlier or n else None)
    return None

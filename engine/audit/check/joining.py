"""The slices put together: one chain, one tree, and every head held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from boosterwatch.engine.audit.check.earlier import Earlier
from boosterwatch.engine.audit.check.problems import Problems, seqs
from boosterwatch.engine.audit.check.slices import Slice
from boosterwatch.engine.audit.check.trees import TILE, Skyline
from boosterwatch.engine.audit.log.api import SignedHead
from boosterwatch.engine.audit.log.merkle import EMPTY_ROOT, chain_start


@dataclass(frozen=True, slots=True)
class Known:
    """Root and chain hash at one size."""

    root: bytes
    chain: bytes


class Joined:
    """The whole log, slice after slice."""

    def __init__(self, log: str, problems: Problems) -> None:
        self._problems = problems
        self._chain: bytes | None = chain_start(log)
        self.known: dict[int, Known] = {0: Known(EMPTY_ROOT, chain_start(log))}
        self.skyline = Skyline()
        self.lost: int | None = None
        self.names: list[tuple[int, int, frozenset[tuple[str, str]]]] = []
        self.end = self.marks = self.sealed = self.sealed_bytes = 0

    def add(self, part: Slice) -> None:
        """Add the next slice."""
        self._link(part)
        self._problems.join(part.problems, part.counts)
        self.names.append((part.start, part.end, part.names))
        self.end, self._chain = part.end, part.chain or None
        self.marks += part.marks
        self.sealed += part.sealed
        self.sealed_bytes += part.sealed_bytes
        if self.lost is None:
            self._grow(part)
            self.lost = part.lost

    def _link(self, part: Slice) -> None:
        if part.previous is None or self._chain is None or part.previous == self._chain:
            return
        where = f"entry {part.start - 1}" if part.start else "the beginning of this log"
        self._problems.add("BW523", f"entry {part.start} does not follow {where}: `previous` is another hash")

    def _grow(self, part: Slice) -> None:
        """Add the tiles of a slice, and note root and chain at each size that was asked for on the way."""
        states = dict(part.states)
        for size in sorted(states):
            while len(self.skyline.roots) < size // TILE:
                self.skyline.add(part.roots[len(self.skyline.roots) - part.start // TILE])
            self.known[size] = Known(self.skyline.root(states[size].tail), states[size].chain)
        for root in part.roots[len(self.skyline.roots) - part.start // TILE :]:
            self.skyline.add(root)


def compare_heads(joined: Joined, heads: Sequence[SignedHead], problems: Problems) -> None:
    """Hold every stored head against the entries; the first that does not fit speaks for those after it."""
    other = [head.size for head in heads if not _fits(joined.known.get(head.size), head)]
    lost = joined.lost
    other = [size for size in other if lost is None or size <= lost]  # what comes later cannot be compared
    if other:
        more = f", and {len(other) - 1} after it," if len(other) > 1 else ""
        problems.add("BW529", f"the head of size {other[0]}{more} was signed over other entries")


def compare_earlier(joined: Joined, earlier: Sequence[Earlier], problems: Problems) -> None:
    """Hold every head from outside against the entries."""
    for one in earlier:
        size = one.head.size
        if size > joined.end:
            gone = seqs(joined.end, size - 1)
            problems.add("BW533", f"{one.what} covers {size} entries, and there are {joined.end}: {gone} missing")
        elif joined.lost is not None and size > joined.lost:
            problems.add("BW532", f"{one.what} of size {size} cannot be compared: entry {joined.lost} is missing")
        elif not _fits(joined.known.get(size), one.head):
            problems.add("BW532", f"{one.what} of size {size} was signed over other entries: the log was rewritten")


def _fits(known: Known | None, head: SignedHead) -> bool:
    return known is not None and (known.root, known.chain) == (head.root, head.chain)


def kept_sizes(end: int) -> set[int]:
    """Return the sizes whose heads a log of this size keeps: each multiple of 256, and its own."""
    return {*range(0, end + 1, TILE), end}

"""Roots in bulk: of full tiles, and of a tree whose leaves come a tile at a time."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from boosterwatch.engine.audit.log.merkle import EMPTY_ROOT, Peaks, node_hash, root_of

TILE = 256


def tile_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a full tile, level by level: the many are faster so than one by one."""
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]
    return row[0]


class Skyline:
    """The tree of a log by the roots of its full tiles: enough to know its root at every size."""

    def __init__(self) -> None:
        self.roots: list[bytes] = []
        self._peaks = Peaks()

    def add(self, root: bytes) -> None:
        """Add the root of the next full tile."""
        self.roots.append(root)
        self._peaks.append(root)

    def root(self, tail: Sequence[bytes] = ()) -> bytes:
        """Return the root over all full tiles and the leaves of a tile that is not full."""
        if not tail:
            return self._peaks.root() if self.roots else EMPTY_ROOT
        root = root_of(tail)  # the smallest of the complete parts stand to the right, so they are folded in first
        for peak in reversed(self._peaks.hashes):
            root = node_hash(peak, root)
        return root


def upper_tiles(roots: Sequence[bytes]) -> dict[tuple[int, int], tuple[bytes, bytes]]:
    """Return the full tiles above level 0, by level and place: root and joined hashes."""
    found: dict[tuple[int, int], tuple[bytes, bytes]] = {}
    level, row = 1, list(roots)
    while len(row) >= TILE:
        full = [row[at : at + TILE] for at in range(0, len(row) - TILE + 1, TILE)]
        row = [tile_root(tile) for tile in full]
        found |= {(level, at): (row[at], b"".join(tile)) for at, tile in enumerate(full)}
        level += 1
    return found

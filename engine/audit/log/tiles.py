"""The tree as it is stored (full tiles; leaves and roots at its right edge) -> the hashes that proofs need."""

from __future__ import annotations

from boosterwatch.engine.audit.log.merkle import Peaks, root_of
from boosterwatch.engine.audit.log.session import Fetching
from boosterwatch.engine.audit.log.statements import READ_LEAVES, READ_ROOTS, READ_TILE

HEIGHT = 8
WIDTH = 1 << HEIGHT
_HASH = 32


class TileError(Exception):
    """A tile or a leaf that must be there is missing, or has another length."""


class StoredNodes:
    """The complete subtrees of the first `size` leaves, for `merkle.inclusion_proof` and its like."""

    def __init__(self, fetching: Fetching, size: int) -> None:
        """Read through `fetching`; every tile is read once."""
        self._fetching = fetching
        self._size = size
        self._known: dict[tuple[int, int], list[bytes]] = {}

    def __call__(self, height: int, index: int) -> bytes:
        """Return the hash of a complete subtree; raises TileError when the store lacks what it is made of."""
        level, inside = divmod(height, HEIGHT)
        first = index << inside
        at, offset = divmod(first, WIDTH)
        hashes = self.hashes(level, at)[offset : offset + (1 << inside)]
        if len(hashes) != 1 << inside:
            raise TileError(f"level {level} of the tree ends before {first + (1 << inside)}")
        return root_of(hashes)

    def hashes(self, level: int, at: int) -> list[bytes]:
        """Return the hashes of a tile: 256, or, at the right edge, as many as there are."""
        known = self._known.get((level, at))
        if known is None:
            known = self._known[level, at] = self._read(level, at)
        return known

    def _read(self, level: int, at: int) -> list[bytes]:
        count = min(self._size >> (HEIGHT * level), (at + 1) * WIDTH) - at * WIDTH
        if count == WIDTH:
            found = self._fetching.rows(READ_TILE, (level, at))
            whole = bytes(found[0][0]) if found else b""
            hashes = [whole[start : start + _HASH] for start in range(0, len(whole), _HASH)]
        else:
            start, end = at * WIDTH, at * WIDTH + count
            edge = (READ_LEAVES, (start, end)) if level == 0 else (READ_ROOTS, (level - 1, start, end))
            hashes = [bytes(row[0]) for row in self._fetching.rows(*edge)]
        if len(hashes) != count or any(len(one) != _HASH for one in hashes):
            raise TileError(f"the tree lacks hashes of tile {at} of level {level}")
        return hashes

    def peaks(self) -> Peaks:
        """Return the roots of the largest complete subtrees; raises TileError as a call does."""
        return Peaks.read(self._size, self)

    def edge(self) -> list[list[bytes]]:
        """Return, for each level, the hashes of the tile that is not full yet."""
        found: list[list[bytes]] = []
        while self._size >> (HEIGHT * len(found)):
            level = len(found)
            filled, left = divmod(self._size >> (HEIGHT * level), WIDTH)
            found.append(list(self.hashes(level, filled)) if left else [])
        return found

"""The end of a log, and how it grows by entries: pure, apart from what a draft's own sealing function does.

A `Tail` is all that the writer must know of the log to go on. A `Growth` starts from one, takes prepared drafts, and
ends in the rows of one transaction and the next tail; it changes nothing but itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from boosterwatch.engine.audit.log.api import Place, SignedHead
from boosterwatch.engine.audit.log.complete import SALT_BYTES, Entry, Prepared, complete
from boosterwatch.engine.audit.log.merkle import Peaks, chain_next
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.session import Row
from boosterwatch.engine.audit.log.tiles import HEIGHT, WIDTH

Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log: chain hash, complete subtrees, hashes of the tiles that are not full, signed head."""

    log: str
    size: int
    chain: bytes
    peaks: Peaks
    edge: tuple[tuple[bytes, ...], ...]
    head: SignedHead


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction writes, and the tail after it; `dropped` is the size of the head that goes."""

    entries: tuple[Entry, ...]
    tiles: tuple[Row, ...]
    heads: tuple[SignedHead, ...]
    tail: Tail
    dropped: int | None

    def entry_rows(self) -> list[Row]:
        """Return the rows of `entry`."""
        return [_entry_row(one) for one in self.entries]

    def mark_rows(self) -> list[Row]:
        """Return the rows of `entry_mark`."""
        return [(sort, name, one.place.seq) for one in self.entries for sort, name in one.prepared.marks]

    def sealed_rows(self) -> list[Row]:
        """Return the rows of `sealed`."""
        return [(one.place.seq, one.sealed) for one in self.entries if one.sealed is not None]

    def head_rows(self) -> list[Row]:
        """Return the rows of `head`."""
        return [(head.size, head.note) for head in self.heads]


def _entry_row(entry: Entry) -> Row:
    _, _, _, *others = entry.prepared.columns  # the log itself writes id, recorded and kind
    kind = entry.prepared.draft.kind
    return (entry.place.seq, entry.place.id, entry.recorded, kind, *others, entry.leaf, entry.body)


def is_kept(size: int) -> bool:
    """Return whether the head of this size stays when later ones come: there is one for each full tile.

    So it is known of every log which heads it must have, and one that was taken away is missed.
    """
    return size % WIDTH == 0


class Growth:
    """A tail that grows; several calls of `append` may join in it, each whole or not at all."""

    def __init__(self, tail: Tail, recorded: str, random: Random) -> None:
        """Start from a tail; `recorded` is the time in all entries, `random` gives the bytes of their salts."""
        self._before = tail
        self._recorded = recorded
        self._random = random
        self._chain = tail.chain
        self._peaks = tail.peaks.copy()
        self._edge = [list(level) for level in tail.edge]
        self._entries: list[Entry] = []
        self._tiles: list[Row] = []
        self._passed: list[tuple[int, bytes, bytes]] = []  # size, root and chain where a head is kept

    def add(self, drafts: Sequence[Prepared]) -> list[Entry]:
        """Return the finished entries of one call; what a sealing function raises leaves the growth as it was."""
        entries: list[Entry] = []
        chain, size = self._chain, self._peaks.size
        for seq, prepared in enumerate(drafts, size):
            place = Place(self._before.log, seq, prepared.draft.id)
            entry = complete(prepared, place, self._recorded, self._random(SALT_BYTES), chain)
            chain = chain_next(chain, entry.leaf)
            entries.append(entry)
        for entry in entries:
            self._plant(entry.leaf)
        self._entries += entries
        return entries

    def _plant(self, leaf: bytes) -> None:
        """Add a leaf to chain and tree; tiles that it fills are kept for the transaction."""
        at = self._peaks.size
        self._chain = chain_next(self._chain, leaf)
        completed = self._peaks.append(leaf)
        for level, height in enumerate(range(0, len(completed), HEIGHT)):
            if level == len(self._edge):
                self._edge.append([])
            hashes = self._edge[level]
            hashes.append(completed[height])
            if len(hashes) == WIDTH:
                root = completed[height + HEIGHT]
                self._tiles.append((level, at >> (height + HEIGHT), root, b"".join(hashes)))
                hashes.clear()
        if is_kept(at + 1):
            self._passed.append((at + 1, self._peaks.root(), self._chain))

    def finish(self, signer: HeadSigner) -> Batch | None:
        """Return what is to be written, with its heads signed; None when nothing was added."""
        if not self._entries:
            return None
        before, size = self._before, self._peaks.size
        passed = [signer.sign(*one) for one in self._passed]
        if not is_kept(size):
            passed.append(signer.sign(size, self._peaks.root(), self._chain))
        edge = tuple(tuple(level) for level in self._edge)
        tail = Tail(before.log, size, self._chain, self._peaks, edge, passed[-1])
        dropped = None if is_kept(before.size) else before.size
        return Batch(tuple(self._entries), tuple(self._tiles), tuple(passed), tail, dropped)

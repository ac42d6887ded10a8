"""A slice of the log, up to 65,536 entries: everything that can be checked of it without the rest.

Slices are independent, so several processes can work on them: the chain of one begins with what its first entry says
came before, and `joining.py` compares that with the end of the slice before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from boosterwatch.engine.audit.check.entries import Walk
from boosterwatch.engine.audit.check.problems import Problems, seqs
from boosterwatch.engine.audit.check.snapshot import (
    READ_ENTRIES,
    READ_LEAF_TILES,
    READ_PLACES,
    READ_SEALED,
    Row,
    Snapshot,
    Unreadable,
    pages,
)
from boosterwatch.engine.audit.check.trees import TILE, tile_root
from boosterwatch.engine.audit.log.merkle import chain_next
from boosterwatch.engine.audit.log.statements import Statement
from boosterwatch.engine.diagnostics import Diagnostic

SLICE = TILE * TILE
_PAGE = 16 * TILE  # entries read at once
_PAGE_SEALED = TILE


@dataclass(frozen=True, slots=True)
class Task:
    """What to check: the entries from `start` up to `end`; `sizes` are those at which heads will be compared."""

    url: str
    log: str
    start: int
    end: int
    sizes: frozenset[int]
    limit: int


@dataclass(frozen=True, slots=True)
class State:
    """The log at one size: the chain hash, and the leaves after the last full tile."""

    chain: bytes
    tail: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """What was found: `previous` and `chain` are the chain hashes before and after; `lost` is the first entry that is
    missing, after which no root is known; `marks` counts what the entries ask for, `names` says under which names."""

    start: int
    end: int
    previous: bytes | None
    chain: bytes
    roots: tuple[bytes, ...]
    states: dict[int, State]
    lost: int | None
    marks: int
    names: frozenset[tuple[str, str]]
    sealed: int
    sealed_bytes: int
    problems: tuple[Diagnostic, ...]
    counts: Counter[str]


def check_apart(task: Task) -> Slice:
    """Check a slice over a connection of its own, as another process does; raises Unreadable without one."""
    with Snapshot(task.url) as snapshot:
        return check_slice(snapshot, task)


def check_slice(snapshot: Snapshot, task: Task) -> Slice:
    """Check a slice."""
    return _Check(snapshot, task).run()


class _Check:
    def __init__(self, snapshot: Snapshot, task: Task) -> None:
        self._snapshot = snapshot
        self._task = task
        self._problems = Problems(task.limit)
        self._walk = Walk(task.log, task.start, self._problems)
        self._leaves: list[bytes] = []  # those before the first missing entry
        self._roots: list[bytes] = []
        self._chains: dict[int, bytes] = {}
        self._lost: int | None = None
        self._sealed = self._sealed_bytes = 0

    def run(self) -> Slice:
        task, walk = self._task, self._walk
        for first, rows in self._read(READ_ENTRIES, _PAGE, "entry"):
            self._page(first, rows)
        if walk.seq < task.end:
            self._miss(task.end)
        self._compare_tiles()
        self._compare_sealed()
        marks = self._compare_marks()
        names = frozenset((sort, name) for sort, by_name in walk.marks.items() for name in by_name)
        return Slice(
            start=task.start,
            end=task.end,
            previous=walk.previous if self._lost != task.start else None,
            chain=walk.chain,
            roots=tuple(self._roots),
            states={size: self._state(size) for size in self._chains},
            lost=self._lost,
            marks=marks,
            names=names,
            sealed=self._sealed,
            sealed_bytes=self._sealed_bytes,
            problems=tuple(self._problems.found),
            counts=self._problems.counts,
        )

    # ------------------------------------------------------------ reading what may be damaged

    def _read(self, statement: Statement, step: int, what: str) -> Iterator[tuple[int, list[Row]]]:
        """Yield the rows page by page; a row that cannot be read becomes a problem, and is left out."""
        for start, end in pages(self._task.start, self._task.end, step):
            yield start, list(self._halves(statement, start, end, what))

    def _halves(self, statement: Statement, start: int, end: int, what: str) -> Iterator[Row]:
        try:
            yield from self._snapshot.rows(statement, (start, end))
        except Unreadable as error:
            if end - start == 1 or self._problems.full:
                self._problems.add("BW520", f"{what} {start} cannot be read: {error}")
                return
            middle = (start + end) // 2
            yield from self._halves(statement, start, middle, what)
            yield from self._halves(statement, middle, end, what)

    # ------------------------------------------------------------ entries

    def _page(self, first: int, rows: list[Row]) -> None:
        """Take the rows of a page, run by run: a run has no gap and does not reach over the end of a tile."""
        at = 0
        while at < len(rows):
            seq = rows[at][0]
            if seq < self._walk.seq:  # only in a damaged file
                self._problems.add("BW520", f"entry {seq} is stored twice, or out of order")
                at += 1
                continue
            if seq != self._walk.seq:
                self._miss(seq)
            end = min(at + TILE - seq % TILE, len(rows))
            while rows[end - 1][0] != seq + end - 1 - at:  # a gap: look for its beginning
                end -= 1
            self._run(rows[at:end])
            at = end

    def _miss(self, seq: int) -> None:
        """Note that the entries up to `seq` are missing, and go on there."""
        walk = self._walk
        last = seqs(walk.seq, seq - 1)
        self._problems.add("BW522", f"{last} {'is' if seq - walk.seq == 1 else 'are'} missing")
        if self._lost is None:
            self._lost = walk.seq
        walk.skip(seq)

    def _run(self, rows: list[Row]) -> None:
        walk, first = self._walk, self._walk.seq
        before = walk.chain
        leaves = walk.take(rows)
        if self._lost is not None:
            return
        self._leaves += leaves
        self._roots += [tile_root(self._leaves[-TILE:])] if walk.seq % TILE == 0 else []
        chain = before or walk.previous or b""
        wanted = self._task.sizes.intersection(range(first + 1, walk.seq + 1))
        if wanted:
            for size, leaf in enumerate(leaves, first + 1):
                chain = chain_next(chain, leaf)
                if size in wanted:
                    self._chains[size] = chain

    def _state(self, size: int) -> State:
        full = size - size % TILE - self._task.start
        return State(self._chains[size], tuple(self._leaves[full : size - self._task.start]))

    # ------------------------------------------------------------ what repeats the entries

    def _compare_tiles(self) -> None:
        first, after = self._task.start // TILE, -(-self._task.end // TILE)
        try:
            rows = self._snapshot.rows(READ_LEAF_TILES, (first, after))
        except Unreadable as error:
            self._problems.add("BW520", f"tiles {first} to {after - 1} of level 0 cannot be read: {error}")
            return
        stored = {at: (root, hashes) for at, root, hashes in rows}
        for index, root in enumerate(self._roots):
            hashes = b"".join(self._leaves[index * TILE : (index + 1) * TILE])
            if stored.pop(first + index, None) != (root, hashes):
                self._problems.add("BW527", f"tile {first + index} of level 0 is missing, or not that of its entries")
        if self._lost is None:
            for at in stored:
                self._problems.add("BW527", f"tile {at} of level 0 is there before it is full")

    def _compare_sealed(self) -> None:
        stated = self._walk.sealed
        for _, rows in self._read(READ_SEALED, _PAGE_SEALED, "the sealed part of entry"):
            for seq, blob in rows:
                said = stated.pop(seq, None)
                if said is None:
                    self._problems.add("BW526", f"entry {seq}: there are sealed bytes of which it says nothing")
                    continue
                self._sealed += 1
                self._sealed_bytes += len(blob or b"")
                found = sealed_by(blob) if isinstance(blob, bytes) else None
                if said != found:
                    self._problems.add("BW526", f"entry {seq}: the sealed bytes are not those of the entry")
        for seq in stated:
            self._problems.add("BW526", f"entry {seq}: the sealed bytes are missing")

    def _compare_marks(self) -> int:
        count = 0
        for sort, by_name in self._walk.marks.items():
            for name, places in by_name.items():
                wanted = list(dict.fromkeys(places))
                count += len(wanted)
                self._compare_places(sort, name, wanted)
        return count

    def _compare_places(self, sort: str, name: str, wanted: list[int]) -> None:
        try:
            found = self._snapshot.rows(READ_PLACES, (sort, name, self._task.start, self._task.end))
        except Unreadable as error:
            self._problems.add("BW520", f"marks of sort `{sort}` cannot be read: {error}")
            return
        stored = [seq for (seq,) in found]
        if stored == wanted:
            return
        for seq in sorted({*stored} ^ {*wanted}, key=_place):
            how = "is missing" if seq in wanted else "is there without need"
            where = f"entry {seq}" if isinstance(seq, int) else "an entry without a number"
            self._problems.add("BW525", f"{where}: a mark of sort `{sort}` {how}")


def _place(seq: object) -> tuple[bool, int]:
    """Return what sorts the numbers of entries; in a damaged file one may be text or bytes."""
    return (True, seq) if isinstance(seq, int) else (False, 0)


def sealed_by(blob: bytes) -> dict[str, object]:
    """Return what an entry says of its sealed bytes."""
    return {"sha256": sha256(blob).hexdigest(), "bytes": len(blob)}

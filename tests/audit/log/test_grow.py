"""How a log grows, and the tree as it is stored: against the plain definitions, over tiles of every level."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boosterwatch.engine.audit.log import merkle
from boosterwatch.engine.audit.log.api import Place
from boosterwatch.engine.audit.log.complete import prepare
from boosterwatch.engine.audit.log.grow import Growth, Tail, is_kept
from boosterwatch.engine.audit.log.merkle import EMPTY_ROOT, Peaks, chain_start
from boosterwatch.engine.audit.log.session import Row
from boosterwatch.engine.audit.log.statements import READ_LEAVES, READ_ROOTS, READ_TILE, Statement
from boosterwatch.engine.audit.log.tiles import StoredNodes, TileError
from boosterwatch.tests.audit.log.drafts import SIGNER, draft

LEAVES = [sha256(b"%d" % number).digest() for number in range(66_200)]


def empty() -> Tail:
    chain = chain_start(SIGNER.log)
    return Tail(SIGNER.log, 0, chain, Peaks(), (), SIGNER.sign(0, EMPTY_ROOT, chain))


def counted(length: int) -> bytes:
    return bytes(length)


class Stored:
    """The rows that a log of these leaves would have, without a database."""

    def __init__(self) -> None:
        self.leaves: list[bytes] = []
        self.tiles: dict[tuple[int, int], tuple[bytes, bytes]] = {}

    @classmethod
    def of(cls, leaves: Sequence[bytes]) -> "Stored":
        stored = cls()
        growth = Growth(empty(), "", counted)
        for leaf in leaves:
            growth._plant(leaf)
        stored.leaves = list(leaves)
        stored.tiles = {(level, at): (root, hashes) for level, at, root, hashes in growth._tiles}
        return stored

    def rows(self, statement: Statement, values: Sequence[Any] = ()) -> list[Row]:
        if statement is READ_LEAVES:
            start, end = values
            return [(leaf,) for leaf in self.leaves[start:end]]
        if statement is READ_TILE:
            level, at = values
            return [(self.tiles[level, at][1],)] if (level, at) in self.tiles else []
        assert statement is READ_ROOTS
        level, start, end = values
        return [(self.tiles[level, at][0],) for at in range(start, end)]


ALL = Stored.of(LEAVES)
NODES = merkle.nodes_of(LEAVES)


def test_every_level_has_its_tiles() -> None:
    assert [sum(1 for level, _ in ALL.tiles if level == wanted) for wanted in range(3)] == [258, 1, 0]
    for (level, at), (root, hashes) in ALL.tiles.items():
        assert root == NODES(8 * (level + 1), at)
        assert hashes[:32] == NODES(8 * level, at * 256)
        assert hashes[-32:] == NODES(8 * level, at * 256 + 255)
        assert len(hashes) == 8192


@given(st.integers(0, len(LEAVES)))
@settings(max_examples=60)
def test_stored_trees_of_every_size_have_their_peaks_and_edge(size: int) -> None:
    nodes = StoredNodes(ALL, size)
    growth = Growth(empty(), "", counted)
    peaks = nodes.peaks()
    assert peaks.hashes == Peaks.read(size, NODES).hashes
    if size < 1200:
        for leaf in LEAVES[:size]:
            growth._plant(leaf)
        assert nodes.edge() == growth._edge
        assert peaks.hashes == growth._peaks.hashes


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 66_048, 66_200])
def test_proofs_from_tiles_hold(size: int) -> None:
    root = StoredNodes(ALL, size).peaks().root()
    nodes = StoredNodes(ALL, size)
    for index in {0, size // 2, size - 1, max(0, size - 256)}:
        proof = merkle.inclusion_proof(index, size, nodes)
        assert merkle.verify_inclusion(LEAVES[index], index, size, proof, root)
        if index:
            old = StoredNodes(ALL, index).peaks().root()
            path = merkle.consistency_proof(index, size, nodes)
            assert merkle.verify_consistency(index, size, path, old, root)


def test_missing_parts_of_the_tree_are_named() -> None:
    damaged = Stored()
    damaged.leaves, damaged.tiles = ALL.leaves[:600], dict(ALL.tiles)
    del damaged.tiles[0, 1]
    with pytest.raises(TileError, match="the tree lacks hashes of tile 1 of level 0"):
        StoredNodes(damaged, 600)(4, 17)
    damaged.tiles[0, 1] = (bytes(32), bytes(8191))
    with pytest.raises(TileError, match="the tree lacks hashes of tile 1 of level 0"):
        StoredNodes(damaged, 600)(4, 17)
    with pytest.raises(TileError, match="the tree lacks hashes of tile 2 of level 0"):
        StoredNodes(damaged, 700)(0, 650)
    with pytest.raises(TileError, match="level 0 of the tree ends before 640"):
        StoredNodes(damaged, 600)(6, 9)


def test_a_batch_holds_what_is_to_be_written() -> None:
    growth = Growth(empty(), "2026-11-24T00:00:00.000000Z", counted)
    growth.add([prepare(draft(b"sealed")) for _ in range(250)])
    growth.add([prepare(draft(rules=["a"], near=[])) for _ in range(10)])
    batch = growth.finish(SIGNER)
    assert batch is not None
    assert [row[:2] for row in batch.tiles] == [(0, 0)]
    assert batch.tail.size == batch.tail.head.size == 260
    assert batch.dropped is None
    assert [head.size for head in batch.heads] == [256, 260]
    assert batch.head_rows() == [(head.size, head.note) for head in batch.heads]
    assert batch.heads[-1] is batch.tail.head
    assert len(batch.entry_rows()) == 260
    assert batch.sealed_rows() == [(seq, b"sealed") for seq in range(250)]
    assert batch.mark_rows()[-10:] == [("rule", "a", seq) for seq in range(250, 260)]
    leaves = [entry.leaf for entry in batch.entries]
    assert batch.heads[0].root == merkle.root_of(leaves[:256])
    assert batch.tail.head.root == merkle.root_of(leaves)
    following = Growth(batch.tail, "2026-11-24T00:00:01.000000Z", counted)
    following.add([prepare(draft())])
    last = following.finish(SIGNER)
    assert last is not None
    assert last.dropped == 260
    assert [head.size for head in last.heads] == [261]
    assert last.tail.head.root == merkle.root_of([*leaves, last.entries[0].leaf])


def test_a_growth_that_failed_in_the_middle_is_as_it_was() -> None:
    def broken(place: Place) -> bytes:
        raise RuntimeError("no key")

    growth = Growth(empty(), "2026-11-24T00:00:00.000000Z", counted)
    with pytest.raises(RuntimeError, match="no key"):
        growth.add([prepare(draft()), prepare(draft(broken))])
    assert growth.finish(SIGNER) is None
    one = prepare(draft())
    growth.add([one])
    batch = growth.finish(SIGNER)
    assert batch is not None
    assert [entry.place for entry in batch.entries] == [Place(SIGNER.log, 0, one.draft.id)]
    assert batch.tail.head.root == batch.entries[0].leaf


@pytest.mark.parametrize(("count", "sizes"), [(255, [255]), (256, [256]), (257, [256, 257]), (600, [256, 512, 600])])
def test_heads_are_signed_at_every_full_tile_and_at_the_end(count: int, sizes: list[int]) -> None:
    growth = Growth(empty(), "2026-11-24T00:00:00.000000Z", counted)
    growth.add([prepare(draft()) for _ in range(count)])
    batch = growth.finish(SIGNER)
    assert batch is not None
    assert [head.size for head in batch.heads] == sizes
    assert [is_kept(size) for size in sizes] == [size % 256 == 0 for size in sizes]

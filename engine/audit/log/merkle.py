"""The hashes of the log: leaves, the chain, the tree of RFC 6962 (RFC 9162, 2.1), and proofs over it.

Pure functions over bytes; nothing is stored here. A proof reads hashes through `node(height, index)`, which returns the
hash of a complete subtree: the one over the leaves index * 2**height up to (index + 1) * 2**height. So the same code
proves from a list (`nodes_of`) and from stored tiles. Indexes count from 0; every hash is 32 bytes of SHA-256.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

Nodes = Callable[[int, int], bytes]

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash under which an entry enters the tree and the chain."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node over its two halves."""
    return sha256(b"\x01" + left + right).digest()


def chain_next(chain: bytes, leaf: bytes) -> bytes:
    """Return the chain hash after a leaf, from the chain hash before it."""
    return sha256(b"\x02" + chain + leaf).digest()


def chain_start(log: str) -> bytes:
    """Return the chain hash of an empty log: it binds the chain to the id of its log."""
    return sha256(b"\x03" + log.encode()).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, SHA-256 of nothing."""
    return range_root(0, len(leaves), nodes_of(leaves))


def nodes_of(leaves: Sequence[bytes]) -> Nodes:
    """Return the reader of the complete subtrees over a list of leaf hashes; it computes each when asked."""

    def node(height: int, index: int) -> bytes:
        if height == 0:
            return leaves[index]
        return node_hash(node(height - 1, 2 * index), node(height - 1, 2 * index + 1))

    return node


def range_root(start: int, end: int, node: Nodes) -> bytes:
    """Return the root over the leaves from `start` up to `end`.

    The range must be one that halving a tree at powers of two meets: `start` is a multiple of the smallest power of two
    that is not below its length.
    """
    length = end - start
    if length == 0:
        return EMPTY_ROOT
    height = length.bit_length() - 1
    if length == 1 << height:
        return node(height, start >> height)
    middle = start + (1 << height)
    return node_hash(node(height, start >> height), range_root(middle, end, node))


def _half(length: int) -> int:
    """Return the largest power of two below a length of at least 2."""
    return 1 << ((length - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, node: Nodes) -> tuple[bytes, ...]:
    """Return the hashes that lead from the leaf `index` to the root of the first `size` leaves, nearest first.

    Raises ValueError when there is no such leaf in a tree of that size.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _half(end - start)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether the proof leads from the leaf to the root (RFC 9162, 2.1.3.2); False for a size without it."""
    if not 0 <= index < size:
        return False
    place, last, reached = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            reached = node_hash(sibling, reached)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and reached == root


def consistency_proof(old: int, new: int, node: Nodes) -> tuple[bytes, ...]:
    """Return the hashes that show the first `old` of `new` leaves to be the same; empty for no, or for all, leaves.

    Raises ValueError when `old` is above `new` or below 0.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not contain one of {old}")
    if old in (0, new):
        return ()
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while end != old:
        middle = start + _half(end - start)
        if old <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(range_root(start, end, node))
    return tuple(reversed(path))


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Return whether the tree of `new` leaves begins with the tree of `old` leaves (RFC 9162, 2.1.4.2).

    A tree of no leaves begins every tree, provided that `old_root` is the root of no leaves.
    """
    if old == new:
        return not proof and old >= 0 and old_root == new_root
    if old == 0:
        return not proof and new > 0 and old_root == EMPTY_ROOT
    if not 0 < old < new or not proof:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    return _climb(place, last, path) == (old_root, new_root)


def _climb(place: int, last: int, path: list[bytes]) -> tuple[bytes, bytes] | None:
    """Return the roots of both trees that a consistency proof leads to; None when its length is wrong."""
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return (before, after) if last == 0 else None


class Peaks:
    """The roots of the complete subtrees of a growing tree, largest first: enough to know its root at every size."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Start from a tree of `size` leaves; `hashes` holds one hash for each bit that is set in `size`."""
        if len(hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees, not {len(hashes)}")
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def read(cls, size: int, node: Nodes) -> Peaks:
        """Return the peaks of the first `size` leaves, read from the complete subtrees."""
        hashes: list[bytes] = []
        start = 0
        for height in reversed(range(size.bit_length())):
            if size >> height & 1:
                hashes.append(node(height, start >> height))
                start += 1 << height
        return cls(size, hashes)

    def append(self, leaf: bytes) -> list[bytes]:
        """Add a leaf; return the hashes of the subtrees that it completes, by height, the leaf itself first."""
        completed = [leaf]
        size = self.size
        while size & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            completed.append(leaf)
            size >>= 1
        self.hashes.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for peak in reversed(self.hashes[:-1]):
            root = node_hash(peak, root)
        return root

    def copy(self) -> Peaks:
        """Return a tree that grows on its own."""
        return Peaks(self.size, self.hashes)

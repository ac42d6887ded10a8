"""The hashes of the log against the recursive definition of RFC 9162 (2.1), the vectors of RFC 6962's authors, and forgery."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.audit.log import merkle

# The eight leaves and the roots over the first 1 to 8 of them, as published with the Certificate Transparency code.
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
VECTOR = [merkle.leaf_hash(bytes.fromhex(text)) for text in INPUTS]


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % number) for number in range(count)]


def naive_root(entries: list[bytes]) -> bytes:
    """Return MTH of RFC 9162, 2.1.1, word by word, over leaf hashes."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return entries[0]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def naive_path(m: int, entries: list[bytes]) -> list[bytes]:
    """Return PATH of RFC 9162, 2.1.3.1."""
    if len(entries) == 1:
        return []
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m < k:
        return [*naive_path(m, entries[:k]), naive_root(entries[k:])]
    return [*naive_path(m - k, entries[k:]), naive_root(entries[:k])]


def naive_subproof(m: int, entries: list[bytes], whole: bool) -> list[bytes]:
    """Return SUBPROOF of RFC 9162, 2.1.4.1."""
    if m == len(entries):
        return [] if whole else [naive_root(entries)]
    k = 1
    while k * 2 < len(entries):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, entries[:k], whole), naive_root(entries[k:])]
    return [*naive_subproof(m - k, entries[k:], False), naive_root(entries[:k])]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots(size: int) -> None:
    assert merkle.root_of(VECTOR[:size]).hex() == ROOTS[size - 1]
    assert naive_root(VECTOR[:size]).hex() == ROOTS[size - 1]


def test_the_hash_of_nothing_and_of_an_empty_leaf_differ() -> None:
    assert merkle.root_of([]) == merkle.EMPTY_ROOT == sha256(b"").digest()
    assert merkle.leaf_hash(b"").hex() == ROOTS[0]


def test_published_paths() -> None:
    node = merkle.nodes_of(VECTOR)
    assert [one.hex() for one in merkle.inclusion_proof(0, 8, node)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [one.hex() for one in merkle.consistency_proof(6, 8, node)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_the_chain_is_what_the_format_says() -> None:
    start = merkle.chain_start("a-log")
    assert start == sha256(b"\x03a-log").digest()
    assert merkle.chain_next(start, VECTOR[0]) == sha256(b"\x02" + start + VECTOR[0]).digest()


@pytest.mark.parametrize("size", range(1, 70))
def test_roots_and_proofs_are_those_of_the_definition(size: int) -> None:
    all_of = leaves(size)
    node = merkle.nodes_of(all_of)
    root = merkle.root_of(all_of)
    assert root == naive_root(all_of)
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, node)
        assert list(proof) == naive_path(index, all_of)
        assert merkle.verify_inclusion(all_of[index], index, size, proof, root)
    for old in range(size + 1):
        path = merkle.consistency_proof(old, size, node)
        if old:
            assert list(path) == naive_subproof(old, all_of, True)
        assert merkle.verify_consistency(old, size, path, naive_root(all_of[:old]), root)


@given(st.data())
def test_a_proof_of_something_else_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    all_of = leaves(size)
    root = merkle.root_of(all_of)
    proof = merkle.inclusion_proof(index, size, merkle.nodes_of(all_of))
    other = data.draw(st.integers(0, size - 1))
    assert merkle.verify_inclusion(all_of[other], index, size, proof, root) == (other == index)
    assert not merkle.verify_inclusion(all_of[index], index, size, [*proof, root], root)
    assert not merkle.verify_inclusion(all_of[index], index, size, proof, all_of[index] + b"x")
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
        assert not merkle.verify_inclusion(all_of[index], index, size, changed, root)
        assert not merkle.verify_inclusion(all_of[index], index, size, proof[:-1], root)


@given(st.data())
def test_a_history_that_was_changed_is_not_consistent(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    old = data.draw(st.integers(1, size - 1))
    all_of = leaves(size)
    old_root, root = merkle.root_of(all_of[:old]), merkle.root_of(all_of)
    path = merkle.consistency_proof(old, size, merkle.nodes_of(all_of))
    touched = data.draw(st.integers(0, old - 1))
    forged = [*all_of[:touched], merkle.leaf_hash(b"forged"), *all_of[touched + 1 :]]
    forged_path = merkle.consistency_proof(old, size, merkle.nodes_of(forged))
    assert not merkle.verify_consistency(old, size, path, old_root, merkle.root_of(forged))
    assert not merkle.verify_consistency(old, size, forged_path, old_root, merkle.root_of(forged))
    assert not merkle.verify_consistency(old, size, path[:-1], old_root, root)
    assert not merkle.verify_consistency(old, size, [*path, root], old_root, root)
    at = data.draw(st.integers(0, len(path) - 1))
    assert not merkle.verify_consistency(old, size, [*path[:at], bytes(32), *path[at + 1 :]], old_root, root)


@pytest.mark.parametrize(
    ("old", "new", "proof", "fits"),
    [
        (0, 0, (), True),
        (0, 3, (), True),
        (3, 3, (), True),
        (0, 3, (bytes(32),), False),
        (3, 3, (bytes(32),), False),
        (4, 3, (), False),
        (-1, 3, (), False),
        (-1, -1, (), False),
        (1, 3, (), False),
    ],
)
def test_sizes_at_the_edge(old: int, new: int, proof: tuple[bytes, ...], fits: bool) -> None:
    roots = [merkle.root_of(leaves(max(size, 0))) for size in (old, new)]
    assert merkle.verify_consistency(old, new, proof, *roots) is fits


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"no leaf {index} in a tree of {size}"):
        merkle.inclusion_proof(index, size, merkle.nodes_of(leaves(size)))
    assert not merkle.verify_inclusion(leaves(1)[0], index, size, (), leaves(1)[0])


@pytest.mark.parametrize(("old", "new"), [(-1, 3), (4, 3)])
def test_a_tree_does_not_contain_a_larger_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match=f"a tree of {new} does not contain one of {old}"):
        merkle.consistency_proof(old, new, merkle.nodes_of(leaves(new)))


@given(st.integers(0, 600), st.integers(0, 40))
def test_peaks_grow_to_the_same_root_and_name_what_they_complete(first: int, more: int) -> None:
    all_of = leaves(first + more)
    node = merkle.nodes_of(all_of)
    peaks = merkle.Peaks.read(first, node)
    for number, leaf in enumerate(all_of[first:], first):
        completed = peaks.append(leaf)
        for height, hash_ in enumerate(completed):
            assert hash_ == node(height, number >> height)
        assert (number + 1) % (1 << len(completed)) != 0
    assert peaks.root() == merkle.root_of(all_of)
    assert peaks.size == len(all_of)
    assert peaks.hashes == merkle.Peaks.read(len(all_of), node).hashes


def test_peaks_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves has 2 complete subtrees, not 1"):
        merkle.Peaks(3, [bytes(32)])


def test_a_copy_grows_on_its_own() -> None:
    peaks = merkle.Peaks()
    copy = peaks.copy()
    copy.append(VECTOR[0])
    assert (peaks.size, peaks.root(), copy.size, copy.root()) == (0, merkle.EMPTY_ROOT, 1, VECTOR[0])

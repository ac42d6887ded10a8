"""Proofs of inclusion: for every entry of every kind of size, checked by us and by the independent verifier."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.audit.check.proof import Proof, ProofError, check_proof, prove, read_proof
from boosterwatch.engine.audit.log.merkle import inclusion_proof, nodes_of
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.diagnostics import render
from boosterwatch.tests.audit.check import independent, making
from boosterwatch.tests.audit.check.making import KEY, SIGNER
from boosterwatch.tests.audit.log import databases

MADE = list(making.entries(600))


def proof_of(seq: int, size: int, signer: HeadSigner = SIGNER) -> Proof:
    """Return the proof of an entry, without a store."""
    rows = making.Rows(signer)
    for one in MADE[:size]:
        rows.add(one)
    path = inclusion_proof(seq, size, nodes_of([one.leaf for one in MADE[:size]]))
    head = signer.sign(size, rows.peaks.root(), rows.chain)
    return Proof(MADE[seq].body, seq, path, head, signer.verifier.key_id.hex())


def apart(document: bytes) -> bool:
    """Return whether the independent verifier accepts a proof."""
    module = independent.module()
    try:
        problems, _ = module.check_proof(document.decode(), module.read_key(KEY.line))
    except (module.Bad, KeyError, TypeError, ValueError, AttributeError):
        return False
    return not problems


def test_every_entry_of_a_store_can_be_proved(tmp_path: Path) -> None:
    reader = open_reader(making.make(tmp_path / "audit.db", 600))
    for seq in [0, 1, 254, 255, 256, 257, 300, 511, 512, 513, 598, 599]:
        stored = reader.entry(making.uuid7(seq))
        assert stored is not None
        proof = prove(reader, stored, KEY)
        assert read_proof(proof.to_json(), "it") == proof
        assert check_proof(proof, KEY)["id"] == making.uuid7(seq)
        assert apart(proof.to_json())
        assert proof.path == proof_of(seq, 600).path
    reader.close()


def test_entries_on_postgres_can_be_proved() -> None:
    with databases.schema() as url:
        making.fill(url, MADE[:300])
        reader = open_reader(url)
        for seq in (0, 255, 299):
            stored = reader.entry(making.uuid7(seq))
            assert stored is not None
            assert check_proof(prove(reader, stored, KEY), KEY)["seq"] == seq
        reader.close()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 64, 65, 600])
def test_proofs_hold_at_every_size(size: int) -> None:
    for seq in {0, size // 3, size // 2, size - 1}:
        proof = proof_of(seq, size)
        assert check_proof(proof, KEY)["seq"] == seq
        assert apart(proof.to_json())


DOCUMENT: dict[str, Any] = json.loads(proof_of(41, 100).to_json())


def refused(document: object) -> str:
    """Return how a document is refused; the independent verifier must refuse it too."""
    data = json.dumps(document).encode()
    with pytest.raises(ProofError) as caught:
        check_proof(read_proof(data, "it"), KEY)
    assert not apart(data)
    return render(caught.value.diagnostics, {})


OTHER = proof_of(42, 100)
CHANGES: dict[str, tuple[dict[str, Any], str]] = {
    "another entry": (
        {"entry": OTHER.entry.decode(), "seq": 42},
        "BW534 the proof does not hold: its path does not lead from the entry to the signed root",
    ),
    "another place": (
        {"seq": 42},
        "BW534 the proof does not hold: its entry states another log or another place",
    ),
    "a blank in the entry": (
        {"entry": DOCUMENT["entry"].replace(":", ": ", 1)},
        "BW534 the proof does not hold: its entry is not in canonical form",
    ),
    "no entry": ({"entry": "x"}, "BW534 the proof does not hold: its entry is not JSON"),
    "a shorter path": (
        {"path": DOCUMENT["path"][:-1]},
        "BW534 the proof does not hold: its path does not lead from the entry to the signed root",
    ),
    "a longer path": (
        {"path": [*DOCUMENT["path"], "00" * 32]},
        "BW534 the proof does not hold: its path does not lead from the entry to the signed root",
    ),
    "another head": (
        {"head": HeadSigner(KEY.log, bytes(32)).sign(100, bytes(32), bytes(32)).note},
        "BW534 the proof does not hold: the head is signed with another key",
    ),
    "a head of another size": ({"size": 101}, "BW535 `it` is no proof: its `size` is not that of its head"),
    "a head with another text": (
        {"head": DOCUMENT["head"].replace("chain ", "chain: ")},
        "BW535 `it` is no proof: the text is no signed head of an audit log",
    ),
    "another key": (
        {"key_id": "00000000"},
        "BW534 the proof does not hold: it was made for another public key",
    ),
    "a hash that is none": ({"path": ["zz"]}, "BW535 `it` is no proof: `path/0` is not as it must be"),
    "another kind": ({"kind": "other"}, "BW535 `it` is no proof: `kind` is not as it must be"),
    "a place below 0": ({"seq": -1}, "BW535 `it` is no proof: `seq` is not as it must be"),
    "half a character": ({"entry": "\ud800"}, "BW535 `it` is no proof: it is not JSON"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_proof_does_not_hold(what: str) -> None:
    change, wanted = CHANGES[what]
    assert refused(DOCUMENT | change).splitlines()[0] == wanted


def test_a_refusal_is_told_in_full() -> None:
    assert refused(DOCUMENT | {"path": []}) == (
        "BW534 the proof does not hold: its path does not lead from the entry to the signed root\n"
        "  hint: somebody changed it, or it is of another log: ask for a new one\n"
    )
    assert refused([]) == (
        "BW535 `it` is no proof: keys are missing, or too many\n  hint: `boosterwatch audit prove` makes one\n"
    )
    with pytest.raises(ProofError) as caught:
        read_proof(b"{", "it")
    assert str(caught.value).splitlines()[0] == "BW535 `it` is no proof: it is not JSON"


TEXT = proof_of(3, 9).to_json()


@given(st.integers(0, len(TEXT) - 1), st.integers(1, 255))
def test_a_flipped_byte_is_refused_or_says_the_same(at: int, mask: int) -> None:
    changed = bytearray(TEXT)
    changed[at] ^= mask
    try:
        entry = check_proof(read_proof(bytes(changed), "it"), KEY)
    except ProofError:
        return
    assert entry == json.loads(MADE[3].body)  # a blank between two keys, or the case of a letter in hex


def test_nothing_is_proved_from_a_damaged_store(tmp_path: Path) -> None:
    url = making.make(tmp_path / "audit.db", 300)
    with making.Database(url) as database:
        database.run("UPDATE tile SET hashes = ?", (bytes(8192),))
    reader = open_reader(url)
    stored = reader.entry_at(3)
    assert stored is not None
    with pytest.raises(ProofError) as caught:
        prove(reader, stored, KEY)
    assert caught.value.diagnostics[0].code == "BW534"
    with making.Database(url) as database:
        database.run("DELETE FROM tile")
    with pytest.raises(ProofError) as caught:
        prove(reader, stored, KEY)
    assert str(caught.value) == (
        "BW534 the proof does not hold: the tree lacks hashes of tile 0 of level 0\n  hint: run `boosterwatch audit verify`"
    )
    reader.close()

"""Signed heads: their text, their signature, and every change to them."""

from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.audit.log.merkle import EMPTY_ROOT, chain_start
from boosterwatch.engine.audit.log.notes import HeadSigner, HeadVerifier, NoteError, key_id, parse_note, verify_note
from boosterwatch.tests.audit.log.drafts import SIGNER

HEAD = SIGNER.sign(300, bytes(range(32)), bytes(range(32, 64)))


def test_a_head_is_a_checkpoint_with_the_chain() -> None:
    head = SIGNER.sign(0, EMPTY_ROOT, chain_start("made-up-log"))
    *text, signature = head.note.splitlines()
    assert text == [
        "boosterwatch/audit/made-up-log",
        "0",
        "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        f"chain {chain_start('made-up-log').hex()}",
        "",
    ]
    dash, name, value = signature.split(" ")
    assert (dash, name, len(b64decode(value))) == ("\u2014", text[0], 68)
    assert head.note.endswith("\n")
    assert SIGNER.verifier.verify(head.note) == head
    assert verify_note(head.note, "made-up-log", SIGNER.verifier.public) == head


def test_key_ids_are_those_of_signed_notes() -> None:
    # The example key of the signed-note format: PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW
    key = b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    assert key[:1] == b"\x01"
    assert key_id("PeterNeumann", key[1:]).hex() == "c74f20a3"


def test_the_key_of_a_log_is_one_line() -> None:
    verifier = SIGNER.verifier
    name, id_, key = verifier.line.split("+", 2)
    assert (name, id_) == ("boosterwatch/audit/made-up-log", verifier.key_id.hex())
    assert b64decode(key) == b"\x01" + verifier.public


@given(st.data())
def test_no_character_of_a_head_can_change(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(HEAD.note) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != HEAD.note[at]))
    changed = HEAD.note[:at] + other + HEAD.note[at + 1 :]
    with pytest.raises(NoteError):
        SIGNER.verifier.verify(changed)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n",
        HEAD.note[:-1],
        HEAD.note + "\n",
        HEAD.note * 2,
        HEAD.note.replace("\n300\n", "\n0300\n"),
        "x" + HEAD.note,
    ],
    ids=["nothing", "empty line", "cut", "longer", "doubled", "leading zero", "before it"],
)
def test_what_is_no_head_is_refused(note: str) -> None:
    with pytest.raises(NoteError, match="the text is no signed head of an audit log"):
        parse_note(note)


def test_a_head_in_another_spelling_of_base64_is_refused() -> None:
    root = HEAD.note.splitlines()[2]
    assert root.endswith("8=")
    spelt = HEAD.note.replace(root, root[:-2] + "9=")
    assert b64decode(spelt.splitlines()[2]) == HEAD.root
    with pytest.raises(NoteError, match="no signed head"):
        parse_note(spelt)


def test_a_head_of_another_log_or_key_is_refused() -> None:
    other_log, other_key = HeadSigner("another", SIGNER.seed), HeadSigner(SIGNER.log, bytes(32))
    with pytest.raises(NoteError, match="the head is of `boosterwatch/audit/another`, not of"):
        SIGNER.verifier.verify(other_log.sign(1, bytes(32), bytes(32)).note)
    with pytest.raises(NoteError, match="the head is signed with another key"):
        SIGNER.verifier.verify(other_key.sign(1, bytes(32), bytes(32)).note)


def test_a_signature_of_another_head_is_refused() -> None:
    other = SIGNER.sign(301, HEAD.root, HEAD.chain)
    mixed = HEAD.note.rpartition("\n\u2014")[0] + "".join(other.note.rpartition("\n\u2014")[1:])
    with pytest.raises(NoteError, match="the signature of the head does not fit its text"):
        SIGNER.verifier.verify(mixed)


@pytest.mark.parametrize("log", ["", "a b", "a+b", "a\nb", "-a", "a" * 65, "\u00e4", "a/b"])
def test_ids_that_no_head_can_carry_are_refused(log: str) -> None:
    with pytest.raises(ValueError, match="the id of a log has 1 to 64 letters"):
        HeadSigner(log, bytes(32))
    with pytest.raises(ValueError, match="the id of a log has 1 to 64 letters"):
        HeadVerifier(log, bytes(32))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_have_32_bytes(length: int) -> None:
    with pytest.raises(ValueError, match="a signing seed has 32 bytes"):
        HeadSigner("log", bytes(length))
    with pytest.raises(ValueError, match="a public key has 32 bytes"):
        HeadVerifier("log", bytes(length))

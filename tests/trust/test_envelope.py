"""Envelopes: what is signed, byte for byte; what is not an envelope of ours; no byte changes unnoticed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.trust import Envelope, read_envelope, read_envelopes, require_approval
from boosterwatch.engine.trust.envelope import PAYLOAD_TYPE, envelope_name, envelopes_in, pae, seal
from boosterwatch.engine.trust.keys import fits
from boosterwatch.engine.trust.statement import canonical
from boosterwatch.tests.trust.people import (
    FIRST,
    LEAD,
    MANIFEST,
    PROSE,
    RELEASE,
    RELEASER,
    SECOND,
    day,
    keyring,
    refusal,
    signed,
    statement,
)

DATA = seal(statement("approve", FIRST, until=day("2027-06-30")), FIRST.key)
TODAY = day("2026-11-24")


def refused(data: bytes) -> str:
    with pytest.raises(PackError) as caught:
        read_envelope(data, "one.json")
    return refusal(caught.value)


def why(data: bytes) -> str:
    """Return why something is not an envelope: the part of the message that differs."""
    head = "one.json:1:1: BW247 this is not a signature of a release: "
    tail = "\n  hint: remove it, or get the file as its signer wrote it\n"
    text = refused(data)
    assert text.startswith(head)
    assert text.endswith(tail)
    return text.removeprefix(head).removesuffix(tail)


# ---------------------------------------------------------------- what is signed


def test_the_encoding_that_is_signed_is_that_of_the_standard() -> None:
    """The test vector of the DSSE protocol."""
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_lengths_are_in_bytes_and_the_parts_cannot_run_into_each_other() -> None:
    assert pae("t", b"") == b"DSSEv1 1 t 0 "
    assert pae("\u00e9", b"\xff") == b"DSSEv1 2 \xc3\xa9 1 \xff"
    assert pae("a", b"b 1 c") != pae("a 5 b", b"c")


def test_a_statement_has_one_text() -> None:
    envelope = read_envelope(DATA, "one.json")
    assert envelope.payload == (
        b'{"act":"approve","key":"' + FIRST.key.id.encode() + b'","manifest":"' + MANIFEST.encode() + b'",'
        b'"meaning":"I reviewed the prose and the diff","pack":{"id":"small","version":"1.1.0"},'
        b'"person":"role:first-approver","prose":"' + PROSE.encode() + b'","role":"clinical_approver","statement":1,'
        b'"time":"2026-11-24T12:00:00Z","until":"2027-06-30"}'
    )
    assert envelope.statement == statement("approve", FIRST, until=day("2027-06-30"))


def test_the_signature_is_over_that_encoding_worked_out_by_hand() -> None:
    outer = json.loads(DATA)
    payload = base64.b64decode(outer["payload"])
    message = f"DSSEv1 43 application/vnd.boosterwatch.statement+json {len(payload)} ".encode() + payload
    assert outer["payloadType"] == PAYLOAD_TYPE
    assert [one["keyid"] for one in outer["signatures"]] == [FIRST.key.id]
    assert fits(FIRST.key.public, message, base64.b64decode(outer["signatures"][0]["sig"]))


def test_a_name_may_hold_any_letters() -> None:
    said = statement("withdraw", LEAD, meaning="Zahlendreher — \U0001f642 \u898f\u5247")
    assert read_envelope(seal(said, LEAD.key), "one.json").statement == said


# ---------------------------------------------------------------- what is not an envelope


def changed(path: str, value: object) -> bytes:
    """Return the envelope with another value at a path of keys, or of the payload when it begins with `payload.`."""
    outer = orjson.loads(DATA)
    inner = orjson.loads(base64.b64decode(outer["payload"]))
    inside = path.startswith("payload.")
    node = inner if inside else outer
    steps = [int(step) if step.isdigit() else step for step in path.removeprefix("payload.").split(".")]
    *early, last = steps
    for step in early:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    if inside:
        outer["payload"] = base64.b64encode(canonical(inner)).decode()
    return canonical(outer)


ENVELOPE, STATEMENT = (
    "it has not the shape of envelope.schema.json",
    "of its statement, it has not the shape of statement.schema.json",
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not JSON"),
        (b"hello", "it is not JSON"),
        (b"[" * 2000, "it is not JSON"),
        (b"[" * 500 + b"]" * 500, "it is not JSON"),
        (b"\xff" + DATA, "it is not JSON"),
        (b"{}", ENVELOPE),
        (b"[]", ENVELOPE),
        (b"1", ENVELOPE),
        (DATA + b"\n", "its bytes are not in canonical form"),
        (b" " + DATA, "its bytes are not in canonical form"),
        (DATA.replace(b":", b": ", 1), "its bytes are not in canonical form"),
        (DATA.replace(b'"payload"', b'"\\u0070ayload"', 1), "its bytes are not in canonical form"),
        (DATA[:-1] + b',"payload":"eA=="}', "its bytes are not in canonical form"),
        (DATA + b" " * 20_000, "it has more than 16384 bytes"),
        (changed("payloadType", "application/vnd.in-toto+json"), ENVELOPE),
        (changed("signatures", []), ENVELOPE),
        (changed("signatures", orjson.loads(DATA)["signatures"] * 2), ENVELOPE),
        (changed("signatures.0.sig", "AAAA"), ENVELOPE),
        (changed("signatures.0.more", "x"), ENVELOPE),
        (changed("more", "x"), ENVELOPE),
        (changed("payload", "eA"), "its base64 is not in canonical form"),
        (changed("payload", "eB=="), "its base64 is not in canonical form"),
        (changed("payload", "eA=="), "of its statement, it is not JSON"),
        (changed("payload", "e30="), STATEMENT),
        (changed("payload", "eyB9"), "of its statement, its bytes are not in canonical form"),
        (changed("signatures.0.keyid", LEAD.key.id), "its statement names another key"),
        (changed("payload.statement", 2), STATEMENT),
        (changed("payload.statement", 1.5), STATEMENT),
        (changed("payload.statement", True), STATEMENT),
        (changed("payload.act", "delete"), STATEMENT),
        (changed("payload.role", "clinical approver"), STATEMENT),
        (changed("payload.pack.id", "../small"), STATEMENT),
        (changed("payload.pack.version", "1.1"), STATEMENT),
        (changed("payload.manifest", "A" * 64), STATEMENT),
        (changed("payload.prose", None), STATEMENT),
        (changed("payload.person", "role:first-approver "), STATEMENT),
        (changed("payload.time", "2026-11-24T12:00:00+00:00"), STATEMENT),
        (changed("payload.time", "2026-11-24T12:00:00.5Z"), STATEMENT),
        (changed("payload.time", "2026-02-30T12:00:00Z"), STATEMENT),
        (changed("payload.time", "2026-11-24T24:00:00Z"), STATEMENT),
        (changed("payload.until", "2027-02-30"), STATEMENT),
        (changed("payload.meaning", ""), STATEMENT),
        (changed("payload.meaning", "  "), STATEMENT),
        (changed("payload.meaning", "I saw it\x1b[2J"), STATEMENT),
        (changed("payload.meaning", "one\ntwo"), STATEMENT),
        (changed("payload.meaning", "\u202ereversed"), STATEMENT),
        (changed("payload.more", "x"), STATEMENT),
    ],
)
def test_what_is_not_an_envelope(data: bytes, reason: str) -> None:
    assert why(data) == reason


# ---------------------------------------------------------------- no byte changes unnoticed

APPROVED = [signed("author", LEAD), signed("approve", SECOND), signed("release", RELEASER)]


def noticed(data: bytes) -> bool:
    """Return whether a release with this envelope among the others is refused, with a diagnostic."""
    try:
        require_approval(RELEASE, [*APPROVED, read_envelope(data, "one.json")], keyring(), TODAY)
    except PackError:
        return True
    return False


def edits(data: bytes) -> Iterator[bytes]:
    """Yield the bytes with every bit flipped, every byte left out or doubled, and cut at every place."""
    for at in range(len(data)):
        for bit in range(8):
            yield data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
        yield data[:at] + data[at + 1 :]
        yield data[:at] + data[at : at + 1] + data[at:]
        yield data[:at]


def test_every_change_of_an_envelope_is_noticed() -> None:
    assert not noticed(DATA)
    tried = list(edits(DATA))
    assert len(tried) == len(DATA) * 11 > 8000
    assert [data for data in tried if data != DATA and not noticed(data)] == []


# ---------------------------------------------------------------- envelopes in a folder


def kept(folder: Path, *envelopes: Envelope) -> Path:
    (folder / "signatures").mkdir()
    for one in envelopes:
        (folder / "signatures" / envelope_name(one.statement)).write_bytes(one.data)
    return folder


def test_the_envelopes_of_a_folder_come_by_name(tmp_path: Path) -> None:
    found = read_envelopes(kept(tmp_path, *APPROVED), "small")
    assert [one.file for one in found] == sorted(
        f"small/signatures/{act}-{who.key.id}.json"
        for act, who in (("author", LEAD), ("approve", SECOND), ("release", RELEASER))
    )
    assert {one.data for one in found} == {one.data for one in APPROVED}


def test_a_pack_without_that_folder_has_none(tmp_path: Path) -> None:
    assert read_envelopes(tmp_path, "small") == ()


def test_what_a_killed_write_left_is_not_looked_at(tmp_path: Path) -> None:
    kept(tmp_path, APPROVED[0])
    (tmp_path / "signatures" / ".approve-0123456789abcdef.json.k3v_9x2a.tmp").write_bytes(b"{")
    assert len(read_envelopes(tmp_path, "small")) == 1


def test_everything_else_in_the_folder_is_told_at_once(tmp_path: Path) -> None:
    folder = kept(tmp_path, APPROVED[0]) / "signatures"
    (folder / "README").write_bytes(b"hello")
    (folder / "approve-0000000000000000.json").write_bytes(APPROVED[1].data)
    (folder / "old").mkdir()
    with pytest.raises(PackError) as caught:
        envelopes_in(folder, "signatures")
    not_one, hint = (
        "BW247 this is not a signature of a release",
        "  hint: remove it, or get the file as its signer wrote it\n",
    )
    assert refusal(caught.value) == (
        f"signatures/README:1:1: {not_one}: it is not JSON\n{hint}"
        f"signatures/approve-0000000000000000.json:1:1: {not_one}: what it holds is called `approve-{SECOND.key.id}.json`\n{hint}"
        f"signatures/old:1:1: {not_one}: it is not a file\n{hint}"
    )


def test_a_folder_with_too_many_files(tmp_path: Path) -> None:
    for number in range(201):
        (tmp_path / f"{number}.json").write_bytes(b"")
    with pytest.raises(PackError) as caught:
        envelopes_in(tmp_path, "signatures")
    assert "it has more than 200 files\n" in refusal(caught.value)

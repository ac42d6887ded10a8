"""Made-up entries, keys and clocks; and a reading of a log that shares no code with it."""

import hashlib
import itertools
import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from boosterwatch.engine.audit.log.api import Draft, Log, Sealer
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.writer import open_writer

SIGNER = HeadSigner("made-up-log", bytes(range(32)))
_numbers = itertools.count(1)


def new_id(number: int | None = None) -> str:
    """Return a UUIDv7, another at each call, or the one of a number."""
    count = next(_numbers) if number is None else number
    return str(uuid.UUID(int=(0x018F << 112) | (7 << 76) | (2 << 62) | count))


def body(**more: object) -> dict[str, object]:
    """Return what a small decision says, with changes."""
    return {
        "tenant": "north",
        "actor": "role:nurse",
        "patient": "p-1",
        "pack": {"id": "a-pack", "version": "1.0.0", "digest": "d" * 64},
        "recommendation": "discuss",
        "rules": ["first", "second"],
        "near": ["third"],
        "flags": [],
        "holds": [],
    } | more


def draft(
    sealed: Sealer | bytes | None = None, *, id: str | None = None, kind: str = "decision", **more: object
) -> Draft:
    """Return a new draft of a small decision, with changes."""
    return Draft(id or new_id(), kind, body(**more), sealed)


class Clock:
    """A clock that goes on by a millisecond each time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def writer(url: str, **options: object) -> Log:
    """Return the writer of a log of the made-up signer."""
    return open_writer(url, SIGNER, Clock(), **options)  # type: ignore[arg-type]


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def chain_of(bodies: Iterable[bytes]) -> bytes:
    """Return the chain hash after these entries, as docs/audit-format.md writes it."""
    chain = sha(b"\x03" + SIGNER.log.encode())
    for one in bodies:
        assert json.loads(one)["previous"] == chain.hex()
        chain = sha(b"\x02" + chain + sha(b"\x00" + one))
    return chain


def root_of(bodies: list[bytes]) -> bytes:
    """Return the root over these entries, by the recursive definition."""
    if not bodies:
        return sha(b"")
    if len(bodies) == 1:
        return sha(b"\x00" + bodies[0])
    half = 1 << ((len(bodies) - 1).bit_length() - 1)
    return sha(b"\x01" + root_of(bodies[:half]) + root_of(bodies[half:]))


def check_whole(log: Log) -> list[Mapping[str, object]]:
    """Return the entries of a log; fails unless places, chain, tree and heads fit them."""
    stored = list(log.entries())
    bodies = [one.body for one in stored]
    entries = [json.loads(one) for one in bodies]
    assert [one.seq for one in stored] == list(range(log.size())) == [entry["seq"] for entry in entries]
    assert [one.id for one in stored] == [entry["id"] for entry in entries]
    assert all(one.leaf == sha(b"\x00" + one.body) for one in stored)
    heads = list(log.heads())
    for head in heads:
        assert SIGNER.verifier.verify(head.note) == head
        assert (head.root, head.chain) == (root_of(bodies[: head.size]), chain_of(bodies[: head.size]))
    assert heads[-1].size == len(bodies)
    assert log.head() == heads[-1]
    return entries

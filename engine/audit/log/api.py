"""The types of the log, and what a log can do; everything else of `audit` is written against this page.

An entry is canonical JSON bytes: keys sorted, no spaces, UTF-8 (orjson with OPT_SORT_KEYS). The caller brings a
`Draft`; the one sequencer of the log gives it a `Place`, completes the entry with what only it knows, and answers with
a `Receipt` once the entry is on disk. Nothing here imports a database. How a log is opened:

    notes.HeadSigner(log, seed)                          the id of the log and its Ed25519 seed of 32 bytes
    migrate.create(url, signer)                          a new, empty log with its signed head of size 0
    writer.open_writer(url, signer, clock, random)       -> Log; clock() is a time with its zone, random(n) is n bytes
    reader.open_reader(url)                              -> Reader
    migrate.migrate(url)                                 brings an older log to today's tables
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol, Self

import orjson

# What the log itself writes into an entry; a draft that brings one of these is refused.
COMPLETED = frozenset({"format", "log", "seq", "id", "recorded", "kind", "salt", "sealed", "previous"})
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands, for the associated data of what is sealed with it."""

    log: str
    seq: int
    id: str


Sealer = Callable[[Place], bytes]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has a place.

    `id` is a UUIDv7 in its usual form, of the caller's making; no two entries share one. `body` holds the entry without
    the keys of COMPLETED: plain JSON values, None left out or written as the caller likes. The keys that the log reads
    (all optional, see `derived.py`): tenant, patient, request, about, pack.id, pack.version, recommendation (texts),
    rules, near, flags, holds (lists of texts). `body["request"]` is the idempotency key: the same key with the same
    body (ids, salt and sealed bytes aside) is recorded once. `sealed` is the ciphertext stored beside the entry, or a
    function that makes it once the place is known; that runs on the thread of the sequencer, so it must only encrypt:
    compress and encode before. An exception that it raises reaches the caller of `append`, and nothing of that call is
    recorded.
    """

    id: str
    kind: str
    body: Mapping[str, object]
    sealed: Sealer | bytes | None = field(default=None, repr=False)

    @property
    def request(self) -> str | None:
        """Return the idempotency key, or None."""
        key = self.body.get("request")
        return key if isinstance(key, str) else None


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The log as it was at one size: the root over all entries and the chain hash of the last, signed.

    `note` is the whole signed text (C2SP checkpoint in a C2SP signed note); the other fields are read from it. Reading
    does not check the signature: `notes.verify_note` does.
    """

    origin: str
    size: int
    root: bytes
    chain: bytes
    note: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an append answers once the entry is durable.

    `recorded` is UTC text as in the entry; `entry_sha256` is the SHA-256 of the entry's bytes, in hex. `head` covers
    the entry: its size is above `seq`. For an entry that was recorded before (same request) it is the head of today.
    """

    id: str
    seq: int
    recorded: str
    entry_sha256: str
    head: SignedHead


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as it is stored."""

    seq: int
    id: str
    body: bytes
    leaf: bytes

    def entry(self) -> dict[str, object]:
        """Return the entry as plain data; raises orjson.JSONDecodeError when the bytes are no JSON."""
        value: dict[str, object] = orjson.loads(self.body)
        return value


class Reader(Protocol):
    """What everybody may ask of a log; it takes no lock and never waits for the writer.

    Every method raises LogError BW510 (`refusals.py`) when the store cannot be read.
    """

    @property
    def log(self) -> str:
        """Return the id of the log."""

    def size(self) -> int:
        """Return the number of entries, by the newest head."""

    def head(self) -> SignedHead:
        """Return the newest head; a log has one from its creation on, then of size 0."""

    def heads(self) -> Iterator[SignedHead]:
        """Yield the heads that are kept, smallest first: of each multiple of 256, and the newest."""

    def entry(self, id: str) -> Stored | None:
        """Return the entry with this id, or None."""

    def entry_at(self, seq: int) -> Stored | None:
        """Return the entry at this place, or None."""

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Stored]:
        """Yield the entries from `start` up to but without `end` (None: to the newest) in order, streamed."""

    def sealed(self, seq: int) -> bytes | None:
        """Return the ciphertext stored beside the entry, or None."""

    def by_request(self, key: str) -> Receipt | None:
        """Return the receipt of the entry with this idempotency key, or None."""

    def close(self) -> None:
        """Let go of the store; harmless when repeated."""


class Log(Reader, Protocol):
    """The one writer of a log; every method may be called from any thread."""

    def append(self, drafts: Sequence[Draft], *, wait: float | None = None) -> list[Receipt]:
        """Record the drafts, all or none, next to each other, and return their receipts once they are durable.

        Blocks while the log is busy; `wait` limits, in seconds, how long the call may stand in line before anything of
        it is taken (then BW503, and nothing was recorded). Once taken, it returns or raises only when the outcome is
        known, or known to be unknown (BW506). Raises LogError; see `refusals.py`.
        """

    def stop(self) -> None:
        """Refuse new appends from now on (BW504), finish what is waiting, and return when that is done."""

    def close(self) -> None:
        """Stop, then let go of the store and of the lock; harmless when repeated."""

    def __enter__(self) -> Self:
        """Return the log itself."""

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the log."""

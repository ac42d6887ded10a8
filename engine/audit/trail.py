"""A log with its vault and keys, open: to record, or only to read. What is sealed is opened here, and nowhere else.

One process at a time may record (BW505 for a second one). Readers wait for nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.entry import DECISION, ERASURE
from boosterwatch.engine.audit.ids import is_id
from boosterwatch.engine.audit.keys import Keys, RandomBytes
from boosterwatch.engine.audit.log.api import Log, Place, Reader, Stored
from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.log.stores import store_at
from boosterwatch.engine.audit.log.writer import open_writer
from boosterwatch.engine.audit.seal import key_id_of, open_sealed
from boosterwatch.engine.audit.vault import Vault, make_vault, refuse_vault, unmake_vault

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Known:
    """The entry of a decision, or of what was said about one: where it stands, and what it says in public."""

    stored: Stored
    entry: dict[str, Any]

    @property
    def holder(self) -> str:
        """Whose key sealed it: the patient's pseudonym, or the id of the decision where that named no patient."""
        return holder_of(self.entry)


@dataclass(frozen=True, slots=True)
class Reading:
    """A log with its vault and keys, to read."""

    reader: Reader
    vault: Vault
    keys: Keys

    def decision(self, id: str) -> Known:
        """Return the entry of a decision. Raises AuditError BW547 when there is none of that id."""
        stored = self.reader.entry(id) if is_id(id) else None
        if stored is None:
            raise errors.no_decision(id)
        entry: dict[str, Any] = stored.entry()
        if entry["kind"] != DECISION:
            raise errors.no_decision(id, f"is the entry of a {entry['kind']}, not of a decision")
        return Known(stored, entry)

    def open(self, known: Known) -> dict[str, bytes]:
        """Return what is sealed with an entry, by part: `record`, `decision`, `overlay`.

        Raises AuditError: BW554 when nothing is, BW546 when it was erased, BW552 when the key is lost, BW545 when it
        was changed.
        """
        id, holder = known.stored.id, known.holder
        sealed = self.reader.sealed(known.stored.seq)
        if sealed is None:
            raise errors.digest_only(id) if "sealed" not in known.entry else errors.does_not_open(id)
        key_id = key_id_of(sealed)
        key = self.vault.key_of(holder, key_id)
        if key is None:
            raise errors.erased(id) if self._was_erased(holder, key_id) else errors.lost_key(id)
        return open_sealed(key, sealed, Place(known.entry["log"], known.stored.seq, id))

    def _was_erased(self, holder: str, key_id: bytes) -> bool:
        """Return whether the log itself says that the key was destroyed; the vault alone is not believed."""
        _, erasure = self.vault.fate(holder, key_id)
        stored = None if erasure is None else self.reader.entry(erasure)
        entry = {} if stored is None else stored.entry()
        return entry.get("kind") == ERASURE and holder in (entry.get("patient"), entry.get("about"))


@dataclass(frozen=True, slots=True)
class Trail(Reading):
    """The same, to record: the one writer of the log, with the clock and the randomness that it works by."""

    log: Log
    clock: Clock
    random: RandomBytes


def holder_of(entry: dict[str, Any]) -> str:
    """Return whose key seals an entry: that of the patient, or of the one decision about a patient without an id."""
    holder: str = entry.get("patient") or entry.get("about") or entry["id"]
    return holder


def make_trail(url: str, keys: Keys) -> None:
    """Make a new log and its vault, both empty. Raises LogError BW514 and AuditError BW543 where there is one."""
    store = store_at(url)  # an address of no log is refused in the words of the log
    refuse_vault(url)
    store.prepare()
    make_vault(url, keys)
    try:
        create(url, HeadSigner(keys.log, keys.signing))
    except BaseException:
        unmake_vault(url)
        raise


@contextmanager
def open_trail(url: str, keys: Keys, clock: Clock, random: RandomBytes) -> Iterator[Trail]:
    """Open a log to record in it. Raises LogError (BW505 for a second writer) and AuditError."""
    with (
        open_writer(url, HeadSigner(keys.log, keys.signing), clock, random) as log,
        Vault(url, keys, random, clock) as vault,
    ):
        yield Trail(log, vault, keys, log, clock, random)


@contextmanager
def open_reading(url: str, keys: Keys, clock: Clock, random: RandomBytes) -> Iterator[Reading]:
    """Open a log to read it, sealed parts included. Raises LogError and AuditError."""
    reader = open_reader(url)
    try:
        with Vault(url, keys, random, clock) as vault:
            yield Reading(reader, vault, keys)
    finally:
        reader.close()

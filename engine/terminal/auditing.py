"""The audited path of `evaluate`, and how every command of `audit` opens a log: the clock and randomness enter here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from boosterwatch.engine.audit import recording as recorder
from boosterwatch.engine.audit.keys import Keys, read_keys
from boosterwatch.engine.audit.trail import Trail, open_trail
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision, Record
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.record.plain import canonical
from boosterwatch.engine.terminal.audit_options import Recorded
from boosterwatch.engine.terminal.evaluating import Decide
from boosterwatch.engine.terminal.files import read_source
from boosterwatch.engine.terminal.streams import note


def now() -> datetime:
    """Return the time, for what is recorded."""
    return datetime.now(UTC)


@contextmanager
def recording(url: str, keys: str) -> Iterator[Trail]:
    """Open a log to record in it. Raises LogError (BW505 for a second writer) and AuditError."""
    with open_trail(url, keys_of(keys), now, os.urandom) as trail:
        yield trail


def keys_of(name: str) -> Keys:
    """Return the keys in a file. Raises AuditError."""
    return read_keys(Path(name))


def evaluate_audited(audit: Recorded, overlay: str | None) -> Decide:
    """Return what decides about one record and records that, before anything is told of it.

    `overlay` names the file of the site's changes.
    """

    def decide(pack: LoadedPack, facts: Record, document: Document) -> Decision:
        with recording(audit.url, audit.keys) as trail:
            recorded = recorder.AuditedEngine(trail, store=audit.store).evaluate(
                pack,
                recorder.Given(facts, canonical(document.data)),
                actor=audit.actor,
                request=audit.request,
                overlay=overlay_text(overlay),
            )
        note(told(recorded, trail.keys.log))
        return recorded.decision

    return decide


def overlay_text(name: str | None) -> bytes | None:
    """Return the bytes of an overlay's file."""
    return None if name is None else read_source(name)[0]


def told(recorded: recorder.Recorded, log: str) -> str:
    """Return the note that says where a decision is recorded."""
    receipt = recorded.receipt
    before = ", as before" if recorded.repeated else ""
    return f"recorded as {receipt.id} (entry {receipt.seq} of log {log}){before}"

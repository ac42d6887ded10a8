"""Heads kept where the log's keeper cannot rewrite them: appended to a file, one signed note after another."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from boosterwatch.engine.audit.check.earlier import Earlier, cannot_read, read_earlier
from boosterwatch.engine.audit.check.problems import Problems
from boosterwatch.engine.audit.log.api import SignedHead
from boosterwatch.engine.audit.log.merkle import consistency_proof, verify_consistency
from boosterwatch.engine.audit.log.notes import HeadVerifier, NoteError
from boosterwatch.engine.audit.log.reader import SqlReader
from boosterwatch.engine.audit.log.tiles import StoredNodes, TileError
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError


class AnchorError(DiagnosticError):
    """The log does not continue what is anchored already, or its head cannot be used."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """The head that is anchored now; `known` says that the file had it before, `before` how many heads it had."""

    head: SignedHead
    known: bool
    before: int


def anchor(reader: SqlReader, key: HeadVerifier, file: Path) -> Anchored:
    """Append the newest head of a log to a file, durably, and return it.

    Nothing is appended when the file has that head. Raises AnchorError: BW528 when the head is not signed with the key,
    BW532 or BW533 when the log does not continue the newest head in the file; EarlierError BW536 when the file holds
    something else than heads of this log, or cannot be read or written.
    """
    head = signed_head(reader, key)
    earlier = _heads_in(file, key)
    newest = max((one.head for one in earlier), key=lambda one: one.size, default=None)
    if newest is not None:
        see_continued(reader, newest, head)
    known = newest is not None and newest.size == head.size
    if not known:
        _append(file, head.note)
    return Anchored(head, known, len(earlier))


def signed_head(reader: SqlReader, key: HeadVerifier) -> SignedHead:
    """Return the newest head of a log; raises AnchorError BW528 unless the key has signed it."""
    try:
        return key.verify(reader.head().note)
    except NoteError as error:
        raise _refused("BW528", f"the newest head does not count: {error}") from None


def see_continued(reader: SqlReader, old: SignedHead, new: SignedHead) -> None:
    """Raise AnchorError BW532 or BW533 unless the log of the new head begins with that of the old one."""
    if new.size < old.size:
        raise _refused("BW533", f"the log has {new.size} entries; the newest head in the file covers {old.size}")
    try:
        proof = consistency_proof(old.size, new.size, StoredNodes(reader, new.size))
    except TileError as error:
        raise _refused("BW527", str(error)) from None
    if not verify_consistency(old.size, new.size, proof, old.root, new.root):
        raise _refused("BW532", f"the log does not continue the head of size {old.size} in the file")


def _heads_in(file: Path, key: HeadVerifier) -> list[Earlier]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise cannot_read(str(file), _reason(error)) from None
    problems = Problems()
    found = read_earlier(text, str(file), key, problems) if text.strip() else []
    if problems.found:
        raise AnchorError(problems.found)
    return found


def _append(file: Path, note: str) -> None:
    """Add to the end only: the file may be one that the system lets nobody change otherwise."""
    try:
        fresh = not file.exists() or file.stat().st_size == 0
        with open(file, "ab") as out:
            out.write((note if fresh else f"\n{note}").encode())
            out.flush()
            os.fsync(out.fileno())
        folder = os.open(file.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise cannot_read(str(file), _reason(error)) from None


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (getattr(error, "strerror", None) or "it is no text").lower()


def _refused(code: str, message: str) -> AnchorError:
    hint = "nothing was anchored: keep the file, run `boosterwatch audit verify --anchor` and find out what happened"
    return AnchorError([Diagnostic(code, message, hint=hint)])

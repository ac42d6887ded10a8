"""Heads that were kept outside of the log: files of signed notes, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from boosterwatch.engine.audit.check.problems import Problems
from boosterwatch.engine.audit.log.api import SignedHead
from boosterwatch.engine.audit.log.notes import HeadVerifier, NoteError
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError

_SIGNATURE = "\n\u2014 "


@dataclass(frozen=True, slots=True)
class Earlier:
    """A head from outside; `what` names it in messages."""

    what: str
    head: SignedHead


class EarlierError(DiagnosticError):
    """A file of earlier heads cannot be used."""


def notes_in(text: str) -> Iterator[str]:
    """Yield the notes of a text: each ends with its signature line; empty lines may stand between them.

    What is left after the last one, such as half a note, is yielded as it is.
    """
    rest = text.replace("\r\n", "\n").lstrip("\n")
    while rest:
        sign = rest.find(_SIGNATURE)
        end = rest.find("\n", sign + 1) + 1 if sign >= 0 else 0
        yield rest[: end or len(rest)]
        rest = rest[end:].lstrip("\n") if end else ""


def read_earlier(text: str, shown: str, key: HeadVerifier, problems: Problems) -> list[Earlier]:
    """Return the heads in a text that the key has signed; every other part of it becomes a problem (BW536)."""
    found = []
    notes = list(notes_in(text))
    if not notes:
        problems.add("BW536", f"`{shown}` holds no head")
    for number, note in enumerate(notes, 1):
        what = f"head {number} of `{shown}`" if len(notes) > 1 else f"the head in `{shown}`"
        try:
            found.append(Earlier(what, key.verify(note)))
        except NoteError as error:
            problems.add("BW536", f"{what} cannot be used: {error}")
    return found


def cannot_read(shown: str, reason: str) -> EarlierError:
    """Return the error for a file that cannot be read or written."""
    hint = "name a file of signed heads: `boosterwatch audit anchor` makes one"
    return EarlierError([Diagnostic("BW536", f"the heads in `{shown}` cannot be used: {reason}", hint=hint)])

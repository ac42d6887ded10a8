"""Waivers: findings that the clinic accepts, each with a reason, somebody who answers for it, and a last day.

Read from `waivers.yaml` beside the policy. A waived finding is still listed; it only no longer fails a run. Which codes
can be waived is for the caller to say, because several tools share the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from boosterwatch.engine.diagnostics import Diagnostic, Span, suggest
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.open import Opened

WAIVERS = "waivers.yaml"


@dataclass(frozen=True, slots=True)
class Waiver:
    """One accepted finding: its code and the name it is about. It holds up to and including `expires`."""

    code: str
    at: str
    reason: str
    by: str
    expires: date
    span: Span


def read_waivers(opened: Opened) -> tuple[Waiver, ...]:
    """Return the waivers of a pack in their order; none when it has no such file.

    Spans name the file inside the pack, as those of `ir` do. The file must have passed its schema.
    """
    return waivers_of(opened.beside)


def waivers_of(documents: Iterable[Document]) -> tuple[Waiver, ...]:
    """Return the waivers of those documents that hold any."""
    return tuple(waiver for document in documents if document.file == WAIVERS for waiver in _read(document))


def _read(document: Document) -> Iterator[Waiver]:
    for number, entry in enumerate(document.data["waivers"]):
        span = document.span(("waivers", number, "code"))
        expires = date.fromisoformat(entry["expires"])
        yield Waiver(entry["code"], entry["at"], entry["reason"], entry["by"], expires, span)


def waived(waivers: Iterable[Waiver], code: str, at: str, today: date) -> Waiver | None:
    """Return the first waiver in force for the finding `code` about `at`, else None."""
    fits = (one for one in waivers if one.code == code and one.at == at and today <= one.expires)
    return next(fits, None)


def check_waivers(waivers: Sequence[Waiver], codes: Collection[str], today: date) -> Iterator[Diagnostic]:
    """Yield an error for each waiver that has expired and for each whose code is none of `codes`."""
    for waiver in waivers:
        if waiver.code not in codes:
            hint = suggest(waiver.code, codes) or "copy the code from the report"
            yield Diagnostic("BW692", f"no finding that can be waived has the code `{waiver.code}`", waiver.span, hint)
        elif waiver.expires < today:
            message = f"the waiver of {waiver.code} at `{waiver.at}` expired on {waiver.expires}"
            yield Diagnostic("BW690", message, waiver.span, "mend the finding, or decide again and give a new date")


def unused_waivers(
    waivers: Sequence[Waiver], used: Collection[Waiver], codes: Collection[str], today: date
) -> Iterator[Diagnostic]:
    """Yield a warning for each waiver in force, of one of `codes`, that no finding used.

    `codes` are those that the calling tool looked for: another tool's waivers are not its business.
    """
    for waiver in waivers:
        if waiver.code in codes and waiver not in used and today <= waiver.expires:
            message = f"the waiver of {waiver.code} at `{waiver.at}` waives nothing"
            yield Diagnostic("BW691", message, waiver.span, "remove it, or correct the name", "warning")

"""Packs and records from the names that a user gave, with the text of what is broken for the messages."""

from __future__ import annotations

from datetime import date

from boosterwatch.engine import load_pack
from boosterwatch.engine.diagnostics import DiagnosticError, PackError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.versions import Purpose
from boosterwatch.engine.record.read import check_against_pack, read_document
from boosterwatch.engine.terminal.files import read_source
from boosterwatch.engine.terminal.guard import SourcedError


def pack_of(
    reference: str, on: date | None = None, purpose: Purpose = "decisions", overlay: str | None = None
) -> LoadedPack:
    """Return a pack ready to evaluate on a day, or for another purpose; its problems come with their lines.

    `overlay` names the file of a site's changes.
    """
    try:
        loaded = load_pack(reference, on=on, purpose=purpose)
    except PackError as error:
        raise _with_sources(reference, error) from None
    return loaded if overlay is None else _laid_over(loaded, overlay)


def _laid_over(pack: LoadedPack, name: str) -> LoadedPack:
    from boosterwatch.engine.overlay import lay_over, read_overlay

    data, shown = read_source(name)
    try:
        return LoadedPack(lay_over(pack.ir, read_overlay(data, shown)))
    except PackError as error:
        raise SourcedError(error, {shown: data.decode("utf-8", "replace")}) from None


def _with_sources(reference: str, error: PackError) -> PackError | SourcedError:
    from boosterwatch.engine.pack.open import open_pack

    try:
        return SourcedError(error, open_pack(reference).sources)
    except PackError:  # there is no such pack, so there is no text to show
        return error


def record_of(name: str) -> tuple[Record, Document]:
    """Return the record in a file, and the document it was read from."""
    data, shown = read_source(name)
    return read_bytes(data, shown)


def read_bytes(data: bytes, shown: str) -> tuple[Record, Document]:
    """Return the record in these bytes; its problems come with the lines they are in."""
    try:
        return read_document(data, shown)
    except DiagnosticError as error:
        raise SourcedError(error, {shown: data.decode("utf-8", "replace")}) from None


def check_names(record: Record, document: Document, pack: LoadedPack) -> None:
    """Raise the problems of a record that names what the pack does not know, at their lines."""
    try:
        check_against_pack(record, pack.ir, document)
    except DiagnosticError as error:
        raise SourcedError(error, {document.file: document.text}) from None

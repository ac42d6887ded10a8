"""Packs and records from the names that a user gave, with the text of what is broken for the messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from boosterwatch.engine import load_pack
from boosterwatch.engine.diagnostics import DiagnosticError, PackError, render
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Record
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.review import Overdue, told
from boosterwatch.engine.pack.versions import Purpose
from boosterwatch.engine.record.read import check_against_pack, read_document
from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.files import read_source
from boosterwatch.engine.terminal.guard import SourcedError
from boosterwatch.engine.terminal.streams import note


class Asked(NamedTuple):
    """The day on which a pack is asked for its review, and the override of an overdue one."""

    today: date
    overdue: Overdue | None = None


class Under(NamedTuple):
    """What a record is read under: a pack by its name, the file of a site's overlay, and the day the pack is asked.

    Without a pack it is the default one.
    """

    pack: str | None
    overlay: str | None
    asked: Asked


def pack_under(under: Under, facts: Record) -> LoadedPack:
    """Return the pack that decides about a record on its day, asked for its review; see `pack_of`."""
    return pack_of(under.pack or DEFAULT_PACK, date.fromordinal(facts.as_of), overlay=under.overlay, asked=under.asked)


def pack_of(
    reference: str,
    on: date | None = None,
    purpose: Purpose = "decisions",
    overlay: str | None = None,
    asked: Asked | None = None,
) -> LoadedPack:
    """Return a pack ready to evaluate on a day, or for another purpose; its problems come with their lines.

    `overlay` names the file of a site's changes. With `asked` its review is looked at, and what somebody should know of
    that is said on standard error.
    """
    today, overdue = asked if asked is not None else (None, None)
    try:
        loaded = load_pack(reference, on=on, purpose=purpose, today=today, overdue=overdue)
    except PackError as error:
        raise _with_sources(reference, error) from None
    if asked is not None:
        _tell_review(loaded, overdue)
    return loaded if overlay is None else _laid_over(loaded, overlay)


def _tell_review(pack: LoadedPack, overdue: Overdue | None) -> None:
    problem = told(pack.review, f"{pack.id}@{pack.version}", overdue)
    if problem is not None:
        note(render([problem], {}).rstrip())


def _laid_over(pack: LoadedPack, name: str) -> LoadedPack:
    from boosterwatch.engine.overlay import lay_over, read_overlay

    data, shown = read_source(name)
    try:
        return replace(pack, ir=lay_over(pack.ir, read_overlay(data, shown)))
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

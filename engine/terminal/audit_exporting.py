"""`audit export`: decisions for a machine as JSON Lines that carry their proof, or for people as dossiers in HTML.

That somebody took them is recorded first: for each decision that was named, else once, with what was asked for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

import click

from boosterwatch.engine.audit.check.lines import More, sealed_of, selected_lines, whole_lines
from boosterwatch.engine.audit.entry import DECISION
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.log.api import Stored
from boosterwatch.engine.audit.log.reader import SqlReader, open_reader
from boosterwatch.engine.audit.reading.dossier import dossier, title_of
from boosterwatch.engine.audit.reading.search import Filters, search
from boosterwatch.engine.audit.reading.seen import Looking
from boosterwatch.engine.audit.reads import record_bulk_read, record_read
from boosterwatch.engine.audit.trail import Known, Reading, open_reading
from boosterwatch.engine.explain.html import to_html
from boosterwatch.engine.terminal.auditing import keys_of, now, recording
from boosterwatch.engine.terminal.files import make_folder, write_text
from boosterwatch.engine.terminal.guard import FINE, RunError
from boosterwatch.engine.terminal.streams import note

ExportForm = Literal["jsonl", "html"]


class Asked(NamedTuple):
    """Which log, which of its entries, who takes them, and what is to come along."""

    url: str
    keys: str
    actor: str
    ids: tuple[str, ...]
    filters: Filters
    opened: bool
    sealed: bool
    places: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was asked for but all."""
        return not self.ids and self.filters == Filters()


def export(asked: Asked, form: ExportForm, out: str | None) -> int:
    """Record the export, and write it: to a file or standard output, or dossiers into a folder."""
    _record(asked, form)
    with (
        open_reading(asked.url, keys_of(asked.keys), now, os.urandom) as reading,
        closing(open_reader(asked.url)) as reader,
    ):
        if form == "jsonl":
            _write(_lines(asked, reading, reader), out)
        else:
            _write_dossiers(asked, reading, reader, make_folder(str(out)))
    return FINE


def _record(asked: Asked, form: ExportForm) -> None:
    with recording(asked.url, asked.keys) as trail, closing(open_reader(asked.url)) as reader:
        if asked.ids:
            for known in [trail.decision(id) for id in asked.ids]:  # all are looked for before one is recorded
                record_read(trail, known, actor=asked.actor, how="export")
            return
        what = "facts" if asked.opened else "sealed" if asked.sealed else "public"
        said = asked.filters.said() | {"format": form, "content": what}
        count = sum(1 for _ in _selected(asked, reader))
        record_bulk_read(trail, actor=asked.actor, how="export", count=count, asked=said)


def _selected(asked: Asked, reader: SqlReader) -> Iterator[Stored]:
    if not asked.ids:
        yield from search(reader, asked.filters)
    for id in asked.ids:
        stored = reader.entry(id)
        if stored is not None:
            yield stored


# ---------------------------------------------------------------- JSON Lines


def _lines(asked: Asked, reading: Reading, reader: SqlReader) -> Iterator[bytes]:
    more = _more(asked, reading, reader)
    if asked.is_whole:
        return whole_lines(reader, more)
    head = reader.head()
    return selected_lines(reader, head, (one for one in _selected(asked, reader) if one.seq < head.size), more)


def _more(asked: Asked, reading: Reading, reader: SqlReader) -> More | None:
    """Return what comes along with an entry: what is sealed as it is stored, what it says, both or nothing."""
    sealed = sealed_of(reader)

    def more(stored: Stored) -> Mapping[str, object]:
        found = sealed(stored) if asked.sealed else {}
        return {**found, **_opened(reading, stored)} if asked.opened else found

    return more if asked.sealed or asked.opened else None


def _opened(reading: Reading, stored: Stored) -> Mapping[str, object]:
    """Return the parts that were sealed with an entry, as texts; nothing where they cannot be had."""
    known = Known(stored, stored.entry())
    if "sealed" not in known.entry:
        return {}
    try:
        return {"opened": {name: part.decode() for name, part in reading.open(known).items()}}
    except AuditError as error:
        if error.code == "BW544":  # the vault does not answer: that is no answer about this entry
            raise
        return {}


def _write(lines: Iterable[bytes], out: str | None) -> None:
    """Write lines to standard output, or to a file that appears when it is complete, for its owner alone."""
    if out is None:
        for line in lines:
            click.echo(line, nl=False)
        return
    part = Path(f"{out}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise RunError("BW404", f"`{out}` cannot be written: {(error.strerror or 'unknown').lower()}") from None
    note(f"written to {out}")


# ---------------------------------------------------------------- dossiers


def _write_dossiers(asked: Asked, reading: Reading, reader: SqlReader, folder: Path) -> None:
    looking = Looking(reading, reader, [Path(place) for place in asked.places])
    count = 0
    for known in _decisions(_selected(asked, reader)):
        seen = looking.see(known, opened=asked.opened)
        write_text(str(folder / f"{known.stored.id}.html"), to_html(dossier(seen), title_of(seen)))
        count += 1
    note(f"{count} {'dossier' if count == 1 else 'dossiers'} written to {folder}")


def _decisions(found: Iterable[Stored]) -> Iterator[Known]:
    knowns = (Known(stored, stored.entry()) for stored in found)
    return (known for known in knowns if known.entry["kind"] == DECISION)

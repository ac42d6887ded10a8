"""`audit list`: which entries, as a table, as JSON, or as ids and digests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
from typing import Any, Literal, NamedTuple

import click

from boosterwatch.engine.audit.log.api import Stored
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.reading.search import Filters, search
from boosterwatch.engine.audit.reading.told import moment, what
from boosterwatch.engine.explain.page import Block, Table, Text
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.streams import note, print_json, print_page

MOST_SHOWN = 50
ListForm = Literal["text", "json", "ids"]


class Window(NamedTuple):
    """How many entries are wanted (None: as the form goes), and behind which place."""

    limit: int | None
    after: int


def list_entries(url: str, filters: Filters, window: Window, form: ListForm) -> int:
    """Print the entries that were asked for; `ids` prints all of them, the others a page."""
    reader = open_reader(url)
    try:
        found = search(reader, filters, after=window.after)
        if form == "ids":
            for stored in islice(found, window.limit):
                click.echo(f"{stored.id} {sha256(stored.body).hexdigest()}")
        else:
            _tell(found, window.limit or MOST_SHOWN, form)
    finally:
        reader.close()
    return FINE


def _tell(found: Iterator[Stored], limit: int, form: ListForm) -> None:
    page: list[dict[str, Any]] = [stored.entry() for stored in islice(found, limit)]
    after = page[-1]["seq"] if page and next(found, None) is not None else None
    if form == "json":
        print_json({"entries": page, "after": after})
        return
    print_page(tuple(_blocks(page)))
    if after is not None:
        note(f"there are more: go on with --after {after}")


def _blocks(page: list[dict[str, Any]]) -> Iterator[Block]:
    if not page:
        yield Text("No entry.", "strong")
        return
    yield Table(("entry", "recorded (UTC)", "id", "what"), tuple(map(_row, page)), (0,))


def _row(entry: Mapping[str, Any]) -> tuple[str, ...]:
    return str(entry["seq"]), moment(entry["recorded"]), str(entry["id"]), what(entry)

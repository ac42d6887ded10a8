"""An export in JSON Lines that carries its own proof: heads first, then entries, then how many there were.

`docs/audit-format.md` describes it, `schemas/audit-export.schema.json` states the shape of a line. What is sealed comes
along only as it is stored, or opened by the caller (`opened`); nothing here has a key.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping

import orjson

from boosterwatch.engine.audit.log.api import SignedHead, Stored
from boosterwatch.engine.audit.log.merkle import inclusion_proof
from boosterwatch.engine.audit.log.reader import SqlReader
from boosterwatch.engine.audit.log.tiles import StoredNodes

KIND = "boosterwatch-audit-export"
FORMAT = 1
More = Callable[[Stored], Mapping[str, object]]


def sealed_of(reader: SqlReader) -> More:
    """Return what adds the sealed bytes of an entry to its line, as they are stored."""

    def more(stored: Stored) -> Mapping[str, object]:
        blob = reader.sealed(stored.seq)
        return {} if blob is None else {"blob": b64encode(blob).decode()}

    return more


def whole_lines(reader: SqlReader, more: More | None = None) -> Iterator[bytes]:
    """Yield the lines of an export of the whole log as it is now, each with its line feed.

    `more` adds to the line of an entry: `blob`, `opened`. Raises LogError BW510 when the store cannot be read.
    """
    heads = list(reader.heads())
    yield from _beginning(reader.log, heads, selection=False)
    count = 0
    for stored in reader.entries(0, heads[-1].size):
        count += 1
        yield _line({"entry": stored.body.decode(), **(more(stored) if more else {})})
    yield _line({"end": {"entries": count}})


def selected_lines(
    reader: SqlReader, head: SignedHead, selection: Iterable[Stored], more: More | None = None
) -> Iterator[bytes]:
    """Yield the lines of an export of some entries, each with the path to the root of the head.

    Every entry must be below the head's size. Raises TileError for a damaged store, else as `whole_lines` does.
    """
    yield from _beginning(reader.log, [head], selection=True)
    nodes, count = StoredNodes(reader, head.size), 0
    for stored in selection:
        count += 1
        path = [one.hex() for one in inclusion_proof(stored.seq, head.size, nodes)]
        yield _line({"entry": stored.body.decode(), "path": path, **(more(stored) if more else {})})
    yield _line({"end": {"entries": count}})


def _beginning(log: str, heads: Iterable[SignedHead], *, selection: bool) -> Iterator[bytes]:
    yield _line({"format": FORMAT, "kind": KIND, "log": log, "selection": selection})
    for head in heads:
        yield _line({"head": head.note})


def _line(document: Mapping[str, object]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)

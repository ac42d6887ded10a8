"""Which entries: filters -> statements over the tables of the log, page by page in the order of the log.

Each page is one walk along one index from the last place on, so that the last page of a million entries costs what the
first one does. The filter that names the fewest entries leads the walk; the others are looked at on the way, and are
written so that no database takes an index of theirs instead, for then it would have to sort.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from boosterwatch.engine.audit.log.api import Stored
from boosterwatch.engine.audit.log.reader import SqlReader
from boosterwatch.engine.audit.log.tables import entry, entry_mark
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError

PAGE = 500  # entries read at once
MOST_VERSIONS = 32  # of one pack; of one with more, every entry is looked at instead
_TIME = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?Z?)?)?)?")
_AFTER_ALL = "~"  # sorts behind all that a time is made of


@dataclass(frozen=True, slots=True)
class Filters:
    """What an entry must say; empty, every entry is meant. `start` and `end` are the beginning of a time in UTC.

    An end that is a day means the whole day. `patient` is a pseudonym.
    """

    start: str | None = None
    end: str | None = None
    kind: str | None = None
    patient: str | None = None
    pack: str | None = None
    version: str | None = None
    recommendation: str | None = None
    rule: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """The marks that an entry must have: sort and name."""
        sorts = (("near", self.near), ("hold", self.hold), ("flag", self.flag), ("rule", self.rule))
        return tuple((sort, name) for sort, names in sorts for name in names)

    def said(self) -> dict[str, str]:
        """Return what was asked for, by name, for an export and for the entry that records it."""
        asked = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: " ".join(value) if isinstance(value, tuple) else value
            for name, value in sorted(asked.items())
            if value
        }


class SearchError(DiagnosticError):
    """What was asked for cannot be looked for."""


def checked_time(text: str) -> str:
    """Return a time as entries write it, whole or its beginning. Raises SearchError BW560.

    >>> checked_time("2026-11-24 01:02")
    '2026-11-24T01:02'
    """
    if not _TIME.fullmatch(text):
        hint = "give a beginning of a time in UTC: 2026, 2026-11-24, 2026-11-24T13:00"
        raise SearchError([Diagnostic("BW560", f"`{text[:40]}` is no time", None, hint)])
    return text.replace(" ", "T").removesuffix("Z")


def search(reader: SqlReader, filters: Filters, *, after: int = -1) -> Iterator[Stored]:
    """Yield the entries behind a place that say all of it, in order; cut off where enough is enough."""
    span = span_of(reader, filters)
    while span is not None:
        page = _page(reader, filters, (max(after + 1, span[0]), span[1]))
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].seq


def span_of(reader: SqlReader, filters: Filters) -> tuple[int, int] | None:
    """Return the first and last place of the entries of the time asked for; None when there are none.

    A clock may have been set back, so between them others may stand.
    """
    if filters.start is None and filters.end is None:
        last = reader.size() - 1
        return None if last < 0 else (0, last)
    ((first, last),) = reader.select(span_statement(filters))
    return None if first is None else (int(first), int(last))


def span_statement(filters: Filters) -> Select[Any]:
    """Return the statement for the first and last place of a time; the index of times alone answers it."""
    return select(func.min(entry.c.seq), func.max(entry.c.seq)).where(*_times(filters, entry.c.recorded))


def _times(filters: Filters, column: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    if filters.start is not None:
        yield column >= filters.start
    if filters.end is not None:
        yield column < filters.end + _AFTER_ALL


def _page(reader: SqlReader, filters: Filters, span: tuple[int, int]) -> list[Stored]:
    pages = [_stored(reader, statement) for statement in statements(reader, filters, span)]
    return list(islice(merge(*pages, key=lambda one: one.seq), PAGE))


def _stored(reader: SqlReader, statement: Select[Any]) -> list[Stored]:
    return [Stored(seq, id, bytes(body), bytes(leaf)) for seq, id, body, leaf in reader.select(statement)]


# ---------------------------------------------------------------- statements


def statements(reader: SqlReader, filters: Filters, span: tuple[int, int]) -> list[Select[Any]]:
    """Return the statements whose rows, put in order, are the next page of a span: one, or one for each version.

    The index of packs goes by version before it goes by place, so a pack without a version is walked once for each.
    """
    leader = _leader(filters)
    if leader != "pack" or filters.pack is None or filters.version is not None:
        return [_statement(filters, leader, filters.version, span)]
    versions = _versions(reader, filters.pack)
    if len(versions) > MOST_VERSIONS:
        return [_statement(filters, "place", None, span)]
    return [_statement(filters, leader, version, span) for version in versions]


def _leader(filters: Filters) -> str:
    """Return the filter that leads the walk: the first given of these, which name fewer and fewer entries upwards."""
    given = {
        "patient": filters.patient,
        "mark": filters.marks,
        "recommendation": filters.recommendation,
        "pack": filters.pack,
        "kind": filters.kind,
    }
    return next((name for name, value in given.items() if value), "place")


def _statement(filters: Filters, leader: str, version: str | None, span: tuple[int, int]) -> Select[Any]:
    marks = filters.marks
    found = select(entry.c.seq, entry.c.id, entry.c.body, entry.c.leaf)
    place: ColumnElement[int] = entry.c.seq
    if leader == "mark":
        place = entry_mark.c.seq
        found = found.join_from(entry_mark, entry, entry.c.seq == entry_mark.c.seq).where(_is_mark(*marks[0]))
        marks = marks[1:]
    given = {
        "patient": filters.patient,
        "recommendation": filters.recommendation,
        "pack": filters.pack,
        "version": version,
        "kind": filters.kind,
    }
    leading = ("pack", "version") if leader == "pack" else (leader,)
    for name, value in given.items():
        if value is not None:
            column = entry.c[name]
            found = found.where((column if name in leading else func.coalesce(column, "")) == value)
    found = found.where(*(_has_mark(sort, name) for sort, name in marks))
    found = found.where(*_times(filters, func.coalesce(entry.c.recorded, "")))
    return found.where(place >= span[0], place <= span[1]).order_by(place).limit(PAGE)


def _is_mark(sort: str, name: str) -> ColumnElement[bool]:
    return and_(entry_mark.c.sort == sort, entry_mark.c.name == name)


def _has_mark(sort: str, name: str) -> ColumnElement[bool]:
    other = entry_mark.alias()
    return exists().where(other.c.sort == sort, other.c.name == name, other.c.seq == entry.c.seq)


def _versions(reader: SqlReader, pack: str) -> list[str]:
    """Return the versions of a pack that the log has, one look at the index for each, and no more than are needed."""
    found: list[str] = []
    while len(found) <= MOST_VERSIONS:
        ((version,),) = reader.select(next_version_statement(pack, found[-1] if found else ""))
        if version is None:
            break
        found.append(version)
    return found


def next_version_statement(pack: str, version: str) -> Select[Any]:
    """Return the statement for the version of a pack that follows another one."""
    return select(func.min(entry.c.version)).where(entry.c.pack == pack, entry.c.version > version)


def about(reader: SqlReader, id: str) -> Sequence[Stored]:
    """Return the entries that are about an entry, in order: responses, readings, an erasure."""
    statement = select(entry.c.seq, entry.c.id, entry.c.body, entry.c.leaf).where(entry.c.about == id)
    return _stored(reader, statement.order_by(entry.c.seq))

"""The version of the tables: looked at when a store is opened. Making and changing them is `migrate.py`'s."""

from __future__ import annotations

from typing import Protocol

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.session import Row
from boosterwatch.engine.audit.log.tables import VERSION_TABLE

# Every version there has been, oldest first: the revisions of migrations/versions.
VERSIONS = ("0001",)
NEWEST = VERSIONS[-1]


class Versioned(Protocol):
    """What knows whether there are tables: a store."""

    shown: str
    find_version: str  # a plain statement: one row when there is a table of versions, else none


class Plain(Protocol):
    """What runs a plain statement: a session, or a reader."""

    def plain(self, sql: str) -> list[Row]:
        """Return the rows of a statement."""


def version_of(session: Plain, store: Versioned) -> str | None:
    """Return the version of the tables; None when there are none."""
    if not session.plain(store.find_version):
        return None
    found = session.plain(f"SELECT version_num FROM {VERSION_TABLE}")
    return str(found[0][0]) if len(found) == 1 else None


def see_version(session: Plain, store: Versioned) -> None:
    """Raise LogError unless the tables are of this program's version: BW500, BW501 or BW502."""
    found = version_of(session, store)
    if found is None:
        raise refusals.no_log(store.shown)
    if found in VERSIONS[:-1]:
        raise refusals.older(store.shown, found, NEWEST)
    if found != NEWEST:
        raise refusals.newer(store.shown, found, NEWEST)

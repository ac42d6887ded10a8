"""A disk that records: every write, sync, truncation and deletion of SQLite; and what a power cut would leave of it.

apsw brings a SQLite of its own, whose file layer can be replaced. The writer of a log runs on it through a few lines
that make an apsw connection look like one of `sqlite3`.
"""

import contextlib
import errno
import os
import random
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import apsw

from boosterwatch.engine.audit.log.session import Session
from boosterwatch.engine.audit.log.stores import SqliteStore

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, in order; `file` is a name without its folder, "" for an acknowledgement."""

    kind: Literal["write", "sync", "failed sync", "truncate", "delete", "acknowledged"]
    file: str = ""
    at: int = 0
    data: bytes = b""
    ids: tuple[str, ...] = ()


class Disk:
    """What happened, and which syncs are to fail."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.syncs = 0
        self.failing = range(0)

    def sync(self, file: str) -> bool:
        """Note a sync; returns whether it succeeds."""
        fails = self.syncs in self.failing
        self.syncs += 1
        self.events.append(Event("failed sync" if fails else "sync", file))
        return not fails

    def acknowledge(self, ids: Sequence[str]) -> None:
        """Note that callers were told of these entries."""
        self.events.append(Event("acknowledged", ids=tuple(ids)))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = os.path.basename(name.filename() if isinstance(name, apsw.URIFilename) else name or "")
        super().__init__("", name, flags)

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 -- SQLite's names
        self._disk.events.append(Event("write", self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._disk.events.append(Event("truncate", self._name, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        if not self._disk.sync(self._name):  # it is only noted: the disk of the test is the record of it
            raise apsw.IOError("sync failed")


class _Files(apsw.VFS):
    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802
        return _File(self._disk, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        self._disk.events.append(Event("delete", os.path.basename(name)))
        super().xDelete(name, sync)


class _Cursor:
    """What a session uses of a cursor."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._cursor = connection.cursor()
        self._rows: list[Any] = []
        self.description: object = None

    def execute(self, sql: str, values: Sequence[Any] = ()) -> None:
        self._rows = self._cursor.execute(sql, tuple(values)).fetchall()
        self.description = True

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._cursor.executemany(sql, [tuple(row) for row in rows])

    def fetchone(self) -> Any:
        return self._rows[0] if self._rows else None

    def fetchall(self) -> list[Any]:
        return self._rows

    def close(self) -> None:
        self._cursor.close()


class _Connection:
    """What SQLAlchemy and a session use of a connection."""

    isolation_level = None

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def cursor(self) -> _Cursor:
        return _Cursor(self._connection)

    def create_function(self, *_: object, **__: object) -> None:
        """SQLAlchemy offers a function for regular expressions; the log has no use for it."""

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        with contextlib.suppress(apsw.Error):  # as the driver of the standard library does
            self._connection.close()


class RecordedStore(SqliteStore):
    """A SQLite file on a recorded disk; `synchronous` other than FULL is for seeing that it would be caught."""

    def __init__(self, path: Path, disk: Disk, synchronous: str = "FULL") -> None:
        super().__init__(path)
        self._disk = disk
        self._synchronous = synchronous
        self._name = f"recorded-{id(disk)}"
        self._files = _Files(disk, self._name)

    def writing(self) -> sqlite3.Connection:
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=self._name)
        return _Connection(connection)  # type: ignore[return-value]

    def firm_up(self) -> None:
        wal = self.path.with_name(f"{self.path.name}-wal")
        if wal.exists():
            self._disk.events.append(Event("write", wal.name, 0, wal.read_bytes()))
            if not self._disk.sync(wal.name):
                raise OSError(errno.EIO, "Input/output error")

    def _set_up(self, session: Session) -> None:
        super()._set_up(session)
        session.plain("PRAGMA wal_autocheckpoint=40")
        session.plain(f"PRAGMA synchronous={self._synchronous}")


class UnsyncedStore(SqliteStore):
    """A SQLite file for looking at what is left of a cut; it has to be right, and need not last."""

    def _set_up(self, session: Session) -> None:
        super()._set_up(session)
        session.plain("PRAGMA synchronous=OFF")


class _Image:
    """One file: what is on the platter, and what was written since the last sync."""

    def __init__(self, content: bytes = b"") -> None:
        self.platter = bytearray(content)
        self.pending: list[Event] = []

    def apply(self, event: Event, data: bytes | None = None) -> None:
        content = event.data if data is None else data
        if event.kind == "truncate":
            del self.platter[event.at :]
            return
        if len(self.platter) < event.at:
            self.platter.extend(bytes(event.at - len(self.platter)))
        self.platter[event.at : event.at + len(content)] = content

    def sync(self) -> None:
        for event in self.pending:
            self.apply(event)
        self.pending.clear()


def after_cut(base: dict[str, bytes], events: Sequence[Event], rnd: random.Random) -> dict[str, bytes]:
    """Return the files as a power cut after these events could leave them.

    All that was synced is there. Of the rest of each file nothing, all, or any part; some writes torn at a sector. What
    a failed sync should have written never gets there, unless it is written anew.
    """
    images: defaultdict[str, _Image] = defaultdict(_Image)
    images |= {name: _Image(content) for name, content in base.items()}
    for event in events:
        if event.kind in ("write", "truncate"):
            images[event.file].pending.append(event)
        elif event.kind == "sync":
            images[event.file].sync()
        elif event.kind == "failed sync":
            images[event.file].pending.clear()
        elif event.kind == "delete":
            images.pop(event.file, None)
    for image in images.values():
        for event, data in _arriving(image.pending, rnd):
            image.apply(event, data)
    return {name: bytes(image.platter) for name, image in images.items()}


def _arriving(pending: Sequence[Event], rnd: random.Random) -> Iterator[tuple[Event, bytes]]:
    mode = rnd.random()
    if mode > 0.85:
        return
    for event in pending:
        if mode < 0.4 and rnd.random() < 0.5:
            continue
        torn = len(event.data) > SECTOR and rnd.random() < 0.2
        kept = SECTOR * rnd.randint(1, len(event.data) // SECTOR) if torn else len(event.data)
        yield event, event.data[:kept]

"""Where a log is kept: an address -> how to connect to it, lock it, and make sure of what it holds."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.locks import AdvisoryLock, FileLock, Lock
from boosterwatch.engine.audit.log.session import Session
from boosterwatch.engine.audit.log.tables import VERSION_TABLE

_PATIENCE = 5  # seconds that SQLite waits for a lock of its own
# Pages (of 4 KiB) in the write-ahead log before they are copied into the database. SQLite's own 1000 is reached every
# 50 commits, and many of those pages are written again by the next ones.
_PAGES = 4000


class Store(Protocol):
    """A place for a log; what differs between the databases."""

    shown: str
    find_version: str  # a plain statement: a row when there is a table of versions, else none
    find_any: str  # the same for anything that a new log must not be mixed with

    def lock(self) -> Lock:
        """Return the lock of the writer, not taken yet."""

    def connect(self) -> Session:
        """Return a connection for the writer; raises LogError BW500 when there is no database, and driver errors."""

    def reading(self) -> Engine:
        """Return an engine for readers; it never writes, and connects when first used."""

    def prepare(self) -> None:
        """Make room for a new log; raises LogError BW518 when that cannot be."""

    def keep(self) -> None:
        """Make sure that a new log is found again after a power cut."""

    def has_vanished(self) -> bool:
        """Return whether there is certainly no database."""

    def has_moved(self) -> bool:
        """Return whether the database is no longer the one that `connect` opened."""

    def firm_up(self) -> None:
        """Make sure that what the next `connect` will see is on disk; under the lock, after a failure.

        Also after a failed sync, which the operating system may forget. Raises OSError when it cannot.
        """

    def fence_again(self) -> bool:
        """Return whether a transaction of a lost connection may still run, until a new fencing number stops it."""


def store_at(url: str) -> Store:
    """Return the place that an address names; raises LogError BW518 when it names none. Nothing is opened."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise refusals.bad_address(url.partition("://")[0], "it is no URL") from None
    kind, _, driver = address.drivername.partition("+")
    shown = address.render_as_string(hide_password=True)
    if kind == "sqlite" and driver in ("", "pysqlite"):
        return _sqlite_at(address, url)
    if kind == "postgresql" and driver in ("", "psycopg"):
        return PostgresStore(address.set(drivername="postgresql+psycopg"), shown)
    raise refusals.bad_address(shown, "only SQLite and PostgreSQL (psycopg) are known")


def _sqlite_at(address: URL, shown: str) -> SqliteStore:
    if not address.database or address.database == ":memory:" or address.database.startswith("file:"):
        raise refusals.bad_address(shown, "it names no file")
    if address.query:
        raise refusals.bad_address(shown, "a SQLite log takes no options")
    return SqliteStore(Path(address.database))


class SqliteStore:
    """A SQLite file on a local disk, in WAL mode, every commit synced."""

    find_version = f"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '{VERSION_TABLE}'"
    find_any = "SELECT 1 FROM sqlite_master LIMIT 1"
    connection = sqlite3.Connection  # of the writer

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened."""
        self.shown = str(path)
        self.path = path
        self._identity: tuple[int, int] | None = None

    def lock(self) -> Lock:
        """Return the lock of the file."""
        return FileLock(self.path, self.shown)

    def connect(self) -> Session:
        """Return the writing connection; raises LogError BW500 without a file, BW507 when it cannot be set up."""
        self._identity = self._found()
        if self._identity is None:
            raise refusals.no_log(self.shown)
        engine = create_engine("sqlite://", creator=self.writing, poolclass=NullPool)
        session = Session(engine, "BEGIN IMMEDIATE")
        try:
            self._set_up(session)
        except BaseException:
            session.close()
            raise
        return session

    def writing(self) -> sqlite3.Connection:
        """Return a new connection of the driver, which neither makes a file nor opens transactions by itself."""
        return self._driver("rw", self.connection)

    def _driver(self, mode: str, factory: type[sqlite3.Connection] = sqlite3.Connection) -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(self.path.absolute()))}?mode={mode}",
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            factory=factory,
        )

    def _set_up(self, session: Session) -> None:
        for pragma in ("foreign_keys=ON", "trusted_schema=OFF", "cell_size_check=ON", f"busy_timeout={_PATIENCE}000"):
            session.plain(f"PRAGMA {pragma}")
        journal = session.plain("PRAGMA journal_mode=WAL")
        for pragma in ("synchronous=FULL", "fullfsync=ON", "checkpoint_fullfsync=ON", f"wal_autocheckpoint={_PAGES}"):
            session.plain(f"PRAGMA {pragma}")
        if journal != [("wal",)] or session.plain("PRAGMA synchronous") != [(2,)]:
            raise refusals.not_durable(self.shown, "SQLite cannot use a write-ahead log there")

    def reading(self) -> Engine:
        """Return an engine whose connections can only read."""
        engine = create_engine("sqlite://", creator=self._read_only, poolclass=QueuePool, max_overflow=-1)
        event.listen(engine, "connect", _reads_only)
        return engine

    def _read_only(self) -> sqlite3.Connection:
        return self._driver("ro" if self._can_share() else "ro&immutable=1")

    def _can_share(self) -> bool:
        """Return whether SQLite can coordinate with a writer: else the folder is read-only, and nobody writes to it."""
        effective = os.access in os.supports_effective_ids
        writable = os.access(self.path.absolute().parent, os.W_OK, effective_ids=effective)
        return writable or self.path.with_name(f"{self.path.name}-wal").exists()

    def prepare(self) -> None:
        """Make an empty file that only its owner can read; raises LogError BW518 when there is no folder for it."""
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise refusals.bad_address(self.shown, error.strerror or "it cannot be made") from error

    def keep(self) -> None:
        """Sync the folder that names the file."""
        folder = os.open(self.path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def has_vanished(self) -> bool:
        """Return whether there is no file."""
        return self._found() is None

    def has_moved(self) -> bool:
        """Return whether the file was deleted or replaced: commits would go to a file that nobody finds again."""
        return self._identity != self._found()

    def _found(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return None
        return (found.st_dev, found.st_ino)

    def firm_up(self) -> None:
        """Write the write-ahead log, as it reads now, over itself, and sync it.

        What a failed sync left in the page cache may read well and yet never reach the disk; written again, it does.
        A checkpoint would not do: it relies on the sync of the write-ahead log, and copies what that has lost.
        """
        try:
            file = os.open(self.path.with_name(f"{self.path.name}-wal"), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            at = 0
            while data := os.pread(file, 1 << 20, at):
                at += os.pwrite(file, data, at)
            os.fsync(file)
        finally:
            os.close(file)

    def fence_again(self) -> bool:
        """Return False: a SQLite transaction ends with its connection."""
        return False


def _reads_only(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("query_only=ON", "trusted_schema=OFF", "cell_size_check=ON", f"busy_timeout={_PATIENCE}000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _reads_only_there(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SET default_transaction_read_only = on")
    cursor.close()


# A database that is gone must be noticed: times to connect, to answer a statement, to get a lock, to see a dead line.
_CONNECTING = {"connect_timeout": 5, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
_CONNECTING["tcp_user_timeout"] = 10_000  # milliseconds
_SETTINGS = {"statement_timeout": "30s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}


class PostgresStore:
    """A schema of a PostgreSQL database, the first of the connection's search path."""

    find_version = f"SELECT 1 WHERE to_regclass('{VERSION_TABLE}') IS NOT NULL"
    find_any = find_version

    def __init__(self, address: URL, shown: str) -> None:
        """Name the database; nothing is opened. Raises LogError BW518 when its driver is not installed."""
        self.shown = shown
        self.address = address
        try:
            self._writing = self._engine(poolclass=NullPool, connect_args=self.connecting("boosterwatch audit"))
        except (ImportError, NoSuchModuleError) as error:
            raise refusals.bad_address(shown, "psycopg is not installed") from error

    def connecting(self, name: str) -> dict[str, Any]:
        """Return how to connect, under a name that the server shows; what the address itself says goes before."""
        arguments = {**_CONNECTING, "application_name": name, "autocommit": True}
        return {key: value for key, value in arguments.items() if key not in self.address.query}

    def _engine(self, **options: Any) -> Engine:
        return create_engine(self.address, paramstyle="format", hide_parameters=True, **options)

    def lock(self) -> Lock:
        """Return the lock of the schema."""
        return AdvisoryLock(self._writing, self.shown)

    def connect(self) -> Session:
        """Return the writing connection; raises LogError BW519 when the server may lose what it confirms."""
        session = Session(self._writing, "BEGIN")
        try:
            self._set_up(session)
        except BaseException:
            session.close()
            raise
        return session

    def _set_up(self, session: Session) -> None:
        session.plain("SET synchronous_commit = on")
        for name, value in _SETTINGS.items():
            session.plain(f"SET {name} = '{value}'")
        for name in ("fsync", "full_page_writes"):
            if session.plain(f"SHOW {name}") != [("on",)]:
                raise refusals.not_durable(self.shown, f"`{name}` is off")

    def reading(self) -> Engine:
        """Return an engine whose sessions are read-only; a connection that was lost meanwhile is replaced."""
        engine = self._engine(pool_pre_ping=True, connect_args=self.connecting("boosterwatch audit, reading"))
        event.listen(engine, "connect", _reads_only_there)
        return engine

    def prepare(self) -> None:
        """Do nothing: the schema is there, or connecting fails."""

    def keep(self) -> None:
        """Do nothing: a committed table is there."""

    def has_vanished(self) -> bool:
        """Return False: only connecting tells."""
        return False

    def has_moved(self) -> bool:
        """Return False: a connection stays with its database."""
        return False

    def firm_up(self) -> None:
        """Do nothing: PostgreSQL shows only what is durable, and stops rather than forget a failed sync."""

    def fence_again(self) -> bool:
        """Return True: the server may still be busy with what a lost connection has sent."""
        return True

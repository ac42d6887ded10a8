"""One writer at a time: a locked file beside a SQLite database, an advisory lock on a PostgreSQL session of its own.

The lock keeps an honest second writer out. The fencing number in the table `writer`, which every commit looks at, also
stops a writer that has lost its lock without knowing.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Protocol
from weakref import ref

from sqlalchemy import Engine

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.session import Session

_PAUSE = 0.02  # seconds between two tries
_GRACE = 2.0  # seconds in which a server lets go of a session of ours that it, or the way to it, has lost


class Lock(Protocol):
    """What the writer holds as long as it lives."""

    def take(self, wait: float) -> bool:
        """Take the lock, trying for `wait` seconds; raises LogError BW505 when another has it.

        Returns whether the last holder left things in order, as far as that matters to the store.
        """

    def renew(self) -> None:
        """See that the lock is still held, else take it again; raises LogError BW505 when another has it."""

    def release(self, *, in_order: bool) -> None:
        """Let others have it, and tell the next whether things are in order; harmless when it is not held."""


def _try_for(wait: float, attempt: Callable[[], bool]) -> bool:
    """Return whether an attempt succeeded, repeated for as many seconds."""
    pause = Event()
    for _ in range(int(wait / _PAUSE)):
        if attempt():
            return True
        pause.wait(_PAUSE)
    return attempt()


class FileLock:
    """An exclusive lock on `<database>.lock`, which stays: if it were deleted, two could lock different files.

    The file holds the id of its process, until that process has left things in order.
    """

    def __init__(self, database: Path, shown: str) -> None:
        """Name the lock; nothing is opened yet."""
        self._path = database.with_name(f"{database.name}.lock")
        self._shown = shown
        self._file: int | None = None
        self._found_in_order = True
        # A forked process would hold the lock as long as it lives; closing its copy of the file unlocks nothing here.
        os.register_at_fork(after_in_child=partial(_forget, ref(self)))

    def take(self, wait: float) -> bool:
        """Take the lock; raises LogError BW505 as the protocol says, and OSError when the file cannot be made."""
        if not _try_for(wait, self._try):
            raise refusals.second_writer(self._shown, f"`{self._path}`", self._holder())
        return self._found_in_order

    def _try(self) -> bool:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError:
            os.close(file)
            raise
        self._file = file
        if not self._is_in_place():  # deleted, or replaced, between opening and locking
            self._close()
            return False
        self._found_in_order = not os.pread(file, 1, 0)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        return True

    def _holder(self) -> str:
        with contextlib.suppress(OSError, ValueError):
            return f", held by process {int(self._path.read_text())}"
        return ""

    def _is_in_place(self) -> bool:
        if self._file is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._file), os.stat(self._path))
        except FileNotFoundError:
            return False

    def renew(self) -> None:
        """Take the lock again when its file was deleted or replaced."""
        if not self._is_in_place():
            self._close()
            self.take(0)

    def release(self, *, in_order: bool) -> None:
        """Unlock and close the file."""
        if self._file is not None and in_order:
            with contextlib.suppress(OSError):  # the next one will look after things that are in order; no harm
                os.ftruncate(self._file, 0)
        if self._file is not None:
            with contextlib.suppress(OSError):  # closing unlocks too, but not while a child just forked has a copy
                fcntl.flock(self._file, fcntl.LOCK_UN)
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _forget(lock: ref[FileLock]) -> None:
    held = lock()
    if held is not None:
        held._close()


class AdvisoryLock:
    """A session lock, by the schema of the log; PostgreSQL lets go of it when the session ends, however it ends."""

    def __init__(self, engine: Engine, shown: str) -> None:
        """Name the lock; nothing is opened yet."""
        self._engine = engine
        self._shown = shown
        self._session: Session | None = None

    def take(self, wait: float) -> bool:
        """Take the lock; raises LogError BW505 as the protocol says, and the driver's errors."""
        self._session = Session(self._engine, "BEGIN")
        try:
            if not _try_for(wait, self._try):
                raise refusals.second_writer(self._shown, "an advisory lock of its database", "")
        except BaseException:
            self._end()
            raise
        return True

    def _try(self) -> bool:
        assert self._session is not None
        [(schema,)] = self._session.plain("SELECT current_schema()")
        key = int.from_bytes(sha256(f"boosterwatch audit log in {schema}".encode()).digest()[:8], signed=True)
        return bool(self._session.plain(f"SELECT pg_try_advisory_lock({key})")[0][0])

    def renew(self) -> None:
        """Take the lock again when its session has ended."""
        if self._session is not None:
            try:
                self._session.plain("SELECT 1")
                return
            except Exception:  # whatever the driver says of it: the session is not to be relied on
                self._end()
        self.take(_GRACE)

    def release(self, *, in_order: bool) -> None:
        """Unlock and end the session: the server ends a session some time after the client has left it."""
        if self._session is not None:
            with contextlib.suppress(Exception):  # whatever the driver says: the lock ends with the session
                self._session.plain("SELECT pg_advisory_unlock_all()")
        self._end()

    def _end(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

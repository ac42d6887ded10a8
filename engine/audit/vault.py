"""The vault: one data key for each patient, wrapped by the master key. To erase a patient is to destroy that key.

A data key is durable before anything is sealed with it. Whom a key is for is a *holder*: a pseudonym, or the id of the
one entry about a patient without an id. Unwrapped keys are kept for the holders met last, in memory only.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Self

from sqlalchemy import delete, insert, inspect, make_url, select, text, update
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import SQLAlchemyError

from boosterwatch.engine.audit import errors, vault_tables
from boosterwatch.engine.audit.keys import KEY_BYTES, KEY_MODE, Keys, RandomBytes, reason
from boosterwatch.engine.audit.wrapping import ID_BYTES, DataKey, Wrapped, unwrap, wrap
from boosterwatch.engine.durable_files import create_durably

MOST_KEPT = 4096  # unwrapped keys in memory: half a megabyte
KEPT = timedelta(minutes=1)  # for so long: then another process may have destroyed the key


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold: why nothing of the holder may be erased (a code), and the entry that says so."""

    reason: str
    entry: str


Fate = Literal["here", "erased", "lost"]


def refuse_vault(url: str) -> None:
    """Raise AuditError BW543 when there is something where the vault of a new log would be, and BW544."""
    file = vault_tables.vault_file(url)
    if file is not None and not file.exists():
        return
    engine = vault_tables.vault_engine(url)
    try:
        with _told(_shown(url)):
            if file is not None or inspect(engine).has_table(vault_tables.info.name):
                raise errors.no_vault(_shown(url), "is already there")
    finally:
        engine.dispose()


def make_vault(url: str, keys: Keys) -> None:
    """Make the empty vault of a new log. Raises AuditError: BW543 when there is one, BW544 when it cannot be made."""
    refuse_vault(url)
    file = vault_tables.vault_file(url)
    if file is not None:
        _make_private(file)
    engine = vault_tables.vault_engine(url)
    try:
        with _told(_shown(url)), engine.begin() as connection:
            vault_tables.metadata.create_all(connection, checkfirst=False)
            row = {"only": 1, "format": vault_tables.FORMAT, "log": keys.log}
            connection.execute(insert(vault_tables.info).values(row))
    finally:
        engine.dispose()


def _make_private(file: Path) -> None:
    """Make the empty file of a vault, for its owner alone; SQLite gives its journal the same mode."""
    try:
        create_durably(file, b"", mode=KEY_MODE)
    except OSError as error:
        raise errors.vault_failed(str(file), reason(error)) from None


def unmake_vault(url: str) -> None:
    """Take back a vault that was just made and holds no key: the log that it was for could not be made.

    Raises AuditError BW543 when it holds a key, and BW544.
    """
    engine = vault_tables.vault_engine(url)
    try:
        with _told(_shown(url)), engine.begin() as connection:
            if connection.execute(select(vault_tables.key.c.id).limit(1)).first() is not None:
                raise errors.no_vault(_shown(url), "holds keys")
            vault_tables.metadata.drop_all(connection)
    finally:
        engine.dispose()
    file = vault_tables.vault_file(url)
    if file is not None:
        for name in (file, file.with_name(f"{file.name}-journal")):
            name.unlink(missing_ok=True)


class Vault:
    """The vault of one log, open. Safe to share between threads; close it, or use it as a context."""

    def __init__(self, url: str, keys: Keys, random: RandomBytes, clock: Callable[[], datetime]) -> None:
        """Open the vault. Raises AuditError: BW543 when there is none or it is another log's, BW544."""
        self.shown = _shown(url)
        self._keys, self._random, self._clock = keys, random, clock
        self._kept: OrderedDict[str, tuple[datetime, DataKey]] = OrderedDict()
        self._lock = Lock()
        file = vault_tables.vault_file(url)
        if file is not None and not file.exists():  # SQLite would make an empty one
            raise errors.no_vault(self.shown, "is missing")
        self._engine = vault_tables.vault_engine(url)
        try:
            self._check()
        except BaseException:
            self._engine.dispose()
            raise

    def __enter__(self) -> Self:
        """Return the vault itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the vault."""
        self.close()

    def close(self) -> None:
        """Forget the unwrapped keys and let go of the database; harmless when repeated."""
        with self._lock:
            self._kept.clear()
        self._engine.dispose()

    def _check(self) -> None:
        with self._reading() as connection:
            row = connection.execute(select(vault_tables.info)).one_or_none()
        if row is None or row.format != vault_tables.FORMAT:
            raise errors.no_vault(
                self.shown, "is empty" if row is None else f"has format {row.format}, which is unknown"
            )
        if row.log != self._keys.log:
            raise errors.no_vault(self.shown, f"belongs to the log `{row.log}`")

    # ---------------------------------------------------------------- keys

    def key_for(self, holder: str) -> DataKey:
        """Return the holder's key, made and durable when there was none. Raises AuditError BW544, BW545."""
        with self._lock:
            return self._find(holder) or self._make(holder)

    def key_of(self, holder: str, id: bytes) -> DataKey | None:
        """Return the key with this id when the vault has it. Raises AuditError BW544, and BW545 for a changed key."""
        with self._lock:
            found = self._find(holder)
            return found if found is not None and found.id == id else None

    def fate(self, holder: str, id: bytes) -> tuple[Fate, str | None]:
        """Return what became of a key, and the id of the erasure that says so."""
        with self._reading() as connection:
            if connection.execute(select(vault_tables.key.c.id).where(vault_tables.key.c.id == id)).first():
                return "here", None
            gone = vault_tables.gone
            row = connection.execute(select(gone.c.erasure).where(gone.c.id == id, gone.c.holder == holder)).first()
        return ("lost", None) if row is None else ("erased", row.erasure)

    def has(self, holder: str) -> bool:
        """Return whether the holder has a key now."""
        with self._reading() as connection:
            return self._row(connection, holder) is not None

    def erasures(self, holder: str) -> dict[str, bool]:
        """Return the ids of the entries by which the holder's keys were destroyed; True where that is done."""
        gone = vault_tables.gone
        with self._reading() as connection:
            rows = connection.execute(select(gone.c.erasure, gone.c.done).where(gone.c.holder == holder)).all()
        return {row.erasure: row.done is not None for row in rows}

    def note_done(self, erasure: str, done: str) -> None:
        """Note the entry that says that an erasure is done."""
        gone = vault_tables.gone
        with self._writing() as connection:
            connection.execute(update(gone).where(gone.c.erasure == erasure).values(done=done))

    def destroy(self, holder: str, erasure: str) -> None:
        """Destroy the holder's key, durably and without a readable rest; harmless when repeated.

        `erasure` is the id of the entry that says so. Raises AuditError BW544; repeat it then.
        """
        with self._lock:
            self._kept.pop(holder, None)
            with self._writing() as connection:
                row = self._row(connection, holder)
                if row is not None:
                    connection.execute(delete(vault_tables.key).where(vault_tables.key.c.holder == holder))
                    note = {"id": row.id, "holder": holder, "erasure": erasure}
                    connection.execute(insert(vault_tables.gone).values(note))
            self.sweep()

    def rewrap(self, keys: Keys) -> int:
        """Wrap every key with the last master of `keys`, all or none, and return how many were wrapped anew."""
        with self._lock:
            self._keys = keys
            with self._writing() as connection:
                others = select(vault_tables.key).where(vault_tables.key.c.master != keys.master.id)
                old = [_row(row) for row in connection.execute(others)]
                for row in old:
                    anew = wrap(unwrap(row, keys, self.shown), keys, self._random)
                    change = update(vault_tables.key).where(vault_tables.key.c.id == row.id)
                    connection.execute(change.values(master=anew.master, wrapped=anew.wrapped))
            self.sweep()
            return len(old)

    # ---------------------------------------------------------------- holds

    def hold_of(self, holder: str) -> Hold | None:
        """Return the legal hold on a holder, or None."""
        hold = vault_tables.hold
        with self._reading() as connection:
            row = connection.execute(select(hold).where(hold.c.holder == holder)).one_or_none()
        return None if row is None else Hold(row.reason, row.entry)

    def put_hold(self, holder: str, hold: Hold | None) -> None:
        """Put a holder under legal hold, durably, or lift it with None."""
        with self._writing() as connection:
            connection.execute(delete(vault_tables.hold).where(vault_tables.hold.c.holder == holder))
            if hold is not None:
                row = {"holder": holder, "reason": hold.reason, "entry": hold.entry}
                connection.execute(insert(vault_tables.hold).values(row))

    # ---------------------------------------------------------------- inside

    def _find(self, holder: str) -> DataKey | None:
        since, kept = self._kept.get(holder, (None, None))
        if kept is not None and since is not None and self._clock() - since < KEPT:
            return kept
        self._kept.pop(holder, None)
        with self._reading() as connection:
            row = self._row(connection, holder)
        return None if row is None else self._keep(unwrap(row, self._keys, self.shown))

    def _make(self, holder: str) -> DataKey:
        made = DataKey(self._random(ID_BYTES), holder, self._random(KEY_BYTES))
        row = asdict(wrap(made, self._keys, self._random)) | {"made": self._clock().date().isoformat()}
        with self._writing() as connection:
            connection.execute(insert(vault_tables.key).values(row))
        return self._keep(made)

    def _keep(self, key: DataKey) -> DataKey:
        self._kept[key.holder] = self._clock(), key
        self._kept.move_to_end(key.holder)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return key

    @staticmethod
    def _row(connection: Connection, holder: str) -> Wrapped | None:
        row = connection.execute(select(vault_tables.key).where(vault_tables.key.c.holder == holder)).one_or_none()
        return None if row is None else _row(row)

    def sweep(self) -> None:
        """Write the keys anew, without a trace of what was deleted: a page may keep a copy of a row that was moved."""
        lite = self._engine.dialect.name == "sqlite"
        with _told(self.shown), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM" if lite else f"VACUUM FULL {vault_tables.key.name}"))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _told(self.shown), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _told(self.shown), self._engine.begin() as connection:
            yield connection


def _row(row: Row[Any]) -> Wrapped:
    return Wrapped(bytes(row.id), row.holder, row.master, bytes(row.wrapped))


def _shown(url: str) -> str:
    """Return what messages call the vault: its file, or the database without a password."""
    file = vault_tables.vault_file(url)
    return str(file) if file is not None else make_url(url).render_as_string(hide_password=True)


@contextmanager
def _told(shown: str) -> Iterator[None]:
    """Turn what the database raises into a coded refusal that quotes no row."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        said = str(cause).strip().splitlines() or [type(cause).__name__]
        raise errors.vault_failed(shown, said[0][:200]) from None

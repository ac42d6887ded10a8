"""Making a new log, and bringing an older one to today's tables: one transaction each, so that there is no between."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.merkle import EMPTY_ROOT, chain_start
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.log.refusals import LogError, reason_of
from boosterwatch.engine.audit.log.session import Session
from boosterwatch.engine.audit.log.statements import ADD_HEAD, ADD_INFO, ADD_WRITER, RAISE_FENCE
from boosterwatch.engine.audit.log.stores import Store, store_at
from boosterwatch.engine.audit.log.tables import VERSION_TABLE
from boosterwatch.engine.audit.log.versions import VERSIONS, version_of


def create(url: str, signer: HeadSigner) -> None:
    """Make a new log of no entries, with its signed head.

    Raises LogError BW514 when there is something already, BW505 when another writer is at work there, BW507 when the
    store cannot be written, BW518 and BW519 when it cannot be a log's. Interrupted, it leaves no log; do it again.
    """
    create_in(store_at(url), signer)


def create_in(store: Store, signer: HeadSigner) -> None:
    """Make a new log in a store; see `create`."""
    store.prepare()
    with _writing(store) as session:
        if session.plain(store.find_any):
            raise refusals.exists(store.shown)
        with _transaction(session), _scripts() as scripts:
            _upgrade(session, scripts)
            chain = chain_start(signer.log)
            session.run(ADD_INFO, (1, signer.log, signer.verifier.public))
            session.run(ADD_WRITER, (1, 0))
            session.run(ADD_HEAD, (0, signer.sign(0, EMPTY_ROOT, chain).note))
    store.keep()


def make_tables(session: Session) -> None:
    """Make the tables of the newest version, and nothing in them, in one transaction of the session."""
    with _transaction(session), _scripts() as scripts:
        _upgrade(session, scripts)


def migrate(url: str) -> tuple[str, str]:
    """Bring the tables of a log to the newest version; returns the version before and after (equal: nothing to do).

    Entries, sealed bytes and heads stay as they are. Raises LogError BW500 when there is no log, BW502 when it is newer
    than this program, BW505 and BW507 as `create` does; then, and when interrupted, the log is as it was.
    """
    with _scripts() as scripts:
        return migrate_in(store_at(url), scripts, VERSIONS)


def migrate_in(store: Store, scripts: Path, versions: tuple[str, ...]) -> tuple[str, str]:
    """Bring the log in a store to the last of the versions that the scripts know; see `migrate`."""
    with _writing(store) as session:
        found = version_of(session, store)
        if found is None:
            raise refusals.no_log(store.shown)
        if found not in versions:
            raise refusals.newer(store.shown, found, versions[-1])
        if found != versions[-1]:
            with _transaction(session):
                session.run(RAISE_FENCE)  # a writer that has lost its lock must not write to changed tables
                _upgrade(session, scripts)
        return found, versions[-1]


@contextlib.contextmanager
def _scripts() -> Iterator[Path]:
    with as_file(files("boosterwatch.engine.audit.log") / "migrations") as folder:
        yield folder


@contextlib.contextmanager
def _writing(store: Store) -> Iterator[Session]:
    """Give a connection, under the lock of the writer; what the driver raises becomes LogError BW507."""
    lock, in_order = store.lock(), False
    try:
        if not lock.take(0):
            store.firm_up()
        session = store.connect()
        try:
            yield session
        finally:
            session.close()
        in_order = True
    except LogError:
        raise
    except Exception as error:
        raise refusals.not_recorded(store.shown, reason_of(error)) from error
    finally:
        lock.release(in_order=in_order)


@contextlib.contextmanager
def _transaction(session: Session) -> Iterator[None]:
    """Run what is inside in one transaction of the session, also what Alembic does."""
    session.begin()
    with session.core.begin():  # Alembic sees that a transaction is open, and leaves its end to us
        yield


def _upgrade(session: Session, scripts: Path) -> None:
    directory = ScriptDirectory(scripts)

    def steps(revision: Any, _context: MigrationContext) -> Iterable[Any]:
        return directory._upgrade_revs("head", revision)  # what `alembic upgrade head` calls

    options = {"fn": steps, "script": directory, "version_table": VERSION_TABLE, "transactional_ddl": True}
    context = MigrationContext.configure(session.core, opts=options)
    with Operations.context(context):
        context.run_migrations()

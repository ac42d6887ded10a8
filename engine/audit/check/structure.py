"""The store itself: its file, its tables, and the names in them."""

from __future__ import annotations

from functools import cache
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from boosterwatch.engine.audit.check.problems import Problems
from boosterwatch.engine.audit.check.snapshot import Row, Snapshot, Unreadable
from boosterwatch.engine.audit.log.migrate import make_tables
from boosterwatch.engine.audit.log.notes import HeadVerifier
from boosterwatch.engine.audit.log.session import Session
from boosterwatch.engine.audit.log.statements import READ_WHOLE_INFO
from boosterwatch.engine.audit.log.tables import VERSION_TABLE, metadata, writer

_MOST = 10  # lines of SQLite's own check
_LONGEST = 160  # of what it says; one fault can list every page of the file
_READ_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema"
_READ_WRITER = select(writer.c.one)
# Whatever could show, change or hide rows: triggers of our own tables but those of foreign keys, rules, row security.
_READ_HOOKS = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relname IN ({names})"
    " AND (c.relkind <> 'r' OR c.relrowsecurity"
    " OR EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)"
    " OR EXISTS (SELECT 1 FROM pg_rewrite r WHERE r.ev_class = c.oid))"
)


def check_file(snapshot: Snapshot, problems: Problems) -> None:
    """Let SQLite check its own file: pages, indexes against tables, types. PostgreSQL has nothing like it."""
    if snapshot.is_postgres:
        return
    try:
        found = snapshot.plain(f"PRAGMA integrity_check({_MOST})")
    except Unreadable as error:
        problems.add("BW520", f"the database file cannot be checked: {error}")
        return
    for (line,) in found:
        if line != "ok":
            said = " ".join(str(line).split())
            problems.add("BW520", f"the database file is damaged: {said[:_LONGEST]}{'...' * (len(said) > _LONGEST)}")


def check_file_apart(url: str, limit: int) -> Problems:
    """Let SQLite check its own file over a connection of its own; raises Unreadable without one."""
    problems = Problems(limit)
    with Snapshot(url) as snapshot:
        check_file(snapshot, problems)
    return problems


def check_tables(snapshot: Snapshot, problems: Problems) -> None:
    """Compare the tables with those that this program makes: nothing more may be there, no trigger, no view."""
    try:
        for name in sorted(_others_on_postgres(snapshot) if snapshot.is_postgres else _others_on_sqlite(snapshot)):
            problems.add("BW539", f"`{name}` in the database is not as a log has it")
        if snapshot.rows(_READ_WRITER) != [(1,)]:
            problems.add("BW539", "`writer` in the database is not as a log has it")
    except (Unreadable, SQLAlchemyError) as error:
        problems.add("BW520", f"the tables cannot be listed: {error if isinstance(error, Unreadable) else 'error'}")


def _others_on_sqlite(snapshot: Snapshot) -> set[str]:
    """Return the names of tables, indexes, triggers and views that are missing, other, or too many."""
    return {str(row[1]) for row in _schema() ^ set(snapshot.plain(_READ_SCHEMA))}


@cache
def _schema() -> frozenset[Row]:
    """Return the schema of a new log, from a database in memory."""
    engine = create_engine("sqlite://")
    session = Session(engine, "BEGIN")
    try:
        make_tables(session)
        return frozenset(session.plain(_READ_SCHEMA))
    finally:
        session.close()
        engine.dispose()


def _others_on_postgres(snapshot: Snapshot) -> set[str]:
    names = ", ".join(f"'{name}'" for name in (*metadata.tables, VERSION_TABLE))
    hooked = {str(name) for (name,) in snapshot.plain(_READ_HOOKS.format(names=names))}
    context = MigrationContext.configure(
        snapshot.session.core, opts={"version_table": VERSION_TABLE, "compare_type": True}
    )
    return hooked | {_subject(change) for change in compare_metadata(context, metadata)}


def _subject(change: Any) -> str:
    """Return the name of the table or index that a difference found by Alembic is about."""
    while isinstance(change, list):
        change = change[0]
    if str(change[0]).endswith(("_table", "_index", "_constraint", "_fk")):
        return str(getattr(change[1], "name", change[1]))
    return str(change[2])


def check_info(snapshot: Snapshot, key: HeadVerifier, problems: Problems) -> None:
    """Compare what the store says of its log with the key that it is checked with."""
    try:
        found = snapshot.rows(READ_WHOLE_INFO)
    except Unreadable as error:
        problems.add("BW520", f"table `log_info` cannot be read: {error}")
        return
    if len(found) != 1:
        problems.add("BW531", "the store does not say which log it is")
        return
    ((one, log, public),) = found
    if one != 1:
        problems.add("BW531", "the row that says which log it is has another number than 1")
    if log != key.log:
        problems.add("BW531", "the store says that it is another log than the one of the public key")
    if public != key.public:
        problems.add("BW531", "the store names another public key")

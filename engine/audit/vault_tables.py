"""Where the vault keeps what it keeps: a small database of its own for SQLite, tables of its own for PostgreSQL.

It is apart from the log because it must forget: the log only ever grows, and backups of the two expire at different
times. In SQLite what is deleted is overwritten (`secure_delete`), and the journal is cut to nothing after each commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, Table, Text, create_engine, event, make_url
from sqlalchemy.engine import Engine

FORMAT = 1
BUSY_SECONDS = 30
metadata = MetaData()

info = Table(
    "vault_info",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),
    Column("format", Integer, nullable=False),
    Column("log", Text, nullable=False),
)
key = Table(
    "vault_key",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("holder", Text, nullable=False, unique=True),
    Column("master", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("made", Text, nullable=False),
)
gone = Table(
    "vault_gone",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("erasure", Text, nullable=False),
    Column("done", Text),
    Index("vault_gone_holder", "holder"),
)
hold = Table(
    "vault_hold",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("entry", Text, nullable=False),
)


def vault_file(url: str) -> Path | None:
    """Return the vault's file beside a log in SQLite: `audit.keys.db` for `audit.db`; None for another database."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    return Path(address.database).with_suffix(".keys.db")


def vault_engine(url: str) -> Engine:
    """Return the database of the vault that belongs to a log. Nothing is opened yet."""
    file = vault_file(url)
    if file is None:
        address = make_url(url).set(drivername="postgresql+psycopg")
        return create_engine(address, hide_parameters=True, pool_pre_ping=True)
    engine = create_engine(
        make_url(url).set(database=str(file)), hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine, "connect", _make_safe)
    return engine


def _make_safe(connection: Any, _: object) -> None:
    """Set up a connection to SQLite: durable when a commit returns, and nothing deleted stays readable."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=TRUNCATE", "synchronous=EXTRA", "secure_delete=ON", "temp_store=MEMORY"):
        cursor.execute(f"PRAGMA {pragma}").fetchall()
    cursor.close()

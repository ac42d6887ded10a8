"""Where the tests keep their logs: a SQLite file, and a schema of its own in a PostgreSQL that answers."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

SERVER = os.environ.get("BOOSTERWATCH_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")


def connect(url: str = SERVER) -> psycopg.Connection:
    """Return a connection that commits each statement; skips the test, saying why, when no server answers."""
    try:
        return psycopg.connect(url.replace("+psycopg", ""), autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {SERVER}: {str(error).splitlines()[0]}")


@contextmanager
def schema() -> Iterator[str]:
    """Give the address of a new, empty schema; it is dropped afterwards."""
    name = f"log_{secrets.token_hex(8)}"
    with connect() as server:
        server.execute(f'CREATE SCHEMA "{name}"')
        try:
            yield within(SERVER, name)
        finally:
            server.execute("SET lock_timeout = '5s'")
            server.execute(f'DROP SCHEMA "{name}" CASCADE')


def within(server: str, name: str) -> str:
    """Return the address of a schema on a server."""
    joined = "&" if "?" in server else "?"
    return f"{server.replace('postgresql:', 'postgresql+psycopg:')}{joined}options={quote(f'-csearch_path={name}')}"


def sqlite_at(folder: Path) -> str:
    """Return the address of a database in a folder."""
    return f"sqlite:///{folder / 'audit.db'}"

"""The fixtures of the log's tests: the same tests run on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from boosterwatch.engine.audit.log.migrate import create
from boosterwatch.tests.audit.log import databases
from boosterwatch.tests.audit.log.drafts import SIGNER


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give an address where no log is yet."""
    if request.param == "sqlite":
        yield databases.sqlite_at(tmp_path)
    else:
        with databases.schema() as url:
            yield url


@pytest.fixture
def url(place: str) -> str:
    """Give the address of a new log."""
    create(place, SIGNER)
    return place


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of a new log in a SQLite file."""
    address = databases.sqlite_at(tmp_path)
    create(address, SIGNER)
    return address


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Give the address of a new log on PostgreSQL."""
    with databases.schema() as address:
        create(address, SIGNER)
        yield address

"""What the tests of cohorts share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis
import pytest
from ibis.backends import BaseBackend

HERE = Path(__file__).parent
IBIS_ASKS_DUCKDB_BY_AN_OLD_NAME = "ignore:fetch_arrow_table:DeprecationWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test of this folder pass over a warning that Ibis makes DuckDB give, and nobody else's."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(IBIS_ASKS_DUCKDB_BY_AN_OLD_NAME))


@pytest.fixture
def con() -> Iterator[BaseBackend]:
    """Give a fresh DuckDB in memory."""
    connection = ibis.duckdb.connect(threads=2)
    yield connection
    connection.disconnect()

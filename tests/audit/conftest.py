"""The fixtures of the audited path: the same tests run on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from boosterwatch.engine.audit.trail import Trail
from boosterwatch.tests.audit.log import databases
from boosterwatch.tests.audit.trails import ACTOR, made, opened
from boosterwatch.tests.cli.runs import run


@pytest.fixture(params=["sqlite", "postgresql"])
def trail_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a new log with its vault."""
    if request.param == "sqlite":
        yield made(databases.sqlite_at(tmp_path))
    else:
        with databases.schema() as url:
            yield made(url)


@pytest.fixture
def trail(trail_url: str) -> Iterator[Trail]:
    """Give a new log, open to record in it."""
    with opened(trail_url) as one:
        yield one


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a new folder, with keys and actor from the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOOSTERWATCH_AUDIT_KEYS", "keys.json")
    monkeypatch.setenv("BOOSTERWATCH_ACTOR", ACTOR)
    return tmp_path


@pytest.fixture
def log_url(at: Path) -> str:
    """Give the address of a new log in that folder, made by the command line."""
    assert run("audit", "init", "sqlite:///audit.db", "--tenant", "North clinic").exit_code == 0
    return "sqlite:///audit.db"

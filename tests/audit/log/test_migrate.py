"""New logs, older and newer ones: always one version or the other, never between."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from boosterwatch.engine.audit.log import migrations
from boosterwatch.engine.audit.log.migrate import create, create_in, migrate, migrate_in
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.log.session import Session
from boosterwatch.engine.audit.log.stores import store_at
from boosterwatch.engine.audit.log.tables import metadata
from boosterwatch.engine.audit.log.versions import NEWEST, VERSIONS, version_of
from boosterwatch.tests.audit.log.drafts import SIGNER, check_whole, draft, writer
from boosterwatch.tests.audit.log.faults import Faults, faulty

SCRIPTS = Path(migrations.__path__[0])
NEXT = '''
"""What a next version might do."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    op.add_column("entry", sa.Column("site", sa.Text))
    op.create_index("entry_site", "entry", ["site"])
    op.create_table("more", sa.Column("seq", sa.Integer, primary_key=True))
    op.execute("INSERT INTO more SELECT seq FROM entry")
'''


@contextmanager
def session_of(url: str) -> Iterator[Session]:
    session = store_at(url).connect()
    yield session
    session.close()


def test_the_versions_are_those_of_the_scripts() -> None:
    directory = ScriptDirectory(SCRIPTS)
    assert tuple(script.revision for script in directory.walk_revisions())[::-1] == VERSIONS
    assert directory.get_heads() == [NEWEST]


def test_the_scripts_make_the_tables_that_the_program_knows(url: str) -> None:
    with session_of(url) as session:
        made = inspect(session.core)
        assert set(made.get_table_names()) == {*metadata.tables, "log_version"}
        for name, table in metadata.tables.items():
            columns = {one["name"]: (str(one["type"]), one["nullable"]) for one in made.get_columns(name)}
            wanted = {one.name: (one.type.compile(session.core.dialect), bool(one.nullable)) for one in table.columns}
            assert columns == wanted
            assert made.get_pk_constraint(name)["constrained_columns"] == [one.name for one in table.primary_key]
            indexes = {one["name"]: (one["column_names"], one["unique"]) for one in made.get_indexes(name)}
            assert {key: found for key, found in indexes.items() if key in {one.name for one in table.indexes}} == {
                one.name: ([column.name for column in one.columns], bool(one.unique)) for one in table.indexes
            }


def test_sqlite_makes_the_very_same_tables_from_either(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    plain = f"sqlite:///{tmp_path / 'other' / 'audit.db'}"
    store = store_at(plain)
    store.prepare()
    session = store.connect()
    metadata.create_all(session.core)
    session.core.commit()
    session.close()

    def tables(url: str) -> dict[str, str]:
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        connection.close()
        return {name: " ".join(sql.split()) for name, sql in found if name != "log_version"}

    assert tables(sqlite_url) == tables(plain)
    assert all("STRICT" in sql for sql in tables(plain).values() if sql.startswith("CREATE TABLE"))


def test_a_log_is_never_made_over_something(url: str) -> None:
    with pytest.raises(LogError) as caught:
        create(url, SIGNER)
    assert caught.value.code == "BW514"
    with writer(url) as log:
        check_whole(log)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE theirs (a)")
    other.close()
    for call, code in (
        (lambda: create(f"sqlite:///{path}", SIGNER), "BW514"),
        (lambda: writer(f"sqlite:///{path}"), "BW500"),
    ):
        with pytest.raises(LogError) as caught:
            call()
        assert caught.value.code == code


def test_nothing_is_made_by_opening(place: str) -> None:
    for call in (writer, open_reader, migrate):
        with pytest.raises(LogError) as caught:
            call(place)
        assert caught.value.code == "BW500"
    create(place, SIGNER)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    path.write_bytes(b"something else entirely" * 100)
    codes = []
    for call in (writer, open_reader, migrate, lambda url: create(url, SIGNER)):
        with pytest.raises(LogError, match="file is not a database") as caught:
            call(f"sqlite:///{path}")
        codes.append(caught.value.code)
    assert codes == ["BW507", "BW510", "BW507", "BW507"]
    assert path.read_bytes() == b"something else entirely" * 100


def test_only_the_owner_can_read_a_new_log(sqlite_url: str) -> None:
    assert stat.S_IMODE(os.stat(sqlite_url.removeprefix("sqlite:///")).st_mode) == 0o600


# --- versions


def set_version(url: str, version: str) -> None:
    with session_of(url) as session:
        session.plain(f"UPDATE log_version SET version_num = '{version}'")


def test_a_log_of_today_needs_no_migration(url: str) -> None:
    assert migrate(url) == (NEWEST, NEWEST)


def test_a_newer_log_is_refused_and_left_as_it_is(url: str) -> None:
    set_version(url, "9999")
    for call in (writer, open_reader, migrate):
        with pytest.raises(LogError) as caught:
            call(url)
        assert caught.value.code == "BW502"
    set_version(url, NEWEST)
    with writer(url) as log:
        check_whole(log)


def test_an_older_log_is_refused_until_it_is_migrated(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.audit.log.versions.VERSIONS", ("0001", "0002"))
    monkeypatch.setattr("boosterwatch.engine.audit.log.versions.NEWEST", "0002")
    for call in (writer, open_reader):
        with pytest.raises(LogError) as caught:
            call(url)
        assert caught.value.code == "BW501"


@pytest.fixture
def next_scripts(tmp_path: Path) -> Path:
    """Give the scripts of this release and of a next one."""
    folder = tmp_path / "scripts" / "versions"
    folder.mkdir(parents=True)
    (folder / "v0001.py").write_text((SCRIPTS / "versions" / "v0001.py").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "v0002.py").write_text(NEXT, encoding="utf-8")
    return folder.parent


def test_a_migration_keeps_every_entry_and_every_head(url: str, next_scripts: Path) -> None:
    with writer(url) as log:
        log.append([draft(b"sealed") for _ in range(300)])
        before = [one.body for one in log.entries()], [one.note for one in log.heads()]
    assert migrate_in(store_at(url), next_scripts, ("0001", "0002")) == ("0001", "0002")
    with session_of(url) as session:
        assert session.plain("SELECT count(*) FROM more") == [(300,)]
        assert version_of(session, store_at(url)) == "0002"
    set_version(url, NEWEST)
    with writer(url) as log:
        assert ([one.body for one in log.entries()], [one.note for one in log.heads()]) == before
        log.append([draft()])
        check_whole(log)


@pytest.mark.parametrize("late", [False, True], ids=["not made", "answer lost"])
def test_a_migration_that_is_interrupted_leaves_the_old_or_the_new(url: str, next_scripts: Path, late: bool) -> None:
    with writer(url) as log:
        log.append([draft(), draft()])
    faults, number, versions = Faults(), 0, set()
    while True:
        faults.arm(number, late=late)
        try:
            migrate_in(faulty(url, faults), next_scripts, ("0001", "0002"))
        except LogError as error:
            assert error.code == "BW507"
        faults.disarm()
        with session_of(url) as session:
            found = version_of(session, store_at(url))
            tables = {name for name in ("more", "entry") if inspect(session.core).has_table(name)}
        versions.add(found)
        assert ("more" in tables) == (found == "0002")
        if found == "0002":
            break
        number += 1
    assert number > 15
    assert late or faults.hit in ([], ["UNLOCK"])  # the lock ends with its session too


def test_making_a_log_that_is_interrupted_leaves_none_or_all(place: str) -> None:
    faults, number = Faults(), 0
    while True:
        faults.arm(number)
        try:
            create_in(faulty(place, faults), SIGNER)
            break
        except LogError as error:
            assert error.code == "BW507"
        faults.disarm()
        with pytest.raises(LogError, match="BW500"):
            open_reader(place)
        number += 1
    assert number > 20
    with writer(place) as log:
        log.append([draft()])
        check_whole(log)


def test_no_migration_beside_a_writer(url: str) -> None:
    with writer(url), pytest.raises(LogError) as caught:
        migrate(url)
    assert caught.value.code == "BW505"

"""The vault of patients' keys, on both databases: durable before use, bound to its place, gone when destroyed."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from boosterwatch.engine.audit import vault as vault_module
from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.keys import Keys, new_keys, with_last_master, with_new_master
from boosterwatch.engine.audit.vault import Hold, Vault, make_vault, unmake_vault
from boosterwatch.engine.audit.vault_tables import vault_engine, vault_file
from boosterwatch.engine.audit.wrapping import DataKey
from boosterwatch.tests.audit.log import databases
from boosterwatch.tests.audit.trails import KEYS, Clock, noise

PUT_BACK = (
    "  hint: put it back from its own backup; it belongs beside its log, and without it nothing sealed can be read"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a log whose vault was made."""
    if request.param == "sqlite":
        make_vault(databases.sqlite_at(tmp_path), KEYS)
        yield databases.sqlite_at(tmp_path)
    else:
        with databases.schema() as address:
            make_vault(address, KEYS)
            yield address


def opened(url: str, seed: int = 5, keys: Keys = KEYS) -> Vault:
    """Return the vault, open."""
    return Vault(url, keys, noise(seed), Clock())


def execute(url: str, statement: str, **values: Any) -> list[Any]:
    """Run a statement behind the vault's back, and return its rows."""
    engine = vault_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []
    finally:
        engine.dispose()


def test_a_key_is_made_once_and_is_the_same_ever_after(url: str) -> None:
    with opened(url) as vault:
        first = vault.key_for("anna")
        assert (len(first.key), len(first.id), first.holder) == (32, 16, "anna")
        assert vault.key_for("anna") == first
        other = vault.key_for("berta")
        assert not {other.key, other.id} & {first.key, first.id}
        with opened(url, seed=6) as second:  # it is durable before anybody seals with it
            assert second.key_for("anna") == first


def test_a_key_is_given_by_its_id(url: str) -> None:
    with opened(url) as vault:
        made = vault.key_for("anna")
        assert vault.key_of("anna", made.id) == made
        assert vault.key_of("anna", bytes(16)) is None
        assert vault.key_of("berta", made.id) is None
        assert not vault.has("berta")


def test_no_key_is_stored_in_the_clear(url: str) -> None:
    with opened(url) as vault:
        made = vault.key_for("anna")
    [row] = execute(url, "SELECT * FROM vault_key")
    assert (row.holder, row.master, row.made) == ("anna", KEYS.master.id, "2026-11-24")
    assert made.key not in bytes(row.wrapped)
    assert len(row.wrapped) == 12 + 32 + 16
    assert repr(made.key)[2:14] not in repr(made)


def test_threads_that_ask_at_once_get_one_key(url: str) -> None:
    found: list[DataKey] = []
    with opened(url) as vault:
        threads = [Thread(target=lambda: found.append(vault.key_for("anna"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_few_keys_are_kept_in_memory(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_module, "MOST_KEPT", 3)
    with opened(url) as vault:
        made = {name: vault.key_for(name) for name in "abcde"}
        assert len(vault._kept) == 3
        assert {name: vault.key_for(name) for name in "abcde"} == made
        vault.close()
        assert len(vault._kept) == 0


# ---------------------------------------------------------------- changed behind its back


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE vault_key SET holder = 'berta'",
        "UPDATE vault_key SET id = :other",
        "UPDATE vault_key SET wrapped = :other",
    ],
)
def test_a_key_that_was_moved_or_changed_does_not_open(url: str, change: str) -> None:
    with opened(url) as vault:
        vault.key_for("anna")
    execute(url, change, **({"other": bytes(16)} if ":other" in change else {}))
    holder = "berta" if "berta" in change else "anna"
    with opened(url) as vault, pytest.raises(AuditError) as problem:
        vault.key_for(holder)
    assert str(problem.value) == (
        f"BW543 the vault of patients' keys at `{vault.shown}` holds a changed key for `{holder}`\n{PUT_BACK}"
    )


def test_the_vault_of_another_log_is_refused(url: str) -> None:
    other = new_keys("North clinic", noise(8))
    with pytest.raises(AuditError) as problem:
        opened(url, keys=other)
    assert f"belongs to the log `{KEYS.log}`\n{PUT_BACK}" in str(problem.value)
    assert problem.value.code == "BW543"


def test_keys_without_the_master_that_wrapped_are_refused(url: str) -> None:
    with opened(url) as vault:
        vault.key_for("anna")
    newer = with_last_master(with_new_master(KEYS, noise(9)))
    with opened(url, keys=newer) as vault, pytest.raises(AuditError) as problem:
        vault.key_for("anna")
    assert f"needs the master key `{KEYS.master.id}`, which the keys file lacks" in str(problem.value)


def test_a_format_of_tomorrow_is_refused(url: str) -> None:
    execute(url, "UPDATE vault_info SET format = 2")
    with pytest.raises(AuditError, match="has format 2, which is unknown"):
        opened(url)


def test_a_vault_without_its_face_is_refused(url: str) -> None:
    execute(url, "DELETE FROM vault_info")
    with pytest.raises(AuditError, match="is empty"):
        opened(url)


def test_a_database_that_fails_gives_no_key(url: str) -> None:
    with opened(url) as vault:
        execute(url, "DROP TABLE vault_key")
        with pytest.raises(AuditError) as problem:
            vault.key_for("anna")
    said = str(problem.value)
    assert said.startswith(f"BW544 the vault of patients' keys at `{vault.shown}` does not answer: ")
    assert "vault_key" in said
    assert said.endswith("hint: mend the disk or the database; nothing was decided, and it goes on by itself")
    assert "anna" not in said


def test_the_password_of_a_database_is_not_told() -> None:
    with pytest.raises(AuditError) as problem:
        opened("postgresql+psycopg://someone:s3cret@127.0.0.1:1/none")
    assert "BW544" in str(problem.value)
    assert "s3cret" not in str(problem.value)


# ---------------------------------------------------------------- SQLite


def test_a_missing_file_is_told_and_not_made(tmp_path: Path) -> None:
    url = databases.sqlite_at(tmp_path)
    with pytest.raises(AuditError) as problem:
        opened(url)
    said = str(problem.value).replace(str(tmp_path), "folder")
    assert said == f"BW543 the vault of patients' keys at `folder/audit.keys.db` is missing\n{PUT_BACK}"
    assert list(tmp_path.iterdir()) == []


def test_a_vault_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    url = databases.sqlite_at(tmp_path)
    make_vault(url, KEYS)
    with opened(url) as vault:
        vault.key_for("anna")
        assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}
    with pytest.raises(AuditError, match="is already there"):
        make_vault(url, KEYS)


def test_a_vault_that_was_just_made_is_taken_back_and_one_with_keys_is_not(url: str) -> None:
    with pytest.raises(AuditError, match="is already there"):
        make_vault(url, KEYS)
    unmake_vault(url)
    with pytest.raises(AuditError, match=r"BW54[34]"):
        opened(url)
    make_vault(url, KEYS)
    with opened(url) as vault:
        vault.key_for("anna")
    with pytest.raises(AuditError, match="holds keys"):
        unmake_vault(url)
    with opened(url) as vault:
        assert vault.has("anna")


def test_an_erasure_by_another_process_is_noticed_within_a_minute(url: str) -> None:
    clock = Clock()
    with Vault(url, KEYS, noise(5), clock) as vault:
        made = vault.key_for("anna")
        execute(url, "DELETE FROM vault_key")
        assert vault.key_of("anna", made.id) == made
        clock.now += vault_module.KEPT
        assert vault.key_of("anna", made.id) is None


def test_the_vault_lies_beside_its_log(tmp_path: Path) -> None:
    assert vault_file(f"sqlite:///{tmp_path}/audit.db") == tmp_path / "audit.keys.db"
    assert vault_file("postgresql+psycopg://a@127.0.0.1/b") is None


def test_a_commit_is_on_disk_and_nothing_deleted_stays(tmp_path: Path) -> None:
    url = databases.sqlite_at(tmp_path)
    make_vault(url, KEYS)
    with opened(url) as vault, vault._engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("synchronous", "secure_delete")}
        assert found == {"synchronous": 3, "secure_delete": 1}
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "truncate"


# ---------------------------------------------------------------- destroyed


def test_a_destroyed_key_is_gone_and_the_others_are_not(url: str) -> None:
    with opened(url) as vault:
        anna, berta = vault.key_for("anna"), vault.key_for("berta")
        assert vault.fate("anna", anna.id) == ("here", None)
        vault.destroy("anna", "entry-1")
        assert vault.key_of("anna", anna.id) is None
        assert not vault.has("anna")
        assert vault.fate("anna", anna.id) == ("erased", "entry-1")
        assert vault.fate("berta", anna.id) == ("lost", None)
        assert vault.fate("anna", bytes(16)) == ("lost", None)
        assert vault.key_for("berta") == berta
        vault.destroy("anna", "entry-2")  # harmless when repeated
        assert vault.erasures("anna") == {"entry-1": False}
        vault.note_done("entry-1", "entry-3")
        assert vault.erasures("anna") == {"entry-1": True}
    with opened(url, seed=6) as vault:
        assert vault.key_for("anna").id != anna.id


def files_with(folder: Path, needles: list[bytes]) -> list[str]:
    """Return the files below a folder in which any of these bytes stand."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]


def test_no_file_holds_a_destroyed_key_though_hundreds_lie_around_it(tmp_path: Path) -> None:
    url = databases.sqlite_at(tmp_path)
    make_vault(url, KEYS)
    with opened(url) as vault:
        for number in range(150):  # so many that rows are moved between pages
            vault.key_for(f"patient-{number * 7919 % 150}")
        victims = {f"patient-{number}" for number in (0, 17, 80, 149)}
        found = execute(url, "SELECT * FROM vault_key")
        wrapped = [bytes(row.wrapped) for row in found if row.holder in victims]
        assert files_with(tmp_path, wrapped) == ["audit.keys.db"]
        for victim in victims:
            vault.destroy(victim, "entry-1")
        parts = [one[at : at + 20] for one in wrapped for at in (0, 20, 40)]
        assert files_with(tmp_path, parts) == []
        assert (tmp_path / "audit.keys.db-journal").stat().st_size == 0
        assert len(execute(url, "SELECT * FROM vault_key")) == 146


def test_a_destroyed_key_is_in_no_page_of_postgresql() -> None:
    with databases.schema() as url:
        make_vault(url, KEYS)
        with opened(url) as vault:
            for name in "abcde":
                vault.key_for(name)
            vault.destroy("c", "entry-1")
        [size] = execute(url, "SELECT pg_relation_size('vault_key') / 8192 AS pages, count(*) AS rows FROM vault_key")
        try:
            [dead] = execute(url, "SELECT count(*) AS items FROM heap_page_items(get_raw_page('vault_key', 0))")
        except Exception:  # the extension pageinspect is seldom there
            dead = None
    assert (size.pages, size.rows) == (1, 4)
    assert dead is None or dead.items == 4


# ---------------------------------------------------------------- rotated, held


def test_a_new_master_wraps_every_key_and_the_old_one_opens_none(url: str) -> None:
    both = with_new_master(KEYS, noise(9))
    with opened(url) as vault:
        made = [vault.key_for(name) for name in "abc"]
        assert vault.rewrap(both) == 3
        assert [vault.key_for(name) for name in "abc"] == made
        assert vault.rewrap(both) == 0
    rows = execute(url, "SELECT master FROM vault_key")
    assert [row.master for row in rows] == [both.master.id] * 3
    with opened(url, keys=with_last_master(both)) as vault:
        assert [vault.key_for(name) for name in "abc"] == made
    with opened(url) as vault, pytest.raises(AuditError, match="which the keys file lacks"):
        vault.key_for("a")


def test_a_rotation_that_was_cut_off_leaves_keys_that_open(url: str) -> None:
    both = with_new_master(KEYS, noise(9))
    with opened(url) as vault:
        made = vault.key_for("anna")
    with opened(url, seed=6, keys=both) as vault:  # the file has both, the vault has not changed
        assert vault.key_for("anna") == made
        assert vault.key_for("berta").holder == "berta"
        assert vault.rewrap(both) == 1


def test_a_hold_is_put_and_lifted(url: str) -> None:
    with opened(url) as vault:
        assert vault.hold_of("anna") is None
        vault.put_hold("anna", Hold("clinic:court", "entry-1"))
        vault.put_hold("anna", Hold("clinic:other", "entry-2"))
        assert vault.hold_of("anna") == Hold("clinic:other", "entry-2")
        assert vault.hold_of("berta") is None
        vault.put_hold("anna", None)
        assert vault.hold_of("anna") is None

"""One writer at a time, in every way in which there could be two; and a store that changes under a writer."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from boosterwatch.engine.audit.log.locks import AdvisoryLock, FileLock
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.log.stores import PostgresStore, SqliteStore, store_at
from boosterwatch.tests.audit.log import databases
from boosterwatch.tests.audit.log.drafts import check_whole, draft, writer


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def code_of(call: object, *arguments: object, **named: object) -> str:
    with pytest.raises(LogError) as caught:
        call(*arguments, **named)  # type: ignore[operator]
    return caught.value.code


def test_a_second_writer_is_refused_and_the_first_goes_on(url: str) -> None:
    with writer(url) as log:
        assert code_of(writer, url) == "BW505"
        log.append([draft()])
        assert code_of(writer, url, wait=0.05) == "BW505"
    with writer(url) as log:
        check_whole(log)


def test_a_second_writer_may_wait_for_the_first(url: str) -> None:
    first = writer(url)
    first.append([draft()])
    threading.Timer(0.2, first.close).start()
    with writer(url, wait=10) as second:
        second.append([draft()])
        assert len(check_whole(second)) == 2


def test_the_lock_ends_with_its_process(sqlite_url: str) -> None:
    code = f"""
import os, sys
from boosterwatch.tests.audit.log.drafts import draft, writer
log = writer({sqlite_url!r})
log.append([draft()])
print("ready", flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        with pytest.raises(LogError) as caught:
            writer(sqlite_url)
        assert f"held by process {other.pid}" in str(caught.value)
        other.kill()
        other.wait()
    with writer(sqlite_url) as log:
        log.append([draft(id="018f0000-0000-7000-8000-00000000aaaa")])
        assert len(check_whole(log)) == 2


def test_a_deleted_lock_file_makes_no_second_writer(sqlite_url: str) -> None:
    first = writer(sqlite_url)
    first.append([draft()])
    lock = file_of(sqlite_url).with_name("audit.db.lock")
    lock.unlink()
    with writer(sqlite_url) as second:  # the lock cannot keep it out; the fencing number keeps the first one out
        second.append([draft()])
        assert code_of(first.append, [draft()]) == "BW505"
        second.append([draft()])
    [receipt] = first.append([draft()])
    assert receipt.seq == 3
    assert len(check_whole(first)) == 4
    first.close()


def test_a_lost_advisory_lock_makes_no_second_writer(postgres_url: str) -> None:
    first = writer(postgres_url)
    first.append([draft()])
    held = first._ledger._lock  # type: ignore[attr-defined]
    assert isinstance(held, AdvisoryLock)
    held.release(in_order=True)
    with writer(postgres_url) as second:
        second.append([draft()])
        assert code_of(first.append, [draft()]) == "BW505"
        second.append([draft()])
    assert first.append([draft()])[0].seq == 3
    check_whole(first)
    first.close()


def test_a_writer_that_is_overtaken_again_and_again_gives_up(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log = writer(sqlite_url)
    ledger = log._ledger  # type: ignore[attr-defined]
    begins = ledger._begins

    def overtaken(session: object) -> bool:
        with sqlite3.connect(file_of(sqlite_url)) as other:
            other.execute("UPDATE writer SET fence = fence + 1")
        other.close()
        return bool(begins(session))

    monkeypatch.setattr(ledger, "_begins", overtaken)
    assert code_of(log.append, [draft()]) == "BW516"
    monkeypatch.undo()
    log.append([draft()])
    assert len(check_whole(log)) == 1
    log.close()


def test_the_schemas_of_one_database_are_logs_of_their_own(postgres_url: str) -> None:
    from boosterwatch.engine.audit.log.migrate import create
    from boosterwatch.tests.audit.log.drafts import SIGNER

    with databases.schema() as other:
        create(other, SIGNER)
        with writer(postgres_url) as one, writer(other) as two:
            one.append([draft()])
            assert (one.size(), two.size()) == (1, 0)


def test_a_log_is_of_the_process_that_opened_it(sqlite_url: str) -> None:
    with writer(sqlite_url) as log:
        child = os.fork()
        if child == 0:
            try:
                log.append([draft()])
            except LogError as error:
                log.close()
                os._exit(17 if error.code == "BW517" else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 17
        log.append([draft()])
        assert code_of(writer, sqlite_url) == "BW505"
        assert len(check_whole(log)) == 1


def test_a_forked_process_does_not_hold_the_lock(sqlite_url: str) -> None:
    log = writer(sqlite_url)
    waits, ends = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ends)
        os.read(waits, 1)  # lives until the test is over
        os._exit(0)
    assert code_of(writer, sqlite_url) == "BW505"
    log.close()
    with writer(sqlite_url) as again:
        again.append([draft()])
    os.close(ends)
    os.close(waits)
    os.waitpid(child, 0)


def test_a_reader_that_takes_its_time_does_not_keep_a_writer_from_opening(sqlite_url: str) -> None:
    with writer(sqlite_url) as log:
        log.append([draft()])
        reader = sqlite3.connect(file_of(sqlite_url))
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM entry").fetchone() == (1,)
        log.append([draft()])
    before = time.monotonic()
    with writer(sqlite_url) as log:
        log.append([draft()])
        assert time.monotonic() - before < 4
        assert reader.execute("SELECT count(*) FROM entry").fetchone() == (1,)
        reader.close()
        assert len(check_whole(log)) == 3


# --- the store changes under the writer


def copy(path: Path, to: Path) -> None:
    """Copy a database as a backup does."""
    source, target = sqlite3.connect(path), sqlite3.connect(to)
    source.backup(target)
    source.close()
    target.close()


def put_back(copied: Path, path: Path) -> None:
    """Put a copy in the place of a database, as somebody does who knows of its write-ahead log."""
    for more in ("-wal", "-shm"):
        path.with_name(path.name + more).unlink(missing_ok=True)
    os.replace(copied, path)


def test_a_deleted_database_is_noticed_before_anything_is_acknowledged(sqlite_url: str) -> None:
    path = file_of(sqlite_url)
    with writer(sqlite_url) as log:
        log.append([draft()])
        for part in path.parent.glob("audit.db*"):
            if not part.name.endswith(".lock"):
                part.rename(part.with_name(f"gone-{part.name}"))
        assert code_of(log.append, [draft()]) == "BW500"
        assert code_of(log.append, [draft()]) == "BW500"
        assert log.size() == 1


def test_an_older_copy_put_back_is_refused_and_the_right_one_is_taken(sqlite_url: str, tmp_path: Path) -> None:
    path = file_of(sqlite_url)
    with writer(sqlite_url) as log:
        log.append([draft()])
        copy(path, tmp_path / "old.db")
        log.append([draft()])
        copy(path, tmp_path / "right.db")
        put_back(tmp_path / "old.db", path)
        with pytest.raises(LogError) as caught:
            log.append([draft()])
        assert (
            re.sub("`.*`", "`x`", caught.value.diagnostics[0].message)
            == "the audit log at `x` held 2 entries, and now 1"
        )
        assert code_of(log.append, [draft()]) == "BW515"
        put_back(tmp_path / "right.db", path)
        assert log.append([draft()])[0].seq == 2
        check_whole(log)


def test_an_older_copy_that_went_on_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    path = file_of(sqlite_url)
    (tmp_path / "other").mkdir()
    copied = tmp_path / "other" / "audit.db"
    with writer(sqlite_url) as log:
        log.append([draft()])
        copy(path, copied)
        log.append([draft()])
        with writer(f"sqlite:///{copied}") as other:
            other.append([draft(), draft(), draft()])
        put_back(copied, path)
        with pytest.raises(LogError) as caught:
            log.append([draft()])
        assert caught.value.code == "BW515"
        assert "held 2 entries, and now 4 others" in str(caught.value)


def test_another_writers_lock_file_is_respected_in_its_place(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    first, second = FileLock(database, "a.db"), FileLock(database, "a.db")
    first.take(0)
    assert code_of(second.take, 0) == "BW505"
    first.renew()
    first.release(in_order=True)
    first.release(in_order=True)
    second.take(0)
    (tmp_path / "a.db.lock").unlink()
    second.renew()
    assert (tmp_path / "a.db.lock").read_text() == f"{os.getpid()}\n"
    assert code_of(first.take, 0) == "BW505"
    second.release(in_order=True)
    assert (tmp_path / "a.db.lock").exists()


def test_waiting_for_a_lock_takes_as_long_as_was_said(tmp_path: Path) -> None:
    first, second = (FileLock(tmp_path / "a.db", "a.db") for _ in range(2))
    first.take(0)
    before = time.monotonic()
    assert code_of(second.take, 0.3) == "BW505"
    assert 0.3 <= time.monotonic() - before < 5
    first.release(in_order=True)


# --- how the databases are used


def test_sqlite_syncs_every_commit_and_keeps_to_itself(sqlite_url: str) -> None:
    store = store_at(sqlite_url)
    assert isinstance(store, SqliteStore)
    session = store.connect()
    values = {
        name: session.plain(f"PRAGMA {name}")[0][0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "cell_size_check", "mmap_size")
    }
    session.close()
    assert values == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "mmap_size": 0,
    }
    assert file_of(sqlite_url).stat().st_mode & 0o777 == 0o600


def test_readers_of_both_databases_cannot_write(url: str) -> None:
    engine = store_at(url).reading()
    with engine.connect() as connection, pytest.raises(Exception, match=r"read.?only"):
        connection.exec_driver_sql("DELETE FROM head")
    engine.dispose()


def test_a_log_in_a_read_only_folder_can_be_read(sqlite_url: str) -> None:
    with writer(sqlite_url) as log:
        [receipt] = log.append([draft()])
    folder = file_of(sqlite_url).parent
    code = f"""
import os
from boosterwatch.engine.audit.log.reader import open_reader
os.seteuid(65534)
reader = open_reader({sqlite_url!r})
print(next(reader.entries()).id)
"""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become a user who may not write")
    open_to_others = [folder, *folder.parents[:-2]]
    modes = {one: one.stat().st_mode for one in open_to_others}
    try:
        for one in open_to_others:
            one.chmod(0o755)
        file_of(sqlite_url).chmod(0o644)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    finally:
        for one, mode in modes.items():
            one.chmod(mode)
    assert done.stdout.strip() == receipt.id, done.stderr


def test_postgres_confirms_only_what_is_on_disk(postgres_url: str) -> None:
    store = store_at(f"{postgres_url}%20-csynchronous_commit%3Doff")
    assert isinstance(store, PostgresStore)
    session = store.connect()
    assert session.plain("SHOW synchronous_commit") == [("on",)]
    assert session.plain("SHOW lock_timeout") == [("10s",)]
    session.close()


def test_copies_do_not_go_on_unnoticed(sqlite_url: str, tmp_path: Path) -> None:
    with writer(sqlite_url) as log:
        log.append([draft()])
    shutil.copy(file_of(sqlite_url), tmp_path / "copy.db")
    with writer(sqlite_url) as log, writer(f"sqlite:///{tmp_path / 'copy.db'}") as copied:
        assert log.append([draft()])[0].head.root != copied.append([draft()])[0].head.root

"""What hardly ever happens: each of it once, on purpose."""

import errno
import fcntl
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select

from boosterwatch.engine.audit.log import ledger as ledger_module
from boosterwatch.engine.audit.log.grow import Tail
from boosterwatch.engine.audit.log.line import Limits
from boosterwatch.engine.audit.log.locks import FileLock
from boosterwatch.engine.audit.log.merkle import Peaks
from boosterwatch.engine.audit.log.migrate import make_tables
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.engine.audit.log.session import CommitLost, Session
from boosterwatch.engine.audit.log.stores import SqliteStore, store_at
from boosterwatch.engine.audit.log.tables import entry, metadata
from boosterwatch.engine.audit.log.tail import continues
from boosterwatch.engine.audit.log.writer import Writer, open_writer
from boosterwatch.engine.diagnostics import InternalError
from boosterwatch.tests.audit.log.drafts import SIGNER, Clock, check_whole, draft, writer
from boosterwatch.tests.audit.log.faults import Faults, faulty


def open_faulty(url: str, faults: Faults) -> Writer:
    return Writer(faulty(url, faults), SIGNER, Clock(), os.urandom, limits=Limits(), wait=0)


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(LogError) as caught:
        call()
    return caught.value.code


# --- commits


def test_a_commit_that_may_not_be_on_disk_is_not_built_upon(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faults()
    log = open_faulty(url, faults)
    log.append([draft()])
    one = draft()
    monkeypatch.setattr(log._ledger._store, "firm_up", lambda: 1 / 0)
    faults.arm(commit_of(log, faults), late=True)
    assert code_of(lambda: log.append([one])) == "BW506"
    assert faults.hit == ["COMMIT"]
    assert code_of(lambda: log.append([draft()])) == "BW507"
    monkeypatch.undo()
    log.append([draft()])
    assert one.id in [entry["id"] for entry in check_whole(log)]
    log.close()


def commit_of(log: Writer, faults: Faults) -> int:
    """Return the number of the call that commits one draft, when a head has to go."""
    log.append([draft()])
    faults.arm(1000)
    log.append([draft()])
    return faults.count - 1


def test_a_repeated_request_is_answered_though_its_transaction_does_not_end_well(url: str) -> None:
    faults = Faults()
    log = open_faulty(url, faults)
    [first] = log.append([draft(request="key-1")])
    number, answered = 0, 0
    while True:
        faults.arm(number)
        try:
            answered += log.append([draft(request="key-1")])[0].id == first.id
        except LogError as error:
            assert error.code == "BW507"
        faults.disarm()
        if not faults.hit:
            break
        number += 1
    assert answered > 1, "the last call only ends the transaction"
    assert len(check_whole(log)) == 1
    log.close()


def test_entries_of_the_same_ids_that_say_something_else_are_not_ours(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults()
    log = open_faulty(url, faults)
    faults.arm(commit_of(log, faults), late=True)
    monkeypatch.setattr(ledger_module, "_stored", lambda session, batch: [(batch.entries[0].place.id, 9, bytes(32))])
    assert code_of(lambda: log.append([draft()])) == "BW506"
    log.close()


def test_a_commit_that_postgres_turned_into_a_rollback_is_noticed(postgres_url: str) -> None:
    session = store_at(postgres_url).connect()
    session.begin()
    with pytest.raises(Exception, match="division by zero"):
        session.plain("SELECT 1 / 0")
    with pytest.raises(CommitLost, match="the database answered ROLLBACK to a commit"):
        session.commit()
    session.close()


# --- the writer


@pytest.mark.parametrize("wrong", [lambda: datetime(2026, 11, 24), lambda: 1 / 0], ids=["no zone", "broken"])
def test_a_fault_of_our_own_reaches_the_caller_and_the_log_goes_on(url: str, wrong: Callable[[], Any]) -> None:
    clock: list[Callable[[], Any]] = [wrong]
    with open_writer(url, SIGNER, lambda: clock[0]()) as log:
        for _ in range(2):
            with pytest.raises(InternalError, match="the audit log failed"):
                log.append([draft()])
        clock[0] = lambda: datetime(2026, 11, 24, tzinfo=UTC)
        assert log.append([draft()])[0].seq == 0
        check_whole(log)


def test_a_lone_caller_without_room_in_line_waits_like_the_others(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with writer(url) as log:
        sequencer = log._sequencer  # type: ignore[attr-defined]
        monkeypatch.setattr(sequencer, "_interruptible", None)
        monkeypatch.setattr(sequencer._line, "put_at_once", lambda job: False)
        assert log.append([draft()])[0].seq == 0


def test_the_idempotency_key_of_a_draft_is_in_its_body() -> None:
    assert draft(request="key-1").request == "key-1"
    assert draft().request is None


def test_readers_run_any_statement_over_the_tables(url: str) -> None:
    with writer(url) as log:
        log.append([draft(patient="p-1"), draft(patient="p-2"), draft(patient="p-1")])
    reader = open_reader(url)
    found = reader.select(select(entry.c.patient, func.count()).group_by(entry.c.patient).order_by(entry.c.patient))
    assert found == [("p-1", 2), ("p-2", 1)]
    reader.close()


# --- locks and settings


def test_a_lock_that_the_system_refuses_is_no_lock(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(LogError, match=r"BW507 .* cannot be written: .*No locks available") as caught:
        writer(sqlite_url)
    assert caught.value.code == "BW507"


def test_a_lock_file_replaced_at_the_last_moment_is_locked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = FileLock(tmp_path / "a.db", "a.db")
    flock, calls = fcntl.flock, []

    def replaced(file: int, how: int) -> None:
        flock(file, how)
        calls.append(file)
        if len(calls) == 1:
            (tmp_path / "a.db.lock").unlink()

    monkeypatch.setattr(fcntl, "flock", replaced)
    lock.take(0.1)
    assert len(calls) == 2
    lock.renew()
    assert len(calls) == 2
    lock.release(in_order=True)


def test_a_log_that_was_not_left_in_order_is_looked_after_when_it_is_opened(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    firm_up = SqliteStore.firm_up

    def watched(store: SqliteStore) -> None:
        looked.append("now")
        firm_up(store)

    monkeypatch.setattr(SqliteStore, "firm_up", watched)
    with writer(sqlite_url) as log:
        log.append([draft()])
    assert file_of(sqlite_url, ".lock").read_text() == ""
    assert not looked
    file_of(sqlite_url, ".lock").write_text("7\n")  # as a process leaves it that was killed
    with writer(sqlite_url) as log:
        assert looked == ["now"]
        log.append([draft()])
        check_whole(log)
    writer(sqlite_url).close()
    assert looked == ["now"]


def test_a_write_ahead_log_is_written_over_itself_as_it_is(sqlite_url: str) -> None:
    store = store_at(sqlite_url)
    with writer(sqlite_url) as log:
        log.append([draft(bytes(5_000)) for _ in range(300)])
        before = file_of(sqlite_url, "-wal").read_bytes()
        assert len(before) > 1 << 20, "more than is read at once"
        store.firm_up()
        assert file_of(sqlite_url, "-wal").read_bytes() == before
        log.append([draft()])
        check_whole(log)
    store.firm_up()
    assert not file_of(sqlite_url, "-wal").exists()


def file_of(url: str, more: str) -> Path:
    """Return a file beside a database."""
    return Path(url.removeprefix("sqlite:///") + more)


def test_a_lock_held_by_nobody_knows_whom_is_still_held(tmp_path: Path) -> None:
    first, second = (FileLock(tmp_path / "a.db", "a.db") for _ in range(2))
    first.take(0)
    (tmp_path / "a.db.lock").write_text("")
    with pytest.raises(LogError) as caught:
        second.take(0)
    hint = caught.value.diagnostics[0].hint
    assert hint is not None
    assert hint.endswith("a.db.lock`")
    first.release(in_order=True)


def answering(monkeypatch: pytest.MonkeyPatch, sql: str, answer: str) -> None:
    """Let the database say something else to one statement."""
    plain = Session.plain
    monkeypatch.setattr(Session, "plain", lambda self, said: [(answer,)] if said == sql else plain(self, said))


def test_sqlite_without_a_write_ahead_log_is_refused(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "PRAGMA journal_mode=WAL", "delete")
    with pytest.raises(LogError, match=r"BW519 .* SQLite cannot use a write-ahead log there"):
        writer(sqlite_url)


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_postgres_that_does_not_sync_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    answering(monkeypatch, f"SHOW {setting}", "off")
    with pytest.raises(LogError, match=rf"BW519 .* may lose what it has confirmed: `{setting}` is off"):
        writer(postgres_url)


def test_postgres_without_its_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(LogError, match=r"BW518 .* psycopg is not installed"):
        store_at("postgresql://host/database")


# --- pieces


class Rows:
    """Reads the same row whatever is asked."""

    def __init__(self, *rows: tuple[object, ...]) -> None:
        self._rows = list(rows)

    def rows(self, statement: object, values: object = ()) -> list[tuple[object, ...]]:
        return self._rows


def tail(size: int, chain: bytes) -> Tail:
    return Tail("log", size, chain, Peaks(), (), SIGNER.sign(size, bytes(32), chain))


@pytest.mark.parametrize(
    ("rows", "before", "now", "goes_on"),
    [
        ([], tail(3, b"a"), tail(3, b"a"), True),
        ([], tail(3, b"a"), tail(3, b"b"), False),
        ([], tail(3, b"a"), tail(2, b"a"), False),
        ([], tail(3, b"a"), tail(4, b"b"), False),
        ([(3, "id", b'{"previous":"61"}', b"")], tail(3, b"a"), tail(4, b"b"), True),
        ([(3, "id", b'{"previous":"62"}', b"")], tail(3, b"a"), tail(4, b"b"), False),
        ([(3, "id", b"{}", b"")], tail(3, b"a"), tail(4, b"b"), False),
        ([(3, "id", b"[]", b"")], tail(3, b"a"), tail(4, b"b"), False),
        ([(3, "id", b"no json", b"")], tail(3, b"a"), tail(4, b"b"), False),
        ([(3, "id", b'{"previous":"xy"}', b"")], tail(3, b"a"), tail(4, b"b"), False),
    ],
)
def test_a_log_goes_on_from_its_own_past_only(
    rows: list[tuple[object, ...]], before: Tail, now: Tail, goes_on: bool
) -> None:
    assert continues(Rows(*rows), before, now) is goes_on


def test_the_tables_alone_can_be_made_anywhere() -> None:
    session = Session(create_engine("sqlite://"), "BEGIN")
    make_tables(session)
    found = {name for (name,) in session.plain("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert found == {*metadata.tables, "log_version"}
    session.close()

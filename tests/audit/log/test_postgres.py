"""PostgreSQL goes away: sessions are ended, commits are cut off, the server is down for a while."""

import secrets
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from boosterwatch.engine.audit.log.api import Log
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.tests.audit.log import databases
from boosterwatch.tests.audit.log.drafts import check_whole, draft, writer
from boosterwatch.tests.audit.log.proxy import Cut, Proxy


@pytest.fixture
def named(postgres_url: str) -> str:
    """Give the address of a log whose sessions can be told from all others."""
    return f"{postgres_url}&application_name=log_{secrets.token_hex(8)}"


def end_sessions(url: str) -> int:
    """End the sessions of a writer as an administrator does; returns how many there were."""
    name = make_url(url).query["application_name"]
    with databases.connect() as server:
        found = server.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", (name,)).fetchall()
        for pid in found:
            server.execute("SELECT pg_terminate_backend(%s, 5000)", pid)
    return len(found)


def test_sessions_that_were_ended_cost_nobody_an_entry(named: str) -> None:
    with writer(named) as log:
        log.append([draft()])
        assert end_sessions(named) >= 2
        assert log.append([draft()])[0].seq == 1
        assert [one.seq for one in log.entries()] == [0, 1]
        check_whole(log)


def test_sessions_that_are_ended_all_the_time_lose_and_double_nothing(named: str) -> None:
    recorded: set[str] = set()
    refused: set[str] = set()
    unsure: set[str] = set()
    over = threading.Event()

    def work(log: Log) -> None:
        while not over.is_set():
            one = draft()
            try:
                recorded.update(receipt.id for receipt in log.append([one]))
            except LogError as error:
                {"BW507": refused, "BW506": unsure}[error.code].add(one.id)

    with writer(named) as log:
        threads = [threading.Thread(target=work, args=(log,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(12):
            end_sessions(named)
            over.wait(0.05)
        over.set()
        for thread in threads:
            thread.join()
        log.append([draft()])
        held = {str(entry["id"]) for entry in check_whole(log)}
    assert recorded
    assert recorded <= held
    assert not refused & held


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    address = make_url(databases.SERVER)
    with Proxy(address.host or "127.0.0.1", address.port or 5432) as made:
        yield made


def through(proxy: Proxy, url: str) -> str:
    """Return the address of a log, by way of the proxy."""
    return make_url(url).set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)


@pytest.mark.parametrize("cut", ["before", "at once", "after"])
def test_a_commit_that_is_cut_off_is_looked_up(postgres_url: str, proxy: Proxy, cut: Cut) -> None:
    with writer(through(proxy, postgres_url)) as log:
        log.append([draft()])
        proxy.cut = cut
        one, two = draft(request="key-1"), draft()
        try:
            seqs = [receipt.seq for receipt in log.append([one, two])]
        except LogError as error:
            seqs = []
            assert error.code == "BW507"
        assert proxy.cuts == 1
        assert cut == "at once" or bool(seqs) == (cut == "after")
        held = [entry["id"] for entry in check_whole(log)]
        assert held[1:] == ([one.id, two.id] if seqs else [])
        again = log.append([draft(request="key-1")])
        assert again[0].id == one.id or not seqs
        log.append([draft()])
        check_whole(log)


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_commit_cut_off_by_a_server_that_is_down_stays_unknown_until_it_is_back(
    postgres_url: str, proxy: Proxy, cut: Cut
) -> None:
    with writer(through(proxy, postgres_url)) as log:
        log.append([draft()])
        proxy.cut, proxy.down = cut, True
        lost = draft(request="key-1")
        assert code_of(log, lost) == "BW506"
        proxy.fail()
        assert code_of(log, draft()) == "BW507"
        with pytest.raises(LogError, match=r"BW510"):
            log.entry(lost.id)
        proxy.down = False
        held = log.entry(lost.id)
        assert (held is not None) == (cut == "after")
        [again] = log.append([draft(request="key-1")])
        assert (again.id == lost.id) == (cut == "after")
        assert len(check_whole(log)) == 2


def code_of(log: Log, one: object) -> str:
    with pytest.raises(LogError) as caught:
        log.append([one])  # type: ignore[list-item]
    return caught.value.code


def test_a_server_that_is_down_at_the_start_is_named(postgres_url: str, proxy: Proxy) -> None:
    proxy.down = True
    with pytest.raises(LogError) as caught:
        writer(through(proxy, postgres_url))
    assert caught.value.code == "BW507"
    proxy.down = False
    with writer(through(proxy, postgres_url)) as log:
        log.append([draft()])


def test_a_transaction_of_a_lost_connection_cannot_commit_later(postgres_url: str) -> None:
    with writer(postgres_url) as log:
        log.append([draft()])
        ledger = log._ledger  # type: ignore[attr-defined]
        ledger.begin()
        lost = ledger._session
        ledger._session = None  # the writer has lost it; the server has not, and it holds the fence

        def later() -> None:
            lost.rollback()
            lost.close()

        threading.Timer(0.3, later).start()
        assert log.append([draft()])[0].seq == 1, "the new transaction waits for the end of the lost one"
        check_whole(log)


def test_a_transaction_that_begins_too_late_is_fenced_off(postgres_url: str) -> None:
    with writer(postgres_url) as log:
        log.append([draft()])
        ledger = log._ledger  # type: ignore[attr-defined]
        lost, ledger._session = ledger._session, None
        log.append([draft()])
        ledger._fence -= 1
        assert not ledger._begins(lost)
        ledger._fence += 1
        lost.close()

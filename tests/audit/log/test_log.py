"""Appending and reading, the same on both databases."""

import json
import threading
from hashlib import sha256

import orjson
import pytest

from boosterwatch.engine.audit.log.api import Draft, Place, Receipt
from boosterwatch.engine.audit.log.line import Limits
from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.tests.audit.log.drafts import SIGNER, body, check_whole, draft, new_id, root_of, writer


def test_a_new_log_has_a_signed_head_of_no_entries(url: str) -> None:
    with writer(url) as log:
        assert (log.log, log.size(), log.head().size, log.head().root) == ("made-up-log", 0, 0, root_of([]))
        assert list(log.entries()) == []
        assert check_whole(log) == []


def test_an_entry_is_what_was_drafted_with_its_place(url: str) -> None:
    one = draft(b"sealed bytes", request="key-1", about=None)
    with writer(url) as log:
        [receipt] = log.append([one])
        stored = log.entry(one.id)
        assert stored is not None
        assert stored == log.entry_at(0)
        entry = stored.entry()
        assert stored.body == orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
        salt, previous = entry.pop("salt"), entry.pop("previous")
        assert (len(str(salt)), len(str(previous))) == (24, 64)
        assert entry == dict(one.body) | {
            "format": 1,
            "log": "made-up-log",
            "seq": 0,
            "id": one.id,
            "recorded": "2026-11-24T01:02:03.001000Z",
            "kind": "decision",
            "sealed": {"sha256": sha256(b"sealed bytes").hexdigest(), "bytes": 12},
        }
        assert receipt == Receipt(one.id, 0, str(entry["recorded"]), sha256(stored.body).hexdigest(), log.head())
        assert log.sealed(0) == b"sealed bytes"
        check_whole(log)


def test_what_is_not_there_is_none(url: str) -> None:
    with writer(url) as log:
        log.append([draft()])
        assert log.entry(new_id()) is None
        assert log.entry_at(1) is None
        assert log.sealed(0) is None
        assert log.by_request("key") is None
        assert "sealed" not in json.loads(next(log.entries()).body)


def test_sealing_is_told_the_place(url: str) -> None:
    places: list[Place] = []

    def seal(place: Place) -> bytes:
        places.append(place)
        return b"%d" % place.seq

    drafts = [draft(seal), draft(seal)]
    with writer(url) as log:
        log.append(drafts)
        assert places == [Place("made-up-log", seq, one.id) for seq, one in enumerate(drafts)]
        assert [log.sealed(seq) for seq in range(2)] == [b"0", b"1"]


def test_several_drafts_are_recorded_next_to_each_other_under_one_head(url: str) -> None:
    with writer(url) as log:
        receipts = log.append([draft() for _ in range(5)])
        assert [one.seq for one in receipts] == list(range(5))
        assert {one.head for one in receipts} == {log.head()}
        assert log.append([]) == []
        check_whole(log)


def test_a_log_goes_on_after_it_was_closed(url: str) -> None:
    ids = []
    for _ in range(4):
        with writer(url) as log:
            ids += [one.id for one in log.append([draft() for _ in range(3)])]
    with writer(url) as log:
        assert [entry["id"] for entry in check_whole(log)] == ids


def test_readers_see_what_is_recorded_and_are_not_in_the_way(url: str) -> None:
    reader = open_reader(url)
    with writer(url) as log:
        [receipt] = log.append([draft(request="key-1")])
        assert (reader.log, reader.size(), reader.head()) == ("made-up-log", 1, log.head())
        assert reader.by_request("key-1") == receipt
        pages = reader.entries()
        assert next(pages).id == receipt.id
        log.append([draft() for _ in range(3)])
        assert list(pages) == []
        assert [one.seq for one in reader.entries(1, 3)] == [1, 2]
    assert [one.seq for one in reader.entries()] == [0, 1, 2, 3]
    reader.close()


def test_many_callers_at_once_lose_and_double_nothing(url: str) -> None:
    receipts: list[Receipt] = []

    def work() -> None:
        for _ in range(20):
            receipts.extend(log.append([draft(b"x" * 100)]))

    with writer(url) as log:
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        entries = check_whole(log)
    assert sorted(one.seq for one in receipts) == list(range(160))
    assert {entry["id"]: entry["seq"] for entry in entries} == {one.id: one.seq for one in receipts}


def test_kept_are_the_heads_of_every_multiple_of_256_and_the_newest(url: str) -> None:
    with writer(url) as log:
        for count in (100, 100, 55, 1, 1, 254, 3, 600, 1, 5):
            log.append([draft() for _ in range(count)])
        assert [head.size for head in log.heads()] == [0, 256, 512, 768, 1024, 1120]
    with writer(url) as log:
        log.append([draft()])
        assert [head.size for head in log.heads()] == [0, 256, 512, 768, 1024, 1121]
        check_whole(log)


def test_a_lone_caller_serves_itself_but_for_the_main_thread(url: str) -> None:
    servers: list[str] = []

    def seal(_place: Place) -> bytes:
        servers.append(threading.current_thread().name)
        return b""

    def append() -> None:
        log.append([draft(seal)])

    with writer(url) as log:
        append()
        thread = threading.Thread(target=append, name="a worker")
        thread.start()
        thread.join()
        append()
        assert servers == ["audit log", "a worker", "audit log"]
        check_whole(log)


def test_few_callers_take_turns_with_the_thread_of_the_log(url: str) -> None:
    with writer(url) as log:
        for callers in (2, 3, 2, 1):
            threads = [
                threading.Thread(target=lambda: [log.append([draft()]) for _ in range(15)]) for _ in range(callers)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(check_whole(log)) == 8 * 15


# --- request keys


def test_the_same_request_is_recorded_once(url: str) -> None:
    with writer(url) as log:
        [first] = log.append([draft(request="key-1")])
        log.append([draft()])
        [again] = log.append([draft(b"sealed anew", request="key-1")])
        assert (again.id, again.seq, again.recorded, again.entry_sha256) == first_four(first)
        assert again.head == log.head()
        assert log.size() == 2
    with writer(url) as log:
        assert first_four(log.append([draft(request="key-1")])[0]) == first_four(first)


def first_four(receipt: Receipt) -> tuple[str, int, str, str]:
    return (receipt.id, receipt.seq, receipt.recorded, receipt.entry_sha256)


def test_the_same_request_twice_in_one_call_is_recorded_once(url: str) -> None:
    with writer(url) as log:
        first, other, again = log.append([draft(request="key-1"), draft(), draft(request="key-1")])
        assert first == again
        assert (first.seq, other.seq, log.size()) == (0, 1, 2)


def test_the_same_request_from_many_callers_is_recorded_once(url: str) -> None:
    receipts: list[Receipt] = []
    with writer(url, limits=Limits(gather=0.05)) as log:
        log.append([draft()])
        threads = [
            threading.Thread(target=lambda: receipts.extend(log.append([draft(request="key-1")]))) for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert log.size() == 2
    assert len({first_four(one) for one in receipts}) == 1
    assert len(receipts) == 16


@pytest.mark.parametrize("together", [True, False])
def test_a_request_key_cannot_stand_for_something_else(url: str, together: bool) -> None:
    first, second = draft(request="key-1"), draft(request="key-1", recommendation="none")
    with writer(url) as log:
        if not together:
            log.append([first])
        with pytest.raises(LogError) as caught:
            log.append([first, second] if together else [draft(), second])
        assert caught.value.code == "BW511"
        assert f"`{first.id}`" in str(caught.value)
        assert log.size() == (0 if together else 1)
        check_whole(log)


def test_many_requests_are_looked_up_in_one_go(url: str) -> None:
    with writer(url) as log:
        drafts = [draft(request=f"key-{number}") for number in range(150)]
        log.append(drafts)
        again = log.append([Draft(new_id(), one.kind, one.body) for one in drafts])
        assert [one.id for one in again] == [one.id for one in drafts]
        assert log.size() == 150


# --- what one caller does wrong does not touch the others


def test_an_id_is_used_once(url: str) -> None:
    one = draft()
    with writer(url) as log:
        log.append([one])
        for drafts in ([draft(), Draft(one.id, "note", body())], [draft(id=new_id(7)), draft(id=new_id(7))]):
            with pytest.raises(LogError) as caught:
                log.append(drafts)
            assert caught.value.code == "BW512"
        assert log.size() == 1
        log.append([draft()])
        check_whole(log)


def test_a_used_id_spoils_only_its_own_call(url: str) -> None:
    used = draft()
    outcomes: dict[int, object] = {}

    def call(number: int) -> None:
        try:
            outcomes[number] = log.append([draft(), used if number % 3 == 0 else draft()])
        except LogError as error:
            outcomes[number] = error.code

    with writer(url, limits=Limits(gather=0.05)) as log:
        log.append([used])
        threads = [threading.Thread(target=call, args=(number,)) for number in range(9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {number for number, outcome in outcomes.items() if outcome == "BW512"} == {0, 3, 6}
        assert log.size() == 13
        check_whole(log)


def test_what_sealing_raises_reaches_the_caller_and_nothing_is_recorded(url: str) -> None:
    def broken(place: Place) -> bytes:
        raise KeyError("no such patient key")

    with writer(url) as log:
        with pytest.raises(KeyError, match="no such patient key"):
            log.append([draft(), draft(broken)])
        assert log.size() == 0
        log.append([draft()])
        check_whole(log)


def test_a_log_that_is_closed_takes_no_more(url: str) -> None:
    log = writer(url)
    log.append([draft()])
    log.stop()
    with pytest.raises(LogError) as caught:
        log.append([draft()])
    assert caught.value.code == "BW504"
    assert log.size() == 1
    assert log.entry_at(0) is not None
    log.close()
    log.close()


def test_stopping_answers_everybody_who_waits(url: str) -> None:
    log = writer(url)
    receipts: list[Receipt] = []
    refused: list[str] = []

    def work() -> None:
        try:
            while True:
                receipts.extend(log.append([draft()]))
        except LogError as error:
            refused.append(error.code)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    while len(receipts) < 50:
        threads[0].join(0.001)
    log.close()
    for thread in threads:
        thread.join()
    assert refused == ["BW504"] * 8
    with writer(url) as again:
        assert {entry["id"] for entry in check_whole(again)} == {one.id for one in receipts}


def test_the_signer_shows_no_seed() -> None:
    assert SIGNER.seed.hex() not in repr(SIGNER)
    assert repr(SIGNER) == "HeadSigner(log='made-up-log')"

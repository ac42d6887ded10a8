"""From a draft to the bytes of an entry, and to what the tables repeat of it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.audit.log.api import COMPLETED, Draft, Place
from boosterwatch.engine.audit.log.complete import complete, meaning_of, prepare, recorded_text
from boosterwatch.engine.audit.log.derived import COLUMNS, columns_of, marks_of
from boosterwatch.engine.audit.log.merkle import leaf_hash
from boosterwatch.engine.audit.log.refusals import LogError
from boosterwatch.tests.audit.log.drafts import body, draft, new_id

PLACE = Place("a-log", 7, new_id(1))
SALT = bytes(range(16))


def completed(one: Draft) -> dict[str, object]:
    entry = complete(prepare(one), PLACE, "2026-11-24T00:00:00.000000Z", SALT, bytes(32))
    value: dict[str, object] = orjson.loads(entry.body)
    return value


def test_the_bytes_of_an_entry() -> None:
    entry = complete(
        prepare(Draft(PLACE.id, "note", {"z": [1, None], "a": "\u00e4"}, b"\x00")), PLACE, "2026", SALT, b"\x11" * 32
    )
    assert entry.body.decode() == (
        '{"a":"\u00e4","format":1,"id":"' + PLACE.id + '","kind":"note","log":"a-log","previous":"' + "11" * 32 + '",'
        '"recorded":"2026","salt":"AAECAwQFBgcICQoLDA0ODw==","sealed":{"bytes":1,"sha256":'
        '"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},"seq":7,"z":[1,null]}'
    )
    assert entry.leaf == leaf_hash(entry.body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.dictionaries(st.text(max_size=9).filter(lambda key: key not in COMPLETED | set(COLUMNS)), JSON, max_size=5)


@given(BODIES)
def test_the_same_body_means_the_same_before_and_after(more: dict[str, object]) -> None:
    for key in ("rules", "near", "flags", "holds"):
        more.pop(key, None)
    one = prepare(Draft(PLACE.id, "note", more))
    entry = complete(one, PLACE, "2026-11-24T00:00:00.000000Z", SALT, bytes(32))
    assert meaning_of(entry.body) == one.meaning
    again = prepare(Draft(new_id(), "note", dict(reversed(more.items())), b"sealed"))
    assert again.meaning == one.meaning
    assert prepare(Draft(new_id(), "read", more)).meaning != one.meaning


def test_columns_and_marks_are_read_from_the_entry() -> None:
    entry = completed(
        draft(request="key", about=new_id(2), rules=["b", "a", "b"], near=["a"], flags=["f"], holds=["h"])
    )
    assert dict(zip(COLUMNS, columns_of(entry), strict=True)) == {
        "id": PLACE.id,
        "recorded": "2026-11-24T00:00:00.000000Z",
        "kind": "decision",
        "tenant": "north",
        "patient": "p-1",
        "pack": "a-pack",
        "version": "1.0.0",
        "recommendation": "discuss",
        "request": "key",
        "about": new_id(2),
    }
    assert list(marks_of(entry)) == [("rule", "a"), ("rule", "b"), ("near", "a"), ("flag", "f"), ("hold", "h")]


def test_what_an_entry_does_not_say_is_nothing() -> None:
    entry = completed(Draft(PLACE.id, "note", {"pack": None}))
    assert columns_of(entry)[2:] == ("note", None, None, None, None, None, None, None)
    assert list(marks_of(entry)) == []


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (Draft("not-an-id", "note", {}), "its id is no UUIDv7 in lower case"),
        (Draft(new_id(1).upper().replace("018F", "018E"), "note", {}), "its id is no UUIDv7 in lower case"),
        (Draft("018f0000-0000-4000-8000-000000000001", "note", {}), "its id is no UUIDv7 in lower case"),
        (draft(kind="gossip"), "its kind is none of decision, erasure, note, read, response, withdrawal"),
        (draft(seq=1, salt="x"), "the log itself writes `salt`, `seq`"),
        (draft(patient=7), "`patient` is not text"),
        (draft(pack="a"), "`pack` is not a mapping"),
        (draft(pack={"id": []}), "`pack` is not text"),
        (draft(rules="first"), "`rules` is not a list of texts"),
        (draft(near=["a", None]), "`near` is not a list of texts"),
        (
            draft(request="x" * 256),
            "`request` is longer than 255 characters, or has a character that a database cannot store",
        ),
        (
            draft(flags=["a\x00b"]),
            "`flags` is longer than 255 characters, or has a character that a database cannot store",
        ),
        (draft(other=[1, {"a": 0.5}]), "it holds a number with a fraction; write it as text"),
        (draft(other=1 << 53), "Integer exceeds 53-bit range"),
        (draft(other=1j), "Type is not JSON serializable: complex"),
        (draft(other="\ud800"), "str is not valid UTF-8: surrogates not allowed"),
        (draft(other="x" * (1 << 20)), "it has more than 1048576 bytes"),
    ],
)
def test_drafts_without_a_place_in_the_log(one: Draft, words: str) -> None:
    with pytest.raises(LogError) as caught:
        prepare(one)
    assert caught.value.diagnostics[0].message == f"this entry cannot be recorded: {words}"
    assert caught.value.code == "BW513"


@pytest.mark.parametrize("sealed", [bytes((1 << 20) + 1), lambda _: bytes((1 << 20) + 1), lambda _: "text", 7])
def test_what_is_sealed_is_bytes_and_not_too_many(sealed: Any) -> None:
    with pytest.raises(LogError, match=r"BW513 .*: what is sealed with it is not at most 1048576 bytes"):
        completed(draft(sealed))


def test_drafts_up_to_the_limit_have_one() -> None:
    completed(draft(bytes(1 << 20), request="x" * 255, other="x" * ((1 << 20) - 1000)))


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC), "2026-11-24T01:02:03.000000Z"),
        (datetime(2026, 11, 24, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2))), "2026-11-23T23:02:03.000004Z"),
    ],
)
def test_times_are_utc_with_microseconds(now: datetime, words: str) -> None:
    assert recorded_text(now) == words


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="the clock of a log must know its time zone"):
        recorded_text(datetime(2026, 11, 24))


def test_the_body_is_the_callers_to_the_letter() -> None:
    given_: Mapping[str, object] = body(deep={"b": [1, True, -(2**53) + 1], "a": {}}, patient=None)
    entry = completed(Draft(PLACE.id, "decision", given_))
    assert {key: value for key, value in entry.items() if key not in COMPLETED} == dict(given_)

"""What counts as canonical: both verifiers agree on every text, and the writer's own bytes always count."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.audit.check.entries import read
from boosterwatch.tests.audit.check import independent

THEIRS = independent.module()


def ours(body: bytes) -> bool:
    """Return whether our verifier takes these bytes for an entry."""
    return not isinstance(read(body), str)


def theirs(body: bytes) -> bool:
    """Return whether the independent verifier does."""
    try:
        THEIRS.read_entry(body)
    except THEIRS.Bad:
        return False
    return True


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=4))
def test_what_the_writer_writes_is_canonical(entry: dict[str, Any]) -> None:
    body = orjson.dumps(entry, option=orjson.OPT_SORT_KEYS)
    assert (ours(body), theirs(body)) == (True, True)
    assert read(body) == THEIRS.read_entry(body) == entry


@given(st.dictionaries(st.text(max_size=5), VALUES | st.floats() | st.integers(), max_size=3), st.booleans())
def test_both_agree_on_what_others_write(entry: dict[str, Any], ascii_only: bool) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        body = json.dumps(entry, sort_keys=True, ensure_ascii=ascii_only, separators=separators).encode()
        assert ours(body) is theirs(body)


BODY = b'{"a":["x",1,null],"b":{"c":"\xc3\xa4\\u0001\\n"},"d":-12}'


@given(st.integers(0, len(BODY) - 1), st.integers(1, 255))
def test_both_agree_on_every_flipped_byte(at: int, mask: int) -> None:
    body = bytearray(BODY)
    body[at] ^= mask
    assert ours(bytes(body)) is theirs(bytes(body))


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1.5}',
        b'{"a":1.0}',
        b'{"a":[1.5]}',
        b'{"a":{"b":[{"c":0.25}]}}',
        b'{"a":[[0.25]]}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":9007199254740992}',
        b'{"a":18446744073709551616}',
        b'{"a":NaN}',
        b'{"b":1,"a":1}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'{"a":"\\u00e4"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":1}\n',
        b'\xef\xbb\xbf{"a":1}',
        b"[1]",
        b"",
        b'"a"',
    ],
)
def test_what_is_not_canonical(body: bytes) -> None:
    assert (ours(body), theirs(body)) == (False, False)

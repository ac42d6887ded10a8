"""Ids of entries: UUIDv7 as RFC 9562 has them."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boosterwatch.engine.audit.ids import is_id, new_id

TIMES = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))


@given(TIMES, st.binary(min_size=10, max_size=10))
def test_an_id_holds_its_time_version_and_variant(now: datetime, noise: bytes) -> None:
    text = new_id(now, lambda length: noise[:length])
    found = uuid.UUID(text)
    assert (str(found), found.version, found.variant) == (text, 7, uuid.RFC_4122)
    rest = now - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(milliseconds=found.int >> 80)
    assert timedelta(0) <= rest < timedelta(milliseconds=1)
    assert is_id(text)


def test_all_the_noise_counts() -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    bits = 0
    for at in range(80):
        one = new_id(now, lambda _, at=at: (1 << at).to_bytes(10, "big"))  # type: ignore[misc]
        bits += one != new_id(now, lambda _: bytes(10))
    assert bits == 74


def test_later_ids_sort_later() -> None:
    start = datetime(2026, 11, 24, tzinfo=UTC)
    noise = [bytes([255 - at] * 10) for at in range(50)]
    ids = [new_id(start + timedelta(milliseconds=at), lambda _, one=one: one) for at, one in enumerate(noise)]  # type: ignore[misc]
    assert ids == sorted(ids)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        "01932c07-9c1e-4a3b-8f00-0123456789ab",
        "01932C07-9C1E-7A3B-8F00-0123456789AB",
        "x' OR 1=1 --",
        "0" * 36,
    ],
)
def test_anything_else_is_no_id(text: str) -> None:
    assert not is_id(text)

"""Ids of entries: UUIDv7 (RFC 9562, 5.7), 48 bits of the time in milliseconds and 74 random bits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

from boosterwatch.engine.audit.keys import RandomBytes

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_VERSION, _VARIANT = 7 << 76, 2 << 62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def new_id(now: datetime, random: RandomBytes) -> str:
    """Return a new id; `now` must know its time zone, for the time in an id counts from 1970 in UTC."""
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    noise = int.from_bytes(random(10), "big")
    high, low = noise >> 68, noise & (1 << 62) - 1  # 12 and 62 bits
    return str(UUID(int=milliseconds << 80 | _VERSION | high << 64 | _VARIANT | low))


def is_id(text: str) -> bool:
    """Return whether a text is such an id.

    >>> is_id("01932c07-9c1e-7a3b-8f00-0123456789ab"), is_id("../../etc/passwd")
    (True, False)
    """
    return _UUID.fullmatch(text) is not None

"""A draft and its place -> the bytes of the entry, and back to what two requests must have in common."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import orjson

from boosterwatch.engine.audit.log import refusals
from boosterwatch.engine.audit.log.api import COMPLETED, FORMAT, Draft, Place
from boosterwatch.engine.audit.log.derived import Column, columns_of, marks_of
from boosterwatch.engine.audit.log.merkle import leaf_hash

KINDS = frozenset({"decision", "response", "read", "erasure", "withdrawal", "note"})
SALT_BYTES = 16
_CANONICAL = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER  # whole numbers that every language reads: 53 bits
MOST_BYTES = 1 << 20  # of one entry or one sealed blob; both are a few kilobytes
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft that was looked at on the caller's thread: what it repeats in columns, and what makes it the same.

    `meaning` is canonical JSON of kind and body: two drafts under one request key must not differ in it.
    """

    draft: Draft
    columns: tuple[Column, ...]
    marks: tuple[tuple[str, str], ...]
    meaning: bytes
    request: str | None
    weight: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A finished entry: its bytes, what is stored beside it."""

    place: Place
    recorded: str
    prepared: Prepared
    body: bytes
    leaf: bytes
    sealed: bytes | None


def prepare(draft: Draft) -> Prepared:
    """Return the draft ready for the sequencer; raises LogError BW513 for what could not be recorded or found again."""
    if not _UUID7.fullmatch(draft.id):
        raise refusals.bad_draft("its id is no UUIDv7 in lower case")
    if draft.kind not in KINDS:
        raise refusals.bad_draft(f"its kind is none of {', '.join(sorted(KINDS))}")
    brought = sorted(COMPLETED & draft.body.keys())
    if brought:
        raise refusals.bad_draft(f"the log itself writes {', '.join(f'`{key}`' for key in brought)}")
    try:
        columns, marks = columns_of(draft.body), tuple(marks_of(draft.body))
        refuse_fractions(draft.body)
        meaning = _meaning(draft.kind, draft.body)
    except (ValueError, TypeError) as error:  # orjson's refusals are TypeErrors
        raise refusals.bad_draft(str(error)) from error
    if len(meaning) > MOST_BYTES:
        raise refusals.bad_draft(f"it has more than {MOST_BYTES} bytes")
    sealed = len(draft.sealed) if isinstance(draft.sealed, bytes) else 0
    return Prepared(draft, columns, marks, meaning, columns[-2], len(meaning) + sealed)


def refuse_fractions(value: object) -> None:
    """Raise ValueError when there is a number with a fraction anywhere: languages do not write those the same way."""
    waiting = [(value,)]
    while waiting:
        for one in waiting.pop():
            if isinstance(one, str):  # most are
                continue
            if isinstance(one, float):
                raise ValueError("it holds a number with a fraction; write it as text")
            if isinstance(one, Mapping):
                waiting.append(tuple(one.values()))
            elif isinstance(one, list | tuple):
                waiting.append(tuple(one))


def _meaning(kind: object, body: Mapping[str, object]) -> bytes:
    return orjson.dumps([kind, body], option=_CANONICAL)


def meaning_of(stored: bytes) -> bytes:
    """Return what an entry and a repeated request must have in common, from the bytes of the entry."""
    entry = orjson.loads(stored)
    return _meaning(entry.get("kind"), {key: value for key, value in entry.items() if key not in COMPLETED})


def recorded_text(now: datetime) -> str:
    """Return the time as entries write it, in UTC with microseconds; raises ValueError for a time without a zone."""
    if now.tzinfo is None:
        raise ValueError("the clock of a log must know its time zone")
    return f"{now.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def complete(prepared: Prepared, place: Place, recorded: str, salt: bytes, previous: bytes) -> Entry:
    """Return the finished entry; raises LogError BW513, and whatever the draft's own function for sealing raises."""
    draft = prepared.draft
    sealed = draft.sealed(place) if callable(draft.sealed) else draft.sealed
    if sealed is not None and (not isinstance(sealed, bytes) or len(sealed) > MOST_BYTES):
        raise refusals.bad_draft(f"what is sealed with it is not at most {MOST_BYTES} bytes")
    about = {} if sealed is None else {"sealed": {"sha256": sha256(sealed).hexdigest(), "bytes": len(sealed)}}
    entry = {
        **draft.body,
        **about,
        "format": FORMAT,
        "log": place.log,
        "seq": place.seq,
        "id": place.id,
        "recorded": recorded,
        "kind": draft.kind,
        "salt": b64encode(salt).decode(),
        "previous": previous.hex(),
    }
    body = orjson.dumps(entry, option=_CANONICAL)
    return Entry(place, recorded, prepared, body, leaf_hash(body), sealed)

"""Statements as canonical JSON: one statement has one text, so that no byte of it can change unnoticed.

The shape is `schemas/statement.schema.json`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import orjson

from boosterwatch.engine.pack.schema_store import validator
from boosterwatch.engine.trust.model import Statement

VERSION = 1
_TIME = "%Y-%m-%dT%H:%M:%SZ"


def canonical(data: object) -> bytes:
    """Return plain data as canonical JSON: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def read_canonical(text: bytes, schema: str) -> dict[str, Any] | str:
    """Return the data in a canonical JSON text of a schema's shape, or in a few words why it is none."""
    try:
        data = orjson.loads(text)
        again = canonical(data)
    except (ValueError, TypeError):  # orjson reads deeper nesting than it writes
        return "it is not JSON"
    if again != text:
        return "its bytes are not in canonical form"
    if not validator(schema).is_valid(data):
        return f"it has not the shape of {schema}.schema.json"
    checked: dict[str, Any] = data
    return checked


def time_text(time: datetime) -> str:
    """Return a time in UTC, to the second, as statements write it.

    >>> time_text(datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC))
    '2026-11-24T01:02:03Z'
    """
    return time.astimezone(UTC).strftime(_TIME)


def encode(statement: Statement) -> bytes:
    """Return the text of a statement that is signed."""
    return canonical(statement_data(statement))


def statement_data(statement: Statement) -> dict[str, object]:
    """Return a statement as plain data, of the shape of statement.schema.json."""
    data: dict[str, object] = {
        "statement": VERSION,
        "act": statement.act,
        "pack": {"id": statement.pack, "version": statement.version},
        "manifest": statement.manifest,
        "prose": statement.prose,
        "person": statement.person,
        "role": statement.role,
        "key": statement.key,
        "time": time_text(statement.time),
        "meaning": statement.meaning,
    }
    if statement.until is not None:
        data["until"] = statement.until.isoformat()
    return data


def decode(text: bytes) -> Statement | str:
    """Return the statement of a text, or in a few words why it is none."""
    data = read_canonical(text, "statement")
    if isinstance(data, str):
        return data
    return Statement(
        act=data["act"],
        pack=data["pack"]["id"],
        version=data["pack"]["version"],
        manifest=data["manifest"],
        prose=data["prose"],
        person=data["person"],
        role=data["role"],
        key=data["key"],
        time=datetime.strptime(data["time"], _TIME).replace(tzinfo=UTC),
        meaning=data["meaning"],
        until=date.fromisoformat(data["until"]) if "until" in data else None,
    )

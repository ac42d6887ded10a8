"""A keyring: whose signatures count, as what, on which days, and how many are asked for.

The keyring is what a host trusts, so it is kept apart from the packs and reaches the host on its own way. Its shape is
`schemas/keyring.schema.json`; here its text becomes types, and what contradicts itself is refused at its line.
"""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.schema_messages import explain_faults
from boosterwatch.engine.pack.schema_store import validator
from boosterwatch.engine.trust.keyring_faults import keyring_faults
from boosterwatch.engine.trust.model import Key, Keyring, Policy, Revoked

SCHEMA = "keyring"


def read_keyring(data: bytes, file: str) -> Keyring:
    """Return the keyring in a YAML text; `file` is its name in messages.

    Raises PackError with every problem of the text, its shape, and what it says (BW243 to BW246).
    """
    document = load_document(data, file)
    if not validator(SCHEMA).is_valid(document.data):
        raise PackError(explain_faults(document, SCHEMA))
    keyring = _keyring(document)
    problems = tuple(keyring_faults(keyring, document))
    if problems:
        raise PackError(problems)
    return keyring


def _keyring(document: Document) -> Keyring:
    data = document.data
    policy = Policy(data["policy"]["approvers"], data["policy"]["valid_days"])
    return Keyring(data["keyring"], data["title"], policy, tuple(map(_key, data["keys"])), document.digest)


def _key(entry: dict[str, Any]) -> Key:
    revoked = entry.get("revoked")
    return Key(
        id=entry["id"],
        person=entry["person"],
        name=entry["name"],
        roles=tuple(entry["roles"]),
        public=base64.b64decode(entry["public"], validate=True),
        start=date.fromisoformat(entry["from"]),
        until=date.fromisoformat(entry["until"]),
        revoked=None if revoked is None else Revoked(date.fromisoformat(revoked["date"]), revoked["reason"]),
    )

"""The secrets of one log: a file for its owner alone. It signs heads, wraps patients' keys, and names without naming.

Losing the file loses every sealed record for ever; whoever holds it can sign heads, so it does not belong beside the
database. `schemas/audit-keys.schema.json` states its shape. Nothing here ever prints a key.
"""

from __future__ import annotations

import base64
import hmac
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from boosterwatch.engine.audit import errors
from boosterwatch.engine.durable_files import create_durably, write_durably
from boosterwatch.engine.pack.schema_store import validator

RandomBytes = Callable[[int], bytes]

SCHEMA = "boosterwatch/audit-keys/1"
KEY_BYTES = 32
KEY_MODE = 0o600
LONGEST_NAME = 200
_SCHEMA_FILE = "audit-keys"
_MOST_BYTES = 64 * 1024
_LOG_BYTES = 15  # 24 characters of base32
_NAME_BYTES = 20  # 32 characters of base32: 160 bits, so that no two patients share one


@dataclass(frozen=True, slots=True)
class Master:
    """A key that wraps patients' keys, and what the vault calls it."""

    id: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of one log; its text shows none of them. The last of `masters` wraps, all of them unwrap."""

    log: str
    tenant: str
    signing: bytes = field(repr=False)
    masters: tuple[Master, ...] = field(repr=False)
    pseudonym_key: bytes = field(repr=False)
    record_key: bytes = field(repr=False)

    @property
    def master(self) -> Master:
        """The key that wraps."""
        return self.masters[-1]

    def pseudonym(self, patient: str) -> str:
        """Return what the log calls a patient: 32 lower-case letters and digits that only these keys can give."""
        return _named(self.pseudonym_key, b"patient", self.tenant, patient)

    def request(self, key: str) -> str:
        """Return what the log calls a client's idempotency key, which might hold anything."""
        return _named(self.pseudonym_key, b"request", self.tenant, key)

    def record_digest(self, record: bytes) -> str:
        """Return the keyed digest of a canonical record in hex: few facts could be guessed from a bare one."""
        return hmac.digest(self.record_key, record, "sha256").hex()


def _named(key: bytes, what: bytes, tenant: str, name: str) -> str:
    parts = (what, tenant.encode(), name.encode())
    text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)  # no two lists of parts give one text
    return _base32(hmac.digest(key, text, "sha256")[:_NAME_BYTES])


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode("ascii").rstrip("=").lower()


# ---------------------------------------------------------------- made


def new_keys(tenant: str, random: RandomBytes) -> Keys:
    """Return the keys of a new log. Raises AuditError BW557 for a tenant that is no short line of text."""
    return Keys(
        log=_base32(random(_LOG_BYTES)),
        tenant=checked_name("the tenant", tenant),
        signing=random(KEY_BYTES),
        masters=(_new_master(random),),
        pseudonym_key=random(KEY_BYTES),
        record_key=random(KEY_BYTES),
    )


def with_new_master(keys: Keys, random: RandomBytes) -> Keys:
    """Return the keys with one more master key, which wraps from now on."""
    return replace(keys, masters=(*keys.masters, _new_master(random)))


def with_last_master(keys: Keys) -> Keys:
    """Return the keys without the masters that wrap nothing any more."""
    return replace(keys, masters=keys.masters[-1:])


def _new_master(random: RandomBytes) -> Master:
    return Master(random(8).hex(), random(KEY_BYTES))


def checked_name(what: str, name: str) -> str:
    """Return a name that can be recorded. Raises AuditError BW557."""
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise errors.bad_name(what)
    return name


# ---------------------------------------------------------------- written and read


def create_keys(path: Path, keys: Keys) -> None:
    """Write new keys durably, for the owner alone. Raises AuditError: BW542 where there is a file, BW540 otherwise."""
    try:
        create_durably(path, _to_json(keys), mode=KEY_MODE)
    except FileExistsError:
        raise errors.keys_exist(str(path)) from None
    except OSError as error:
        raise errors.bad_keys(str(path), reason(error)) from None


def replace_keys(path: Path, keys: Keys) -> None:
    """Write changed keys in place of the old ones, wholly or not at all. Raises AuditError BW540."""
    try:
        write_durably(path, _to_json(keys), mode=KEY_MODE)
    except OSError as error:
        raise errors.bad_keys(str(path), reason(error)) from None


def read_keys(path: Path) -> Keys:
    """Return the keys in a file. Raises AuditError: BW541 when others can read it, BW540 when it holds no keys."""
    try:
        data = _read_private(path)
    except OSError as error:
        raise errors.bad_keys(str(path), reason(error)) from None
    try:
        plain = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise errors.bad_keys(str(path), "it is not JSON") from None
    if not validator(_SCHEMA_FILE).is_valid(plain):  # which part is wrong is not told: it could quote a key
        raise errors.bad_keys(str(path), f"it has not the form `{SCHEMA}`")
    return _from_json(plain)


def reason(error: OSError) -> str:
    """Return what the system says of an error, without the path that it happened to."""
    return os.strerror(error.errno).lower() if error.errno else "the system refused"


def _read_private(path: Path) -> bytes:
    """Return the bytes of a file, looked at through one descriptor so that nobody can swap it in between."""
    with open(path, "rb") as file:
        if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
            raise errors.open_keys(str(path))
        return file.read(_MOST_BYTES)


def _to_json(keys: Keys) -> bytes:
    plain = {
        "schema": SCHEMA,
        "log": keys.log,
        "tenant": keys.tenant,
        "signing": _text(keys.signing),
        "masters": [{"id": one.id, "key": _text(one.key)} for one in keys.masters],
        "pseudonym": _text(keys.pseudonym_key),
        "record": _text(keys.record_key),
    }
    return orjson.dumps(plain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _from_json(plain: dict[str, Any]) -> Keys:
    return Keys(
        log=plain["log"],
        tenant=plain["tenant"],
        signing=_bytes(plain["signing"]),
        masters=tuple(Master(one["id"], _bytes(one["key"])) for one in plain["masters"]),
        pseudonym_key=_bytes(plain["pseudonym"]),
        record_key=_bytes(plain["record"]),
    )


def _text(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)

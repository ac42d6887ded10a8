"""A patient's data key, and how the master key wraps it: AES-256-GCM, bound to its log, its holder and its own id."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.keys import Keys, RandomBytes

ID_BYTES, NONCE_BYTES = 16, 12
_DOMAIN = b"boosterwatch/vault/1"


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one patient; its id stands before everything that it seals."""

    id: bytes
    holder: str
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is stored: whose it is, which master wrapped it, nonce and ciphertext."""

    id: bytes
    holder: str
    master: str
    wrapped: bytes = field(repr=False)


def wrap(key: DataKey, keys: Keys, random: RandomBytes) -> Wrapped:
    """Return the key wrapped by the newest master."""
    nonce = random(NONCE_BYTES)
    text = AESGCM(keys.master.key).encrypt(nonce, key.key, _bound(keys, key.holder, key.id))
    return Wrapped(key.id, key.holder, keys.master.id, nonce + text)


def unwrap(row: Wrapped, keys: Keys, shown: str) -> DataKey:
    """Return the key that was wrapped; `shown` is what messages call the vault.

    Raises AuditError BW543 when the keys lack the master, or when anything of the row was changed.
    """
    master = next((one for one in keys.masters if one.id == row.master), None)
    if master is None:
        raise errors.no_vault(shown, f"needs the master key `{row.master}`, which the keys file lacks")
    nonce, text = row.wrapped[:NONCE_BYTES], row.wrapped[NONCE_BYTES:]
    try:
        key = AESGCM(master.key).decrypt(nonce, text, _bound(keys, row.holder, row.id))
    except (InvalidTag, ValueError):
        raise errors.no_vault(shown, f"holds a changed key for `{row.holder}`") from None
    return DataKey(row.id, row.holder, key)


def _bound(keys: Keys, holder: str, id: bytes) -> bytes:
    """Return what a wrapped key is bound to: moved to another log, holder or id it does not open."""
    return b"\0".join((_DOMAIN, keys.log.encode(), holder.encode(), id))

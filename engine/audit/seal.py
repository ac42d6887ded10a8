"""What only the holder of the keys can read of an entry: the record as given, the whole decision, the site's changes.

    content = zlib( line of JSON {"<part>": <bytes>, ...}, line feed, the parts one after the other in that order )
    sealed  = 0x01 || key id (16) || nonce (12) || AES-256-GCM(data key, nonce, content, bound)
    bound   = "boosterwatch/sealed/1" 0x00 log id 0x00 entry id 0x00 seq in decimals

The parts are kept as the bytes that they were, so that a replay compares bytes. Bound to its place, a sealed part
moved to another entry does not open.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from boosterwatch.engine.audit import errors
from boosterwatch.engine.audit.keys import RandomBytes
from boosterwatch.engine.audit.log.api import Place, Sealer
from boosterwatch.engine.audit.wrapping import ID_BYTES, NONCE_BYTES, DataKey

FORM = b"\x01"
MOST_CONTENT = 64 * 1024 * 1024  # bytes; more would be a bomb, not a decision
_DOMAIN = b"boosterwatch/sealed/1"
_LEVEL = 3  # a third of the time of the usual 6, for a seventh more bytes
_NONCE_AT, _TEXT_AT = len(FORM) + ID_BYTES, len(FORM) + ID_BYTES + NONCE_BYTES


def pack_parts(parts: Mapping[str, bytes]) -> bytes:
    """Return the parts as one compressed content."""
    lengths = orjson.dumps({name: len(part) for name, part in parts.items()})
    return zlib.compress(b"\n".join((lengths, b"".join(parts.values()))), _LEVEL)


def unpack_parts(content: bytes) -> dict[str, bytes]:
    """Return the parts of a content. Raises ValueError when it is none."""
    inflating = zlib.decompressobj()
    try:
        text = inflating.decompress(content, MOST_CONTENT)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    line, _, rest = text.partition(b"\n")
    parts: dict[str, bytes] = {}
    at = 0
    for name, length in orjson.loads(line).items():
        parts[name] = rest[at : at + length]
        at += length
    if at != len(rest) or not inflating.eof:
        raise ValueError("the parts have other lengths than the first line says")
    return parts


def sealer(key: DataKey, content: bytes, random: RandomBytes) -> Sealer:
    """Return the function that encrypts a content once its place in the log is known."""
    nonce = random(NONCE_BYTES)

    def seal(place: Place) -> bytes:
        return FORM + key.id + nonce + AESGCM(key.key).encrypt(nonce, content, _bound(place))

    return seal


def key_id_of(sealed: bytes) -> bytes:
    """Return the id of the key that sealed this."""
    return sealed[len(FORM) : _NONCE_AT]


def open_sealed(key: DataKey, sealed: bytes, place: Place) -> dict[str, bytes]:
    """Return the parts that are sealed with an entry. Raises AuditError BW545 when anything of it was changed."""
    try:
        if not sealed.startswith(FORM):
            raise ValueError("another form")
        content = AESGCM(key.key).decrypt(sealed[_NONCE_AT:_TEXT_AT], sealed[_TEXT_AT:], _bound(place))
        return unpack_parts(content)
    except (InvalidTag, ValueError):
        raise errors.does_not_open(place.id) from None


def _bound(place: Place) -> bytes:
    return b"\0".join((_DOMAIN, place.log.encode(), place.id.encode(), str(place.seq).encode()))

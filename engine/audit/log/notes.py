"""Signed heads: a C2SP checkpoint (origin, size, root, one extension line) in a C2SP signed note, Ed25519.

boosterwatch/audit/<log id>
<size>
<root, base64>
chain <chain hash of the last entry, hex>
<empty line>
— boosterwatch/audit/<log id> <base64 of the key id, 4 bytes, and the signature, 64 bytes>
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from boosterwatch.engine.audit.log.api import SignedHead

ORIGIN = "boosterwatch/audit/"
_ED25519 = b"\x01"
_LOG_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOTE = re.compile(
    r"(?P<text>(?P<origin>boosterwatch/audit/[A-Za-z0-9._-]+)\n(?P<size>0|[1-9][0-9]{0,17})\n"
    r"(?P<root>[A-Za-z0-9+/]{43}=)\nchain (?P<chain>[0-9a-f]{64})\n)"
    r"\n\u2014 (?P=origin) (?P<signature>[A-Za-z0-9+/]{91}=)\n"
)


class NoteError(ValueError):
    """The text is no signed head, or not of this log."""


def key_id(name: str, public: bytes) -> bytes:
    """Return the 4 bytes by which C2SP signed notes announce an Ed25519 key."""
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


@dataclass(frozen=True)
class HeadVerifier:
    """Who a head must be signed by: the id of the log and its public key of 32 bytes."""

    log: str
    public: bytes

    def __post_init__(self) -> None:
        """Raise ValueError for an id that no head can carry, or a key of another length."""
        if not _LOG_ID.fullmatch(self.log):
            raise ValueError(
                "the id of a log has 1 to 64 letters, digits, `.`, `_` or `-`, and begins with a letter or digit"
            )
        if len(self.public) != 32:
            raise ValueError("a public key has 32 bytes")

    @property
    def origin(self) -> str:
        """Return the first line of every head, which is the name of the key too."""
        return ORIGIN + self.log

    @cached_property
    def key_id(self) -> bytes:
        """Return the 4 bytes that announce the key in a signature."""
        return key_id(self.origin, self.public)

    @property
    def line(self) -> str:
        """Return the verifier key as C2SP writes it: name, key id, key."""
        return f"{self.origin}+{self.key_id.hex()}+{b64encode(_ED25519 + self.public).decode()}"

    @cached_property
    def _key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)

    def verify(self, note: str) -> SignedHead:
        """Return the head that the note signs; raises NoteError when it is another's, changed, or no head at all."""
        head = parse_note(note)
        if head.origin != self.origin:
            raise NoteError(f"the head is of `{head.origin}`, not of `{self.origin}`")
        text, _, last = note.rpartition("\n\u2014 ")
        signature = b64decode(last.rpartition(" ")[2])
        if signature[:4] != self.key_id:
            raise NoteError("the head is signed with another key")
        try:
            self._key.verify(signature[4:], text.encode())
        except InvalidSignature:
            raise NoteError("the signature of the head does not fit its text") from None
        return head


@dataclass(frozen=True)
class HeadSigner:
    """Who signs the heads: the id of the log and the Ed25519 seed of 32 bytes."""

    log: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raise ValueError as HeadVerifier does, and for a seed of another length."""
        if len(self.seed) != 32:
            raise ValueError("a signing seed has 32 bytes")
        _ = self.verifier

    @cached_property
    def verifier(self) -> HeadVerifier:
        """Return the public half."""
        return HeadVerifier(self.log, self._key.public_key().public_bytes_raw())

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def sign(self, size: int, root: bytes, chain: bytes) -> SignedHead:
        """Return the signed head of a log of this size."""
        origin = self.verifier.origin
        text = f"{origin}\n{size}\n{b64encode(root).decode()}\nchain {chain.hex()}\n"
        signature = b64encode(self.verifier.key_id + self._key.sign(text.encode())).decode()
        return SignedHead(origin, size, root, chain, f"{text}\n\u2014 {origin} {signature}\n")


def parse_note(note: str) -> SignedHead:
    """Return the head that a note states, its signature unchecked; raises NoteError when it is no head.

    There is one way to write each head: what base64 would let pass as the same bytes is refused.
    """
    found = _NOTE.fullmatch(note)
    if found is None:
        raise NoteError("the text is no signed head of an audit log")
    root = b64decode(found["root"])
    if (
        b64encode(root).decode() != found["root"]
        or b64encode(b64decode(found["signature"])).decode() != found["signature"]
    ):
        raise NoteError("the text is no signed head of an audit log")
    return SignedHead(found["origin"], int(found["size"]), root, bytes.fromhex(found["chain"]), note)


def verify_note(note: str, log: str, public: bytes) -> SignedHead:
    """Return the head that a note signs for this log; raises NoteError as HeadVerifier.verify does."""
    return HeadVerifier(log, public).verify(note)

"""Ed25519 keys: the private ones in encrypted files, what is told of the public ones, signing and checking.

A private key is never printed, and never leaves this module in the clear: `PrivateKey` signs and says who it is.
Randomness comes in as a seed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from boosterwatch.engine.diagnostics import Diagnostic, PackError

SEED_BYTES = 32
KEY_MODE = 0o600
_MOST_BYTES = 64 * 1024
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_PRIME = 2**255 - 19


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A key that signs; `public` is the raw public key, and its text never shows the private one."""

    public: bytes
    _key: Ed25519PrivateKey = field(repr=False)

    @property
    def id(self) -> str:
        """What keyrings and envelopes call the key."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over a message."""
        return self._key.sign(message)


def key_id(public: bytes) -> str:
    """Return the id of a raw public key: the first 16 digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_text(public: bytes) -> str:
    """Return a raw public key as a keyring writes it."""
    return base64.b64encode(public).decode("ascii")


def key_from_seed(seed: bytes) -> PrivateKey:
    """Return the key of 32 random bytes."""
    return _private(Ed25519PrivateKey.from_private_bytes(seed))


def _private(key: Ed25519PrivateKey) -> PrivateKey:
    return PrivateKey(key.public_key().public_bytes_raw(), key)


def to_pem(key: PrivateKey, passphrase: bytes) -> bytes:
    """Return the content of a private key file: PKCS#8 as PEM, encrypted under the passphrase."""
    encryption = serialization.BestAvailableEncryption(passphrase)
    return key._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def read_private_key(path: Path, passphrase: Callable[[], bytes]) -> PrivateKey:
    """Return the key in a file; the passphrase is only asked for when the file can hold one.

    Raises PackError: BW240 (no such key), BW241 (others may use it, or it is not encrypted), BW242 (wrong passphrase).
    """
    data = read_secret(path, "BW240")
    if not data.lstrip().startswith(_ENCRYPTED):
        raise _problem(*_not_encrypted(path, data))
    return _opened(path, data, passphrase())


def read_secret(path: Path, code: str) -> bytes:
    """Return the bytes of a file that only its owner may read. Raises PackError with `code`, or BW241."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a file name").lower()
        raise _problem(code, f"`{path}` cannot be read: {reason}", "give the path of the file") from None
    if stat.S_IMODE(mode) & 0o077:
        raise _problem("BW241", f"others than its owner can use `{path}`", f"run `chmod 600 {path}`") from None
    return data


def _not_encrypted(path: Path, data: bytes) -> tuple[str, str, str]:
    if b"PRIVATE KEY-----" in data:
        hint = "take it out of use, and make a new one with `boosterwatch keys new`"
        return "BW241", f"`{path}` holds a private key that no passphrase protects", hint
    return "BW240", f"`{path}` is not a private key file", "make one with `boosterwatch keys new`"


def _opened(path: Path, data: bytes, passphrase: bytes) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(data, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # a wrong passphrase and damage look alike
        hint = "type it again; if it is right, the file is damaged"
        raise _problem("BW242", f"the passphrase does not open `{path}`", hint) from None
    if not isinstance(key, Ed25519PrivateKey):
        hint = "make one with `boosterwatch keys new`"
        raise _problem("BW240", f"`{path}` holds a private key of another kind than Ed25519", hint)
    return _private(key)


def fits(public: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the holder of a raw public key signed a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_weak(public: bytes) -> bool:
    """Return whether a raw public key is a point of small order, under which anybody can sign.

    The point is taken to its twin on curve25519, where a key exchange refuses such points.
    """
    y = (int.from_bytes(public, "little") & ((1 << 255) - 1)) % _PRIME
    if y == 1:
        return True
    twin = (1 + y) * pow(1 - y, -1, _PRIME) % _PRIME
    try:
        X25519PrivateKey.from_private_bytes(bytes(32)).exchange(
            X25519PublicKey.from_public_bytes(twin.to_bytes(32, "little"))
        )
    except ValueError:
        return True
    return False


def _problem(code: str, message: str, hint: str) -> PackError:
    return PackError((Diagnostic(code, message, None, hint),))

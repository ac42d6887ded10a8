"""DSSE v1 envelopes: a statement, and one signature over its pre-authentication encoding.

See https://github.com/secure-systems-lab/dsse. Any DSSE tool can check them; ours reads canonical bytes only, so that
no byte of an envelope can change unnoticed: not a blank, not a padding bit. Whether a signature counts is decided
elsewhere (`judge.py`).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from boosterwatch.engine.diagnostics import Diagnostic, PackError, Span
from boosterwatch.engine.durable_files import is_leftover
from boosterwatch.engine.pack.manifest import SIGNATURES
from boosterwatch.engine.trust.keys import PrivateKey
from boosterwatch.engine.trust.model import Statement
from boosterwatch.engine.trust.statement import canonical, decode, encode, read_canonical

PAYLOAD_TYPE = "application/vnd.boosterwatch.statement+json"
_MOST_BYTES = 16 * 1024
_MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope that was read: its file, its bytes, and what they hold; the signature is not checked yet."""

    file: str
    data: bytes
    payload: bytes
    signature: bytes
    statement: Statement

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over."""
        return pae(PAYLOAD_TYPE, self.payload)

    @property
    def span(self) -> Span:
        """The place of the envelope in messages."""
        return Span(self.file, 1, 1)


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding of DSSE v1: what is signed in place of a payload.

    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(statement: Statement, key: PrivateKey) -> bytes:
    """Return the envelope in which the holder of a key signs a statement."""
    payload = encode(statement)
    signature = key.sign(pae(PAYLOAD_TYPE, payload))
    return canonical(
        {
            "payload": _base64(payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": key.id, "sig": _base64(signature)}],
        }
    )


def envelope_name(statement: Statement) -> str:
    """Return the name of the file that holds the envelope of a statement."""
    return f"{statement.act}-{statement.key}.json"


def read_envelope(data: bytes, file: str) -> Envelope:
    """Return the envelope in a file's bytes. Raises PackError BW247 unless each byte is as we would write it."""
    if len(data) > _MOST_BYTES:
        raise PackError((_refused(file, f"it has more than {_MOST_BYTES} bytes"),))
    outer = read_canonical(data, "envelope")
    if isinstance(outer, str):
        raise PackError((_refused(file, outer),))
    signed = outer["signatures"][0]
    payload, signature = _bytes(outer["payload"]), _bytes(signed["sig"])
    if payload is None or signature is None:
        raise PackError((_refused(file, "its base64 is not in canonical form"),))
    statement = decode(payload)
    if isinstance(statement, str):
        raise PackError((_refused(file, f"of its statement, {statement}"),))
    if statement.key != signed["keyid"]:
        raise PackError((_refused(file, "its statement names another key"),))
    return Envelope(file, data, payload, signature, statement)


def read_envelopes(folder: Traversable, shown: str) -> tuple[Envelope, ...]:
    """Return the envelopes under `signatures/` of a pack's folder, by name; `shown` is what messages call the folder.

    A pack without that folder has none. Raises PackError BW247 for every file there that is not an envelope, or has
    not the name of its envelope.
    """
    return envelopes_in(folder.joinpath(SIGNATURES), f"{shown}/{SIGNATURES}")


def envelopes_in(folder: Traversable, shown: str) -> tuple[Envelope, ...]:
    """Return the envelopes of a folder, by name. Raises PackError as `read_envelopes`."""
    if not folder.is_dir():
        return ()
    entries = sorted((one for one in folder.iterdir() if not is_leftover(one.name)), key=lambda one: one.name)
    if len(entries) > _MOST_FILES:
        raise PackError((_refused(shown, f"it has more than {_MOST_FILES} files"),))
    found: list[Envelope] = []
    problems: list[Diagnostic] = []
    for entry in entries:
        try:
            found.append(_named(entry, f"{shown}/{entry.name}"))
        except PackError as error:
            problems.extend(error.diagnostics)
    if problems:
        raise PackError(problems)
    return tuple(found)


def _named(entry: Traversable, file: str) -> Envelope:
    """Return the envelope in a file that must be called after what it holds: a list of names must not mislead."""
    if not entry.is_file():
        raise PackError((_refused(file, "it is not a file"),))
    try:
        with entry.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise PackError((_refused(file, f"it cannot be read ({(error.strerror or 'unknown').lower()})"),)) from None
    envelope = read_envelope(data, file)
    name = envelope_name(envelope.statement)
    if entry.name != name:
        raise PackError((_refused(file, f"what it holds is called `{name}`"),))
    return envelope


def _refused(file: str, why: str) -> Diagnostic:
    hint = "remove it, or get the file as its signer wrote it"
    return Diagnostic("BW247", f"this is not a signature of a release: {why}", Span(file, 1, 1), hint)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes | None:
    """Return what a base64 text holds, or None when we would write that in another way."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return data if _base64(data) == text else None

"""Who must have signed: the public key of a log, from the line in which C2SP signed notes write it."""

from __future__ import annotations

from base64 import b64decode, b64encode

from boosterwatch.engine.audit.log.notes import ORIGIN, HeadVerifier
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError

_ED25519 = 1


class PublicKeyError(DiagnosticError):
    """The text is no public key of an audit log (BW537)."""


def read_public_key(text: str, shown: str) -> HeadVerifier:
    """Return the key in a line `name+id+key`; raises PublicKeyError, naming `shown`."""
    line = text.strip()
    name, _, rest = line.partition("+")
    _, _, key = rest.partition("+")
    try:
        data = b64decode(key, validate=True)
        if not name.startswith(ORIGIN) or not data or data[0] != _ED25519 or b64encode(data).decode() != key:
            raise ValueError("not of the form")
        found = HeadVerifier(name.removeprefix(ORIGIN), data[1:])
    except ValueError:
        raise no_public_key(shown, "it is no line of the form `name+id+key`") from None
    if found.line != line:
        raise no_public_key(shown, "its id does not fit the key: a character was changed")
    return found


def no_public_key(shown: str, reason: str) -> PublicKeyError:
    """Return the error for what is no public key."""
    hint = "`boosterwatch audit public-key` prints the line; get it from whoever keeps the keys"
    return PublicKeyError([Diagnostic("BW537", f"`{shown}` is no public key of an audit log: {reason}", hint=hint)])

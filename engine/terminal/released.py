"""What the commands about signatures are given: a released pack, its envelopes, a keyring."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from boosterwatch.engine.author.prose import prose_digest
from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, PackError
from boosterwatch.engine.pack.drift import drift
from boosterwatch.engine.pack.find import Found, find_pack
from boosterwatch.engine.pack.manifest import FILE, SIGNATURES, Manifest, read_manifest
from boosterwatch.engine.pack.open import compile_found
from boosterwatch.engine.terminal.guard import RunError, SourcedError
from boosterwatch.engine.trust.envelope import Envelope, envelopes_in
from boosterwatch.engine.trust.keyring import read_keyring
from boosterwatch.engine.trust.model import Keyring

_MOST_BYTES = 2 << 20


@dataclass(frozen=True, slots=True)
class Released:
    """A released pack, and the folder of its signatures, which may lie elsewhere."""

    found: Found
    manifest: Manifest
    signatures: Traversable
    shown_signatures: str

    @property
    def name(self) -> str:
        """What people call the release."""
        return f"{self.manifest.id}@{self.manifest.version}"

    def envelopes(self) -> tuple[Envelope, ...]:
        """Return the signatures that are there. Raises PackError BW247 for a file that is none."""
        return envelopes_in(self.signatures, self.shown_signatures)

    def differences(self) -> tuple[Diagnostic, ...]:
        """Return everything in which the folder is not what was released. Raises RunError BW110."""
        try:
            return drift(self.found.folder, self.manifest, self.found.shown)
        except OSError as error:
            raise _cannot_read(self.found.shown, error) from None

    def require_unchanged(self) -> None:
        """Raise PackError with every difference between the folder and what was released."""
        problems = self.differences()
        if problems:
            raise PackError(problems)

    def require_prose(self) -> None:
        """Raise RunError BW471 unless the pack reads today as it read when it was released.

        Whoever signs that they read the prose must have read that one, and the program words it.
        """
        if prose_digest(compile_found(self.found)) != self.manifest.prose:
            message = f"`boosterwatch prose` words {self.name} otherwise than when it was released"
            raise RunError("BW471", message, f"sign with boosterwatch {self.manifest.tool}, which released it")


def released_pack(reference: str, signatures: str | None) -> Released:
    """Return the released pack that a reference names; `signatures` is a folder that takes the place of its own.

    Raises PackError BW140 when there is no such pack, and RunError BW470 when it is not released.
    """
    if Path(reference).is_file():
        message = f"`{reference}` is a file; only the folder of a released pack is signed"
        raise RunError("BW470", message, "sign the folder, and make the bundle again")
    found = find_pack(reference)
    try:
        manifest = read_manifest(found.folder, found.shown)
    except OSError as error:
        raise _cannot_read(f"{found.shown}/{FILE}", error) from None
    if manifest is None:
        hint = "release it first: `boosterwatch release PACK VERSION`"
        raise RunError("BW470", f"`{found.shown}` is not released, so there is nothing to sign or verify", hint)
    if signatures is None:
        return Released(found, manifest, found.folder.joinpath(SIGNATURES), f"{found.shown}/{SIGNATURES}")
    return Released(found, manifest, Path(signatures), signatures.rstrip("/"))


def keyring_of(name: str) -> Keyring:
    """Return the keyring in a file; its problems come with their lines."""
    data = read_bytes(name, "give the path of a keyring")
    try:
        return read_keyring(data, name)
    except DiagnosticError as error:
        raise SourcedError(error, {name: data.decode("utf-8", "replace")}) from None


def read_bytes(name: str, hint: str, most: int = _MOST_BYTES) -> bytes:
    """Return the bytes of a file, never more than one over `most`. Raises RunError BW110 when it cannot be read."""
    try:
        with open(name, "rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        raise _cannot_read(name, error, hint) from None


def _cannot_read(name: str, error: OSError | ValueError, hint: str | None = None) -> RunError:
    reason = (getattr(error, "strerror", None) or "not a file name").lower()
    return RunError("BW110", f"`{name}` cannot be read: {reason}", hint)

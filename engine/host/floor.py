"""What a host has seen and must not forget: the highest version of each pack, and what was withdrawn.

An old release has good signatures, so only memory keeps it out. A floor is a small file, written whole or not at all,
canonical and with a checksum: one that is damaged is an error, never an empty memory. It guards against an old bundle
put back by mistake or by somebody who can change bundles; who can also delete the floor is not stopped by it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.durable_files import is_leftover, write_durably
from boosterwatch.engine.pack.find import version_key
from boosterwatch.engine.pack.manifest import Manifest
from boosterwatch.engine.pack.schema_store import validator

FORMAT = 1
_MOST_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Seen:
    """A release that was accepted: its version, and the SHA-256 of its release.json."""

    version: str
    manifest: str


@dataclass(frozen=True, slots=True)
class Floor:
    """The highest release by pack id, and why a release was withdrawn by the SHA-256 of its release.json."""

    highest: Mapping[str, Seen] = field(default_factory=dict)
    withdrawn: Mapping[str, str] = field(default_factory=dict)

    def problems(self, manifest: Manifest) -> Iterator[Diagnostic]:
        """Yield why a release is not used any more: older, another under the same version, withdrawn."""
        name = f"{manifest.id}@{manifest.version}"
        seen = self.highest.get(manifest.id)
        if seen is not None and version_key(manifest.version) < version_key(seen.version):
            message = f"`{name}` is older than {seen.version}, which was already used here"
            hint = "to go back, release the old rules under a new version"
            yield Diagnostic("BW269", message, None, hint)
        elif seen is not None and manifest.version == seen.version and manifest.sha256 != seen.manifest:
            message = f"`{name}` is another release than the one that was used here under this version"
            hint = f"it has the manifest {manifest.sha256[:12]}, not {seen.manifest[:12]}; a change needs a new version"
            yield Diagnostic("BW270", message, None, hint)
        if manifest.sha256 in self.withdrawn:
            message = f"`{name}` was withdrawn: {self.withdrawn[manifest.sha256]}"
            yield Diagnostic("BW271", message, None, "a withdrawal is for ever; release a new version")

    def raised(self, manifest: Manifest) -> Floor:
        """Return the floor after a release was accepted; never a lower one."""
        seen = self.highest.get(manifest.id)
        if seen is not None and version_key(seen.version) >= version_key(manifest.version):
            return self
        return replace(self, highest={**self.highest, manifest.id: Seen(manifest.version, manifest.sha256)})

    def without(self, manifest: str, reason: str) -> Floor:
        """Return the floor after the release with this manifest was withdrawn; the first reason stays."""
        if manifest in self.withdrawn:
            return self
        return replace(self, withdrawn={**self.withdrawn, manifest: reason})


def floor_bytes(floor: Floor) -> bytes:
    """Return what the file of a floor holds."""
    plain: dict[str, Any] = {
        "floor": FORMAT,
        "highest": {id: {"version": one.version, "manifest": one.manifest} for id, one in floor.highest.items()},
        "withdrawn": dict(floor.withdrawn),
    }
    return _canonical(plain | {"sha256": _checksum(plain)})


def floor_from_bytes(data: bytes, shown: str) -> Floor:
    """Return the floor in a file's bytes. Raises PackError BW272 unless each byte is as `floor_bytes` writes it."""
    plain = _whole(data)
    if plain is None:
        message = f"`{shown}` is damaged or was changed: which versions were used here is not known"
        hint = "put it back from a copy; deleting it lets an older version in, so first look which one may run"
        raise PackError((Diagnostic("BW272", message, None, hint),))
    highest = {id: Seen(one["version"], one["manifest"]) for id, one in plain["highest"].items()}
    return Floor(highest, plain["withdrawn"])


def _whole(data: bytes) -> dict[str, Any] | None:
    try:
        plain: dict[str, Any] = orjson.loads(data)
    except ValueError:
        return None
    if not validator("floor").is_valid(plain) or _canonical(plain) != data:
        return None
    given = plain.pop("sha256")
    return plain if _checksum(plain) == given else None


def _canonical(plain: Mapping[str, Any]) -> bytes:
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)


def _checksum(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(plain)).hexdigest()


def read_floor(path: Path) -> Floor:
    """Return the floor in a file; one that was never written is empty.

    Raises PackError BW272 when the file is there and cannot be read, or is not whole.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return Floor()
    except OSError as error:
        message = f"`{path}` cannot be read: {_reason(error)}"
        raise PackError((Diagnostic("BW272", message, None, "let the host's account read it"),)) from None
    return floor_from_bytes(data, str(path))


def update_floor(path: Path, change: Callable[[Floor], Floor]) -> Floor:
    """Return the floor after a change, kept durably; of hosts that share the file, one changes it at a time.

    Raises PackError: BW272 when the file is not whole, BW273 when it cannot be written. The old floor then stays.
    """
    try:
        with _alone(path):
            _sweep(path.parent)
            before = read_floor(path)
            after = change(before)
            if after != before:
                write_durably(path, floor_bytes(after), mode=0o600)
            return after
    except OSError as error:
        message = f"`{path}` cannot be written: {_reason(error)}"
        hint = (
            "no version is taken into use before the floor is kept; free space, or let the host's account write there"
        )
        raise PackError((Diagnostic("BW273", message, None, hint),)) from None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other hosts from changing the floor; the lock goes when this process does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Remove what killed writes left; all hosts of the folder write under its one lock, so nobody needs it."""
    for entry in folder.iterdir():
        if is_leftover(entry.name):
            entry.unlink(missing_ok=True)


def _reason(error: OSError) -> str:
    return (error.strerror or "it is no file name").lower()

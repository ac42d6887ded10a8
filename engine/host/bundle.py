"""A released pack as one file, and back: every file of the release, its release.json, its signatures, nothing else.

Flow: release -> sign, approve -> **bundle** -> host. The compiled form beside a pack is left out: nobody signed it, it
can be made again, and it would make the bytes depend on the engine that wrote it.

Opening proves that nothing was changed, not that anybody approved it: `load.py` asks for that.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.host.archive import ArchiveError, Reason, pack, unpack
from boosterwatch.engine.pack.drift import drift
from boosterwatch.engine.pack.manifest import (
    FILE,
    SIGNATURES,
    Manifest,
    differences,
    manifest_from_bytes,
    read_manifest,
    said,
)
from boosterwatch.engine.trust.envelope import Envelope, envelope_name, read_envelopes

_CODE_OF: dict[Reason, str] = {
    "size": "BW261",
    "unreadable": "BW262",
    "name": "BW263",
    "entry": "BW264",
    "changed": "BW265",
}
_AGAIN = "get the file again from where it was made, or make it with `boosterwatch bundle PACK -o FILE`"
_RENAME = "call files by letters, digits, `_`, `-` and `.`; capitals do not make another name"
_HINTS: dict[Reason, str] = {"size": "leave out of the pack what no rule needs", "name": _RENAME}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was opened: its bytes and their SHA-256; `folder` is the pack as any code reads one."""

    shown: str
    data: bytes = field(repr=False)
    sha256: str
    folder: Traversable
    manifest: Manifest
    envelopes: tuple[Envelope, ...]


def build_bundle(folder: Traversable, shown: str, envelopes: Sequence[Envelope] | None = None) -> bytes:
    """Return the bundle of a released pack; the same folder gives the same bytes, on every Python.

    `shown` is what messages call the folder; `envelopes` take the place of those in it. Raises PackError: BW260 when it
    is not released, what `drift` finds when it is not as it was released, BW247 for a signature that is none, BW261 and
    BW263 when it does not fit into a bundle, and whatever `open_bundle` would say of the result. Raises OSError.
    """
    manifest = read_manifest(folder, shown)
    if manifest is None:
        hint = "release it first: `boosterwatch release PACK VERSION`"
        raise PackError((Diagnostic("BW260", f"`{shown}` is not released, so it cannot be bundled", None, hint),))
    changed = drift(folder, manifest, shown)
    if changed:
        raise PackError(changed)
    try:
        signed = read_envelopes(folder, shown) if envelopes is None else envelopes
        data = pack(dict(_members(folder, manifest, signed)))
    except ArchiveError as error:
        message = f"`{shown}` cannot be bundled: {error}"
        raise PackError((Diagnostic(_CODE_OF[error.reason], message, None, _HINTS.get(error.reason)),)) from None
    open_bundle(data, shown)  # a file that changed while it was read, for one, is noticed here
    return data


def _members(folder: Traversable, manifest: Manifest, envelopes: Sequence[Envelope]) -> Iterator[tuple[str, bytes]]:
    for name in (FILE, *(entry.name for entry in manifest.files)):
        yield name, folder.joinpath(*name.split("/")).read_bytes()
    for envelope in envelopes:
        yield f"{SIGNATURES}/{envelope_name(envelope.statement)}", envelope.data


def open_bundle(data: bytes, shown: str) -> Bundle:
    """Return the bundle in these bytes; `shown` is what messages call the file.

    Raises PackError unless the bytes are exactly those that `build_bundle` makes of their content: BW261 to BW267, and
    what `manifest_from_bytes` and `read_envelopes` refuse. Nothing else is raised, whatever the bytes are.
    """
    try:
        files = unpack(data)
    except ArchiveError as error:
        message = f"`{shown}` is not a bundle of ours: {error}"
        raise PackError((Diagnostic(_CODE_OF[error.reason], message, None, _AGAIN),)) from None
    if FILE not in files:
        raise PackError((Diagnostic("BW266", f"`{shown}` holds no `{FILE}`, so it is no release", None, _AGAIN),))
    manifest = manifest_from_bytes(files[FILE], f"{shown}/{FILE}")
    problems = tuple(_differences(files, manifest, shown))
    if problems:
        raise PackError(problems)
    folder = zipfile.Path(zipfile.ZipFile(io.BytesIO(data)))
    return Bundle(shown, data, hashlib.sha256(data).hexdigest(), folder, manifest, read_envelopes(folder, shown))


def _differences(files: Mapping[str, bytes], manifest: Manifest, shown: str) -> Iterator[Diagnostic]:
    """Yield each file that is not as the release says, is missing, or is not of the release."""
    own = {name: data for name, data in files.items() if name != FILE and not name.startswith(f"{SIGNATURES}/")}
    found = {name: hashlib.sha256(data).hexdigest() for name, data in own.items()}
    for name, how in differences(manifest.digests, found):
        yield Diagnostic("BW267", f"in `{shown}`, `{name}` {said(how)}", None, _AGAIN)

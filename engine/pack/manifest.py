"""The manifest of a released pack: `release.json`, which says byte for byte what was released, and on what grounds.

A version folder that has one is frozen. Its text is canonical and carries a seal over itself, so that no byte of it can
change by accident; that nobody changed it on purpose is for the signatures beside it. What is signed is `sha256`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Literal

import orjson

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack.find import Source, is_policy

FILE = "release.json"
SIGNATURES = "signatures"
FORMAT = 1

MANIFEST_CODES: dict[str, str] = {
    "BW230": "manifest that is not canonical",
    "BW231": "manifest that cannot be read",
    "BW232": "file that changed after the release",
    "BW233": "file that is missing from a release",
    "BW234": "file that was added after the release",
    "BW235": "kept compiled form that is not of its sources",
    "BW236": "sources that compile to another pack than was released",
    "BW237": "released pack that was changed and does not run",
    "BW238": "manifest whose seal does not fit",
    "BW239": "manifest that says other than its pack",
}

Bump = Literal["first", "patch", "minor", "major"]
How = Literal["changed", "missing", "added"]
RESTORE = "restore the folder as it was released, or copy it with `boosterwatch new version` and edit the copy"


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a release: its name inside the pack, with `/`, the SHA-256 of its bytes, and how many they are."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Previous:
    """The version that a release was compared with; `manifest` is the SHA-256 of its release.json, if it has one."""

    version: str
    digest: str
    manifest: str | None


@dataclass(frozen=True, slots=True)
class ReleasedChange:
    """How a release differs from the version before: the kind, what that rests on, and every change, a line each."""

    bump: Bump
    reasons: tuple[str, ...]
    summary: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """What one gate found when the pack was released, as figures by their names; sorted."""

    name: str
    figures: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was released. `digest` is that of the compiled pack, `prose` the SHA-256 of the policy in plain English.

    `files` are all files of the folder but release.json itself, the kept compiled form and the signatures. Days are
    ISO texts, as on the face of the pack.
    """

    id: str
    version: str
    status: str
    effective: str
    review_by: str
    digest: str
    prose: str
    files: tuple[FileEntry, ...]
    tool: str
    compiler: str
    previous: Previous | None
    change: ReleasedChange
    checks: tuple[Gate, ...]
    changelog: str
    released: str

    @property
    def digests(self) -> Mapping[str, str]:
        """The SHA-256 of each file by its name."""
        return {one.name: one.sha256 for one in self.files}

    @property
    def data(self) -> bytes:
        """The one text of release.json for this manifest."""
        return _canonical(_sealed(_plain(self)))

    @property
    def sha256(self) -> str:
        """The SHA-256 of release.json in hexadecimal: what people sign."""
        return hashlib.sha256(self.data).hexdigest()


def is_released(folder: Traversable) -> bool:
    """Return whether a pack's folder is frozen: it has a manifest, be that one readable or not."""
    return folder.joinpath(FILE).is_file()


def read_manifest(folder: Traversable, shown: str) -> Manifest | None:
    """Return the manifest of a pack's folder; None when the pack is not released.

    `shown` is what messages call the folder. Raises PackError as `manifest_from_bytes`, and OSError.
    """
    try:
        data = folder.joinpath(FILE).read_bytes()
    except FileNotFoundError:
        return None
    return manifest_from_bytes(data, f"{shown}/{FILE}")


def manifest_from_bytes(data: bytes, shown: str) -> Manifest:
    """Return the manifest in these bytes; `shown` is what messages call the file.

    Raises PackError: BW231 when they are no manifest, BW230 when they are not its canonical text, BW238 when the seal
    in them does not fit. Nothing else is raised, whatever the bytes are.
    """
    from boosterwatch.engine.pack.schema_store import validator  # late: most folders have no manifest

    try:
        plain = orjson.loads(data)
        again = _canonical(plain)
    except (ValueError, TypeError):  # orjson reads deeper nesting than it writes
        raise _refused("BW231", f"`{shown}` cannot be read: it is not JSON") from None
    if not validator("release").is_valid(plain):
        raise _refused("BW231", f"`{shown}` cannot be read: {_first_fault(plain)}")
    if again != data:
        raise _refused("BW230", f"`{shown}` is not written as a release writes it")
    if _sealed(plain) != plain:
        raise _refused("BW238", f"`{shown}` was changed: its seal does not fit")
    return _manifest(plain)


def differences(listed: Mapping[str, str], found: Mapping[str, str]) -> Iterator[tuple[str, How]]:
    """Yield each file whose digest differs from the listed one, is missing, or is not listed; by name."""
    for name in sorted(listed.keys() | found.keys()):
        if name not in found:
            yield name, "missing"
        elif name not in listed:
            yield name, "added"
        elif listed[name] != found[name]:
            yield name, "changed"


def refuse_changed(folder: Traversable, sources: Sequence[Source], shown: str) -> None:
    """Raise PackError (BW237) for each policy file of a released folder that is not as it was released.

    `sources` are the policy files that were read. A folder without a manifest may be edited and passes; one whose
    manifest cannot be read is refused as by `manifest_from_bytes`.
    """
    manifest = read_manifest(folder, shown)
    if manifest is None:
        return
    listed = {name: sha for name, sha in manifest.digests.items() if name.endswith(".yaml") and is_policy(name)}
    found = {source.name: hashlib.sha256(source.data).hexdigest() for source in sources}
    problems = [_does_not_run(shown, name, how) for name, how in differences(listed, found)]
    if problems:
        raise PackError(problems)


def _does_not_run(shown: str, name: str, how: How) -> Diagnostic:
    return Diagnostic("BW237", f"`{shown}` is released and does not run: `{name}` {said(how)}", None, RESTORE)


def said(how: How) -> str:
    """Return in words what became of a file after its release.

    >>> said("added")
    'was added after the release'
    """
    return "is missing" if how == "missing" else f"was {how} after the release"


# ---------------------------------------------------------------- text


def _canonical(plain: object) -> bytes:
    """Return plain data as it is written: for people to read in a review, and with nothing left to choose."""
    return orjson.dumps(plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _sealed(plain: dict[str, Any]) -> dict[str, Any]:
    open_ = {key: value for key, value in plain.items() if key != "seal"}
    return {**open_, "seal": hashlib.sha256(_canonical(open_)).hexdigest()}


def _plain(manifest: Manifest) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "format": FORMAT,
        "pack": manifest.id,
        "version": manifest.version,
        "status": manifest.status,
        "effective": manifest.effective,
        "review_by": manifest.review_by,
        "digest": manifest.digest,
        "prose": manifest.prose,
        "files": {one.name: {"bytes": one.bytes, "sha256": one.sha256} for one in manifest.files},
        "tool": manifest.tool,
        "compiler": manifest.compiler,
        "change": {
            "bump": manifest.change.bump,
            "reasons": list(manifest.change.reasons),
            "summary": list(manifest.change.summary),
        },
        "checks": {gate.name: dict(gate.figures) for gate in manifest.checks},
        "changelog": manifest.changelog,
        "released": manifest.released,
    }
    if manifest.previous is not None:
        plain["previous"] = _plain_previous(manifest.previous)
    return plain


def _plain_previous(previous: Previous) -> dict[str, str]:
    plain = {"version": previous.version, "digest": previous.digest}
    return plain if previous.manifest is None else {**plain, "manifest": previous.manifest}


def _manifest(plain: dict[str, Any]) -> Manifest:
    """Return the manifest in data of the right shape."""
    before, change = plain.get("previous"), plain["change"]
    return Manifest(
        id=plain["pack"],
        version=plain["version"],
        status=plain["status"],
        effective=plain["effective"],
        review_by=plain["review_by"],
        digest=plain["digest"],
        prose=plain["prose"],
        files=tuple(FileEntry(name, one["sha256"], one["bytes"]) for name, one in plain["files"].items()),
        tool=plain["tool"],
        compiler=plain["compiler"],
        previous=None if before is None else Previous(before["version"], before["digest"], before.get("manifest")),
        change=ReleasedChange(change["bump"], tuple(change["reasons"]), tuple(change["summary"])),
        checks=tuple(Gate(name, tuple(figures.items())) for name, figures in plain["checks"].items()),
        changelog=plain["changelog"],
        released=plain["released"],
    )


def _first_fault(plain: object) -> str:
    """Return in a few words where data first departs from the schema of a manifest."""
    from boosterwatch.engine.pack.schema_store import validator

    error = next(iter(validator("release").iter_errors(plain)))
    place = ".".join(str(step) for step in error.instance_path)
    return f"`{place}` is not as it should be" if place else "it has not the shape of release.schema.json"


def _refused(code: str, message: str) -> PackError:
    hint = "restore it as it was released; it is written by `boosterwatch release` alone"
    return PackError((Diagnostic(code, message, None, hint),))

"""A release worked out in full before a byte is written: refusals, comparison, gates, and the two files that it makes.

Flow: folder -> **plan** -> write. What costs nothing is refused first; the gates, which may take a minute, come last.
Every file is hashed before and after them, so what passed is what is frozen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from boosterwatch import __version__
from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.author.diff import bump_reasons, compare
from boosterwatch.engine.author.prose import prose_digest
from boosterwatch.engine.author.release.gates import Task, Watch, refuse_broken, run_gates, unwatched
from boosterwatch.engine.author.release.number import honest_kind
from boosterwatch.engine.author.release.previous import find_previous, previous_of, refuse_early
from boosterwatch.engine.author.release.ready import refuse_unready
from boosterwatch.engine.author.release.summary import summary_of, summary_of_first
from boosterwatch.engine.diagnostics import Diagnostic, InternalError, PackError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compiled import compiled_bytes, compiler_digest
from boosterwatch.engine.pack.drift import frozen_files
from boosterwatch.engine.pack.find import is_bare, read_sources
from boosterwatch.engine.pack.manifest import FileEntry, Gate, Manifest, Previous, ReleasedChange, manifest_from_bytes
from boosterwatch.engine.pack.open import Opened, compile_found, open_pack

Gates = Callable[[Task], tuple[Gate, ...]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the author asks for: the pack by its reference, the version as typed, and what the changelog says of it.

    `previous` names the version before; `first` says that there is none.
    """

    reference: str
    version: str
    changelog: str
    previous: str | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A release that passed everything: what is to be written into its folder. `shown` is what messages call that."""

    folder: Path
    shown: str
    compiled: bytes
    manifest: Manifest


def plan_release(
    wish: Wish, *, today: date, jobs: int = 1, watch: Watch = unwatched, gates: Gates = run_gates
) -> Planned:
    """Return the release that a wish asks for; nothing is written. `today` is the day of the release.

    `jobs` processes share the work of the gates, and `watch` shows how far they are. Raises PackError with the
    reasons why there is none: BW460 to BW465, BW467, BW468, and what the gates found.
    """
    opened = open_pack(f"{wish.reference}@{wish.version}" if is_bare(wish.reference) else wish.reference)
    pack = refuse_broken(opened)
    folder = refuse_unready(opened.found, pack, wish.version)
    entries = _entries(folder)
    previous, change = _compared(wish, opened, pack, folder)
    checks = gates(Task(opened, pack, today, jobs, watch))
    _refuse_moved(opened, folder, entries)
    manifest = _manifest(pack, entries, previous, change, checks, wish.changelog, today)
    return Planned(folder, opened.found.shown, compiled_bytes(pack, read_sources(folder, whole=False)), manifest)


# ---------------------------------------------------------------- the files


def _entries(folder: Path) -> tuple[FileEntry, ...]:
    return tuple(_entry(name, file.read_bytes()) for name, file in frozen_files(folder))


def _entry(name: str, data: bytes) -> FileEntry:
    return FileEntry(name, hashlib.sha256(data).hexdigest(), len(data))


def _refuse_moved(opened: Opened, folder: Path, entries: tuple[FileEntry, ...]) -> None:
    """Raise PackError (BW468) unless the files are those that the gates were about: as they were read, and still."""
    read = {document.file: document.digest for document in opened.all}
    listed = {one.name: one.sha256 for one in entries}
    if _entries(folder) != entries or any(listed.get(name) != digest for name, digest in read.items()):
        message, hint = f"`{opened.found.shown}` changed while the gates ran", "run the release again"
        raise PackError((Diagnostic("BW468", message, None, hint),))


# ---------------------------------------------------------------- the change


def _compared(wish: Wish, opened: Opened, pack: ir.Pack, folder: Path) -> tuple[Previous | None, ReleasedChange]:
    """Return the version before and what differs from it. Raises PackError when the number or the date lies."""
    found = find_previous(pack, folder, wish.previous, first=wish.first)
    if found is None:
        return None, ReleasedChange("first", ("the first version of this pack",), summary_of_first(pack))
    old = compile_found(found)
    refuse_early(pack, old, folder)
    near = [case.record for case in find_cases(opened)]
    difference = compare(LoadedPack(old), LoadedPack(pack), near=near)
    kind = honest_kind(difference)
    change = ReleasedChange(kind, bump_reasons(difference), summary_of(difference, old, pack))
    return previous_of(found, old), change


def _manifest(
    pack: ir.Pack,
    entries: tuple[FileEntry, ...],
    previous: Previous | None,
    change: ReleasedChange,
    checks: tuple[Gate, ...],
    changelog: str,
    today: date,
) -> Manifest:
    manifest = Manifest(
        id=pack.id,
        version=pack.version,
        status=pack.status,
        effective=pack.effective,
        review_by=dict(pack.about)["review_by"],
        digest=pack.digest,
        prose=prose_digest(pack),
        files=entries,
        tool=__version__,
        compiler=compiler_digest(),
        previous=previous,
        change=change,
        checks=checks,
        changelog=changelog,
        released=today.isoformat(),
    )
    if manifest_from_bytes(manifest.data, "release.json") != manifest:
        raise InternalError("a manifest does not read as it was written")
    return manifest

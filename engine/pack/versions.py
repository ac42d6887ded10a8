"""Which version of a pack answers for a day, and what a version may be used for, by what its face says.

Flow: find -> **versions** -> load. A version answers from its `effective` date until the next one begins. Drafts and
trials answer for no day; a retired one answers only for its own past. Whoever names a version gets that version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import Found, find_pack, folders_of, is_bare, list_packs
from boosterwatch.engine.pack.manifest import read_manifest
from boosterwatch.engine.pack.pack_files import FACE

VERSION_CODES: dict[str, str] = {
    "BW141": "no version of the pack answers for the day",
    "BW142": "pack that may not decide",
}

Purpose = Literal["decisions", "shadow", "reading"]
_ANSWERING = ("active", "retired")
_MAY: dict[str, tuple[Purpose, ...]] = {
    "draft": ("reading",),
    "trial": ("reading", "shadow"),
    "active": ("reading", "shadow", "decisions"),
    "retired": ("reading", "shadow", "decisions"),  # for replays; nobody gets it without naming it
}
_RUNS = {"draft": "runs only its tests", "trial": "runs only in the shadow of an active version"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a pack as its face tells: `effective` is the first day it answers for, as ISO text."""

    id: str
    number: str
    folder: Traversable
    status: str
    effective: str


def versions_of(id: str, search: Sequence[Path] = ()) -> tuple[Version, ...]:
    """Return the versions of a pack, the oldest first.

    Raises PackError when there is none (BW140) or when a face cannot be read.
    """
    return tuple(_version(id, number, folder) for number, folder in folders_of(id, search).items())


def meant_by_tools(id: str, folders: Mapping[str, Traversable]) -> str:
    """Return the version that a bare id means to the tools, given the folders of all, the oldest first.

    The newest that is active, else the newest: a draft or a trial is looked at by naming it. A face that cannot be read
    does not say that it is active. With one version no face is read.
    """
    numbers = list(folders)
    if len(numbers) == 1:
        return numbers[0]
    return next((one for one in reversed(numbers) if _is_active(id, one, folders[one])), numbers[-1])


def _is_active(id: str, number: str, folder: Traversable) -> bool:
    try:
        return _version(id, number, folder).status == "active"
    except PackError:
        return False


def _version(id: str, number: str, folder: Traversable) -> Version:
    text = folder.joinpath(FACE).read_bytes()
    return _released(id, number, folder, text) or _read(id, number, folder, text)


def _released(id: str, number: str, folder: Traversable, face: bytes) -> Version | None:
    """Return a version by its manifest, which needs no YAML; None when it has none that is about this very face."""
    try:
        manifest = read_manifest(folder, f"{id}@{number}")
    except PackError:  # for `load` and `packs verify` to tell
        return None
    if manifest is None or (manifest.id, manifest.version) != (id, number):
        return None
    if manifest.digests.get(FACE) != hashlib.sha256(face).hexdigest():
        return None
    return Version(id, number, folder, manifest.status, manifest.effective)


def _read(id: str, number: str, folder: Traversable, text: bytes) -> Version:
    from boosterwatch.engine.pack.load import load_document
    from boosterwatch.engine.pack.validate import validate

    face = load_document(text, f"{id}@{number}/{FACE}")
    problems = [problem for problem in validate([face]) if problem.level == "error"]
    if problems:
        raise PackError(problems)
    return Version(id, number, folder, face.data["status"], face.data["effective"])


def find_in_force(reference: str, on: date | None, search: Sequence[Path] = ()) -> Found:
    """Return the folder of the pack that a reference means on a day; None asks for the newest that answers.

    A folder and `id@version` mean themselves. Raises PackError BW141 when no version of a bare id answers for the day.
    """
    known = [one for one in list_packs(search) if one[0] == reference] if is_bare(reference) else []
    if not known:
        return find_pack(reference, search)
    if len(known) == 1:  # its face need not be read: `refuse_to_answer` looks at its dates
        id, number, folder = known[0]
        return Found(folder, f"{id}@{number}")
    chosen = version_in_force([_version(*one) for one in known], on)
    if chosen is None:
        raise PackError((_no_version(reference, on),))
    return Found(chosen.folder, f"{chosen.id}@{chosen.number}")


def version_in_force(versions: Sequence[Version], on: date | None) -> Version | None:
    """Return the version that answers for a day: the latest to begin; of two that begin together the higher one.

    None when none has begun, or when the one in force is retired and nothing took its place.
    """
    begun = [one for one in versions if one.status in _ANSWERING and (on is None or one.effective <= on.isoformat())]
    if not begun:
        return None
    chosen = max(begun, key=lambda one: (one.effective, versions.index(one)))
    later = [one for one in versions if one.status == "active" and one.effective > chosen.effective]
    return chosen if chosen.status == "active" or later else None


def answers_from_to(versions: Sequence[Version], one: Version) -> tuple[str, str | None] | None:
    """Return the first and the last day that a version answers for (None: no end yet), or None when it never does."""
    days = sorted({other.effective for other in versions})
    own = [day for day in days if version_in_force(versions, date.fromisoformat(day)) == one]
    if not own:
        return None
    after = next((day for day in days if day > own[-1]), None)
    last = None if after is None else (date.fromisoformat(after) - timedelta(days=1)).isoformat()
    return own[0], last


def refuse_to_answer(pack: ir.Pack, shown: str, purpose: Purpose, *, bare: bool, on: date | None) -> None:
    """Raise PackError when a pack may not be used so: its status (BW142), or its dates if no one named it (BW141)."""
    if purpose not in _MAY[pack.status]:
        hint = f"a {pack.status} {_RUNS[pack.status]}; name another version, or make it active through a release"
        raise PackError((Diagnostic("BW142", f"`{shown}` is a {pack.status} and may not decide", None, hint),))
    if bare and purpose == "decisions" and _silent(pack, on):
        raise PackError((_no_version(pack.id, on),))


def _silent(pack: ir.Pack, on: date | None) -> bool:
    return pack.status == "retired" or (on is not None and on.isoformat() < pack.effective)


def _no_version(id: str, on: date | None) -> Diagnostic:
    day = "any day" if on is None else on.isoformat()
    hint = f"`boosterwatch packs history {id}` tells which version answers when; `{id}@VERSION` names one"
    return Diagnostic("BW141", f"no version of `{id}` answers for {day}", None, hint)

"""Whether a folder can be released at all, before anything costs time: all reasons against it together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from boosterwatch.engine.author.release.previous import released_elsewhere
from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.drift import frozen_files
from boosterwatch.engine.pack.find import VERSION, Found
from boosterwatch.engine.pack.manifest import is_released
from boosterwatch.engine.pack.pack_files import FACE

MAY_BE_RELEASED = ("active", "trial")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*", re.ASCII)
_LONGEST_NAME, _MOST_FILES = 200, 999
_NAMES = "call files by letters, digits, `_`, `-` and `.`, or take them out of the folder"


def refuse_unready(found: Found, pack: ir.Pack, version: str) -> Path:
    """Return the folder of a pack that can be released as this version.

    Raises PackError: BW462 when it is released already, else everything of BW463, BW464 and BW467.
    """
    folder = found.folder
    if not isinstance(folder, Path):
        raise PackError((_problem("BW467", f"`{found.shown}` is no folder on a disk", "copy it out first"),))
    if is_released(folder):
        raise PackError((_problem("BW462", f"`{found.shown}` is released already", _again(found.shown)),))
    other = released_elsewhere(pack, folder)
    if other is not None:
        message = f"`{pack.id}@{pack.version}` is released already, in `{other.shown}`"
        raise PackError((_problem("BW462", message, "one number means one text: take the next one"),))
    problems = (*_status(pack), *_numbers(folder, pack, version), *_files(folder, found.shown))
    if problems:
        raise PackError(problems)
    return folder


def _again(shown: str) -> str:
    return f"a release never changes; for the next one: `boosterwatch new version {shown} VERSION`"


def _status(pack: ir.Pack) -> Iterator[Diagnostic]:
    if pack.status not in MAY_BE_RELEASED:
        message = f"a pack whose status is `{pack.status}` is not released"
        hint = f"write `status: active` or `status: trial` in `{FACE}`, and `effective` with its first day"
        yield _problem("BW463", message, hint)


def _numbers(folder: Path, pack: ir.Pack, version: str) -> Iterator[Diagnostic]:
    """Yield where the version asked for, the face, and the names of the folders do not say the same."""
    place = folder.resolve()
    if not VERSION.fullmatch(version):
        yield _problem("BW464", f"`{version}` is not a version", "a version is three numbers, such as 1.1.0")
    elif version != pack.version:
        yield _problem("BW464", f"`{FACE}` says version {pack.version}, not {version}", "let both say the same")
    if (place.parent.name, place.name) != (pack.id, pack.version):
        message = f"the folder is `{place.parent.name}/{place.name}`, and `{FACE}` says {pack.id} {pack.version}"
        yield _problem("BW464", message, f"call it `{pack.id}/{pack.version}`: that is how a pack is found")


def _files(folder: Path, shown: str) -> Iterator[Diagnostic]:
    """Yield the files that could not go into a bundle, or that are not wholly in the folder."""
    names = [name for name, _ in frozen_files(folder)]
    if len(names) > _MOST_FILES:
        yield _problem("BW467", f"`{shown}` has {len(names)} files; a release has at most {_MOST_FILES}", _NAMES)
    seen: dict[str, str] = {}
    for name in names:
        twin = seen.setdefault(name.casefold(), name)
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            yield _problem("BW467", f"`{shown}/{name}` cannot be in a release: its name", _NAMES)
        elif twin != name:
            message = f"`{shown}/{name}` and `{twin}` differ in capitals only"
            yield _problem("BW467", message, "some disks take them for one file: rename one")
    for link in sorted(path for path in folder.rglob("*") if path.is_symlink()):
        message = f"`{shown}/{link.relative_to(folder).as_posix()}` is a link"
        yield _problem("BW467", message, "put the file itself here: what a link leads to is not frozen")


def _problem(code: str, message: str, hint: str) -> Diagnostic:
    return Diagnostic(code, message, None, hint)

"""Where packs live and how one is named: a folder, `id`, or `id@version`. It reads bytes and judges nothing.

Which of several versions a bare id means is for `versions` to say: to the tools here, for a day in `find_in_force`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from boosterwatch.engine.diagnostics import Diagnostic, PackError, suggest
from boosterwatch.engine.pack.pack_files import BESIDE, CASES, FACE

NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Found:
    """A pack's folder, and what to call it in messages."""

    folder: Traversable
    shown: str


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a pack: its name inside the pack, with `/`, and its bytes."""

    name: str
    data: bytes


def find_pack(reference: str, search: Sequence[Path] = ()) -> Found:
    """Return the folder of a pack. `search` holds folders of packs looked through before the built-in ones.

    A bare id gives the version that the tools mean by it: the newest that may decide, else the newest. Only when there
    are several are their faces read. Raises PackError BW140 when there is no such pack.
    """
    as_path = Path(reference)
    if as_path.is_dir():
        if (as_path / FACE).is_file():
            return Found(as_path, reference.rstrip("/"))
        raise _missing(f"`{reference}` is not a pack: it has no {FACE}", None)
    id, _, version = reference.partition("@")
    if not NAME.fullmatch(id) or (version and not VERSION.fullmatch(version)):
        hint = "a pack is a folder, an id such as `ketamine-maintenance`, or `id@1.0.0`"
        raise _missing(f"`{reference}` is neither a folder nor the name of a pack", hint)
    return _by_name(id, version, folders_of(id, search))


def is_bare(reference: str) -> bool:
    """Return whether a reference is the id of a pack, without a version, and no folder here."""
    return NAME.fullmatch(reference) is not None and not Path(reference).is_dir()


def folders_of(id: str, search: Sequence[Path] = ()) -> dict[str, Traversable]:
    """Return the folder of each version of a pack by its number, the oldest first. Raises PackError BW140 for none."""
    known = list_packs(search)
    folders = {number: folder for name, number, folder in known if name == id}
    if not folders:
        raise _missing(f"there is no pack `{id}`", suggest(id, {name for name, _, _ in known}))
    return folders


def _by_name(id: str, version: str, folders: Mapping[str, Traversable]) -> Found:
    if not version:
        from boosterwatch.engine.pack.versions import meant_by_tools  # late: versions stands on this module

        version = meant_by_tools(id, folders)
    if version not in folders:
        raise _missing(f"pack `{id}` has no version {version}", f"it has {', '.join(folders)}")
    return Found(folders[version], f"{id}@{version}")


def _missing(message: str, hint: str | None) -> PackError:
    return PackError((Diagnostic("BW140", message, None, hint),))


def list_packs(search: Sequence[Path] = ()) -> list[tuple[str, str, Traversable]]:
    """Return (id, version, folder) of every pack that can be found, by id and version; earlier folders win."""
    found: dict[tuple[str, str], Traversable] = {}
    for root in (*search, files("boosterwatch.rules")):
        for id, version, folder in _in_root(root):
            found.setdefault((id, version), folder)
    order = sorted(found, key=lambda key: (key[0], version_key(key[1])))
    return [(id, version, found[id, version]) for id, version in order]


def _in_root(root: Traversable) -> Iterator[tuple[str, str, Traversable]]:
    for pack in root.iterdir():
        if pack.is_dir() and NAME.fullmatch(pack.name):
            for version in pack.iterdir():
                if VERSION.fullmatch(version.name) and version.joinpath(FACE).is_file():
                    yield pack.name, version.name, version


def version_key(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, for sorting.

    >>> sorted(["1.10.0", "1.9.0"], key=version_key)
    ['1.9.0', '1.10.0']
    """
    return tuple(int(part) for part in version.split("."))


def read_sources(folder: Traversable, *, whole: bool = True) -> list[Source]:
    """Return every YAML file of a pack, the face first, then by name; only those of the policy, unless `whole`."""
    return sorted(_walk(folder, "", whole), key=lambda source: (source.name != FACE, source.name))


def _walk(folder: Traversable, prefix: str, whole: bool) -> Iterator[Source]:
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            if whole or is_policy(f"{name}/"):
                yield from _walk(entry, f"{name}/", whole)
        elif name.endswith(".yaml") and (whole or is_policy(name)):
            yield Source(name, entry.read_bytes())


def is_case(name: str) -> bool:
    """Return whether a file of a pack holds worked patients rather than policy."""
    return name.startswith(f"{CASES}/")


def is_policy(name: str) -> bool:
    """Return whether a file of a pack decides anything: neither a worked patient nor what only the tools read."""
    return not is_case(name) and name not in BESIDE

"""Who approved the pack of a decision: what lies beside the very release that has its digest.

The signatures are read, not judged: whether they count says `boosterwatch verify PACK --keyring FILE`, with a keyring
that the auditor trusts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.pack.find import list_packs
from boosterwatch.engine.pack.manifest import Manifest, read_manifest
from boosterwatch.engine.trust import Statement, read_envelopes


@dataclass(frozen=True, slots=True)
class Release:
    """The release of a pack, and what people signed about it, in the order of time."""

    manifest: Manifest
    statements: tuple[Statement, ...]


def find_release(places: Sequence[Path], id: str, version: str, digest: str) -> Release | None:
    """Return the release with a digest, from the folders and bundles named or the built-in packs; None without one."""
    for folder in _folders(places, id, version):
        shown = f"{id}@{version}"
        try:
            manifest = read_manifest(folder, shown)
            if manifest is None or (manifest.id, manifest.version, manifest.digest) != (id, version, digest):
                continue
            statements = [one.statement for one in read_envelopes(folder, shown)]
        except PackError:  # a damaged release approves nothing; another folder may hold a whole one
            continue
        about = [one for one in statements if one.manifest == manifest.sha256]
        return Release(manifest, tuple(sorted(about, key=lambda one: (one.time, one.person))))
    return None


def _folders(places: Sequence[Path], id: str, version: str) -> list[Traversable]:
    found: list[Traversable] = []
    for place in places:
        if place.is_file():
            from boosterwatch.engine.host.bundle import open_bundle

            try:
                found.append(open_bundle(place.read_bytes(), str(place)).folder)
            except PackError:
                continue
        else:
            found.append(place)
            found += [folder for name, number, folder in list_packs((place,)) if (name, number) == (id, version)]
    return found + [folder for name, number, folder in list_packs() if (name, number) == (id, version)]

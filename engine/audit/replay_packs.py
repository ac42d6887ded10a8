"""The very pack that a decision was made with, found by its digest: among the built-in ones, in folders, in bundles.

A pack is named by the digest of its compiled form, so wherever one with that digest lies, it is the right one; no
status, no signature and no date is asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.overlay import lay_over, read_overlay
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.compiled import FILE
from boosterwatch.engine.pack.find import Found, list_packs
from boosterwatch.engine.pack.ir_json import digest_of_plain, from_plain
from boosterwatch.engine.pack.open import compile_found
from boosterwatch.engine.pack.pack_files import FACE
from boosterwatch.engine.pack.review import Overdue, Review

MOST_KEPT = 16  # packs made ready to evaluate, some megabytes each

Name = tuple[str, str, str]  # id, version, digest


class Packs:
    """Finds packs by digest and keeps them ready. `places` are folders of packs, single packs, or bundle files.

    Looking for a pack raises OSError when one of the places is not there.
    """

    def __init__(self, places: Sequence[Path] = ()) -> None:
        self._places = tuple(places)
        self._found: dict[Name, ir.Pack | None] = {}
        self._ready: dict[tuple[Name, str | None], LoadedPack] = {}

    def ready(self, name: Name, overlay: bytes | None, digest: str | None) -> LoadedPack | None:
        """Return the pack with the site's changes laid over it, ready to evaluate; None when it cannot be found.

        `digest` is that of the overlay. Raises PackError when the changes do not fit the pack.
        """
        ready = self._ready.get((name, digest))
        if ready is not None:
            return ready
        if name not in self._found:
            self._found[name] = next(self._search(*name), None)
        pack = self._found[name]
        if pack is None:
            return None
        if overlay is not None:
            pack = lay_over(pack, read_overlay(overlay, "overlay"))
        while len(self._ready) >= MOST_KEPT:
            del self._ready[next(iter(self._ready))]
        return self._ready.setdefault((name, digest), LoadedPack(pack))

    def _search(self, id: str, version: str, digest: str) -> Iterator[ir.Pack]:
        for folder, shown in self._folders(id, version):
            pack = _of_folder(folder, shown, digest)
            if pack is not None:
                yield pack

    def _folders(self, id: str, version: str) -> Iterator[tuple[Traversable, str]]:
        """Yield every folder that may hold the pack, those that were named first."""
        for place in self._places:
            if place.is_file():
                yield from _in_bundle(place, id, version)
            elif (place / FACE).is_file():
                yield place, str(place)
            else:
                yield from _listed(list_packs((place,)), id, version)
        yield from _listed(list_packs(), id, version)


def _listed(packs: Iterable[tuple[str, str, Traversable]], id: str, version: str) -> Iterator[tuple[Traversable, str]]:
    return ((folder, f"{id}@{version}") for name, number, folder in packs if (name, number) == (id, version))


def _in_bundle(file: Path, id: str, version: str) -> Iterator[tuple[Traversable, str]]:
    from boosterwatch.engine.host.bundle import open_bundle

    try:
        bundle = open_bundle(file.read_bytes(), str(file))
    except PackError:  # not one of ours, or a damaged one: the pack may still be elsewhere
        return
    if (bundle.manifest.id, bundle.manifest.version) == (id, version):
        yield bundle.folder, str(file)


def _of_folder(folder: Traversable, shown: str, digest: str) -> ir.Pack | None:
    """Return the pack in a folder when it has the digest: its kept compiled form, or what its sources compile to."""
    kept = _kept(folder, digest)
    if kept is not None:
        return kept
    try:
        pack = compile_found(Found(folder, shown))
    except PackError:
        return None
    return pack if pack.digest == digest else None


def _kept(folder: Traversable, digest: str) -> ir.Pack | None:
    """Return the compiled form beside a pack when it has the digest, whichever compiler once wrote it."""
    try:
        plain: Any = orjson.loads(folder.joinpath(FILE).read_bytes())["pack"]
        if plain["digest"] == digest == digest_of_plain(plain):
            return from_plain(plain)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None


def under_review(pack: LoadedPack, review: Mapping[str, str] | None) -> LoadedPack:
    """Return the pack as it decided: under the override of its overdue review that the decision names, if it does."""
    if review is None:
        return pack
    overdue = Overdue(review["overdue_reason"], review["by"])
    return replace(pack, review=Review(date.fromisoformat(review["due"]), -1, True, overdue))

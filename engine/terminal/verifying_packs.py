"""`packs verify`: whether released packs are what was released; made for the CI of any repository that holds packs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from boosterwatch.engine.diagnostics import Diagnostic, PackError, to_json
from boosterwatch.engine.explain.page import Table, Text
from boosterwatch.engine.pack.drift import drift
from boosterwatch.engine.pack.find import Found, find_pack, folders_of, is_bare, list_packs
from boosterwatch.engine.pack.manifest import Manifest, read_manifest
from boosterwatch.engine.pack.pack_files import FACE
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.streams import Form, print_json, print_page, report

State = Literal["as released", "changed", "not released"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of one pack: its manifest when it is released and that can be read, and every difference."""

    found: Found
    manifest: Manifest | None
    problems: tuple[Diagnostic, ...]

    @property
    def state(self) -> State:
        """The verdict in words."""
        if self.problems:
            return "changed"
        return "not released" if self.manifest is None else "as released"


def verify(references: Sequence[str], form: Form) -> int:
    """Print which packs are as they were released; a difference is an error that names the file.

    Without references all packs that can be found. Raises PackError BW140 for a reference that names none.
    """
    packs = [one for reference in references for one in _meant(reference)] if references else list(_all())
    found = [verified(one) for one in packs]
    problems = [problem for one in found for problem in one.problems]
    if form == "json":
        print_json({"packs": [_data(one) for one in found]})
    else:
        report(problems, {}, form)
        print_page((Table(("pack", "state", "released", "release.json"), tuple(map(_row, found))), _count(found)))
    return ERRORS if problems else FINE


def _all() -> Iterator[Found]:
    return (Found(folder, f"{id}@{version}") for id, version, folder in list_packs())


def _meant(reference: str) -> Iterable[Found]:
    """Return the packs that a reference means: one, all versions of an id, or all packs in a folder."""
    if is_bare(reference):
        return [Found(folder, f"{reference}@{number}") for number, folder in folders_of(reference).items()]
    root = Path(reference)
    if root.is_dir() and not (root / FACE).is_file():
        inside = [Found(folder, str(folder)) for _, _, folder in list_packs((root,)) if _is_below(folder, root)]
        if inside:
            return inside
    return [find_pack(reference)]


def _is_below(folder: object, root: Path) -> bool:
    return isinstance(folder, Path) and folder.parent.parent == root


def verified(found: Found) -> Verified:
    """Return whether one pack is what was released; one that is not released passes."""
    try:
        manifest = read_manifest(found.folder, found.shown)
    except PackError as error:
        return Verified(found, None, error.diagnostics)
    return Verified(found, manifest, () if manifest is None else drift(found.folder, manifest, found.shown))


def _row(one: Verified) -> tuple[str, ...]:
    if one.manifest is None:
        return one.found.shown, one.state, "-", "-"
    return one.found.shown, one.state, one.manifest.released, one.manifest.sha256[:16]


def _count(verified: Sequence[Verified]) -> Text:
    released = sum(one.state != "not released" for one in verified)
    changed = sum(one.state == "changed" for one in verified)
    packs = "1 pack" if len(verified) == 1 else f"{len(verified)} packs"
    return Text(f"{packs}, {released} released, {changed} changed since.", "alert" if changed else "plain")


def _data(one: Verified) -> dict[str, object]:
    manifest = one.manifest
    face = None if manifest is None else {"id": manifest.id, "version": manifest.version, "digest": manifest.digest}
    return {
        "folder": one.found.shown,
        "state": one.state,
        "pack": face,
        "released": manifest and manifest.released,
        "manifest": manifest and manifest.sha256,
        "problems": [to_json(problem) for problem in one.problems],
    }

"""Whether a released folder is still what was released: each file, the kept compiled form, and what the sources say.

Flow: release.json + folder -> **drift** -> problems that name the files. Loading a pack looks at its policy alone and
cheaply (`manifest.refuse_changed`); this looks at everything, and compiles the sources again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson

from boosterwatch.engine.diagnostics import Diagnostic, PackError, sort
from boosterwatch.engine.durable_files import is_leftover
from boosterwatch.engine.pack import compiled, ir
from boosterwatch.engine.pack.find import VERSION, Found, read_sources
from boosterwatch.engine.pack.manifest import FILE, RESTORE, SIGNATURES, How, Manifest, differences, said
from boosterwatch.engine.pack.open import compile_sources

_CODE_OF: dict[How, str] = {"changed": "BW232", "missing": "BW233", "added": "BW234"}
_BESIDE = frozenset((FILE, compiled.FILE, SIGNATURES))


def frozen_files(folder: Traversable) -> list[tuple[str, Traversable]]:
    """Return every file that a release freezes, by name: all but release.json, the compiled form, and the signatures.

    What a killed write left behind is no file of the pack.
    """
    return sorted(_walk(folder, ""), key=lambda one: one[0])


def _walk(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if (not prefix and entry.name in _BESIDE) or is_leftover(entry.name):
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


def drift(folder: Traversable, manifest: Manifest, shown: str) -> tuple[Diagnostic, ...]:
    """Return everything in which a folder is not what its manifest says was released; none means that it is.

    `shown` is what messages call the folder. What the sources compile to is looked at when all of them are as they
    were; signatures are not looked at.
    """
    found = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in frozen_files(folder)}
    problems = [
        Diagnostic(_CODE_OF[how], f"`{shown}/{name}` {said(how)}", None, RESTORE)
        for name, how in differences(manifest.digests, found)
    ]
    return sort(problems or _compiled(folder, manifest, shown))


def _compiled(folder: Traversable, manifest: Manifest, shown: str) -> Iterator[Diagnostic]:
    """Yield what differs once the untouched sources are compiled again."""
    sources = read_sources(folder, whole=False)
    try:
        pack = compile_sources(Found(folder, shown), sources)
    except PackError as error:
        yield from error.diagnostics
        return
    if pack.digest != manifest.digest:
        yield _other_pack(manifest, pack, shown)
    yield from _other_face(manifest, pack, shown)
    yield from _other_name(folder, manifest)
    yield from _kept(folder, compiled.compiled_bytes(pack, sources), manifest, shown)


def _other_pack(manifest: Manifest, pack: ir.Pack, shown: str) -> Diagnostic:
    message = f"`{shown}` compiles to {pack.digest}, and {manifest.digest} was released"
    if manifest.compiler == compiled.compiler_digest():
        return Diagnostic("BW236", message, None, f"restore `{FILE}` as it was released")
    hint = f"another compiler released it: use boosterwatch {manifest.tool}, or release a new version with this one"
    return Diagnostic("BW236", message, None, hint)


def _other_face(manifest: Manifest, pack: ir.Pack, shown: str) -> Iterator[Diagnostic]:
    """Yield what the manifest says otherwise than the face of its pack: who reads it alone would be misled."""
    face = {"id": pack.id, "version": pack.version, "status": pack.status, "effective": pack.effective}
    face["review_by"] = dict(pack.about).get("review_by", "")
    for key, value in face.items():
        claimed = getattr(manifest, key)
        if claimed != value:
            message = f"`{shown}/{FILE}` says `{key}: {claimed}`, and the pack says `{value}`"
            yield Diagnostic("BW239", message, None, f"restore `{FILE}` as it was released")


def _other_name(folder: Traversable, manifest: Manifest) -> Iterator[Diagnostic]:
    """Yield a problem when a folder on a disk is called as another version, under which it would be found."""
    if not isinstance(folder, Path) or not VERSION.fullmatch(folder.resolve().name):
        return
    called = "/".join(folder.resolve().parts[-2:])
    name = f"{manifest.id}/{manifest.version}"
    if called != name:
        message = f"the folder of {manifest.id} {manifest.version} is called `{called}`"
        yield Diagnostic("BW239", message, None, f"call it `{name}`, as it was released")


def _kept(folder: Traversable, current: bytes, manifest: Manifest, shown: str) -> Iterator[Diagnostic]:
    """Yield a problem when the kept compiled form is neither of these sources nor of the compiler that released them.

    The latter is never used by another compiler, so it is left where it is.
    """
    try:
        kept = folder.joinpath(compiled.FILE).read_bytes()
    except FileNotFoundError:
        return
    if kept != current and (manifest.compiler == compiled.compiler_digest() or _compiler(kept) != manifest.compiler):
        message = f"`{shown}/{compiled.FILE}` is not what the sources compile to"
        hint = "delete it, or write it again: `python -m boosterwatch.engine.pack.compiled PACK`"
        yield Diagnostic("BW235", message, None, hint)


def _compiler(kept: bytes) -> object:
    try:
        return orjson.loads(kept)["compiler"]
    except (ValueError, KeyError, TypeError):
        return None

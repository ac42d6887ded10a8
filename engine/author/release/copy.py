"""The next draft, made of a version that there is: every file with its comments, under a new number.

Flow: version + number -> **plan_copy** -> write_copy. The copy is made beside its place and renamed, so it is there
whole or not at all. Nothing is overwritten.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from boosterwatch.engine.author.new import schemas_from
from boosterwatch.engine.author.release.face import with_values
from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.durable_files import sync_folder, write_durably
from boosterwatch.engine.pack.drift import frozen_files
from boosterwatch.engine.pack.find import VERSION, version_key
from boosterwatch.engine.pack.open import Opened
from boosterwatch.engine.pack.pack_files import FACE, with_schemas


@dataclass(frozen=True, slots=True)
class Copy:
    """A draft that is not written yet: its folder, its files by name, and the version that it was made of."""

    folder: Path
    files: Mapping[str, bytes]
    id: str
    version: str
    copied: str


def plan_copy(opened: Opened, version: str, into: Path | None) -> Copy:
    """Return the draft of a version made of the pack that was opened; nothing is written.

    `into` is the folder of packs that gets it; without it the copy is put beside the original, which must then be
    named by its folder. Raises PackError: BW416 for one that comes with the program, BW418 when something is there,
    BW419 when the number is none, BW469 when it does not come after the original's, and the errors of a broken pack.
    """
    if opened.pack is None:
        raise PackError(problem for problem in opened.problems if problem.level == "error")
    pack = opened.pack
    _check_number(version, pack.version)
    folder = _place(opened, pack.id, version, into)
    if folder.exists() or folder.is_symlink():
        raise _problem("BW418", f"`{folder}` is already there", "give another version; nothing is ever overwritten")
    files = {name: file.read_bytes() for name, file in frozen_files(opened.found.folder)}
    files[FACE] = _draft(files[FACE], version, pack.version)
    if into is not None:
        files = dict(_pointed(files, schemas_from(folder)))
    return Copy(folder, files, pack.id, version, pack.version)


def write_copy(copy: Copy) -> None:
    """Write the draft in one step. Raises PackError (BW418) when its folder appeared meanwhile, and OSError."""
    copy.folder.parent.mkdir(parents=True, exist_ok=True)
    stage = Path(tempfile.mkdtemp(prefix=f".{copy.version}.", suffix=".tmp", dir=copy.folder.parent))
    try:
        stage.chmod(0o755)
        for name, data in copy.files.items():
            file = stage / name
            file.parent.mkdir(parents=True, exist_ok=True)
            write_durably(file, data)
        for path in (stage, *stage.rglob("*/")):
            sync_folder(path)
        os.rename(stage, copy.folder)
    except BaseException as error:
        shutil.rmtree(stage, ignore_errors=True)
        if isinstance(error, OSError) and copy.folder.exists():
            raise _problem("BW418", f"`{copy.folder}` is already there", "nothing was overwritten") from None
        raise
    sync_folder(copy.folder.parent)


def _check_number(version: str, old: str) -> None:
    if not VERSION.fullmatch(version):
        raise _problem("BW419", f"`{version}` is not a version", "a version is three numbers, such as 1.1.0")
    if version_key(version) <= version_key(old):
        raise _problem("BW469", f"{version} does not come after {old}", "a copy is the draft of a later version")


def _place(opened: Opened, id: str, version: str, into: Path | None) -> Path:
    if into is not None:
        return into / id / version
    if not Path(opened.found.shown).is_dir():
        hint = "say where your packs are, such as `--into rules`"
        raise _problem("BW416", f"`{opened.found.shown}` comes with the program, and gets no new version there", hint)
    given = Path(opened.found.shown)
    return (given if given.name else given.resolve()).parent / version


def _draft(face: bytes, version: str, old: str) -> bytes:
    """Return the face of a draft: its own number, nobody's approval, and if it names one the version before."""
    values = {"version": f'"{version}"', "status": "draft", "approved_by": "[]", "supersedes": f'"{old}"'}
    return with_values(face.decode(), values).encode()


def _pointed(files: Mapping[str, bytes], schemas: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files with first lines that lead an editor to the schemas from the new place."""
    for name, data in files.items():
        is_text = name.endswith(".yaml")  # what the pack was read from, so it is UTF-8
        yield name, with_schemas(PurePosixPath(name), data.decode(), schemas).encode() if is_text else data


def _problem(code: str, message: str, hint: str) -> PackError:
    return PackError((Diagnostic(code, message, None, hint),))

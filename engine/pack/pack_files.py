"""Where a file stands in its pack decides its schema, and its first line tells editors so.

A pack is a folder with `pack.yaml`; worked patients are under `cases/`; every other file is a part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from boosterwatch.engine.diagnostics import Diagnostic, Span
from boosterwatch.engine.pack.document import Document

SchemaName = Literal["pack", "part", "case"]
FACE = "pack.yaml"
CASES = "cases"
_TO_SCHEMAS = 3  # folders from a pack up to the one that holds rules/ and schemas/: rules/<pack>/<version>
_MODELINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(\S+)\s*")


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of a pack: its document, its path inside the pack, and the schema it follows."""

    document: Document
    path: PurePosixPath
    schema: SchemaName

    @property
    def modeline(self) -> str:
        """The first line that makes an editor use the right schema."""
        up = "../" * (_TO_SCHEMAS + len(self.path.parts) - 1)
        return f"# yaml-language-server: $schema={up}schemas/{self.schema}.schema.json"


def sort_files(documents: Sequence[Document]) -> list[PackFile]:
    """Return the documents of one pack as its files."""
    root = _root(documents)
    return [_file(document, root) for document in documents]


def _root(documents: Sequence[Document]) -> PurePosixPath:
    """Return the folder of the pack: that of pack.yaml, else the one nearest to the top."""
    paths = [PurePosixPath(document.file) for document in documents]
    faces = [path.parent for path in paths if path.name == FACE]
    folders = faces or [path.parent for path in paths]
    return min(folders, key=lambda folder: len(folder.parts), default=PurePosixPath())


def _file(document: Document, root: PurePosixPath) -> PackFile:
    full = PurePosixPath(document.file)
    path = full.relative_to(root) if full.is_relative_to(root) else PurePosixPath(full.name)
    if path.parts == (FACE,):
        return PackFile(document, path, "pack")
    return PackFile(document, path, "case" if path.parts[0] == CASES else "part")


def check_files(files: Sequence[PackFile]) -> Iterator[Diagnostic]:
    """Yield what is wrong with the files as files: the face, the first lines, the names."""
    if not any(file.schema == "pack" for file in files):
        hint = "add the file that says what the pack is, whom it is for and who answers for it"
        yield Diagnostic("BW173", f"the pack has no `{FACE}`", None, hint)
    for file in files:
        yield from _check_modeline(file)
        yield from _check_name(file)


def _check_modeline(file: PackFile) -> Iterator[Diagnostic]:
    first = file.document.text.partition("\n")[0].rstrip()
    match = _MODELINE.fullmatch(first)
    span = Span(file.document.file, 1, 1, max(1, len(first)))
    if match is None:
        message = "the first line does not name the schema that editors check the file with"
        yield Diagnostic("BW170", message, span, f"begin with `{file.modeline}`")
    elif match[1] != file.modeline.partition("=")[2]:
        message = f"the first line names `{match[1]}`, which is not the schema of this file"
        place = Span(file.document.file, 1, match.start(1) + 1, len(match[1]))
        yield Diagnostic("BW171", message, place, f"begin with `{file.modeline}`")


def _check_name(file: PackFile) -> Iterator[Diagnostic]:
    """Yield a note when the file of an instrument, sign or case is not called after it."""
    data = file.document.data if isinstance(file.document.data, dict) else {}
    for key in ("instrument", "sign", "case"):
        id = data.get(key)
        stem = file.path.stem.replace("-", "_")
        if isinstance(id, str) and stem != id and (key == "case" or not stem.endswith(f"_{id}")):
            name = id if key == "case" else id.replace("_", "-")
            message = f"the file of {key} `{id}` is called `{file.path.name}`"
            level: Literal["error", "note"] = "error" if key == "case" else "note"
            hint = f"call it `{name}.yaml`"
            yield Diagnostic("BW172", message, file.document.span((key,)), hint, level)

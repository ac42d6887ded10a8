"""Where a file stands in its pack decides its schema, and its first line tells editors so.

A pack is a folder with `pack.yaml`. Worked patients are under `cases/`; `properties.yaml` says what must always hold,
`waivers.yaml` which findings of the tools are accepted; every other file is a part of the policy. The first line of
`pack.yaml` says where the schemas lie, and the other files must say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from boosterwatch.engine.diagnostics import Diagnostic, Span
from boosterwatch.engine.pack.document import Document

SchemaName = Literal["pack", "part", "case", "properties", "waivers"]
FACE = "pack.yaml"
CASES = "cases"
BESIDE: dict[str, SchemaName] = {"properties.yaml": "properties", "waivers.yaml": "waivers"}
_SCHEMAS = "../../../schemas/"  # seen from rules/<pack>/<version>, where nothing else is said
_MODELINE = re.compile(r"#\s*yaml-language-server:\s*\$schema=(\S+)\s*")


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of a pack: its document, its path inside the pack, and the schema it follows."""

    document: Document
    path: PurePosixPath
    schema: SchemaName
    schemas: str = _SCHEMAS

    @property
    def modeline(self) -> str:
        """The first line that makes an editor use the right schema."""
        return _first_line(self.path, self.schema, self.schemas)


def _first_line(path: PurePosixPath, schema: SchemaName, schemas: str) -> str:
    relative = not re.match(r"/|[a-z]+:", schemas)
    up = "../" * (len(path.parts) - 1) if relative else ""
    return f"# yaml-language-server: $schema={up}{schemas}{schema}.schema.json"


def with_schemas(path: PurePosixPath, text: str, schemas: str) -> str:
    """Return the text of a pack's file with a first line that says that the schemas lie there, as seen from the pack.

    A text that does not begin with such a line stays as it is.
    """
    first, end, rest = text.partition("\n")
    if _MODELINE.fullmatch(first.rstrip()) is None:
        return text
    return f"{_first_line(path, schema_of(path), schemas)}{end}{rest}"


def sort_files(documents: Sequence[Document]) -> list[PackFile]:
    """Return the documents of one pack as its files."""
    root = _root(documents)
    schemas = next((_schemas(document) for document in documents if PurePosixPath(document.file) == root / FACE), None)
    return [_file(document, root, schemas or _SCHEMAS) for document in documents]


def _schemas(face: Document) -> str | None:
    """Return where the face says that the schemas lie, with a slash at the end."""
    match = _modeline_of(face)
    found = match and re.fullmatch(r"(.*/|)pack\.schema\.json", match[1])
    return found[1] if found else None


def _modeline_of(document: Document) -> re.Match[str] | None:
    return _MODELINE.fullmatch(document.text.partition("\n")[0].rstrip())


def _root(documents: Sequence[Document]) -> PurePosixPath:
    """Return the folder of the pack: that of pack.yaml, else the one nearest to the top."""
    paths = [PurePosixPath(document.file) for document in documents]
    faces = [path.parent for path in paths if path.name == FACE]
    folders = faces or [path.parent for path in paths]
    return min(folders, key=lambda folder: len(folder.parts), default=PurePosixPath())


def _file(document: Document, root: PurePosixPath, schemas: str) -> PackFile:
    full = PurePosixPath(document.file)
    path = full.relative_to(root) if full.is_relative_to(root) else PurePosixPath(full.name)
    return PackFile(document, path, schema_of(path), schemas)


def schema_of(path: PurePosixPath) -> SchemaName:
    """Return which schema a file follows, by its path inside the pack."""
    if path.parts == (FACE,):
        return "pack"
    if path.parts[0] == CASES:
        return "case"
    return BESIDE.get(str(path), "part")


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
    match = _modeline_of(file.document)
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

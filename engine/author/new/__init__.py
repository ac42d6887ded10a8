"""Scaffolds: the texts of a new pack, sign, instrument or case, compiled before anything is written.

Flow: a name -> **new** -> files that pass `check`. Nothing is ever overwritten.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from boosterwatch.engine.author.edit.frozen import refuse_released
from boosterwatch.engine.author.new.cases import empty_record, new_case_text
from boosterwatch.engine.author.new.codes import NEW_CODES
from boosterwatch.engine.author.new.parts import instrument_text, sign_text
from boosterwatch.engine.author.new.starter import starter_texts
from boosterwatch.engine.diagnostics import Diagnostic, PackError, suggest
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import NAME, VERSION, Found, Source, read_sources
from boosterwatch.engine.pack.open import Opened, compile_sources

__all__ = ["NEW_CODES", "Made", "new_case", "new_instrument", "new_pack", "new_sign", "schemas_from", "write"]

_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_RANGE = re.compile(r"(\d{1,6})-(\d{1,6})")
_FIRST_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Made:
    """New files of a pack by their name inside it, and the pack with them."""

    folder: Path
    texts: Mapping[str, str]
    pack: ir.Pack


def new_pack(folder: Path, id: str | None, title: str | None, today: date) -> Made:
    """Return the files of a small whole pack. `folder` ends with its version, or the version is the first.

    Raises PackError when the folder holds anything, or when no id can be made of its name.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise _problem("BW418", f"`{folder}` is not an empty folder", "give a new one; nothing is ever overwritten")
    versioned = VERSION.fullmatch(folder.name) is not None
    name = id or (folder.resolve().parent.name if versioned else folder.name)
    if not NAME.fullmatch(name):
        hint = "lower-case letters, digits and `-`, beginning with a letter; give one with --id"
        raise _problem("BW419", f"`{name}` cannot be the id of a pack", hint)
    version = folder.name if versioned else _FIRST_VERSION
    said = title or name.replace("-", " ").capitalize()
    texts = starter_texts(name, version, said, today, schemas_from(folder))
    sources = [Source(part, text.encode()) for part, text in texts.items()]
    return Made(folder, texts, compile_sources(Found(folder, str(folder)), sources))


def new_instrument(opened: Opened, id: str, span: str, worse: str, today: date) -> Made:
    """Return the file of an instrument that is shown and decides nothing yet. Raises PackError."""
    pack = _usable(opened, id)
    ends = _RANGE.fullmatch(span)
    if ends is None or int(ends[1]) >= int(ends[2]):
        raise _problem("BW419", f"`{span}` is not a range of totals", "write the lowest and the highest, such as 0-27")
    text = instrument_text(pack, id, (int(ends[1]), int(ends[2])), worse, today.isoformat())
    return _added(opened, f"instruments/{id}.yaml", text)


def new_sign(opened: Opened, id: str, core: Sequence[str]) -> Made:
    """Return the file of a sign over these scales, by default over the first that has a reading. Raises PackError."""
    pack = _usable(opened, id)
    read = [table.id for table in pack.tables if table.kind == "reading"]
    for scale in core:
        if scale not in read:
            hint = suggest(scale, read) or f"scales with a reading are {', '.join(read)}"
            raise _problem("BW419", f"`{scale}` is no scale that the readings read", hint)
    taken = {scale for sign in pack.signs for scale in (*sign.core, *sign.supporting)}
    free = [scale for scale in read if scale not in taken] or read
    number = 1 + len(pack.signs)
    return _added(opened, f"signs/{number}-{id.replace('_', '-')}.yaml", sign_text(id, list(core) or free[:1]))


def new_case(opened: Opened, id: str, record: Mapping[str, Any] | None, today: date) -> Made:
    """Return the file of a case with what the pack decides today. Raises PackError, or RecordError for the record."""
    pack = LoadedPack(_usable(opened, id))
    given = record if record is not None else empty_record(pack, today.isoformat())
    name = f"cases/{id}.yaml"
    text = new_case_text(pack, id, given, opened.modeline(name))
    return _added(opened, name, text.partition("\n")[2])


def write(made: Made) -> None:
    """Write the files, each only if there is none of its name. Raises OSError."""
    for name, text in made.texts.items():
        file = made.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)


# ---------------------------------------------------------------- one more file in a pack


def _usable(opened: Opened, id: str) -> ir.Pack:
    """Return the pack that is to get a part, when it is a folder without errors and the id can be one."""
    if not Path(opened.found.shown).is_dir():
        message = f"`{opened.found.shown}` comes with the program and gets no new parts"
        raise _problem("BW416", message, "copy its folder, and give the copy's folder here")
    refuse_released(opened.found.folder, opened.found.shown)
    if opened.pack is None:
        raise PackError(problem for problem in opened.problems if problem.level == "error")
    if not _ID.fullmatch(id):
        hint = "lower-case letters, digits and `_`, beginning with a letter"
        raise _problem("BW419", f"`{id}` cannot be an id", hint)
    return opened.pack


def _added(opened: Opened, name: str, text: str) -> Made:
    """Return the file as part of the pack, compiled with all the others. Raises PackError."""
    folder = Path(opened.found.shown)
    if (folder / name).exists():
        raise _problem("BW418", f"`{opened.found.shown}/{name}` is already there", "choose another id")
    text = f"{opened.modeline(name)}\n{text}"
    sources = [*read_sources(opened.found.folder), Source(name, text.encode())]
    return Made(folder, {name: text}, compile_sources(opened.found, sources))


def schemas_from(folder: Path) -> str:
    """Return the way from a pack's folder to the schemas of this installation, for the editor."""
    schemas = Path(str(files("boosterwatch.schemas"))).resolve()
    return Path(os.path.relpath(schemas, folder.resolve())).as_posix() + "/"


def _problem(code: str, message: str, hint: str) -> PackError:
    problems: Iterable[Diagnostic] = (Diagnostic(code, message, None, hint),)
    return PackError(problems)

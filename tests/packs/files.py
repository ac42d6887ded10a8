"""Packs as text files in memory or in a folder: the default pack, edits of it, and compiling what was edited.

The pipeline is the engine's own: load, validate, compile. Files that an edit leaves alone are read once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from boosterwatch.engine.diagnostics import Diagnostic, PackError, render
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.budget import state_budget
from boosterwatch.engine.pack.compile import compile_pack
from boosterwatch.engine.pack.document import Document
from boosterwatch.engine.pack.document import Path as Steps
from boosterwatch.engine.pack.find import is_case, is_policy
from boosterwatch.engine.pack.load import load_document
from boosterwatch.engine.pack.pack_files import FACE
from boosterwatch.engine.pack.validate import validate

Files = dict[str, str]  # the text of each file by its name inside the pack, the face first

RULES = Path(__file__).parents[2] / "rules"
DEFAULT_ID, DEFAULT_VERSION = "ketamine-maintenance", "1.0.0"


@cache
def _default() -> tuple[tuple[str, str], ...]:
    folder = RULES / DEFAULT_ID / DEFAULT_VERSION
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")]
    names.sort(key=lambda name: (name != FACE, name))
    return tuple((name, (folder / name).read_text(encoding="utf-8")) for name in names)


def default_files(*, cases: bool = False) -> Files:
    """Return the default pack as it stands in the tree, without its cases unless asked for."""
    return {name: text for name, text in _default() if cases or not is_case(name)}


def edit(files: Mapping[str, str], name: str, find: str, write: str) -> Files:
    """Return the files with the first `find` in the file `name` replaced; it must be there."""
    assert find in files[name], f"{name} does not hold {find!r}"
    return {**files, name: files[name].replace(find, write, 1)}


def write_pack(files: Mapping[str, str], folder: Path) -> Path:
    """Write the files into a folder, made when it is not there, and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return folder


@lru_cache(maxsize=256)
def document(name: str, text: str) -> Document:
    """Return one file as read by the guarded loader."""
    return load_document(text.encode(), name)


def check_files(files: Mapping[str, str]) -> tuple[ir.Pack | None, Sequence[Diagnostic]]:
    """Return what the files compile to, None when they have errors, and all their problems."""
    problems: list[Diagnostic] = []
    documents = []
    for name, text in files.items():
        try:
            documents.append(document(name, text))
        except PackError as error:
            problems += error.diagnostics
    problems = problems or validate(documents)
    if any(problem.level == "error" for problem in problems):
        return None, problems
    parts = [one for one in documents if is_policy(one.file)]
    pack, more = compile_pack(parts)
    pack = pack and state_budget(pack, parts[0])
    return pack, [*problems, *more]


def compile_files(files: Mapping[str, str]) -> ir.Pack:
    """Return the compiled pack; the files must have no problem at all."""
    pack, problems = check_files(files)
    assert pack is not None, render(problems, files)
    assert not problems, render(problems, files)
    return pack


def load_files(files: Mapping[str, str]) -> LoadedPack:
    """Return the pack ready to evaluate."""
    return LoadedPack(compile_files(files))


@cache
def default_pack() -> LoadedPack:
    """Return the default pack, loaded once."""
    return load_files(default_files())


# ---------------------------------------------------------------- values of parameters


def place_of(files: Mapping[str, str], parameter: str) -> tuple[str, Steps]:
    """Return the file of a parameter and the path of its newest value."""
    for name, text in files.items():
        declared = document(name, text).data.get("parameters", {})
        if parameter in declared:
            last = len(declared[parameter]["values"]) - 1
            return name, ("parameters", parameter, "values", last, "value")
    raise AssertionError(f"no file declares the parameter {parameter}")


def set_value(files: Mapping[str, str], parameter: str, value: float | int) -> Files:
    """Return the files with another value of a parameter, changed in place: everything around it stays."""
    name, path = place_of(files, parameter)
    span = document(name, files[name]).spans[path]
    lines = files[name].split("\n")
    line, start = lines[span.line - 1], span.column - 1
    lines[span.line - 1] = f"{line[:start]}{value}{line[start + span.length :]}"
    return {**files, name: "\n".join(lines)}

"""Where the tables of a cohort are: a folder of files, a DuckDB file, or a database by its address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from boosterwatch.engine.cohort.tables.errors import TablesError, problem
from boosterwatch.engine.cohort.tables.layout import PATIENTS, layouts
from boosterwatch.engine.diagnostics import Diagnostic, suggest

Format = Literal["parquet", "csv", "ndjson"]
SUFFIXES: Mapping[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".csv.gz": "csv",
    ".ndjson": "ndjson",
    ".ndjson.gz": "ndjson",
    ".jsonl": "ndjson",
}
_HIDDEN = ("_", ".")  # what engines leave beside the parts of a table


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one table, in the order of their names."""

    table: str
    format: Format
    files: tuple[Path, ...]


def find_tables(folder: Path) -> dict[str, Source]:
    """Return the tables of a folder by name. Raises TablesError with everything that is wrong with their files.

    A table is one file, `<table>.parquet`, `.csv`, `.ndjson`, or a folder of that name with files of one kind.
    """
    found: dict[str, Source] = {}
    problems: list[Diagnostic] = []
    for path in sorted(folder.iterdir()):
        name, suffix = _split(path)
        if path.name.startswith(_HIDDEN) or (not path.is_dir() and suffix not in SUFFIXES):
            continue
        if name not in layouts():
            problems += _unknown(path, name)
            continue
        source = _source(path, name)
        if name in found:
            first, second = found[name].files[0].name, path.name
            problems.append(Diagnostic("BW709", f"`{name}` is there twice: `{first}` and `{second}`", None, "keep one"))
        elif source is not None:
            found[name] = source
    if not problems and PATIENTS not in found:
        problems.append(_nothing(folder))
    if problems:
        raise TablesError(problems)
    return found


def _split(path: Path) -> tuple[str, str]:
    name, dot, rest = path.name.partition(".")
    return name, dot + rest


def _source(path: Path, name: str) -> Source | None:
    """Return a table's files; None for an empty folder."""
    files = [path] if path.is_file() else _parts(path)
    formats = sorted({SUFFIXES[_suffix(file)] for file in files})
    if len(formats) > 1:
        message = f"`{path.name}` has files of several kinds: {', '.join(formats)}"
        raise problem("BW709", message, "keep those of one kind")
    return Source(name, formats[0], tuple(files)) if files else None


def _parts(folder: Path) -> list[Path]:
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(_HIDDEN))
    return sorted(file for file in files if _suffix(file) in SUFFIXES)


def _suffix(path: Path) -> str:
    return next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), "")


def _unknown(path: Path, name: str) -> list[Diagnostic]:
    """Return the problem of a file that is no table, and of a folder that was perhaps meant to be one."""
    meant = suggest(name, layouts())
    if path.is_dir() and meant is None:
        return []
    hint = meant or f"the tables are {listed(layouts())}"
    return [Diagnostic("BW701", f"`{path.name}` is no table of a cohort", None, hint)]


def _nothing(folder: Path) -> Diagnostic:
    hint = f"write `{PATIENTS}.parquet`, `{PATIENTS}.csv` or `{PATIENTS}.ndjson`, one row for each patient"
    return Diagnostic("BW700", f"there is no table `{PATIENTS}` in `{folder.name or folder}`", None, hint)


def listed(words: Iterable[str]) -> str:
    """Return words in backticks, with commas."""
    return ", ".join(f"`{word}`" for word in words)

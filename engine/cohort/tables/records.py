"""Records in files: a folder of JSON and YAML files, one record in each, or NDJSON with one record in each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from boosterwatch.engine.cohort.tables.errors import problem
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.record.read import read_document

SUFFIXES = (".json", ".yaml", ".yml")
LINES = (".ndjson", ".jsonl")
Named = tuple[str, Mapping[str, Any]]


def read_records(place: Path) -> Iterator[Named | RecordError]:
    """Yield each record with the name of its file, files by name; or what is wrong with it.

    Raises TablesError BW700 when there are none.
    """
    files = sorted(file for file in place.rglob("*") if _has_records(file)) if place.is_dir() else [place]
    if not files or not all(map(_has_records, files)):
        hint = "records are a folder of .json or .yaml files, or one .ndjson file with a record in each line"
        raise problem("BW700", f"there are no records at `{place}`", hint)
    for file in files:
        if file.suffix in LINES:
            yield from _lines(file)
        else:
            yield _read(file.read_bytes(), str(file), file.stem)


def _has_records(path: Path) -> bool:
    return path.is_file() and path.suffix in (*SUFFIXES, *LINES) and not path.name.startswith(".")


def _lines(file: Path) -> Iterator[Named | RecordError]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _read(line, f"{file}, line {number}", f"{file.stem}-{number}")


def _read(source: bytes, shown: str, name: str) -> Named | RecordError:
    try:
        return name, read_document(source, shown)[1].data
    except RecordError as error:
        return error


class RecordFiles:
    """Writes records, one file for each patient in a folder, or a line for each in an NDJSON file."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._lines = out.open("wb") if out.suffix in LINES else None
        self._used: set[str] = set()
        if self._lines is None:
            out.mkdir(exist_ok=True)

    def add(self, record: Mapping[str, Any]) -> None:
        """Write one record."""
        if self._lines is not None:
            self._lines.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
            return
        text = orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        (self._out / f"{self._name(record['patient'])}.json").write_bytes(text)

    def close(self) -> None:
        """Finish the file."""
        if self._lines is not None:
            self._lines.close()

    def _name(self, patient: str) -> str:
        """Return the name of a patient's file: the id, where it is one on every system."""
        safe = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "_" for one in patient)[:100]
        name = safe if safe.strip("._") else f"patient{safe}"
        number = 1
        unique = name
        while unique.lower() in self._used:
            number += 1
            unique = f"{name}-{number}"
        self._used.add(unique.lower())
        return unique

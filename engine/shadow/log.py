"""The log of shadow runs: a JSON line for each, appended so that it survives a power cut.

A line holds the digest of the record, names of packs, and what differs by its id; no values of a patient and no id of
one. `schemas/shadow.schema.json` states its shape.
"""

from __future__ import annotations

import os
from pathlib import Path

import orjson

from boosterwatch.engine.shadow.run import Shadowed

SCHEMA = "boosterwatch/shadow/1"


def line_of(found: Shadowed) -> bytes:
    """Return one shadow run as a JSON object on one line, without the line break; the same run gives the same bytes."""
    decision, problem = found.decision, found.problem
    line = {
        "schema": SCHEMA,
        "record_digest": decision.record_digest,
        "as_of": decision.as_of.isoformat(),
        "active": dict(decision.pack),
        "trial": None if found.trial is None else dict(found.trial),
        "differences": [one.to_plain() for one in found.differences],
        "problem": None if problem is None else {"code": problem.code, "message": problem.message},
    }
    return orjson.dumps(line, option=orjson.OPT_SORT_KEYS)


def append_line(file: Path, line: bytes) -> None:
    """Append a line to a file, made when it is not there; when this returns, the line survives a power cut.

    A line that a crash tore off earlier is ended first, so that only that one is lost. Several processes may append to
    one file of a local file system. Raises OSError.
    """
    new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _write(descriptor, (b"\n" if _torn(descriptor) else b"") + line + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if new:
        _sync_folder(file.parent)


def _torn(descriptor: int) -> bool:
    """Return whether the file ends in the middle of a line."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _write(descriptor: int, data: bytes) -> None:
    while data:  # one write nearly always; a full disk may take a part, and the next one raises
        data = data[os.write(descriptor, data) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

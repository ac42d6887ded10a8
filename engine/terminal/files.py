"""Bytes in and out of files, with a coded problem where a file is missing, a folder, or locked."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from boosterwatch.engine.diagnostics import Diagnostic, RecordError
from boosterwatch.engine.pack.document import RECORD_LIMITS
from boosterwatch.engine.terminal.guard import RunError

STDIN = "-"


def read_source(name: str) -> tuple[bytes, str]:
    """Return the bytes of a file, or of standard input for `-`, and what to call it in messages.

    Never more than one byte over the limit is read: the guard refuses it by its size.
    """
    most = RECORD_LIMITS.bytes + 1
    if name == STDIN:
        return sys.stdin.buffer.read(most), "<stdin>"
    try:
        with open(name, "rb") as file:
            return file.read(most), name
    except (OSError, ValueError) as error:
        raise RecordError((cannot_read(name, error),)) from None


def cannot_read(name: str, error: OSError | ValueError) -> Diagnostic:
    """Return the problem of a file that cannot be opened or read."""
    hint = "give the path of a record, or `-` for standard input" if isinstance(error, FileNotFoundError) else None
    return Diagnostic("BW110", f"`{name}` cannot be read: {_reason(error)}", None, hint)


def write_text(name: str, text: str) -> None:
    """Write a text file, replacing the one of that name."""
    try:
        Path(name).write_text(text, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        raise RunError("BW404", f"`{name}` cannot be written: {_reason(error)}") from None


def make_folder(name: str) -> Path:
    """Return a folder, made when it is not there."""
    folder = Path(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise RunError("BW404", f"folder `{name}` cannot be made: {_reason(error)}") from None
    return folder


def _reason(error: OSError | ValueError) -> str:
    return os.strerror(error.errno).lower() if isinstance(error, OSError) and error.errno else "not a file name"

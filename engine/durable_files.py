"""Files written whole or not at all: after a crash or a power cut there is the old content or the new, never a part.

Every file that must not be half-written goes through here: releases, signatures, keys, bundles. It needs a file
system with atomic rename, and for `create_durably` one with hard links.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

_LEFTOVER = re.compile(r"\.[^/]+\.[a-z0-9_]{8}\.tmp")


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file, in place of the one of that name; when this returns, the content survives a power cut.

    `mode` holds whatever the umask is. Raises OSError; the old file is then still there, whole, unless only the last
    step failed (making the folder durable), after which it may be the old or the new one.
    """
    temporary = _written(path, data, mode)
    try:
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink()
        raise
    sync_folder(path.parent)


def create_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that is not there yet, as `write_durably` does. Raises FileExistsError rather than replace one.

    Of two that create the same file at the same time, one gets the error.
    """
    temporary = _written(path, data, mode)
    try:
        os.link(temporary, path)  # unlike a rename, a link never takes the place of a file
    finally:
        temporary.unlink()
    sync_folder(path.parent)


def make_folder_durably(path: Path) -> None:
    """Make a folder in one that is there, unless it is there already. Raises OSError."""
    try:
        path.mkdir()
    except FileExistsError:
        if not path.is_dir():
            raise
    sync_folder(path.parent)


def is_leftover(name: str) -> bool:
    """Return whether a file name is one that a killed write left behind; such a file means nothing and may go.

    >>> is_leftover(".release.json.k3v_9x2a.tmp"), is_leftover("release.json")
    (True, False)
    """
    return _LEFTOVER.fullmatch(name) is not None


def _written(path: Path, data: bytes, mode: int) -> Path:
    """Return a new file beside `path` that holds the data, durably."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        os.unlink(name)
        raise
    return Path(name)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a rename alone may be lost in a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

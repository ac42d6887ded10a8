"""Bytes into a file so that a reader sees the old file or the new one, never half of either."""

from __future__ import annotations

from pathlib import Path

from boosterwatch.engine.durable_files import write_durably


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file in one step and wait until it is on the disk; its permissions stay. Raises OSError."""
    write_durably(path, data, mode=path.stat().st_mode & 0o7777)

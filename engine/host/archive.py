"""Files to one archive and back, the same bytes on every Python. Standard library only; it knows nothing of packs.

The archive is a ZIP in which nothing is left to choose: entries stored as they are, sorted by name, all of one date
and mode. Whoever reads one builds it again from what was read and compares: an archive with a changed, added or
hidden byte is none. A file of another shape (compressed, with links, folders, comments) is refused before it is read.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Literal

MAX_BYTES = 16 << 20
MAX_FILES = 1000
MAX_NAME = 200

Reason = Literal["size", "name", "entry", "unreadable", "changed"]
_DATE = (1980, 1, 1, 0, 0, 0)  # the first day that a ZIP can tell
_MODE = 0o100644 << 16  # a plain file that its owner may write
_UNIX = 3
_END = struct.Struct("<4s4H2LH")
_LISTED = 46  # bytes of an entry of the list, without its name
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)


class ArchiveError(ValueError):
    """Bytes that are no archive of ours, or files that cannot be in one; `reason` is a word for programs."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the one archive of these files, by their names with `/`. Raises ArchiveError (name, size)."""
    _check_names(list(files))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(_entry(name), files[name])
    data = out.getvalue()
    if len(data) > MAX_BYTES:
        raise ArchiveError("size", f"it would have {len(data)} bytes; at most {MAX_BYTES} are allowed")
    return data


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive by name, sorted. Raises ArchiveError unless `pack` of them gives these bytes."""
    _check_end(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _check_entries(entries, len(data))
            files = {entry.filename: archive.read(entry) for entry in entries}
    except ArchiveError:
        raise
    except Exception:  # on hostile bytes zipfile raises errors of many kinds; each means the same
        raise ArchiveError("unreadable", "it cannot be read as an archive") from None
    if pack(files) != data:
        raise ArchiveError("changed", "its bytes are not those that its content gives")
    return files


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_STORED
    entry.create_system = _UNIX
    entry.external_attr = _MODE
    return entry


def _check_end(data: bytes) -> None:
    """Look at the last bytes, which tell the number of entries: nothing else is read of a file that is too big."""
    if len(data) > MAX_BYTES:
        raise ArchiveError("size", f"it has more than {MAX_BYTES} bytes")
    if len(data) < _END.size or data[-_END.size :][:4] != b"PK\x05\x06":
        raise ArchiveError("unreadable", "it does not end as an archive does: cut short, or with something behind it")
    _, disk, first, here, count, size, offset, comment = _END.unpack(data[-_END.size :])
    if max(here, count) > MAX_FILES:
        raise ArchiveError("size", f"it has more than {MAX_FILES} files")
    if (disk, first, here, comment) != (0, 0, count, 0) or offset + size + _END.size != len(data):
        raise ArchiveError("unreadable", "its list of files is not where it should be")
    if size > count * (_LISTED + MAX_NAME):  # zipfile would read all of it, whatever the count says
        raise ArchiveError("size", "its list of files is longer than it says")


def _check_entries(entries: Sequence[zipfile.ZipInfo], available: int) -> None:
    for entry in entries:
        fault = _fault(entry)
        if fault:
            raise ArchiveError("entry", f"`{entry.orig_filename[:MAX_NAME]}` is {fault}")
    _check_names([entry.orig_filename for entry in entries])
    if sum(entry.file_size for entry in entries) > available:  # entries that overlap: a bomb
        raise ArchiveError("size", "its files claim more bytes than it has")


def _fault(entry: zipfile.ZipInfo) -> str | None:
    """Return what an entry is that it may not be, or None for a plain file as `pack` writes it."""
    kind = entry.external_attr >> 28
    faults = (
        (entry.flag_bits & 0x1, "encrypted"),
        (entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size, "compressed"),
        (entry.orig_filename.endswith("/") or kind == 0o04, "a folder"),
        (kind == 0o12, "a link"),
        (entry.extra, "with an extra field"),
        (entry.comment, "with a comment"),
        (entry.external_attr != _MODE or entry.create_system != _UNIX, "not a plain file"),
    )
    return next((what for wrong, what in faults if wrong), None)


def _check_names(names: Sequence[str]) -> None:
    if not 0 < len(names) <= MAX_FILES:
        raise ArchiveError("size", f"it has {len(names)} files; 1 to {MAX_FILES} are allowed")
    seen: dict[str, str] = {}
    for name in names:
        if len(name) > MAX_NAME or not all(_PART.fullmatch(part) for part in name.split("/")):
            raise ArchiveError("name", f"a file is called `{name[:MAX_NAME]}`")
        if name.lower() in seen:
            raise ArchiveError("name", f"two files are called `{seen[name.lower()]}` and `{name}`")
        seen[name.lower()] = name
    _check_folders(seen)


def _check_folders(names: Mapping[str, str]) -> None:
    """Refuse a file whose name is also that of a folder of other files."""
    for name in names:
        above = name.rpartition("/")[0]
        while above:
            if above in names:
                raise ArchiveError("name", f"`{names[above]}` is a file, and also the folder of `{names[name]}`")
            above = above.rpartition("/")[0]

"""The folder beside a run's results: finished chunks, from which a run that was killed goes on.

A chunk is finished when its note (`chunk-00003.json`) is there and names the digests of its rows; it is written last.
So nothing here needs to survive a power cut: a chunk whose bytes are not what its note says is worked out again. The
results themselves are written durably, and only then the folder goes.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.run.chunk import Chunk, Evaluated
from boosterwatch.engine.cohort.run.errors import RunFault, run_fault
from boosterwatch.engine.cohort.run.identity import canonical
from boosterwatch.engine.cohort.run.tally import tally

Note = Mapping[str, Any]
LOCK, TABLES, SPILL = "lock", "tables", "spill"


class WorkFolder:
    """Holds the finished chunks of one run, and keeps other processes away from them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._needed = True

    def begin(self, plan: Mapping[str, object]) -> None:
        """Make ready for a run: what another plan left behind goes, what the same one left stays."""
        stated = self.path / "plan.json"
        text = canonical(plan)
        if not stated.exists() or stated.read_bytes() != text:
            for file in self.path.iterdir():
                if file.name != LOCK and file.is_file():
                    file.unlink()
            _replace(stated, text)

    def finished(self, chunk: Chunk) -> Note | None:
        """Return the note of a chunk that is finished and whole."""
        try:
            note = json.loads(self._note(chunk.number).read_bytes())
            whole = all(digest_of(self.path / name) == digest for name, digest in note["files"].items())
        except (OSError, ValueError, KeyError):
            return None
        return note if whole else None

    def keep(self, chunk: Chunk, evaluated: Evaluated) -> Note:
        """Return the note of a chunk that has just been worked out, written with its rows."""
        rows, refused = self.rows(chunk.number), self.refused(chunk.number)
        _write_arrow(rows, evaluated.results)
        _replace(refused, b"".join(canonical(one) for one in evaluated.refused))
        note = {
            "chunk": chunk.number,
            "patients": evaluated.results.num_rows,
            "refused": len(evaluated.refused),
            "files": {file.name: digest_of(file) for file in (rows, refused)},
            "tally": tally(evaluated.results),
        }
        _replace(self._note(chunk.number), canonical(note))
        return note

    def rows(self, number: int) -> Path:
        """Return the file of a chunk's results."""
        return self.path / f"chunk-{number:05d}.arrow"

    def read(self, chunk: Chunk) -> pa.Table:
        """Return the results of a finished chunk; its file is mapped, not read."""
        return pa.ipc.open_file(pa.memory_map(str(self.rows(chunk.number)))).read_all()

    def refused(self, number: int) -> Path:
        """Return the file of a chunk's refused rows."""
        return self.path / f"chunk-{number:05d}.refused.ndjson"

    def finish(self) -> None:
        """Say that nothing in the folder is needed any more."""
        self._needed = False

    def leave(self) -> None:
        """Remove the folder, unless it holds chunks that the next start can go on from."""
        if not self._needed or not any(self.path.glob("chunk-*.json")):
            shutil.rmtree(self.path, ignore_errors=True)  # what cannot be removed means nothing

    def _note(self, number: int) -> Path:
        return self.path / f"chunk-{number:05d}.json"


@contextmanager
def open_folder(path: Path) -> Iterator[WorkFolder]:
    """Give the folder of a run's chunks, made if need be; nobody else has it meanwhile.

    Raises RunFault BW720 when another process has it. A process that was killed has nothing.
    """
    lock = _locked(path)
    folder = WorkFolder(path)
    try:
        yield folder
    finally:
        folder.leave()
        os.close(lock)


def _locked(path: Path) -> int:
    """Return the open lock of a folder."""
    while True:
        path.mkdir(exist_ok=True)
        file = path / LOCK
        try:
            lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except FileNotFoundError:  # the folder went while we looked: its run has just ended
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(lock), os.stat(file)):
                return lock
        except BlockingIOError:
            os.close(lock)
            message = f"another process is writing to `{path}`"
            raise RunFault([run_fault("BW720", message, "wait for it, or end it and start again")]) from None
        except FileNotFoundError:
            pass
        os.close(lock)  # what we locked is no longer the folder's


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal. Raises OSError."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_arrow(path: Path, results: pa.Table) -> None:
    """Write rows as an Arrow file. A part of one is never taken for the whole: the note with its digest comes later."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, results.schema) as writer:
        writer.write_table(results)


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, as far as this process being killed goes."""
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(data)
    os.replace(temporary, path)

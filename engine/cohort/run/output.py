"""Finished chunks -> the files of a run: results, refused rows, and a page of what it was and came to.

The rows stand in groups of one size whatever the chunks were, so the bytes follow from the rows and the run alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.run.errors import RunFault, run_fault
from boosterwatch.engine.durable_files import sync_folder

GROUP = 1 << 17  # rows in one group of a Parquet file
COMPRESSION = "zstd"


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise RunFault BW721 when what is done here cannot be written."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "the system gives no reason"
        hint = "what was finished of the run stays; start it again when that is put right"
        raise RunFault([run_fault("BW721", f"`{path}` cannot be written: {reason}", hint)]) from None


class Results:
    """The rows of a run as they are written, chunk after chunk."""

    def __init__(self, path: Path, writer: pq.ParquetWriter) -> None:
        self._path = path
        self._writer = writer
        self._waiting: list[pa.Table] = []
        self._count = 0

    def add(self, rows: pa.Table) -> None:
        """Add the rows of the next chunk, in groups of one size; what makes no whole group waits for the next."""
        rows = rows.cast(self._writer.schema)
        while self._count + rows.num_rows >= GROUP:
            most = GROUP - self._count
            self._waiting.append(rows.slice(0, most))
            rows = rows.slice(most)
            self.flush()
        self._waiting.append(rows)
        self._count += rows.num_rows

    def flush(self) -> None:
        """Write what waits."""
        if sum(rows.num_rows for rows in self._waiting):
            with writing(self._path):
                self._writer.write_table(pa.concat_tables(self._waiting).combine_chunks(), row_group_size=GROUP)
        self._waiting, self._count = [], 0


@contextmanager
def results_file(path: Path, work: Path, schema: pa.Schema, metadata: Mapping[str, str]) -> Iterator[Results]:
    """Give what rows are added to; at the end they stand in place as one Parquet file, durably and whole."""
    stated = schema.with_metadata(dict(sorted(metadata.items())))
    with _put(path, work) as file:
        writer = pq.ParquetWriter(file, stated, compression=COMPRESSION, compression_level=1)
        results = Results(path, writer)
        try:
            yield results
            results.flush()
        except BaseException:
            with suppress(OSError):
                writer.close()  # of a file that will not be used
            raise
        with writing(path):
            writer.close()


def write_joined(path: Path, work: Path, parts: Iterable[Path]) -> None:
    """Write files one after the other as one, durably and whole or not at all."""
    with _put(path, work) as file, writing(path):
        for part in parts:
            file.write(part.read_bytes())


def write_page(path: Path, work: Path, data: bytes) -> None:
    """Write a small file, durably and whole or not at all."""
    with _put(path, work) as file, writing(path):
        file.write(data)


@contextmanager
def _put(path: Path, work: Path) -> Iterator[IO[bytes]]:
    """Give a file that takes the place of the one of that name, by way of the folder of chunks; none after an error."""
    temporary = work / f"{path.name}.tmp"
    with ExitStack() as opened:
        with writing(path):
            file = opened.enter_context(open(temporary, "wb"))
        yield file
        with writing(path):
            file.flush()
            os.fsync(file.fileno())
            file.close()
            os.replace(temporary, path)
            sync_folder(path.parent)

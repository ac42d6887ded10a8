"""Finished chunks -> the files of a run: results, refused rows, and a page of what it was and came to.

The rows stand in groups of one size whatever the chunks were, so the bytes follow from the rows and the run alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.run.errors import RunFault, run_fault
from boosterwatch.engine.durable_files import sync_folder

GROUP = 1 << 17  # rows in one group of a Parquet file
COMPRESSION = "zstd"


def write_results(
    path: Path, work: Path, chunks: Iterable[Path], schema: pa.Schema, metadata: Mapping[str, str]
) -> None:
    """Write the rows of chunks in order as one Parquet file, durably and whole or not at all."""
    stated = schema.with_metadata(dict(sorted(metadata.items())))

    def write(file: IO[bytes]) -> None:
        with pq.ParquetWriter(file, stated, compression=COMPRESSION, compression_level=1) as writer:
            for group in grouped(chunks, stated):
                writer.write_table(group, row_group_size=GROUP)

    _durably(path, work, write)


def grouped(chunks: Iterable[Path], schema: pa.Schema) -> Iterator[pa.Table]:
    """Give the rows of chunks in order, in groups of one size; the last may be smaller. Files are mapped, not read."""
    waiting: list[pa.Table] = []
    count = 0
    for chunk in chunks:
        rows = pa.ipc.open_file(pa.memory_map(str(chunk))).read_all().cast(schema)
        while count + rows.num_rows >= GROUP:
            waiting.append(rows.slice(0, GROUP - count))
            yield pa.concat_tables(waiting).combine_chunks()
            rows, waiting, count = rows.slice(GROUP - count), [], 0
        waiting.append(rows)
        count += rows.num_rows
    if count:
        yield pa.concat_tables(waiting).combine_chunks()


def write_joined(path: Path, work: Path, parts: Iterable[Path]) -> None:
    """Write files one after the other as one, durably and whole or not at all."""

    def write(file: IO[bytes]) -> None:
        for part in parts:
            file.write(part.read_bytes())

    _durably(path, work, write)


def write_page(path: Path, work: Path, data: bytes) -> None:
    """Write a small file, durably and whole or not at all."""

    def write(file: IO[bytes]) -> None:
        file.write(data)

    _durably(path, work, write)


def _durably(path: Path, work: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a file in place of the one of that name, by way of the folder of chunks, where a kill may leave a part."""
    temporary = work / f"{path.name}.tmp"
    with open(temporary, "wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raise RunFault BW721 when what is done here cannot be written."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno else "the system gives no reason"
        hint = "what was finished of the run stays; start it again when that is put right"
        raise RunFault([run_fault("BW721", f"`{path}` cannot be written: {reason}", hint)]) from None

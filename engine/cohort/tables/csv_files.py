"""CSV files -> batches of columns of text. The first line names the columns; an empty value is null."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from boosterwatch.engine.cohort.tables.columns import check_names
from boosterwatch.engine.cohort.tables.errors import UNREADABLE, Fault, TablesError, problem, unreadable
from boosterwatch.engine.cohort.tables.land import Batch
from boosterwatch.engine.cohort.tables.layout import Layout

RAGGED = "BW714"
_BLOCK = 1 << 24
_HEADER = 1 << 16


class CsvReader:
    """Reads one CSV file; a row with more or fewer values than columns becomes a fault of the patient it begins with.

    `skipped` are the numbers of such rows, which are in no batch.
    """

    def __init__(self, layout: Layout, path: Path) -> None:
        self.layout = layout
        self.path = path
        self.names = header_of(path)
        self.faults: list[Fault] = []
        self.skipped: list[int] = []
        self._broken: TablesError | None = None
        check_names(layout, self.names, path.name)

    def batches(self) -> Iterator[Batch]:
        """Yield the rows. Raises TablesError when the file cannot be read."""
        convert = pa_csv.ConvertOptions(
            column_types=dict.fromkeys(self.names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )
        parse = pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=self._ragged)
        read = pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK)  # with threads, bad rows have no number
        try:
            with pa.input_stream(str(self.path), compression="detect") as stream:
                for batch in pa_csv.open_csv(stream, read, parse, convert):
                    yield Batch(dict(zip(batch.schema.names, batch.columns, strict=True)), batch.num_rows)
        except (pa.ArrowInvalid, OSError) as error:
            raise self._broken or unreadable(self.path.name, error) from None

    def _ragged(self, row: pa_csv.InvalidRow) -> str:
        number = row.number - 1  # the header counts there
        patient = next(csv.reader([row.text]), [""])[0] if self.names[0] == "patient" else ""
        if not patient:
            message = f"row {number} of `{self.path.name}` has {row.actual_columns} values, not {row.expected_columns}"
            hint = "it cannot be told whose row it is; with the column `patient` first, only that patient is refused"
            self._broken = problem(RAGGED, message, hint)
            return "error"
        self.faults.append(Fault(patient, self.layout.name, self.path.name, number, UNREADABLE, RAGGED))
        self.skipped.append(number)
        return "skip"


def header_of(path: Path) -> list[str]:
    """Return the names of a CSV file's columns. Raises TablesError BW708 when it has none."""
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            first = stream.read(_HEADER).decode("utf-8-sig", errors="replace")
    except (OSError, pa.ArrowInvalid) as error:
        raise unreadable(path.name, error) from None
    names = next(csv.reader(first.splitlines()[:1]), [])
    if not names:
        raise problem("BW708", f"`{path.name}` is empty", "its first line names its columns")
    return names

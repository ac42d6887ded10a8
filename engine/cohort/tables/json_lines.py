"""NDJSON files -> batches of typed columns. A line is one row; a key that is not there, or null, is not stated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from boosterwatch.engine.cohort.tables.columns import check_names, is_group
from boosterwatch.engine.cohort.tables.errors import Fault, problem, unreadable
from boosterwatch.engine.cohort.tables.given import JSON_TYPES, column_of_values
from boosterwatch.engine.cohort.tables.land import Batch
from boosterwatch.engine.cohort.tables.layout import Kind, Layout
from boosterwatch.engine.cohort.tables.typed import Typed

UNKNOWN_KEY = "BW302"
_LINES = 20_000
Row = dict[str, Any]


class JsonReader:
    """Reads one NDJSON file; a row with an unknown key becomes a fault. Groups are the keys of its first rows."""

    def __init__(self, layout: Layout, path: Path) -> None:
        self.layout = layout
        self.path = path
        self.faults: list[Fault] = []
        self._known = {column.name for column in layout.columns}
        self.names = self._first_names()

    def batches(self) -> Iterator[Batch]:
        """Yield the rows. Raises TablesError for a line that is no JSON object."""
        start = 0
        for rows in self._chunks():
            yield Batch({name: self._column(name, rows) for name in self.names}, len(rows))
            self._note_unknown(rows, start)
            start += len(rows)

    def _first_names(self) -> list[str]:
        rows = next(self._chunks(), [])
        keys = dict.fromkeys(key for row in rows for key in row)
        names = [column.name for column in self.layout.columns]
        names += [key for key in keys if is_group(self.layout, key)]
        check_names(self.layout, names, self.path.name)
        return names

    def _column(self, name: str, rows: Sequence[Row]) -> Typed:
        values = [row.get(name) for row in rows]
        if name == "patient":
            values = [str(value) if type(value) is int else value for value in values]
        kind: Kind = "text" if is_group(self.layout, name) else self.layout.column(name).kind
        return column_of_values(kind, values, JSON_TYPES)

    def _note_unknown(self, rows: Sequence[Row], start: int) -> None:
        names = set(self.names)
        for place, row in enumerate(rows):
            if not row.keys() <= names:
                key = next(key for key in row if key not in names)
                patient, number = row.get("patient"), start + place + 1
                owner = None if patient is None else str(patient)
                self.faults.append(Fault(owner, self.layout.name, self.path.name, number, key, UNKNOWN_KEY))

    def _chunks(self) -> Iterator[list[Row]]:
        try:
            with pa.input_stream(str(self.path), compression="detect") as stream:
                lines = enumerate(_lines(stream), start=1)
                while rows := [self._row(line, number) for number, line in islice(lines, _LINES)]:
                    yield rows
        except (OSError, pa.ArrowInvalid) as error:
            raise unreadable(self.path.name, error) from None

    def _row(self, line: bytes, number: int) -> Row:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        if not isinstance(row, Mapping):
            hint = 'each line is one row, such as {"patient": "p-0001", ...}'
            raise problem("BW708", f"line {number} of `{self.path.name}` is no JSON object", hint)
        return dict(row)


def _lines(stream: pa.NativeFile) -> Iterator[bytes]:
    """Yield the lines of a file that are not blank."""
    rest = b""
    while block := stream.read(1 << 20):
        *whole, rest = (rest + block).split(b"\n")
        yield from (line for line in whole if line.strip())
    if rest.strip():
        yield rest

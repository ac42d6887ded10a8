"""Tables in any format -> Parquet files of the right types, and the rows whose values have no such type.

What is Parquet of the right types already is read where it is; everything else is rewritten once, in batches, so that
the columnar engines see one format. Rows keep their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.tables.columns import is_group, kind_error
from boosterwatch.engine.cohort.tables.errors import Fault
from boosterwatch.engine.cohort.tables.layout import Layout
from boosterwatch.engine.cohort.tables.typed import NO_SUCH_DAY, Typed, UnreadableTypeError, type_column

WITHDRAWN = "entered_in_error"
NO_DAY = date(1900, 1, 1)


class Batch(NamedTuple):
    """Some rows of a table, column by column, typed already or not, and how many they are."""

    columns: Mapping[str, Typed | pa.Array]
    size: int


@dataclass
class Landing:
    """One table being written: the file, and what was wrong with its rows."""

    layout: Layout
    shown: str
    groups: Sequence[str]
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    seen: set[str | None] = field(default_factory=set)

    def typed(self, batch: Batch) -> pa.RecordBatch:
        """Return a batch in the table's types; a value without its type becomes null, and its row a fault."""
        schema = self.layout.schema(self.groups)
        made = _forgiven({name: self._column(name, column) for name, column in batch.columns.items()})
        self._note(made, batch.size)
        arrays = [
            made[name].values if name in made else pa.nulls(batch.size, schema.field(name).type)
            for name in schema.names
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _column(self, name: str, column: Typed | pa.Array) -> Typed:
        if isinstance(column, Typed):
            return column
        if is_group(self.layout, name):
            return Typed(_as_text(column), {})
        kept = self.layout.column(name)
        try:
            return type_column(kept.kind, column, is_patient=name == "patient")
        except UnreadableTypeError:
            raise kind_error(kept, column.type, self.shown) from None

    def _note(self, made: Mapping[str, Typed], count: int) -> None:
        """Keep the first fault of each patient."""
        first: dict[int, tuple[str, str]] = {}
        for name, column in made.items():
            for code, bad in column.faults.items():
                for place in pc.indices_nonzero(pc.fill_null(bad, False)).to_pylist():
                    first.setdefault(place, (name, code))
        patients = made["patient"].values
        for place, (name, code) in sorted(first.items()):
            patient = patients[place].as_py()
            if patient not in self.seen:
                self.seen.add(patient)
                self.faults.append(Fault(patient, self.layout.name, self.shown, self.rows + place + 1, name, code))
        self.rows += count


def _forgiven(made: Mapping[str, Typed]) -> Mapping[str, Typed]:
    """Return the columns, where a row entered in error may have a day that no calendar has: nobody reads it."""
    name = next((name for name in made if name.endswith(WITHDRAWN)), None)
    if name is None or not any(NO_SUCH_DAY in column.faults for column in made.values()):
        return made
    withdrawn = pc.fill_null(made[name].values, False)
    return {name: _forgive(column, withdrawn) for name, column in made.items()}


def _forgive(column: Typed, withdrawn: pa.Array) -> Typed:
    bad = column.faults.get(NO_SUCH_DAY)
    if bad is None:
        return column
    values = pc.if_else(pc.and_(bad, withdrawn), pa.scalar(NO_DAY, pa.date32()), column.values)
    return Typed(values, {**column.faults, NO_SUCH_DAY: pc.and_(bad, pc.invert(withdrawn))})


def _as_text(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column.cast(pa.string(), safe=False)


def land(layout: Layout, shown: str, groups: Sequence[str], batches: Iterable[Batch], out: Path) -> list[Fault]:
    """Write the batches of one file of a table to a Parquet file; return what was wrong with their rows."""
    landing = Landing(layout, shown, groups)
    with pq.ParquetWriter(out, layout.schema(groups), compression="zstd", compression_level=1) as writer:
        for batch in batches:
            if batch.size:
                writer.write_batch(landing.typed(batch))
    return landing.faults


def parquet_batches(path: Path) -> Iterator[Batch]:
    """Yield the rows of a Parquet file of other types."""
    with closing_file(path) as file:
        for batch in file.iter_batches():
            yield Batch(dict(zip(batch.schema.names, batch.columns, strict=True)), batch.num_rows)


@contextmanager
def closing_file(path: Path) -> Iterator[pq.ParquetFile]:
    """Give an open Parquet file, and close it."""
    file = pq.ParquetFile(path)
    try:
        yield file
    finally:
        file.close()


def group_names(names: Iterable[str], layout: Layout) -> tuple[str, ...]:
    """Return the columns that only group patients, in order."""
    return tuple(name for name in names if is_group(layout, name))

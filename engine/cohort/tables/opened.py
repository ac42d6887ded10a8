"""Tables that are ready to be loaded: Parquet of the right types, in place where it was that already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from boosterwatch.engine.cohort.tables.columns import as_they_are, check_names, is_group
from boosterwatch.engine.cohort.tables.csv_files import CsvReader
from boosterwatch.engine.cohort.tables.errors import FAULTS, Fault, TablesError, problem, unreadable
from boosterwatch.engine.cohort.tables.json_lines import JsonReader
from boosterwatch.engine.cohort.tables.land import land, parquet_batches
from boosterwatch.engine.cohort.tables.layout import PATIENTS, Layout, layouts
from boosterwatch.engine.cohort.tables.source import Source, find_tables
from boosterwatch.engine.diagnostics import Diagnostic

DUCKDB_MARK = (8, b"DUCK")


@dataclass(frozen=True)
class Part:
    """The files of one table: as they are read, as people know them, and the rows of each that were left out.

    `columns` are those that the files have.
    """

    files: tuple[Path, ...]
    shown: tuple[str, ...]
    columns: tuple[str, ...]
    skipped: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Tables:
    """The tables of a cohort, opened. `faults` are rows that have no types; `cuts` are kept by `chunks.py`."""

    place: str
    parts: Mapping[str, Part]
    faults: tuple[Fault, ...] = ()
    cuts: dict[int, tuple[str, ...]] = field(default_factory=dict, compare=False)

    @property
    def groups(self) -> tuple[str, ...]:
        """The columns of patients that only group them."""
        layout = layouts()[PATIENTS]
        return tuple(name for name in self.parts[PATIENTS].columns if is_group(layout, name))

    def fault_rows(self) -> pa.Table:
        """Return the rows that have no types as a table."""
        return pa.Table.from_pylist([fault._asdict() for fault in self.faults], schema=FAULTS)


def open_tables(place: str | Path, work: Path) -> Tables:
    """Return the tables of a folder, a DuckDB file or the address of a database.

    What is not Parquet of the right types is rewritten once below `work`, which must last as long as the tables are
    used. Raises TablesError with what is wrong with whole tables; a wrong row only refuses its patient, later.
    """
    if "://" in str(place):
        from boosterwatch.engine.cohort.tables.databases import open_database

        return open_database(str(place), work)
    path = Path(place)
    if path.is_file() and _is_duckdb(path):
        from boosterwatch.engine.cohort.tables.databases import open_duckdb

        return open_duckdb(path, work)
    if not path.is_dir():
        hint = "TABLES is a folder of Parquet, CSV or NDJSON files, a DuckDB file, or the address of a database"
        raise problem("BW700", f"there are no tables at `{place}`", hint)
    return _open_folder(path, work)


def _is_duckdb(path: Path) -> bool:
    start, mark = DUCKDB_MARK
    with path.open("rb") as file:
        return file.read(start + len(mark))[start:] == mark


def _open_folder(folder: Path, work: Path) -> Tables:
    parts: dict[str, Part] = {}
    faults: list[Fault] = []
    problems: list[Diagnostic] = []
    for name, source in find_tables(folder).items():
        try:
            parts[name] = _open(source, work, faults)
        except TablesError as error:
            problems += error.diagnostics
    if problems:
        raise TablesError(problems)
    return Tables(str(folder), parts, tuple(faults))


def _open(source: Source, work: Path, faults: list[Fault]) -> Part:
    layout = layouts()[source.table]
    if source.format == "parquet":
        schemas = [_parquet_schema(layout, path) for path in source.files]
        if all(schema.equals(schemas[0]) for schema in schemas) and as_they_are(layout, schemas[0]):
            shown = tuple(path.name for path in source.files)
            columns = tuple(field.name for field in schemas[0] if not pa.types.is_null(field.type))
            return Part(source.files, shown, columns, ((),) * len(shown))
    return _rewritten(layout, source, work, faults)


def _parquet_schema(layout: Layout, path: Path) -> pa.Schema:
    with readable(path):
        schema = pq.read_schema(path).remove_metadata()
    check_names(layout, schema.names, path.name)
    return schema


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """Make what a reader of Parquet says of a file that is none a TablesError BW708."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowIOError, OSError) as error:
        raise unreadable(path.name, error) from None


def _rewritten(layout: Layout, source: Source, work: Path, faults: list[Fault]) -> Part:
    work.mkdir(parents=True, exist_ok=True)
    readers = [_Reader(layout, source.format, path) for path in source.files]
    groups = list(dict.fromkeys(name for reader in readers for name in reader.names if is_group(layout, name)))
    files, skipped = [], []
    for number, reader in enumerate(readers):
        out = work / f"{source.table}-{number:04d}.parquet"
        with readable(reader.path):
            found = land(layout, reader.path.name, groups, reader.batches(), out)
        skipped.append(reader.skipped())
        faults += reader.faults()
        faults += [fault._replace(row=as_written(fault.row, skipped[-1])) for fault in found]
        files.append(out)
    shown = tuple(path.name for path in source.files)
    return Part(tuple(files), shown, tuple(layout.schema(groups).names), tuple(skipped))


def as_written(row: int, skipped: tuple[int, ...]) -> int:
    """Return the number of a row in the file, where the rows left out count.

    >>> as_written(1, (2, 3)), as_written(2, (2, 3))
    (1, 4)
    """
    for left_out in skipped:
        row += left_out <= row
    return row


class _Reader:
    """Reads one file of any format."""

    def __init__(self, layout: Layout, format: str, path: Path) -> None:
        self.path = path
        self._inner: CsvReader | JsonReader | None = None
        if format == "parquet":
            self.names = list(_parquet_schema(layout, path).names)
        else:
            self._inner = (CsvReader if format == "csv" else JsonReader)(layout, path)
            self.names = self._inner.names
        self.batches = self._inner.batches if self._inner else lambda: parquet_batches(path)

    def faults(self) -> list[Fault]:
        return self._inner.faults if self._inner else []

    def skipped(self) -> tuple[int, ...]:
        return tuple(self._inner.skipped) if isinstance(self._inner, CsvReader) else ()

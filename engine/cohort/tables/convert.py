"""Records to tables and back, and tables of one kind to another. All of it or nothing is written."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa

from boosterwatch.engine.cohort.tables.assemble import records_of
from boosterwatch.engine.cohort.tables.errors import Fault, TablesError, problem
from boosterwatch.engine.cohort.tables.land import closing_file
from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.opened import Tables, open_tables
from boosterwatch.engine.cohort.tables.records import LINES, RecordFiles, read_records
from boosterwatch.engine.cohort.tables.source import Format
from boosterwatch.engine.cohort.tables.split import rows_of_record
from boosterwatch.engine.cohort.tables.typed import type_column
from boosterwatch.engine.cohort.tables.write import RowWriter, table_files
from boosterwatch.engine.diagnostics import Diagnostic, RecordError
from boosterwatch.engine.record.codes import RECORD_CODES

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written: how many patients, how many rows of each table, and columns that records have no place for."""

    patients: int
    rows: Mapping[str, int]
    left_out: tuple[str, ...] = ()


def records_to_tables(place: Path, out: Path, format: Format, *, name_patients: bool = False) -> Converted:
    """Write the tables of the records at a place; with `name_patients` one without a patient has its file's name.

    Raises RecordError with what is wrong with the records, and TablesError.
    """
    counts = dict.fromkeys(layouts(), 0)
    with _appearing(out) as folder, table_files(folder, format) as puts:
        writer = RowWriter(puts)
        for record in _checked(place, name_patients):
            rows = rows_of_record(record)
            writer.add(rows)
            for name, more in rows.items():
                counts[name] += len(more)
        writer.finish()
    return Converted(counts[next(iter(layouts()))], counts)


def _checked(place: Path, name_patients: bool) -> Iterator[Mapping[str, Any]]:
    """Yield the records; at the end raise what was wrong with any of them."""
    problems: list[Diagnostic] = []
    known: dict[str, str] = {}
    for found in read_records(place):
        if isinstance(found, RecordError):
            problems += found.diagnostics
            continue
        name, record = found
        patient = record.get("patient") or (name if name_patients else None)
        if patient is None:
            hint = "`--name-patients` calls them by their files"
            problems.append(Diagnostic("BW710", f"the record `{name}` names no patient", None, hint))
        elif patient in known:
            message = f"the records `{known[patient]}` and `{name}` are of one patient"
            problems.append(Diagnostic("BW711", message, None, "a cohort has one record of each patient"))
        else:
            known[patient] = name
            if not problems:
                yield {**record, "patient": patient}
    if problems:
        raise RecordError(problems[:MOST_SHOWN])


def tables_to_records(place: str | Path, out: Path, as_of: str | None = None) -> Converted:
    """Write the records of the tables at a place: a folder of JSON files, or one NDJSON file.

    `as_of` is the date of records for which the tables state none. Raises TablesError.
    """
    with TemporaryDirectory(prefix="boosterwatch-") as work:
        tables = open_tables(place, Path(work))
        _refuse_faults(tables)
        counts = dict.fromkeys(layouts(), 0)
        with _appearing(out) as path, closing(RecordFiles(path)) as files:
            for patient, record in records_of(tables):
                files.add(_dated(patient, record, as_of))
                for name, rows in rows_of_record(record or {}).items():
                    counts[name] += len(rows)
        return Converted(counts[next(iter(layouts()))], counts, tables.groups)


def _dated(patient: str, record: dict[str, Any] | None, as_of: str | None) -> dict[str, Any]:
    if record is None:
        message = f"`{patient}` has rows, but not one row in the table of patients"
        raise problem("BW706", message, "each patient has one row there")
    if "as_of" not in record and as_of is None:
        raise problem("BW303", "the tables state no `as_of`, which a record needs", "give `--as-of`")
    return {"as_of": record.pop("as_of", as_of), **record}


def tables_to_tables(place: str | Path, out: Path, format: Format) -> Converted:
    """Write the tables at a place in another format, groups included. Raises TablesError."""
    counts = dict.fromkeys(layouts(), 0)
    with TemporaryDirectory(prefix="boosterwatch-") as work:
        tables = open_tables(place, Path(work))
        _refuse_faults(tables)
        with _appearing(out) as folder, table_files(folder, format, tables.groups) as puts:
            for name, part in tables.parts.items():
                for batch in _batches(part.files):
                    table = _complete(name, batch, tables.groups)
                    puts[name](table)
                    counts[name] += table.num_rows
    return Converted(counts[next(iter(layouts()))], counts)


def _batches(files: tuple[Path, ...]) -> Iterator[pa.RecordBatch]:
    for path in files:
        with closing_file(path) as file:
            yield from file.iter_batches()


def _complete(name: str, batch: pa.RecordBatch, groups: tuple[str, ...]) -> pa.Table:
    """Return rows with every column of their table, each of its type."""
    layout = layouts()[name]
    schema = layout.schema(groups if name == next(iter(layouts())) else ())
    columns = []
    for field in schema:
        there = field.name in batch.schema.names
        column = batch[field.name] if there else pa.nulls(batch.num_rows, field.type)
        kind = "text" if field.name in groups else layout.column(field.name).kind
        columns.append(type_column(kind, column, is_patient=field.name == "patient").values)
    return pa.Table.from_arrays(columns, schema=schema)


# ---------------------------------------------------------------- what both ways share


def _refuse_faults(tables: Tables) -> None:
    """Raise TablesError when rows have no types: what a conversion would lose."""
    if tables.faults:
        raise TablesError([_said(fault) for fault in tables.faults[:MOST_SHOWN]])


def _said(fault: Fault) -> Diagnostic:
    from boosterwatch.engine.cohort.tables.codes import COHORT_TABLE_CODES

    says = {**RECORD_CODES, **COHORT_TABLE_CODES}[fault.code]
    return Diagnostic(fault.code, f"row {fault.row} of `{fault.file}`, column `{fault.column}`: {says}")


@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """Give a place to write to, which becomes `out` at the end, or vanishes. Raises TablesError BW713."""
    if out.exists() and (out.is_file() or any(out.iterdir())):
        raise problem("BW713", f"`{out}` is there already", "give a new place, or an empty folder")
    rest = out.with_name(f".{out.name}.part{out.suffix}")
    _remove(rest)
    if out.suffix not in LINES:
        rest.mkdir(parents=True)
    try:
        yield rest
        if out.is_dir():
            out.rmdir()
        rest.replace(out)
    finally:
        _remove(rest)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

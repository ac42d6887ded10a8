"""What `cohort convert` does and says."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from boosterwatch.engine.cohort.tables.convert import (
    Converted,
    records_to_tables,
    tables_to_records,
    tables_to_tables,
)
from boosterwatch.engine.cohort.tables.layout import PATIENTS
from boosterwatch.engine.cohort.tables.records import LINES, SUFFIXES
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.streams import Form, note, print_json

Target = Literal["parquet", "csv", "ndjson", "records"]


class Wanted(NamedTuple):
    """What was asked for: what to write, the date of records without one, and whether files name patients."""

    target: Target | None
    as_of: str | None
    name_patients: bool


def convert_cohort(source: str, out: str, wanted: Wanted, form: Form) -> int:
    """Convert, and say what was written."""
    done = _convert(source, Path(out), wanted)
    if done.left_out:
        note(f"records have no place for {', '.join(done.left_out)}: left out")
    if form == "json":
        print_json({"to": out, "patients": done.patients, "rows": dict(done.rows)})
    else:
        _say(done, out)
    return FINE


def _convert(source: str, out: Path, wanted: Wanted) -> Converted:
    if not _is_records(source):
        if wanted.target is None or wanted.target == "records":
            return tables_to_records(source, out, wanted.as_of)
        return tables_to_tables(source, out, wanted.target)
    if wanted.target == "records":
        from boosterwatch.engine.terminal.guard import RunError

        raise RunError("BW700", f"`{source}` holds records already", "give `--to parquet`, `csv` or `ndjson`")
    return records_to_tables(Path(source), out, wanted.target or "parquet", name_patients=wanted.name_patients)


def _is_records(source: str) -> bool:
    """Return whether records are there: NDJSON, or a folder without a table of patients but with their files."""
    path = Path(source)
    if path.is_file():
        return path.suffix in (*SUFFIXES, *LINES)
    if not path.is_dir() or any(path.glob(f"{PATIENTS}.*")) or (path / PATIENTS).is_dir():
        return False
    return any(file.suffix in (*SUFFIXES, *LINES) for file in path.rglob("*"))


def _say(done: Converted, out: str) -> None:
    import click

    click.echo(f"{done.patients:,} patients in {out}")
    for name, rows in done.rows.items():
        if rows and name != PATIENTS:
            click.echo(f"  {name:<14}{rows:>14,} rows")

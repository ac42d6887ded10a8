"""The command that turns records into the tables of a cohort, and back: `cohort convert`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import click

from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form


@click.command(cls=GuardedCommand)
@click.argument("source", metavar="FROM")
@click.argument("out", metavar="TO", type=click.Path())
@click.option(
    "--to",
    "target",
    type=click.Choice(["parquet", "csv", "ndjson", "records"]),
    help="What to write: tables of one kind, or records.  [default: tables from records, records from tables]",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The date of records for which the tables state none.",
)
@click.option("--name-patients", is_flag=True, help="Call a patient whose record names none by the record's file.")
@with_form
def convert(
    source: str,
    out: str,
    target: Literal["parquet", "csv", "ndjson", "records"] | None,
    as_of: datetime | None,
    name_patients: bool,
    form: Form,
) -> int:
    """Write the records FROM a folder as tables TO a folder, or the other way round.

    Records are a folder of JSON or YAML files, one for each patient, or an .ndjson file with one in each line. Tables
    are a folder of Parquet, CSV or NDJSON files, a DuckDB file, or the address of a database. Nothing is lost on the
    way, and nothing is written unless all of it can be. What the tables hold: docs/cohort-tables.md.

    \b
    boosterwatch cohort convert records/ tables/
    boosterwatch cohort convert records.ndjson tables/ --to csv
    boosterwatch cohort convert postgresql+psycopg://reader@host/clinic tables/ --to parquet
    boosterwatch cohort convert tables/ records.ndjson --as-of 2026-11-24
    """
    from boosterwatch.engine.terminal.converting import Wanted, convert_cohort

    day = as_of.date().isoformat() if as_of is not None else None
    return convert_cohort(source, out, Wanted(target, day, name_patients), form)

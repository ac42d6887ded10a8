"""The commands `cohort evaluate` and `cohort explain`: a whole clinic at a date, and one patient of it in full."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form, with_overdue, with_overlay, with_pack

if TYPE_CHECKING:
    from boosterwatch.engine.cohort.run.whole import Engine
    from boosterwatch.engine.terminal.reading import Asked

DAY = click.DateTime(["%Y-%m-%d"])


@click.command(cls=GuardedCommand)
@click.argument("tables")
@click.option("--as-of", type=DAY, required=True, metavar="DAY", help="The day on which everybody is evaluated.")
@click.option("-o", "--out", required=True, metavar="FILE.parquet", help="Where the results go, one row per patient.")
@with_pack("The rules to evaluate under; an id means the version in force on the day.")
@with_overlay
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True)
@click.option(
    "--chunk", type=click.IntRange(1), metavar="N", help="Patients worked out at once; more take more memory."
)
@click.option("--memory", metavar="SIZE", help="What DuckDB may take before it writes to disk, such as 2500MB.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads of DuckDB; by default one per core.")
@click.option("--spark-master", metavar="URL", help="Start Spark there: local[2], spark://host:7077, yarn, k8s://...")
@click.option("--spark-remote", metavar="URL", help="Use Spark over the network (Spark Connect): sc://host:15002.")
@with_overdue
@with_form
def evaluate(
    tables: str,
    as_of: datetime,
    out: str,
    pack: str,
    overlay: str | None,
    engine: Engine,
    chunk: int | None,
    memory: str | None,
    threads: int | None,
    spark_master: str | None,
    spark_remote: str | None,
    overdue_review: str | None,
    by: str | None,
    form: Form,
) -> int:
    """Evaluate everybody in TABLES on one day, into a Parquet file.

    A row that cannot be used refuses its patient and nobody else; it is told in FILE.parquet.refused.ndjson, and the
    exit code is then 1. A run that was stopped or killed goes on where it was when it is started again, and the same
    tables, rules and day give the same bytes.

    \b
    boosterwatch cohort evaluate tables/ --as-of 2026-11-24 -o today.parquet
    boosterwatch cohort evaluate tables/ --as-of 2026-11-24 -o today.parquet --engine spark --spark-master yarn
    """
    if engine == "duckdb" and (spark_master or spark_remote):
        raise click.UsageError("--spark-master and --spark-remote go with --engine spark")
    if engine == "spark" and (memory or threads):
        raise click.UsageError("--memory and --threads are for DuckDB; Spark is told by its own settings")
    if spark_master and spark_remote:
        raise click.UsageError("--spark-master starts a session, --spark-remote uses one: give one of them")
    from boosterwatch.engine.cohort.run.whole import Machine
    from boosterwatch.engine.terminal.cohort_running import evaluate_cohort
    from boosterwatch.engine.terminal.reading import pack_of

    loaded = pack_of(pack, as_of.date(), overlay=overlay, asked=_asked(overdue_review, by))
    machine = Machine(engine, memory, threads, spark_master, spark_remote)
    return evaluate_cohort(tables, loaded, as_of.date(), out, machine, chunk, form)


@click.command(cls=GuardedCommand)
@click.argument("tables")
@click.option("--as-of", type=DAY, required=True, metavar="DAY", help="The day on which the patient is evaluated.")
@click.option("--patient", required=True, metavar="ID", help="Who.")
@with_pack("The rules to evaluate under; an id means the version in force on the day.")
@with_overlay
@click.option("--results", metavar="FILE.parquet", help="Compare with the patient's row in this file, too.")
@click.option("--why", metavar="RULE", help="Tell one rule that fired in full; also a sign, a hold or a flag.")
@click.option("--why-not", metavar="RULE", help="Tell what stopped one rule, and how far away it was.")
@with_overdue
@with_form
def explain(
    tables: str,
    as_of: datetime,
    patient: str,
    pack: str,
    overlay: str | None,
    results: str | None,
    why: str | None,
    why_not: str | None,
    overdue_review: str | None,
    by: str | None,
    form: Form,
) -> int:
    """Explain one patient in TABLES, down to the numbers.

    The patient's rows are made a record again and evaluated one by one, with the full trace; and in columns, as
    `cohort evaluate` does. The two must give the same row: if they do not, that is told and the exit code is 3.

    \b
    boosterwatch cohort explain tables/ --as-of 2026-11-24 --patient p-0001
    """
    from boosterwatch.engine.terminal.cohort_running import Question, explain_patient
    from boosterwatch.engine.terminal.reading import pack_of

    loaded = pack_of(pack, as_of.date(), overlay=overlay, asked=_asked(overdue_review, by))
    return explain_patient(tables, loaded, as_of.date(), Question(patient, results, why, why_not), form)


def _asked(overdue_review: str | None, by: str | None) -> Asked:
    if (overdue_review is None) is not (by is None):
        raise click.UsageError("--overdue-review and --by go together: why, and who answers for it")
    from datetime import date

    from boosterwatch.engine.pack.review import Overdue
    from boosterwatch.engine.terminal.reading import Asked

    overdue = None if overdue_review is None or by is None else Overdue(overdue_review, by)
    return Asked(date.today(), overdue)

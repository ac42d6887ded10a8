"""The command `impact`: what another policy would change for a whole clinic, before it is released."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form, with_overlay

if TYPE_CHECKING:
    from boosterwatch.engine.cohort.impact.clinic import Engine

Command = TypeVar("Command", bound=Callable[..., Any])

DAY = click.DateTime(["%Y-%m-%d"])


def with_means(command: Command) -> Command:
    """Add what a cohort is evaluated with."""
    for option in (
        click.option("--spark-remote", metavar="URL", help="Use Spark over the network (Spark Connect)."),
        click.option("--spark-master", metavar="URL", help="Start Spark there."),
        click.option(
            "--threads", type=click.IntRange(1), metavar="N", help="Threads of DuckDB; by default one per core."
        ),
        click.option("--memory", metavar="SIZE", help="What DuckDB may take before it writes to disk, such as 2500MB."),
        click.option("--chunk", type=click.IntRange(1), metavar="N", help="Patients worked out at once."),
        click.option(
            "--engine",
            type=click.Choice(["duckdb", "spark", "rows"]),
            default="duckdb",
            show_default=True,
            help="What evaluates; `rows` is one patient after the other, for a few thousand.",
        ),
    ):
        command = option(command)
    return command


@click.command(cls=GuardedCommand)
@click.argument("old")
@click.argument("new")
@click.argument("tables")
@click.option("--as-of", type=DAY, required=True, metavar="DAY", help="The day on which everybody is evaluated.")
@click.option(
    "--by", "columns", multiple=True, metavar="COLUMN", help="Tell by this column of the patients; repeat it."
)
@click.option("--groups", metavar="FILE", help="More columns of the patients: CSV or Parquet with a column `patient`.")
@click.option("--weeks", type=click.IntRange(0, 52), default=1, show_default=True, help="Weeks to count alerts in.")
@click.option("--clinician", metavar="COLUMN", help="The column whose values are the clinicians.  [default: clinician]")
@click.option("--clinicians", type=click.IntRange(1), metavar="N", help="So many clinicians share all patients.")
@click.option("--budget", type=click.FloatRange(0), metavar="N", help="Alerts a clinician can answer in a week.")
@click.option("--sweep", "sweeps", multiple=True, metavar="PARAMETER", help="Try every allowed value; repeat it.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="At most so many steps of a sweep.")
@click.option("--examples", type=click.IntRange(0, 100), default=12, show_default=True, help="Patients to show.")
@click.option("--shadow", metavar="FOLDER", help="NEW is a trial beside OLD, which decides: keep who differs here.")
@click.option("--html", metavar="FILE", help="Write it as a page with pictures, too.")
@click.option("--pictures", metavar="FOLDER", help="Write the pictures as SVG, too.")
@click.option("--exit-code", is_flag=True, help="Give exit code 1 when a clinician gets more alerts than the budget.")
@with_overlay
@with_means
@with_form
def impact(
    old: str,
    new: str,
    tables: str,
    as_of: datetime,
    columns: tuple[str, ...],
    groups: str | None,
    weeks: int,
    clinician: str | None,
    clinicians: int | None,
    budget: float | None,
    sweeps: tuple[str, ...],
    steps: int | None,
    examples: int,
    shadow: str | None,
    html: str | None,
    pictures: str | None,
    exit_code: bool,
    overlay: str | None,
    engine: Engine,
    chunk: int | None,
    memory: str | None,
    threads: int | None,
    spark_master: str | None,
    spark_remote: str | None,
    form: Form,
) -> int:
    """Compare two packs, OLD and NEW, over everybody in TABLES.

    Who gains and who loses which sign and recommendation, in which groups, how many alerts each clinician would get in
    a week, and named patients who show every kind of change. Both packs are evaluated whole; nothing is estimated.

    \b
    boosterwatch impact ketamine-maintenance@1.0.0 ketamine-maintenance@1.1.0 tables/ --as-of 2026-03-02
    boosterwatch impact ketamine-maintenance my-folder/1.1.0 tables/ --as-of 2026-03-02 --sweep PARAMETER --html i.html
    boosterwatch impact ketamine-maintenance my-folder/1.1.0 tables/ --as-of 2026-03-02 --shadow differences/
    """
    if clinician is not None and clinicians is not None:
        raise click.UsageError("--clinician names a column, --clinicians is a number: give one of them")
    if exit_code and not weeks:
        raise click.UsageError("--exit-code is about alerts, and --weeks 0 counts none")
    from boosterwatch.engine.terminal.commands.cohort import need_cohort

    need_cohort()
    from boosterwatch.engine.cohort.impact.clinic import means_of
    from boosterwatch.engine.terminal.impacting import Question, tell_impact

    means = means_of(engine, chunk, memory, threads, spark_master, spark_remote)
    question = Question(
        packs=(old, new),
        tables=tables,
        as_of=as_of.date(),
        by=columns,
        groups=groups,
        weeks=weeks,
        clinician=clinician,
        clinicians=clinicians,
        budget=budget,
        sweeps=sweeps,
        steps=steps,
        examples=examples,
        shadow=shadow,
        html=html,
        pictures=pictures,
        exit_code=exit_code,
        overlay=overlay,
    )
    return tell_impact(question, means, form)

"""The command `cohort backtest`: a policy over past dates, held against what happened to the patients."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from boosterwatch.engine.terminal.commands.impacting import DAY, with_means
from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form, with_overlay, with_pack

if TYPE_CHECKING:
    from boosterwatch.engine.cohort.impact.clinic import Engine


@click.command(cls=GuardedCommand)
@click.argument("tables")
@click.option("--from", "first", type=DAY, required=True, metavar="DAY", help="The first date.")
@click.option("--to", "last", type=DAY, required=True, metavar="DAY", help="The last date.")
@click.option("--every", default="7d", show_default=True, metavar="SPAN", help="From date to date: 7d, 2w.")
@click.option("--horizon", default="90d", show_default=True, metavar="SPAN", help="How far ahead a loss is looked for.")
@click.option("--outcomes", metavar="FILE", help="Your own losses: CSV or Parquet with the columns patient and date.")
@click.option("--sweep", "sweeps", multiple=True, metavar="PARAMETER", help="Again at every allowed value; repeat it.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="At most so many steps of a sweep.")
@click.option("--html", metavar="FILE", help="Write it as a page with pictures, too.")
@click.option("--pictures", metavar="FOLDER", help="Write the pictures as SVG, too.")
@with_pack("The rules to look back with.")
@with_overlay
@with_means
@with_form
def backtest(
    tables: str,
    first: datetime,
    last: datetime,
    every: str,
    horizon: str,
    outcomes: str | None,
    sweeps: tuple[str, ...],
    steps: int | None,
    html: str | None,
    pictures: str | None,
    pack: str,
    overlay: str | None,
    engine: Engine,
    chunk: int | None,
    memory: str | None,
    threads: int | None,
    spark_master: str | None,
    spark_remote: str | None,
    form: Form,
) -> int:
    """Evaluate everybody in TABLES on past dates, and compare with the losses of benefit that were recorded.

    How many days before a loss each sign was there, how many losses each rule found, and how many prompts a
    patient-year were false. With --sweep, that at every value a parameter may have. docs/backtest.md has the formulas.

    \b
    boosterwatch cohort backtest tables/ --from 2025-03-01 --to 2025-12-01
    boosterwatch cohort backtest tables/ --from 2025-03-01 --to 2025-12-01 --every 4w --sweep PARAMETER --html b.html
    """
    from boosterwatch.engine.cohort.impact.clinic import means_of
    from boosterwatch.engine.terminal.backtesting import Question, tell_backtest

    means = means_of(engine, chunk, memory, threads, spark_master, spark_remote)
    question = Question(
        tables=tables,
        pack=pack,
        overlay=overlay,
        first=first.date(),
        last=last.date(),
        every=every,
        horizon=horizon,
        outcomes=outcomes,
        sweeps=sweeps,
        steps=steps,
        html=html,
        pictures=pictures,
    )
    return tell_backtest(question, means, form)

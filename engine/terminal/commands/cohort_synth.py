"""`cohort synth`: made-up patients over time, as tables."""

from __future__ import annotations

from datetime import datetime

import click

from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form, with_pack


@click.command(cls=GuardedCommand)
@click.argument("folder")
@click.option("--patients", type=click.IntRange(1, 100_000_000), required=True, metavar="N", help="How many.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, metavar="S", help="Another one, others.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The last day of what happened to them; by default that of the recipe.",
)
@click.option(
    "--recipe",
    default="clinic",
    show_default=True,
    metavar="NAME",
    help="What they are like: a recipe under rules/synthetic, or a YAML file.",
)
@click.option("--mess", default="some", show_default=True, metavar="LEVEL", help="How many mistakes: none, some, much.")
@click.option(
    "--tables",
    "kind",
    type=click.Choice(["parquet", "csv", "ndjson"]),
    default="parquet",
    show_default=True,
    help="The kind of files.",
)
@with_pack("The pack whose instruments they fill in; by default the recipe says.", default=None)
@with_form
def synth(
    folder: str,
    patients: int,
    seed: int,
    until: datetime | None,
    recipe: str,
    mess: str,
    kind: str,
    pack: str | None,
    form: Form,
) -> int:
    """Make up patients over time, as tables in a new FOLDER.

    Courses, relapses, missed visits, and mistakes in the records. The same seed makes the same patients, and the first
    thousand of a million are the thousand of a thousand. Every id begins with `synthetic-`, and a note beside the
    tables says that nobody in them exists.

    \b
    boosterwatch cohort synth made-up/ --patients 10000 --seed 7
    boosterwatch cohort evaluate made-up/ --as-of 2026-03-02 -o today.parquet
    """
    from boosterwatch.engine.terminal.synthesising import Wish, make

    last = None if until is None else until.date()
    return make(Wish(folder, patients, seed, last, recipe, mess, kind, pack), form)

"""The commands that judge a pack: `check`, `test`, `mutate`, `prove`, `diff`."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form

if TYPE_CHECKING:
    from boosterwatch.engine.terminal.checking import CheckForm


@click.command(cls=GuardedCommand)
@click.argument("pack", default=DEFAULT_PACK)
@click.option("--strict", is_flag=True, help="Warnings fail like errors.")
@click.option("--deep", is_flag=True, help="Also look for what only a proof can find: rules that can never be true.")
@click.option(
    "--oldest-citation",
    type=click.IntRange(1, 300),
    metavar="YEARS",
    help="The age from which a citation is called old; by default that of the pack.",
)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day to check for.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="Text for people; one JSON document; SARIF 2.1.0; annotations for a code review.",
)
def check(
    pack: str, strict: bool, deep: bool, oldest_citation: int | None, today: datetime | None, form: CheckForm
) -> int:
    """Check a PACK: shape, names, types, ranges, and what a reviewer would ask.

    All problems are shown at once, each with its place and a hint. Errors fail; warnings fail with --strict; what
    waivers.yaml accepts is listed with its reason.

    \b
    boosterwatch check
    boosterwatch check rules/ketamine-maintenance/1.1.0 --strict
    boosterwatch check --format sarif > findings.sarif
    """
    from boosterwatch.engine.terminal.checking import check

    day = date.today() if today is None else today.date()
    return check(pack, form, today=day, oldest_citation=oldest_citation, strict=strict, deep=deep)


@click.command(cls=GuardedCommand)
@click.argument("pack", default=DEFAULT_PACK)
@click.option("--case", "only", metavar="ID", help="Run this case only.")
@click.option("--coverage", is_flag=True, help="Tell what the cases exercise, and what they do not.")
@click.option("--html", metavar="FILE", help="With --coverage, write it as a page into this file too.")
@with_form
def test(pack: str, only: str | None, coverage: bool, html: str | None, form: Form) -> int:
    """Run the worked patients beside a PACK.

    Each is evaluated and compared with what its author expects; a difference tells why.

    With --coverage: which rules, clauses and recommendations the cases exercise, and for every number which cases lie
    below, at and above it and which lack the fact. Each hole comes with a case that would close it.

    \b
    boosterwatch test
    boosterwatch test --coverage --html coverage.html
    """
    if coverage and only is not None:
        raise click.UsageError("--coverage is about all cases: leave --case out")
    if html is not None and not coverage:
        raise click.UsageError("--html goes with --coverage")
    if not coverage:
        from boosterwatch.engine.terminal.testing import run_tests

        return run_tests(pack, only, form)
    from boosterwatch.engine.terminal.covering import cover

    return cover(pack, html, form, today=date.today())


@click.command(cls=GuardedCommand)
@click.argument("pack", default=DEFAULT_PACK)
@click.option("--only", metavar="NAME", help="Change this parameter, rule, table, event or measure only.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes to work in.")
@with_form
def mutate(pack: str, only: str | None, jobs: int, form: Form) -> int:
    """Change a PACK in small ways, and tell which changes no case notices.

    Every number is moved a step up and down; operators are flipped, clauses turned around or left out, neighbouring
    rows swapped. A change that no case notices is a policy decision that nobody tests.

    \b
    boosterwatch mutate
    boosterwatch mutate --only PARAMETER
    boosterwatch mutate rules/ketamine-maintenance/1.1.0 --jobs 2 --format json
    """
    from boosterwatch.engine.terminal.mutating import mutate

    return mutate(pack, only, jobs, form, today=date.today())


@click.command(cls=GuardedCommand)
@click.argument("old")
@click.argument("new")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Compare the numbers of this day.")
@click.option("--html", metavar="FILE", help="Write the comparison as a page to read or print, too.")
@click.option("--exit-code", is_flag=True, help="Give exit code 1 when the packs differ.")
@with_form
def diff(old: str, new: str, as_of: datetime | None, html: str | None, exit_code: bool, form: Form) -> int:
    """Compare two packs, OLD and NEW, by what they mean.

    Tells which rules and numbers changed, whether they are true for more patients or fewer, who is affected, with an
    example patient for each, and which version number the change asks for. Proofs need the extra `prove`.

    \b
    boosterwatch diff ketamine-maintenance@1.0.0 my-folder/1.1.0
    boosterwatch diff ketamine-maintenance my-folder/1.1.0 --html changes.html
    """
    from boosterwatch.engine.terminal.differing import diff_packs

    day = None if as_of is None else as_of.date()
    return diff_packs(old, new, as_of=day, html=html, form=form, exit_code=exit_code)


@click.command(cls=GuardedCommand)
@click.argument("pack", default=DEFAULT_PACK)
@click.option("--property", "only", metavar="ID", help="Prove this property alone.")
@click.option("--save", metavar="FOLDER", help="Write the patients who break a property as cases into this folder.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The values in force on this day.")
@with_form
def prove(pack: str, only: str | None, save: str | None, as_of: datetime | None, form: Form) -> int:
    """Prove what a PACK promises of every patient.

    The promises stand in properties.yaml. Each is proved over all patients within the ranges of the measures, known or
    unknown, or broken by a patient whom both engines evaluate before you see them. Needs the extra `prove`.

    \b
    boosterwatch prove
    boosterwatch prove --property no_booster_on_hold
    boosterwatch prove rules/ketamine-maintenance/1.1.0 --save rules/ketamine-maintenance/1.1.0/cases
    """
    from boosterwatch.engine.terminal.proving import prove_pack

    day = date.today() if as_of is None else as_of.date()
    return prove_pack(pack, only, save, form, on=day)

"""The command line: what can be asked. Each command reads its arguments, calls the engine, and prints.

Nothing but click is imported before a command runs, so that an answer comes at once.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

import click

from boosterwatch import __version__
from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.options import EXIT_CODES, Form, GuardedGroup, with_form, with_overlay, with_pack

if TYPE_CHECKING:
    from boosterwatch.engine.terminal.checking import CheckForm


@click.group(
    cls=GuardedGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"PACK is a folder, an id, or id@version. RECORD is a file, or - for standard input. {EXIT_CODES}",
)
@click.version_option(__version__, prog_name="boosterwatch")
def main() -> None:
    """Tell a clinic when it is time to talk about a ketamine maintenance booster.

    One patient's record goes in, a traced decision comes out, under rules that clinicians write. It is decision
    support: it prompts a licensed clinician and never orders, doses or addresses a patient.
    """


@main.command()
@click.argument("record")
@with_pack("The rules to evaluate under; an id means the version in force on the record's day.")
@with_overlay
@click.option("--picture", metavar="FILE.svg", help="Draw the patient's scores over time into this file.")
@click.option("--title", default="Patient", show_default=True, help="The title of the picture.")
@click.option("--full", is_flag=True, help="Add every rule that was true, with its place in the text.")
@with_form
def evaluate(
    record: str, pack: str, overlay: str | None, picture: str | None, title: str, full: bool, form: Form
) -> int:
    """Evaluate the RECORD of one patient.

    \b
    boosterwatch evaluate patient.yaml
    boosterwatch evaluate patient.json --format json
    cat patient.json | boosterwatch evaluate -
    """
    from boosterwatch.engine.terminal.guard import without_collector

    with without_collector():
        from boosterwatch.engine.terminal.evaluating import Picture, evaluate_record

        drawn = Picture(picture, title) if picture else None
        return evaluate_record(record, pack, overlay, drawn, full, form)


@main.command()
@click.argument("source", metavar="RECORD|DECISION")
@with_pack(f"The rules to explain; by default {DEFAULT_PACK}, or those the decision was made with.", None)
@with_overlay
@click.option("--why", metavar="RULE", help="Tell one rule that fired in full; also a sign, a hold or a flag.")
@click.option("--why-not", metavar="RULE", help="Tell what stopped one rule, and how far away it was.")
@click.option("--what-if", is_flag=True, help="Tell the smallest changes of facts and of numbers that would change it.")
@with_form
def explain(
    source: str,
    pack: str | None,
    overlay: str | None,
    why: str | None,
    why_not: str | None,
    what_if: bool,
    form: Form,
) -> int:
    """Explain a decision, down to the numbers.

    Shows what the recommendation rests on, with the values read, and where each number comes from.

    Takes a record, or the JSON that `evaluate --format json` printed; with --what-if a record, because facts of it
    are changed and evaluated again.
    """
    if what_if:
        if why or why_not:
            raise click.UsageError("--what-if is about the recommendation; ask for one rule without it")
        from boosterwatch.engine.terminal.what_if import explain_what_if

        return explain_what_if(source, pack, form)
    from boosterwatch.engine.terminal.explaining import explain_source

    return explain_source(source, pack, overlay, why, why_not, form)


@main.group()
def packs() -> None:
    """List packs of rules, or show one."""


@packs.command("list")
@with_form
def list_packs(form: Form) -> int:
    """List the packs that can be found."""
    from boosterwatch.engine.terminal.packs import list_all

    return list_all(form)


@packs.command()
@click.argument("pack", default=DEFAULT_PACK)
@click.option("--effective", is_flag=True, help="Show the numbers in force on a day and where each comes from.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day; by default today.")
@with_overlay
@with_form
def show(pack: str, effective: bool, as_of: datetime | None, overlay: str | None, form: Form) -> int:
    """Show what a PACK is for, its signs, its questionnaires and its numbers.

    \b
    boosterwatch packs show
    boosterwatch packs show --effective --overlay north-clinic.yaml --as-of 2026-03-31
    """
    if effective or as_of or overlay:
        from boosterwatch.engine.terminal.in_force import show_in_force

        return show_in_force(pack, overlay, as_of.date() if as_of else date.today(), form)
    from boosterwatch.engine.terminal.packs import show

    return show(pack, form)


@packs.command()
@click.argument("id", default=DEFAULT_PACK)
@with_form
def history(id: str, form: Form) -> int:
    """Show the versions of a pack and the days each answers for.

    A decision about a past day is made under the version that was in force then, unless another one is named.
    """
    from boosterwatch.engine.terminal.packs import history

    return history(id, form)


@main.command()
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


@main.command()
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
    from datetime import date

    from boosterwatch.engine.terminal.covering import cover

    return cover(pack, html, form, today=date.today())


@main.command()
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
    from datetime import date

    from boosterwatch.engine.terminal.mutating import mutate

    return mutate(pack, only, jobs, form, today=date.today())


@main.command()
@click.argument("pack", default=DEFAULT_PACK)
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html", "json"]),
    default="markdown",
    show_default=True,
    help="Markdown, one printable HTML document, or one JSON document.",
)
@click.option("--out", metavar="FILE", help="Write it here instead of to standard output.")
def prose(pack: str, form: Literal["markdown", "html", "json"], out: str | None) -> int:
    """Tell a PACK in plain English.

    Every questionnaire, rule and number, made from the compiled form. This text and its digest are what an approver
    signs.

    \b
    boosterwatch prose --format html --out policy.html
    """
    from boosterwatch.engine.terminal.prosing import tell

    return tell(pack, form, out)


@main.command("set")
@click.argument("pack")
@click.argument("parameter")
@click.argument("value")
@click.option("--from", "start", metavar="DATE", required=True, help="The day from which the value holds.")
@click.option("--basis", metavar="BASIS", required=True, help="published, recalled or clinic_policy.")
@click.option("--cite", metavar="ID", multiple=True, help="A source in the pack's citations; may be given again.")
@click.option("--note", metavar="TEXT", help="A remark that stays with the value.")
@click.option("--dry-run", is_flag=True, help="Show the change, write nothing.")
@with_form
def set_parameter(
    pack: str,
    parameter: str,
    value: str,
    start: str,
    basis: str,
    cite: tuple[str, ...],
    note: str | None,
    dry_run: bool,
    form: Form,
) -> int:
    """Give a PARAMETER of the PACK in a folder a new VALUE from a day on.

    The values before stay, and so does every other byte of the file. The pack is checked again before anything is
    written.

    \b
    boosterwatch set rules/my-policy/1.1.0 name.of_number 6 --from 2026-03-01 --basis clinic_policy
    """
    from boosterwatch.engine.terminal.setting import Wish, set_value

    return set_value(pack, Wish(parameter, value, start, basis, cite, note), dry_run, form)


@main.group()
def new() -> None:
    """Start a pack, a sign, an instrument or a case, from a scaffold that passes `check`.

    Nothing is ever overwritten. The comments in the new file lead on.
    """


@new.command("pack")
@click.argument("folder")
@click.option("--id", "id", metavar="ID", help="The id of the pack; by default the name of the folder around.")
@click.option("--title", metavar="TEXT", help="What the pack is called.")
@with_form
def new_pack(folder: str, id: str | None, title: str | None, form: Form) -> int:
    """Start a pack in FOLDER, such as rules/my-policy/0.1.0."""
    from boosterwatch.engine.terminal.making import make_pack

    return make_pack(folder, id, title, form)


@new.command("instrument")
@click.argument("pack")
@click.argument("id")
@click.option(
    "--range", "range_", metavar="LOW-HIGH", default="0-27", show_default=True, help="Its lowest and highest total."
)
@click.option(
    "--worse", type=click.Choice(["high", "low"]), default="high", show_default=True, help="Which end is worse."
)
@with_form
def new_instrument(pack: str, id: str, range_: str, worse: str, form: Form) -> int:
    """Start an instrument ID in the folder of a PACK."""
    from boosterwatch.engine.terminal.making import make_instrument

    return make_instrument(pack, id, range_, worse, form)


@new.command("sign")
@click.argument("pack")
@click.argument("id")
@click.option("--core", metavar="SCALE", multiple=True, help="A scale that the sign reads; may be given again.")
@with_form
def new_sign(pack: str, id: str, core: tuple[str, ...], form: Form) -> int:
    """Start a sign ID in the folder of a PACK."""
    from boosterwatch.engine.terminal.making import make_sign

    return make_sign(pack, id, core, form)


@new.command("case")
@click.argument("pack")
@click.argument("id")
@click.option("--from", "record", metavar="RECORD", help="A record to start from; what the pack decides is filled in.")
@with_form
def new_case(pack: str, id: str, record: str | None, form: Form) -> int:
    """Start a case ID in the folder of a PACK, empty or from a record."""
    from boosterwatch.engine.terminal.making import make_case

    return make_case(pack, id, record, form)


@main.command()
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


@main.command()
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
    from datetime import date

    from boosterwatch.engine.terminal.proving import prove_pack

    day = date.today() if as_of is None else as_of.date()
    return prove_pack(pack, only, save, form, on=day)


@main.command()
@with_form
def doctor(form: Form) -> int:
    """Look at the installation.

    Tells what works, what works less well, and what to do about it. The exit code is 1 only when something that is
    needed is broken.
    """
    from boosterwatch.engine.terminal.doctor import examine

    return examine(form)


@main.command()
@click.option("--out", metavar="FOLDER", default="out", show_default=True, help="Where the pictures go.")
@with_form
def demo(out: str, form: Form) -> int:
    """Evaluate a few made-up patients.

    Prints their traced decisions and draws a picture of each.
    """
    from boosterwatch.engine.terminal.demo import demonstrate

    return demonstrate(out, form)


if __name__ == "__main__":
    main(prog_name="boosterwatch")

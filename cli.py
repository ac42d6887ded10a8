"""The command line: what can be asked. Each command reads its arguments, calls the engine, and prints.

Nothing but click is imported before a command runs, so that an answer comes at once.
"""

from __future__ import annotations

import click

from boosterwatch import __version__
from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.options import EXIT_CODES, Form, GuardedGroup, with_form, with_pack


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
@with_pack("The rules to evaluate under.")
@click.option("--picture", metavar="FILE.svg", help="Draw the patient's scores over time into this file.")
@click.option("--title", default="Patient", show_default=True, help="The title of the picture.")
@click.option("--full", is_flag=True, help="Add every rule that was true, with its place in the text.")
@with_form
def evaluate(record: str, pack: str, picture: str | None, title: str, full: bool, form: Form) -> int:
    """Evaluate the RECORD of one patient.

    \b
    boosterwatch evaluate patient.yaml
    boosterwatch evaluate patient.json --format json
    cat patient.json | boosterwatch evaluate -
    """
    from boosterwatch.engine.terminal.guard import without_collector

    with without_collector():
        from boosterwatch.engine.terminal.evaluating import Picture, evaluate_record

        return evaluate_record(record, pack, Picture(picture, title) if picture else None, full, form)


@main.command()
@click.argument("source", metavar="RECORD|DECISION")
@with_pack(f"The rules to explain; by default {DEFAULT_PACK}, or those the decision was made with.", None)
@click.option("--why", metavar="RULE", help="Tell one rule that fired in full; also a sign, a hold or a flag.")
@click.option("--why-not", metavar="RULE", help="Tell what stopped one rule, and how far away it was.")
@with_form
def explain(source: str, pack: str | None, why: str | None, why_not: str | None, form: Form) -> int:
    """Explain a decision, down to the numbers.

    Shows what the recommendation rests on, with the values read, and where each number comes from.

    Takes a record, or the JSON that `evaluate --format json` printed.
    """
    from boosterwatch.engine.terminal.explaining import explain_source

    return explain_source(source, pack, why, why_not, form)


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
@with_form
def show(pack: str, form: Form) -> int:
    """Show what a PACK is for, its signs, its questionnaires and its numbers."""
    from boosterwatch.engine.terminal.packs import show

    return show(pack, form)


@main.command()
@click.argument("pack", default=DEFAULT_PACK)
@with_form
def check(pack: str, form: Form) -> int:
    """Check a PACK: shape, names, types, ranges.

    All problems are shown at once, each with its place and a hint.
    """
    from boosterwatch.engine.terminal.packs import check

    return check(pack, form)


@main.command()
@click.argument("pack", default=DEFAULT_PACK)
@click.option("--case", "only", metavar="ID", help="Run this case only.")
@with_form
def test(pack: str, only: str | None, form: Form) -> int:
    """Run the worked patients beside a PACK.

    Each is evaluated and compared with what its author expects; a difference tells why.
    """
    from boosterwatch.engine.terminal.testing import run_tests

    return run_tests(pack, only, form)


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

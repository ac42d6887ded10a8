"""The command line: what can be asked. Each command reads its arguments, calls the engine, and prints.

What is asked of one patient stands here; the other commands are in engine/terminal/commands. Nothing but click is
imported before a command runs, so that an answer comes at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from boosterwatch import __version__
from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.audit_options import Recorded, with_audit
from boosterwatch.engine.terminal.options import (
    EXIT_CODES,
    Form,
    LazyGroup,
    with_form,
    with_overdue,
    with_overlay,
    with_pack,
)

if TYPE_CHECKING:
    from boosterwatch.engine.terminal.reading import Under

LAZY = {  # command: module:attribute below engine/terminal/commands
    "approve": "signing:approve",
    "audit": "auditing:audit",
    "bundle": "bundling:bundle",
    "check": "checking:check",
    "cohort": "cohort:cohort",
    "diff": "checking:diff",
    "impact": "impacting:impact",
    "keys": "signing:keys",
    "mutate": "checking:mutate",
    "new": "writing:new",
    "packs": "packs:packs",
    "prose": "writing:prose",
    "prove": "checking:prove",
    "release": "releasing:release",
    "set": "writing:set_parameter",
    "sign": "signing:sign",
    "test": "checking:test",
    "verify": "signing:verify",
    "withdraw": "signing:withdraw",
}


@click.group(
    cls=LazyGroup,
    lazy=LAZY,
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
@click.option("--shadow", metavar="PACK", help="Say on standard error what this trial would answer instead.")
@click.option("--shadow-log", metavar="FILE.jsonl", help="Append what differs to this file, too.")
@with_overdue
@with_audit
@with_form
def evaluate(
    record: str,
    pack: str,
    overlay: str | None,
    picture: str | None,
    title: str,
    full: bool,
    shadow: str | None,
    shadow_log: str | None,
    overdue_review: str | None,
    by: str | None,
    recorded: Recorded | None,
    form: Form,
) -> int:
    """Evaluate the RECORD of one patient.

    \b
    boosterwatch evaluate patient.yaml
    boosterwatch evaluate patient.json --format json
    cat patient.json | boosterwatch evaluate -

    With --audit the answer is told once it is recorded, and not at all when it cannot be. With --stream, RECORD holds
    one record in JSON on each line.

    \b
    boosterwatch evaluate patient.yaml --audit sqlite:///audit.db --keys audit-keys.json
    boosterwatch evaluate today.ndjson --stream --audit sqlite:///audit.db --keys audit-keys.json
    """
    if shadow_log is not None and shadow is None:
        raise click.UsageError("--shadow-log goes with --shadow")
    if recorded is not None and recorded.stream and (picture or full or shadow):
        raise click.UsageError("--stream goes without --picture, --full and --shadow")
    if recorded is not None and recorded.stream:
        from boosterwatch.engine.terminal.audit_stream import evaluate_stream

        return evaluate_stream(record, _under(pack, overlay, overdue_review, by), recorded, form)
    from boosterwatch.engine.terminal.guard import without_collector

    with without_collector():
        under = _under(pack, overlay, overdue_review, by)
        from boosterwatch.engine.terminal.evaluating import Picture, Trial, evaluate_record

        drawn = Picture(picture, title) if picture else None
        trial = Trial(shadow, shadow_log) if shadow is not None else None
        decide = None
        if recorded is not None:
            from boosterwatch.engine.terminal.auditing import evaluate_audited

            decide = evaluate_audited(recorded, overlay)
        return evaluate_record(record, under, form, picture=drawn, full=full, trial=trial, decide=decide)


def _under(pack: str | None, overlay: str | None, overdue_review: str | None, by: str | None) -> Under:
    """Return what a record is read under today."""
    if (overdue_review is None) is not (by is None):
        raise click.UsageError("--overdue-review and --by go together: why, and who answers for it")
    from datetime import date

    from boosterwatch.engine.pack.review import Overdue
    from boosterwatch.engine.terminal.reading import Asked, Under

    overdue = None if overdue_review is None or by is None else Overdue(overdue_review, by)
    return Under(pack, overlay, Asked(date.today(), overdue))


@main.command()
@click.argument("source", metavar="RECORD|DECISION")
@with_pack(f"The rules to explain; by default {DEFAULT_PACK}, or those the decision was made with.", None)
@with_overlay
@click.option("--why", metavar="RULE", help="Tell one rule that fired in full; also a sign, a hold or a flag.")
@click.option("--why-not", metavar="RULE", help="Tell what stopped one rule, and how far away it was.")
@click.option("--what-if", is_flag=True, help="Tell the smallest changes of facts and of numbers that would change it.")
@with_overdue
@with_form
def explain(
    source: str,
    pack: str | None,
    overlay: str | None,
    why: str | None,
    why_not: str | None,
    what_if: bool,
    overdue_review: str | None,
    by: str | None,
    form: Form,
) -> int:
    """Explain a decision, down to the numbers.

    Shows what the recommendation rests on, with the values read, and where each number comes from.

    Takes a record, or the JSON that `evaluate --format json` printed; with --what-if a record, because facts of it
    are changed and evaluated again.
    """
    under = _under(pack, overlay, overdue_review, by)
    if what_if:
        if why or why_not:
            raise click.UsageError("--what-if is about the recommendation; ask for one rule without it")
        from boosterwatch.engine.terminal.what_if import explain_what_if

        return explain_what_if(source, under, form)
    from boosterwatch.engine.terminal.explaining import explain_source

    return explain_source(source, under, why, why_not, form)


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

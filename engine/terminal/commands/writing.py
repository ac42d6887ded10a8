"""The commands that write a policy or tell it: `prose`, `set`, `new`."""

from __future__ import annotations

from typing import Literal

import click

from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.options import Form, GuardedCommand, LazyGroup, with_form


@click.command(cls=GuardedCommand)
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


@click.command("set", cls=GuardedCommand)
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


@click.group(cls=LazyGroup, lazy={"version": "releasing:new_version"})
def new() -> None:
    """Start a pack, a sign, an instrument or a case, from a scaffold that passes `check`; or the next version.

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

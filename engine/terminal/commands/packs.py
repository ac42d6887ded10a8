"""The command `packs`: which packs there are, and what is in one."""

from __future__ import annotations

from datetime import date, datetime

import click

from boosterwatch.engine.terminal import DEFAULT_PACK
from boosterwatch.engine.terminal.options import Form, LazyGroup, with_form, with_overlay


@click.group(cls=LazyGroup, lazy={"verify": "releasing:verify_packs"})
def packs() -> None:
    """List packs of rules, show one, or verify released ones."""


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

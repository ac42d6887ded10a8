"""What the commands share: their guard, and the options that several of them take. Imports nothing but click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click

from boosterwatch.engine.terminal import DEFAULT_PACK

Form = Literal["text", "json"]
Command = TypeVar("Command", bound=Callable[..., Any])

EXIT_CODES = "Exit codes: 0 fine, 1 the pack or record has errors, 2 wrong usage, 3 our own fault."


class GuardedCommand(click.Command):
    """A command whose problems become messages on standard error and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; nobody sees a traceback."""
        from boosterwatch.engine.terminal.guard import run

        ctx.exit(run(lambda: super(GuardedCommand, self).invoke(ctx), ctx.params.get("form", "text")))


class GuardedGroup(click.Group):
    """A group of guarded commands."""

    command_class = GuardedCommand
    group_class = type


def with_form(command: Command) -> Command:
    """Add `--format`."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Text for people, or one JSON document on standard output.",
    )(command)


def with_overlay(command: Command) -> Command:
    """Add `--overlay`."""
    help = "Lay the changes of a site over the pack: values inside their ranges, optional notices off."
    return click.option("--overlay", metavar="FILE", help=help)(command)


def with_pack(help: str, default: str | None = DEFAULT_PACK) -> Callable[[Command], Command]:
    """Add `--pack`."""
    return click.option("--pack", metavar="PACK", default=default, show_default=bool(default), help=help)

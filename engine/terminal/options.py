"""What the commands share: their guard, and the options that several of them take. Imports nothing but click."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


class LazyGroup(GuardedGroup):
    """A group most of whose commands are imported when they are asked for.

    `lazy` leads from the name of a command to `module:attribute` below engine/terminal/commands.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, by name."""
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now if need be; None when there is none of that name."""
        known = super().get_command(ctx, cmd_name)
        if known is not None or cmd_name not in self._lazy:
            return known
        from importlib import import_module

        module, _, attribute = self._lazy[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"boosterwatch.engine.terminal.commands.{module}"), attribute)
        return command


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


def with_overdue(command: Command) -> Command:
    """Add `--overdue-review` and `--by`."""
    reason = click.option(
        "--overdue-review", metavar="REASON", help="Use a pack whose review is overdue; the decision records why."
    )
    by = click.option("--by", metavar="ROLE", help="Who answers for --overdue-review; the decision records it, too.")
    return reason(by(command))


def with_pack(help: str, default: str | None = DEFAULT_PACK) -> Callable[[Command], Command]:
    """Add `--pack`."""
    return click.option("--pack", metavar="PACK", default=default, show_default=bool(default), help=help)

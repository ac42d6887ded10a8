"""The help texts, as people read them."""

from collections.abc import Iterator

import click
import pytest

from boosterwatch import __version__
from boosterwatch.cli import main
from boosterwatch.tests.cli.runs import GOLDEN, run
from boosterwatch.tests.expect import expect_text


def commands_of(group: click.Group, before: str = "") -> Iterator[str]:
    """Yield every command of a group by its full name, each after the group that it is in."""
    context = click.Context(group)
    for name in group.list_commands(context):
        full = f"{before} {name}".strip()
        yield full
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands_of(command, full)


COMMANDS = ["", *commands_of(main)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command or "main")
def test_the_help_of_each_command(command: str) -> None:
    result = run(*command.split(), "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    expect_text(GOLDEN / "help" / f"{command.replace(' ', '-') or 'main'}.txt", result.stdout)


def test_the_short_option_gives_the_same() -> None:
    assert run("evaluate", "-h").stdout == run("evaluate", "--help").stdout


def test_the_version() -> None:
    assert run("--version").stdout == f"boosterwatch, version {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("evaluate",),
        ("evaluate", "a", "b"),
        ("evaluate", "--format", "xml", "a"),
        ("explain", "--wyh", "a", "b"),
        ("nonsense",),
        ("packs", "nonsense"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Usage: boosterwatch")

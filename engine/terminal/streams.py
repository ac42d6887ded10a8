"""What goes to standard output and what to standard error.

The answer alone goes to standard output; notes and problems go to standard error. Boxes and colours are for a terminal
only, so `rich` is imported only there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Literal

import click
import orjson

from boosterwatch.engine.diagnostics import Diagnostic, render, sort, to_json
from boosterwatch.engine.explain.page import Page
from boosterwatch.engine.explain.plain import to_text

Form = Literal["text", "json"]


def print_page(page: Page) -> None:
    """Print a page for people: with boxes and colours on a terminal, as plain text anywhere else."""
    if sys.stdout.isatty():
        from boosterwatch.engine.terminal.pretty import print_pretty

        print_pretty(page)
    else:
        click.echo(to_text(page), nl=False)


def print_json(answer: bytes | Mapping[str, object]) -> None:
    """Print one JSON document and a line break."""
    text = answer if isinstance(answer, bytes) else orjson.dumps(answer, option=orjson.OPT_INDENT_2)
    click.echo(text.decode())


def note(text: str) -> None:
    """Say something beside the answer, on standard error."""
    click.echo(text, err=True)


def report(problems: Iterable[Diagnostic], sources: Mapping[str, str], form: Form) -> None:
    """Print problems on standard error: as text with the line and a caret, or as one JSON document."""
    if form == "json":
        errors = [to_json(problem) for problem in sort(problems)]
        click.echo(orjson.dumps({"errors": errors}).decode(), err=True)
    else:
        click.echo(render(problems, sources), err=True, nl=False)

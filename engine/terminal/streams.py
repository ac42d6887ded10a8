"""What goes to standard output and what to standard error.

The answer alone goes to standard output; notes and problems go to standard error. Boxes and colours are for a terminal
only, so `rich` is imported only there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import click
import orjson

from boosterwatch.engine.diagnostics import Diagnostic, render, sort, to_json

if TYPE_CHECKING:
    from boosterwatch.engine.explain.page import Page

Form = Literal["text", "json"]


def print_page(page: Page) -> None:
    """Print a page for people: with boxes and colours on a terminal, as plain text anywhere else."""
    if sys.stdout.isatty():
        from boosterwatch.engine.terminal.pretty import print_pretty

        print_pretty(page)
    else:
        from boosterwatch.engine.explain.plain import to_text

        _say(to_text(page))


def print_json(answer: bytes | Mapping[str, object]) -> None:
    """Print one JSON document and a line break."""
    text = answer if isinstance(answer, bytes) else orjson.dumps(answer, option=orjson.OPT_INDENT_2)
    click.echo(text)  # bytes: JSON is UTF-8 whatever the locale says


def note(text: str) -> None:
    """Say something beside the answer, on standard error."""
    _say(f"{text}\n", err=True)


def report(problems: Iterable[Diagnostic], sources: Mapping[str, str], form: Form) -> None:
    """Print problems on standard error: as text with the line and a caret, or as one JSON document."""
    if form == "json":
        errors = [to_json(problem) for problem in sort(problems)]
        click.echo(orjson.dumps({"errors": errors}), err=True)
    else:
        _say(render(problems, sources), err=True)


def _say(text: str, *, err: bool = False) -> None:
    """Print text; a character that the stream cannot say becomes a question mark rather than an error."""
    try:
        click.echo(text, nl=False, err=err)
    except UnicodeEncodeError:
        encoding = (sys.stderr if err else sys.stdout).encoding
        click.echo(text.encode(encoding, "replace").decode(encoding), nl=False, err=err)

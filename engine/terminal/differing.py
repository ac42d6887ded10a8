"""`diff`: two versions of a pack beside each other, by what they mean."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.author.diff import compare
from boosterwatch.engine.author.diff.data import data_of
from boosterwatch.engine.author.diff.model import Difference
from boosterwatch.engine.author.diff.page import page_of, title_of
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal.files import write_text
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page, report


def diff_packs(old: str, new: str, *, as_of: date | None, html: str | None, form: Form, exit_code: bool) -> int:
    """Print what two packs differ in; with `exit_code`, any difference gives 1. A pack with errors gives 1."""
    opened = open_pack(old), open_pack(new)
    packs = [one.pack for one in opened]
    if packs[0] is None or packs[1] is None:
        for one in opened:
            if one.pack is None:
                report(one.problems, one.sources, form)
        return ERRORS
    sides = LoadedPack(packs[0]), LoadedPack(packs[1])
    with _busy():
        difference = compare(*sides, as_of=as_of, near=_records(opened))
    _print(difference, sides, form)
    if html is not None:
        _write(difference, sides, html)
    return ERRORS if exit_code and difference.old != difference.new else FINE


@contextmanager
def _busy() -> Iterator[None]:
    """Say on a terminal that this takes some seconds."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status("comparing, proving, looking for examples"):
        yield


def _records(opened: tuple[Opened, Opened]) -> list[Mapping[str, Any]]:
    """Return the records of the cases beside both packs, each once."""
    records = [case.record for one in opened for case in find_cases(one)]
    return list({repr(record): record for record in records}.values())


def _print(difference: Difference, sides: tuple[LoadedPack, LoadedPack], form: Form) -> None:
    if form == "json":
        print_json(data_of(difference))
        return
    report(difference.problems, {}, form)
    print_page(page_of(difference, sides[0].ir, sides[1].ir))


def _write(difference: Difference, sides: tuple[LoadedPack, LoadedPack], name: str) -> None:
    from boosterwatch.engine.explain.html import to_html

    page = page_of(difference, sides[0].ir, sides[1].ir, None)
    write_text(name, to_html(page, title_of(difference)))
    note(f"wrote {name}")

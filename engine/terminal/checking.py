"""`check`: everything that is wrong with a pack, what was waived, and whether it may be used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Literal

import click

from boosterwatch.engine.author.lint.checked import Checked, check_opened
from boosterwatch.engine.author.lint.sarif import to_annotations, to_sarif
from boosterwatch.engine.author.lint.waivers import Waiver
from boosterwatch.engine.diagnostics import Diagnostic, to_json
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Text
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal.guard import ERRORS, FINE
from boosterwatch.engine.terminal.packs import counts
from boosterwatch.engine.terminal.streams import note, print_json, print_page, report

CheckForm = Literal["text", "json", "sarif", "github"]


def check(
    reference: str,
    form: CheckForm,
    *,
    today: date,
    oldest_citation: int | None = None,
    strict: bool = False,
    deep: bool = False,
) -> int:
    """Print what is wrong with a pack, and return whether it is sound; with `strict`, warnings count like errors.

    As text the problems go to standard error, and so does the summary of a pack with errors; that of a sound pack
    goes to standard output. Every other form is one document on standard output.
    """
    opened = open_pack(reference)
    checked = check_opened(opened, today, oldest_citation=oldest_citation, deep=deep)
    match form:
        case "text":
            if checked.problems:
                report(checked.problems, opened.sources, form)
            _summarise(tuple(_page(opened, checked)), sound=not checked.counts["error"])
        case "json":
            print_json(_data(opened, checked))
        case "sarif":
            print_json(to_sarif(checked))
        case "github":
            for line in to_annotations(checked):
                click.echo(line)
    return FINE if checked.sound(strict=strict) else ERRORS


def _summarise(page: Page, *, sound: bool) -> None:
    if sound:
        print_page(page)
    else:
        note(to_text(page).rstrip("\n"))


def _page(opened: Opened, checked: Checked) -> Iterator[Block]:
    yield Text(_verdict(opened, checked), "strong")
    yield Pairs(tuple(_rows(opened, checked)))
    if checked.waived:
        yield Heading("Waived")
        yield Items(tuple(_waived(problem, waiver) for problem, waiver in checked.waived))


def _verdict(opened: Opened, checked: Checked) -> str:
    name = opened.found.shown if opened.pack is None else f"{opened.pack.id}@{opened.pack.version}"
    errors = checked.counts["error"]
    return f"{name} has {_many(errors, 'error')}." if errors else f"{name} is sound."


def _many(count: int, word: str) -> str:
    return f"{count or 'no'} {word}" + ("" if count == 1 else "s")


def _rows(opened: Opened, checked: Checked) -> Iterator[tuple[str, str]]:
    found = ", ".join(_many(checked.counts[level], level) for level in ("error", "warning", "note"))
    yield "Found", f"{found}, {len(checked.waived) or 'none'} waived"
    if opened.pack is None:
        yield "Not done", "the lints run on a pack without such errors"
        return
    if checked.left_out:
        yield "Not done", f"{' and '.join(checked.left_out)}, which need proofs (--deep)"
    yield "Read", f"{len(opened.documents)} files, {len(opened.cases)} files of cases"
    yield "Holds", counts(opened.pack)
    yield "Digest", opened.pack.digest


def _waived(problem: Diagnostic, waiver: Waiver) -> str:
    place = f"{problem.span.file}:{problem.span.line}: " if problem.span is not None else ""
    return f"{place}{problem.code} {problem.message}. {waiver.reason} ({waiver.by}, until {waiver.expires})"


def _data(opened: Opened, checked: Checked) -> dict[str, object]:
    pack = opened.pack
    return {
        "pack": None if pack is None else {"id": pack.id, "version": pack.version, "digest": pack.digest},
        "files": [document.file for document in opened.all],
        "counts": {level: checked.counts[level] for level in ("error", "warning", "note")},
        "problems": [to_json(problem) for problem in checked.problems],
        "waived": [to_json(problem) | {"waiver": _waiver_data(waiver)} for problem, waiver in checked.waived],
        "left_out": list(checked.left_out),
    }


def _waiver_data(waiver: Waiver) -> dict[str, str]:
    return {"reason": waiver.reason, "by": waiver.by, "expires": waiver.expires.isoformat()}

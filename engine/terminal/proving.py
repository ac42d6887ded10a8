"""`prove`: each property of a pack, proved over all patients, or a patient who breaks it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.author.prove.read import Promises, read_properties
from boosterwatch.engine.diagnostics import Diagnostic, RecordError, suggest
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal.guard import ERRORS, FINE, RunError
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page, report

if TYPE_CHECKING:
    from boosterwatch.engine.author.prove.prove import Result


def prove_pack(reference: str, only: str | None, save: str | None, form: Form, *, on: date) -> int:
    """Print which properties hold at the values in force on a day; anything but a proof is a failure.

    With `save`, the patients who break a property are written as cases into that folder.
    """
    if find_spec("z3") is None:
        raise RunError("BW430", "proofs need z3, which is not installed", "pip install 'boosterwatch[prove]'")
    opened = open_pack(reference)
    if opened.pack is None:
        report(opened.problems, opened.sources, form)
        return ERRORS
    promises = read_properties(opened)
    if promises.problems:
        report(promises.problems, opened.sources, form)
        return ERRORS
    results = _prove(opened, _asked(promises, only), on)
    _print(opened, results, form, on)
    if save is not None:
        _save(opened, results, Path(save))
    return FINE if all(one.proved for one in results) else ERRORS


def _asked(promises: Promises, only: str | None) -> Promises:
    """Return the promises cut down to one property. Raises RecordError (BW431) when there is none of that name."""
    if only is None:
        return promises
    found = tuple(one for one in promises.properties if one.id == only)
    if not found:
        ids = [one.id for one in promises.properties]
        hint = suggest(only, ids) or f"there are {', '.join(ids)}"
        raise RecordError((Diagnostic("BW431", f"there is no property `{only}`", None, hint),))
    return replace(promises, properties=found)


def _prove(opened: Opened, promises: Promises, on: date) -> list[Result]:
    from boosterwatch.engine.author.prove.prove import prove

    near = [case.record for case in find_cases(opened)]
    return list(_watched(prove(promises, on.toordinal(), near), len(promises.properties)))


def _watched(results: Iterable[Result], number: int) -> Iterable[Result]:
    """Return the results, with a bar on standard error while they come, when that is a terminal."""
    if not sys.stderr.isatty():
        return results
    from rich.console import Console
    from rich.progress import track

    return track(results, "proving", total=number, console=Console(stderr=True), transient=True)


def _print(opened: Opened, results: Sequence[Result], form: Form, on: date) -> None:
    from boosterwatch.engine.author.prove.shown import to_data, to_page

    pack = opened.pack
    assert pack is not None
    refused = [opened.place(_refusal(one)) for one in results if one.answer.verdict == "refused"]
    if form == "json":
        print_json(to_data(pack, on.isoformat(), results))
    else:
        print_page(to_page(f"{pack.id}@{pack.version}", on.isoformat(), results))
    if refused:
        report(refused, opened.sources, form)


def _refusal(one: Result) -> Diagnostic:
    message = f"property `{one.answer.of.id}` is refused: {one.answer.why}"
    return Diagnostic("BW433", message, one.answer.of.span, "state it without that measure")


def _save(opened: Opened, results: Sequence[Result], folder: Path) -> None:
    from boosterwatch.engine.author.prove.saved import save_counter

    for one in results:
        if one.counter is not None:
            for path in save_counter(one.counter, folder, opened):
                note(f"wrote {path}")

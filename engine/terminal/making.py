"""`new pack|instrument|sign|case`: writes a scaffold, and says what to do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from boosterwatch.engine.author.new import Made, new_case, new_instrument, new_pack, new_sign, write
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.page import Items, Text
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal.guard import FINE, RunError, SourcedError
from boosterwatch.engine.terminal.reading import record_of
from boosterwatch.engine.terminal.streams import Form, print_json, print_page


def make_pack(folder: str, id: str | None, title: str | None, form: Form) -> int:
    """Write a small whole pack into a new folder."""
    made = new_pack(Path(folder), id, title, date.today())
    return _written(made, f"boosterwatch check {folder}", form)


def make_instrument(reference: str, id: str, span: str, worse: str, form: Form) -> int:
    """Write an instrument into a pack's folder."""
    return _part(reference, lambda opened: new_instrument(opened, id, span, worse, date.today()), form)


def make_sign(reference: str, id: str, core: tuple[str, ...], form: Form) -> int:
    """Write a sign into a pack's folder."""
    return _part(reference, lambda opened: new_sign(opened, id, core), form)


def make_case(reference: str, id: str, record: str | None, form: Form) -> int:
    """Write a case into a pack's folder, from a record when there is one."""
    given = record_of(record)[1].data if record is not None else None
    return _part(reference, lambda opened: new_case(opened, id, given, date.today()), form)


def _part(reference: str, make: Callable[[Opened], Made], form: Form) -> int:
    opened = open_pack(reference)
    try:
        made = make(opened)
    except PackError as error:
        raise SourcedError(error, opened.sources) from None
    return _written(made, f"boosterwatch check {reference}", form)


def _written(made: Made, next_command: str, form: Form) -> int:
    try:
        write(made)
    except OSError as error:
        raise RunError("BW404", f"`{made.folder}` cannot be written: {(error.strerror or 'unknown').lower()}") from None
    names = [f"{made.folder.as_posix()}/{name}" for name in made.texts]
    if form == "json":
        print_json({"written": names, "digest": made.pack.digest})
    else:
        print_page((Text("Written:"), Items(tuple(names)), Text(f"Open it in an editor, then run: {next_command}")))
    return FINE

"""`set`: gives a parameter a new value from a day on, and shows what changed and what to run next."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from boosterwatch.engine.author.edit import BrokenEditError, Edit, Wish, plan_edit, write
from boosterwatch.engine.author.edit.insert import first_changed_line
from boosterwatch.engine.author.prose.amounts import with_unit
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.page import Page, Text
from boosterwatch.engine.pack.find import list_packs
from boosterwatch.engine.pack.open import Opened, open_pack
from boosterwatch.engine.terminal.guard import FINE, RunError, SourcedError
from boosterwatch.engine.terminal.streams import Form, print_json, print_page

__all__ = ["Wish", "set_value"]

_NEXT = ("check {}", "test {}", "test {} --coverage", "mutate {}", "prove {}", "prose {}")


def set_value(reference: str, wish: Wish, dry_run: bool, form: Form) -> int:
    """Append the value to the pack's file and print the change; with `dry_run` only print it."""
    opened = open_pack(reference)
    edit = _planned(opened, wish)
    if not dry_run:
        _write(opened, edit)
    if form == "json":
        print_json(_data(opened, edit, written=not dry_run))
        return FINE
    print_page(_told(edit, written=not dry_run))
    click.echo(_difference(edit), nl=False)
    click.echo("\nNext")
    click.echo("".join(f"  {command}\n" for command in _next(reference, edit.pack.id)), nl=False)  # unwrapped, to copy
    return FINE


def _planned(opened: Opened, wish: Wish) -> Edit:
    try:
        return plan_edit(opened, wish)
    except BrokenEditError as error:
        raise SourcedError(error, {**opened.sources, error.file: error.text}) from None
    except PackError as error:
        raise SourcedError(error, opened.sources) from None


def _write(opened: Opened, edit: Edit) -> None:
    try:
        write(Path(str(opened.found.folder)), edit)
    except OSError as error:
        raise RunError("BW404", f"`{edit.file}` cannot be written: {(error.strerror or 'unknown').lower()}") from None


def _told(edit: Edit, *, written: bool) -> Page:
    old, new = edit.old.values[-1], edit.new.values[-1]
    values = f"{with_unit(new.value, edit.new.unit)} from {new.start} on, {with_unit(old.value, edit.old.unit)} before"
    done = "" if written else " (nothing was written)"
    return (Text(f"{edit.new.name}: {values}{done}.", "strong"), Text(""))


def _difference(edit: Edit) -> str:
    """Return the changed lines with one line around them, as a review shows them."""
    before, after = (text.decode().splitlines() for text in (edit.before, edit.after))
    lines = difflib.unified_diff(before, after, edit.file, edit.file, n=1, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def _next(reference: str, id: str) -> list[str]:
    """Return what an author runs after an edit; a version that comes with the program is what to compare with."""
    commands = [command.format(reference) for command in _NEXT]
    if any(known == id for known, _, _ in list_packs()):
        commands.insert(-1, f"diff {id} {reference}")
    return [f"boosterwatch {command}" for command in commands]


def _data(opened: Opened, edit: Edit, *, written: bool) -> dict[str, object]:
    old, new = edit.old.values[-1], edit.new.values[-1]
    return {
        "parameter": edit.new.name,
        "before": {"value": old.value, "from": old.start},
        "after": {"value": new.value, "from": new.start, "basis": new.basis, "cites": new.cites, "note": new.note},
        "file": edit.file,
        "line": first_changed_line(edit.before.decode(), edit.after.decode()),
        "digest": {"before": opened.pack.digest if opened.pack else None, "after": edit.pack.digest},
        "written": written,
    }

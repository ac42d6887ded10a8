"""A parameter's new value: what an author asked for -> the changed file, checked as a whole, or every reason why not.

Flow: pack folder + wish -> **edit** -> one file with one entry more. Nothing is written here but by `write`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from boosterwatch.engine.author.edit.codes import EDIT_CODES
from boosterwatch.engine.author.edit.frozen import refuse_released
from boosterwatch.engine.author.edit.insert import Entry, with_entry
from boosterwatch.engine.author.edit.write import replace_file
from boosterwatch.engine.diagnostics import Diagnostic, PackError, suggest
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.find import Source, read_sources
from boosterwatch.engine.pack.open import Opened, compile_sources

__all__ = ["EDIT_CODES", "BrokenEditError", "Edit", "Wish", "plan_edit", "write"]

BASES = ("published", "recalled", "clinic_policy")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Wish:
    """What an author asks for, as typed."""

    parameter: str
    value: str
    start: str
    basis: str
    cites: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one file that was checked. `file` is its name inside the pack."""

    file: str
    before: bytes
    after: bytes
    old: ir.Parameter
    new: ir.Parameter
    pack: ir.Pack


class BrokenEditError(PackError):
    """The edit would break the pack; `file` and `text` are what the problems are about."""

    def __init__(self, problems: Iterable[Diagnostic], file: str, text: str) -> None:
        super().__init__(problems)
        self.file = file
        self.text = text


def plan_edit(opened: Opened, wish: Wish) -> Edit:
    """Return the change that the wish asks for; nothing is written.

    Raises PackError with every problem of the wish, or with those that the pack would have after the change.
    """
    if not isinstance(opened.found.folder, Path) or not Path(opened.found.shown).is_dir():
        raise PackError((_not_in_place(opened.found.shown),))
    refuse_released(opened.found.folder, opened.found.shown)
    if opened.pack is None:
        raise PackError(problem for problem in opened.problems if problem.level == "error")
    old = next((one for one in opened.pack.parameters if one.name == wish.parameter), None)
    if old is None:
        raise PackError((_unknown(opened.pack, wish.parameter),))
    problems = [problem for check in (_value, _start, _basis, _cites) for problem in check(opened.pack, old, wish)]
    if problems:
        raise PackError(_placed(opened, problem) for problem in problems)
    return _checked(opened, old, wish)


def write(folder: Path, edit: Edit) -> None:
    """Replace the file of an edit. Raises OSError."""
    replace_file(folder / edit.file, edit.after)


def _checked(opened: Opened, old: ir.Parameter, wish: Wish) -> Edit:
    """Return the edit once the whole pack was compiled with it."""
    sources = read_sources(opened.found.folder)
    source = next(one for one in sources if one.name == old.span.file)
    entry = Entry(wish.start, wish.value, wish.basis, wish.cites, wish.note)
    changed = with_entry(source.data.decode(), source.name, old.name, entry).encode()
    try:
        pack = compile_sources(opened.found, [Source(one.name, changed) if one is source else one for one in sources])
    except PackError as error:
        broken = Diagnostic("BW417", f"with this value of `{old.name}` the pack would have errors; nothing was written")
        shown = f"{opened.found.shown}/{source.name}"
        raise BrokenEditError((broken, *error.diagnostics), shown, changed.decode()) from None
    new = next(one for one in pack.parameters if one.name == old.name)
    return Edit(source.name, source.data, changed, old, new, pack)


# ---------------------------------------------------------------- what is refused


def _placed(opened: Opened, problem: Diagnostic) -> Diagnostic:
    """Return the problem with its file named as the author would open it."""
    if problem.span is None:
        return problem
    return replace(problem, span=replace(problem.span, file=f"{opened.found.shown}/{problem.span.file}"))


def _not_in_place(shown: str) -> Diagnostic:
    message = f"`{shown}` comes with the program and is not edited in place"
    return Diagnostic("BW416", message, None, "copy its folder, edit the copy, and give the copy's folder here")


def _unknown(pack: ir.Pack, name: str) -> Diagnostic:
    hint = suggest(name, [one.name for one in pack.parameters]) or "`boosterwatch packs show` lists every number"
    return Diagnostic("BW410", f"there is no parameter `{name}`", None, hint)


def _value(pack: ir.Pack, old: ir.Parameter, wish: Wish) -> Iterator[Diagnostic]:
    if not _NUMBER.fullmatch(wish.value):
        hint = "write a plain number with a point, such as 6 or 0.5"
        yield Diagnostic("BW411", f"`{wish.value}` is not a number", None, hint)
    elif old.allowed is not None and not old.allowed[0] <= float(wish.value) <= old.allowed[1]:
        low, high = (f"{end:g}" for end in old.allowed)
        message = f"`{old.name}` may be {low} to {high} {old.unit}, not {wish.value}"
        yield Diagnostic("BW412", message, old.span, "a wider range is a change of the policy itself: edit `allowed`")


def _start(pack: ir.Pack, old: ir.Parameter, wish: Wish) -> Iterator[Diagnostic]:
    newest = old.values[-1].start
    if not _is_date(wish.start):
        yield Diagnostic(
            "BW413", f"`{wish.start}` is not a date", None, "write it as year-month-day, such as 2026-03-01"
        )
    elif wish.start <= newest:
        message = (
            f"`{old.name}` already has a value from {newest}; a new one must begin later than that, not {wish.start}"
        )
        yield Diagnostic(
            "BW413", message, old.span, "values are never rewritten: decisions made under them stay explained"
        )


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _basis(pack: ir.Pack, old: ir.Parameter, wish: Wish) -> Iterator[Diagnostic]:
    if wish.basis not in BASES:
        hint = suggest(wish.basis, BASES) or f"it is one of {', '.join(BASES)}"
        yield Diagnostic("BW415", f"`{wish.basis}` is no basis", None, hint)


def _cites(pack: ir.Pack, old: ir.Parameter, wish: Wish) -> Iterator[Diagnostic]:
    known = [one.id for one in pack.citations]
    for id in wish.cites:
        if id not in known:
            hint = suggest(id, known) or "add the source to the pack's citations first"
            yield Diagnostic("BW414", f"there is no citation `{id}`", None, hint)

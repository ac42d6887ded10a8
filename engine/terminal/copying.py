"""`new version`: the draft of a later version, and what its author does with it."""

from __future__ import annotations

from pathlib import Path

from boosterwatch.engine.author.release import Copy, plan_copy, write_copy
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.page import Heading, Page, Pairs, Text, Verbatim
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.engine.terminal.guard import FINE, RunError, SourcedError
from boosterwatch.engine.terminal.streams import Form, print_json, print_page


def make_version(reference: str, version: str, into: str | None, form: Form) -> int:
    """Copy a pack into the folder of a later version, as a draft, and print where it is."""
    opened = open_pack(reference)
    try:
        copy = plan_copy(opened, version, None if into is None else Path(into))
        _write(copy)
    except PackError as error:
        raise SourcedError(error, opened.sources) from None
    folder = copy.folder.as_posix()
    if form == "json":
        face = {"id": copy.id, "version": copy.version}
        print_json({"pack": face, "folder": folder, "copied": copy.copied, "files": sorted(copy.files)})
        return FINE
    told = ("Copied from", f"{copy.id}@{copy.copied}"), ("Files", str(len(copy.files))), ("Status", "draft")
    print_page((Text(f"{folder} is there.", "strong"), Pairs(told), Heading("Next"), *_next(opened.found.shown, copy)))
    return FINE


def _write(copy: Copy) -> None:
    try:
        write_copy(copy)
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        raise RunError("BW404", f"`{copy.folder.as_posix()}` cannot be written: {reason}") from None


def _next(old: str, copy: Copy) -> Page:
    folder = copy.folder.as_posix()
    edit = (
        f"  boosterwatch set {folder} PARAMETER VALUE --from DATE --basis BASIS\n"
        f"  boosterwatch check {folder}\n"
        f"  boosterwatch diff {old} {folder}\n"
    )
    release = f'  boosterwatch release {folder} {copy.version} --changelog "WHAT CHANGED"\n'
    return (
        Text("Edit the files, then look at what that does:"),
        Verbatim(edit),
        Text("When it is done, write `status: active` (or `trial`) and `effective` into pack.yaml:"),
        Verbatim(release),
    )

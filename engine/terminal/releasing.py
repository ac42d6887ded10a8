"""`release`: what the gates found, what changed, what was written; and everything that speaks against it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from boosterwatch.engine.author.release import Planned, Wish, plan_release, write_release
from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Table, Text, Verbatim
from boosterwatch.engine.pack import compiled
from boosterwatch.engine.pack.manifest import FILE, Manifest, Previous
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.engine.terminal.files import STDIN
from boosterwatch.engine.terminal.guard import FINE, RunError, SourcedError
from boosterwatch.engine.terminal.streams import Form, print_json, print_page
from boosterwatch.engine.terminal.waiting import progress

LONGEST = 20_000  # characters of a changelog
_GATES = {  # in the order in which they are passed, each with its figures as people read them
    "check": ("errors", "warnings", "notes", "waived"),
    "test": ("cases", "passed", "todo"),
    "coverage": ("rules", "sides", "holes", "waived"),
    "mutate": ("changes", "noticed", "same", "waived", "survived"),
    "prove": ("promises", "proved", "days"),
}
_SAYS = {"sides": "sides of numbers", "same": "without effect", "days": "days with new numbers"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A release as it was typed; the changelog is text or the name of a file."""

    pack: str
    version: str
    changelog: str | None
    changelog_file: str | None
    previous: str | None
    first: bool


def release_pack(asked: Asked, jobs: int, dry_run: bool, form: Form, *, today: date) -> int:
    """Release a pack and print what was released; with `dry_run` nothing is written. A refusal writes nothing."""
    wish = Wish(asked.pack, asked.version, _changelog(asked), asked.previous, asked.first)
    try:
        planned = plan_release(wish, today=today, jobs=jobs, watch=progress)
    except PackError as error:
        raise _with_sources(asked.pack, error) from None
    if not dry_run:
        _write(planned)
    if form == "json":
        print_json(_data(planned, written=not dry_run))
    else:
        print_page(tuple(_page(planned, written=not dry_run)))
    return FINE


def _changelog(asked: Asked) -> str:
    text = asked.changelog if asked.changelog_file is None else _read(asked.changelog_file)
    told = (text or "").replace("\r\n", "\n").strip()
    if not told or len(told) > LONGEST:
        message = f"the changelog has {len(told)} characters" if told else "the changelog is empty"
        raise RunError("BW460", message, f"tell those who use the pack what changed, in at most {LONGEST} characters")
    return told


def _read(name: str) -> str:
    try:
        if name == STDIN:
            return sys.stdin.buffer.read(LONGEST * 8).decode()
        with open(name, "rb") as file:
            return file.read(LONGEST * 8).decode()
    except OSError as error:
        raise RunError("BW110", f"`{name}` cannot be read: {(error.strerror or 'unknown').lower()}") from None
    except ValueError:  # bytes that are not UTF-8, or a name with a null in it
        raise RunError("BW112", f"`{name}` is not UTF-8 text") from None


def _with_sources(reference: str, error: PackError) -> PackError | SourcedError:
    try:
        return SourcedError(error, open_pack(reference).sources)
    except PackError:  # there is no such pack, so there is no text to show
        return error


def _write(planned: Planned) -> None:
    try:
        write_release(planned)
    except OSError as error:
        message = f"`{planned.shown}` cannot be written: {(error.strerror or 'unknown').lower()}"
        raise RunError("BW404", message, "the pack is not released") from None


# ---------------------------------------------------------------- for people


def _page(planned: Planned, *, written: bool) -> Iterator[Block]:
    manifest = planned.manifest
    name = f"{manifest.id}@{manifest.version}"
    yield Text(f"{name} is released." if written else f"{name} could be released; nothing was written.", "strong")
    yield Pairs(tuple(_rows(manifest)))
    yield Heading("Gates")
    figures = {gate.name: dict(gate.figures) for gate in manifest.checks}
    yield Table(("gate", "found"), tuple((name, _told(figures[name], order)) for name, order in _GATES.items()))
    yield Heading("What changed")
    yield Items(manifest.change.summary or ("nothing that anybody could tell",))
    yield from _next(planned) if written else ()


def _rows(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield "Status", f"{manifest.status}, from {manifest.effective}, review by {manifest.review_by}"
    yield "Compared with", _before(manifest.previous)
    yield "Change", f"{manifest.change.bump}: {'; '.join(manifest.change.reasons)}"
    yield "Files", f"{len(manifest.files)}, {sum(one.bytes for one in manifest.files):,} bytes"
    yield "Digest", manifest.digest
    yield "Prose", manifest.prose
    yield FILE, manifest.sha256


def _before(previous: Previous | None) -> str:
    if previous is None:
        return "nothing, it is the first version"
    return f"{previous.version}, {'released' if previous.manifest else 'never released'}"


def _told(figures: Mapping[str, int], order: Sequence[str]) -> str:
    return ", ".join(f"{_SAYS.get(name, name)} {figures[name]}" for name in order if name in figures)


def _next(planned: Planned) -> Page:
    shown = planned.shown
    commands = (
        f"  boosterwatch packs verify {shown}\n"
        f"  boosterwatch prose {shown} --format html --out prose.html\n"
        f"  boosterwatch sign {shown} --as author --key KEY --keyring KEYRING\n"
    )
    asked = (
        "Keep the folder in version control as it is. Its author signs, approvers read and approve, a releaser signs:"
    )
    return (Heading("Next"), Text(asked), Verbatim(commands))


# ---------------------------------------------------------------- for programs


def _data(planned: Planned, *, written: bool) -> dict[str, object]:
    manifest = planned.manifest
    names = [f"{planned.shown}/{compiled.FILE}", f"{planned.shown}/{FILE}"]
    return {
        "pack": {"id": manifest.id, "version": manifest.version, "digest": manifest.digest},
        "manifest": manifest.sha256,
        "status": manifest.status,
        "released": manifest.released,
        "previous": manifest.previous,
        "change": manifest.change,
        "checks": {gate.name: dict(gate.figures) for gate in manifest.checks},
        "files": names,
        "written": written,
    }

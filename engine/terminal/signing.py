"""`sign`, `approve`, `withdraw`: one person states something about a released pack, under their own key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.durable_files import create_durably, make_folder_durably
from boosterwatch.engine.explain.page import Block, Heading, Items, Page, Pairs, Text
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.terminal.guard import FINE, RunError
from boosterwatch.engine.terminal.released import Released, keyring_of, released_pack
from boosterwatch.engine.terminal.stating import DONE, Signer, Stated, Wish, prepare
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page
from boosterwatch.engine.trust.approve import require_approval
from boosterwatch.engine.trust.envelope import envelope_name, seal
from boosterwatch.engine.trust.model import Keyring, Statement
from boosterwatch.engine.trust.statement import statement_data, time_text

__all__ = ["Signer", "Wish", "approve", "sign", "withdraw"]


def sign(reference: str, wish: Wish, signer: Signer, signatures: str | None, now: datetime, form: Form) -> int:
    """Write what an author or a releaser states about a released pack."""
    released, keyring = released_pack(reference, signatures), keyring_of(signer.keyring)
    released.require_unchanged()
    released.require_prose()
    stated = prepare(released, keyring, wish, signer, now)
    return _finish(released, keyring, stated, None, form)


def approve(
    reference: str, wish: Wish, signer: Signer, signatures: str | None, now: datetime, form: Form, *, yes: bool
) -> int:
    """Show what would be approved, ask, and write the approval; `yes` means that it need not be asked."""
    released, keyring = released_pack(reference, signatures), keyring_of(signer.keyring)
    released.require_unchanged()
    released.require_prose()
    stated = prepare(released, keyring, wish, signer, now)
    page = tuple(_shown(released, stated.statement))
    if form == "json":
        note(to_text(page).rstrip("\n"))
    else:
        print_page(page)
    if not yes:
        _confirm(f"Approve {released.name} as {stated.key.name}?")
    return _finish(released, keyring, stated, None, form)


def withdraw(
    reference: str, reason: str, signer: Signer, signatures: str | None, out: str | None, now: datetime, form: Form
) -> int:
    """Write that a released pack must not be used any more; one person suffices, and the folder may have changed."""
    released, keyring = released_pack(reference, signatures), keyring_of(signer.keyring)
    stated = prepare(released, keyring, Wish("withdraw", reason), signer, now)
    return _finish(released, keyring, stated, out, form)


def _confirm(question: str) -> None:
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        raise RunError("BW475", "it was not confirmed, so nothing was signed", "answer `y`, or give --yes")


# ---------------------------------------------------------------- what is shown


def _shown(released: Released, statement: Statement) -> Iterator[Block]:
    """Yield what a person should have seen before they sign: which release, what changed, which prose."""
    manifest = released.manifest
    yield Heading(f"To approve: {released.name}")
    yield Pairs(tuple(_facts(released, statement)))
    yield Heading("Changes")
    lines = (*manifest.change.reasons, *manifest.change.summary)
    yield Items(lines) if lines else Text("none: this is the first version", indent=1)
    yield Text("")


def _facts(released: Released, statement: Statement) -> Iterator[tuple[str, str]]:
    manifest = released.manifest
    yield "Released", f"{manifest.released}, {manifest.status}, in force from {manifest.effective}"
    if manifest.previous is not None:
        yield "After", f"{manifest.id}@{manifest.previous.version} ({manifest.change.bump})"
    yield "Prose", manifest.prose
    yield "Manifest", manifest.sha256
    yield "Changelog", " ".join(manifest.changelog.split())
    yield "You sign", f"{statement.meaning} ({statement.person})"


# ---------------------------------------------------------------- what is written


def _finish(released: Released, keyring: Keyring, stated: Stated, out: str | None, form: Form) -> int:
    """Sign, write the envelope, and tell what is still missing."""
    statement = stated.statement
    path = Path(out) if out is not None else Path(str(released.signatures), envelope_name(statement))
    _write(path, seal(statement, stated.private), in_folder=out is None)
    missing = () if statement.act == "withdraw" else _missing(released, keyring, statement)
    if form == "json":
        print_json({"written": str(path), "statement": statement_data(statement), "missing": list(missing)})
    else:
        print_page(_told(released, statement, path, missing))
    return FINE


def _write(path: Path, data: bytes, *, in_folder: bool) -> None:
    try:
        if in_folder:
            make_folder_durably(path.parent)
        create_durably(path, data)
    except FileExistsError:
        hint = "a signature is never overwritten: remove that file first, or give another name"
        raise RunError("BW477", f"`{path}` is there already", hint) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a file name").lower()
        raise RunError(
            "BW404", f"`{path}` cannot be written: {reason}", "give another place with --signatures"
        ) from None


def _missing(released: Released, keyring: Keyring, statement: Statement) -> tuple[str, ...]:
    """Return what still keeps the release from being approved, in the words of `verify`."""
    try:
        require_approval(released.manifest, released.envelopes(), keyring, statement.time.date())
    except PackError as error:
        return tuple(problem.message for problem in error.diagnostics)
    return ()


def _told(released: Released, statement: Statement, path: Path, missing: tuple[str, ...]) -> Page:
    done = Text(f"{statement.person} {DONE[statement.act]} {released.name}.", "strong")
    rows = Pairs((("Meaning", statement.meaning), ("Time", time_text(statement.time)), ("Written", str(path))))
    if statement.act == "withdraw":
        return done, rows, Text("Give the file to everybody who uses the release.")
    after: tuple[Block, ...] = (Heading("Still missing"), Items(missing)) if missing else (Text("It is approved now."),)
    return done, rows, *after

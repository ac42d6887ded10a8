"""Where a passphrase comes from: a file, the environment, or a prompt. Never an argument: others see those."""

from __future__ import annotations

import os
from pathlib import Path

import click

from boosterwatch.engine.terminal.guard import RunError
from boosterwatch.engine.trust.keys import read_secret

ENVIRONMENT = "BOOSTERWATCH_PASSPHRASE"
SHORTEST = 12


def passphrase_for(key: str, file: str | None) -> bytes:
    """Return the passphrase of a key: from a file, else the environment, else asked for without showing it."""
    given = _given(file)
    return _asked(f"Passphrase of {key}", confirm=False) if given is None else given


def new_passphrase(key: str, file: str | None) -> bytes:
    """Return the passphrase for a new key, asked for twice. Raises RunError BW476 when it is too short."""
    given = _given(file)
    passphrase = _asked(f"New passphrase of {key}", confirm=True) if given is None else given
    if len(passphrase.decode("utf-8", "replace")) < SHORTEST:
        hint = "take four or more words that nobody would guess; they are the only lock of a stolen file"
        raise RunError("BW476", f"the passphrase has fewer than {SHORTEST} characters", hint)
    return passphrase


def _given(file: str | None) -> bytes | None:
    if file is None:
        value = os.environ.get(ENVIRONMENT)
        return None if value is None else value.encode("utf-8", "surrogateescape")
    first = read_secret(Path(file), "BW476").split(b"\n", 1)[0].removesuffix(b"\r")
    if not first:
        raise RunError("BW476", f"`{file}` has no passphrase on its first line", "write it there, for you alone")
    return first


def _asked(question: str, *, confirm: bool) -> bytes:
    try:
        answer: str = click.prompt(question, hide_input=True, confirmation_prompt=confirm, err=True)
    except click.Abort:
        hint = f"type it, or give --passphrase-file or {ENVIRONMENT}"
        raise RunError("BW476", "no passphrase was given", hint) from None
    return answer.encode()

"""`keys new` and `keys show`: a private key into a file, and what others may know of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from boosterwatch.engine.durable_files import create_durably
from boosterwatch.engine.explain.page import Pairs, Text, Verbatim
from boosterwatch.engine.pack.schema_store import schema
from boosterwatch.engine.terminal.guard import FINE, RunError
from boosterwatch.engine.terminal.passphrase import new_passphrase, passphrase_for
from boosterwatch.engine.terminal.streams import Form, print_json, print_page
from boosterwatch.engine.trust.keys import KEY_MODE, SEED_BYTES, key_from_seed, public_text, read_private_key, to_pem


@dataclass(frozen=True, slots=True)
class Entry:
    """What a keyring will say of a key beside its id and its public part."""

    person: str
    name: str
    roles: tuple[str, ...]
    start: date
    until: date


def is_person(text: str) -> bool:
    """Return whether a keyring takes a text for the id of a person."""
    node = schema("keyring")["definitions"]["key"]["properties"]["person"]
    return len(text) <= node["maxLength"] and re.search(node["pattern"], text) is not None and "\n" not in text


def new_seed() -> bytes:
    """Return 32 random bytes; the one place where keys meet chance."""
    return os.urandom(SEED_BYTES)


def new_key(file: str, entry: Entry, passphrase_file: str | None, form: Form) -> int:
    """Write a new private key into a file for its owner alone, and print the entry for the keyring."""
    if os.path.lexists(file):
        raise _there_already(file)
    key = key_from_seed(new_seed())
    _write(file, to_pem(key, new_passphrase(file, passphrase_file)))
    public = public_text(key.public)
    if form == "json":
        dates = {"from": entry.start.isoformat(), "until": entry.until.isoformat()}
        said = {"id": key.id, "person": entry.person, "name": entry.name, "roles": list(entry.roles), "public": public}
        print_json({"written": file, "key": said | dates})
        return FINE
    about = f"Written: {file}, for you alone. Nobody can help when its passphrase is lost."
    print_page((Text(about), Text("Add this to `keys` of the keyring:"), Verbatim(_entry(key.id, public, entry))))
    return FINE


def show_key(file: str, passphrase_file: str | None, form: Form) -> int:
    """Print the id and the public part of a private key."""
    key = read_private_key(Path(file), lambda: passphrase_for(file, passphrase_file))
    if form == "json":
        print_json({"id": key.id, "public": public_text(key.public)})
    else:
        print_page((Pairs((("id", key.id), ("public", public_text(key.public)))),))
    return FINE


def _entry(id: str, public: str, entry: Entry) -> str:
    lines = (
        f'  - id: "{id}"',
        f"    person: {entry.person}",
        f"    name: {orjson.dumps(entry.name).decode()}",  # a JSON text is YAML text in quotes
        f"    roles: [{', '.join(entry.roles)}]",
        f'    public: "{public}"',
        f"    from: {entry.start}",
        f"    until: {entry.until}",
    )
    return "".join(f"{line}\n" for line in lines)


def _write(file: str, data: bytes) -> None:
    try:
        create_durably(Path(file), data, mode=KEY_MODE)
    except FileExistsError:
        raise _there_already(file) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a file name").lower()
        raise RunError("BW404", f"`{file}` cannot be written: {reason}") from None


def _there_already(file: str) -> RunError:
    return RunError("BW477", f"`{file}` is there already", "a key is never overwritten: give another name")

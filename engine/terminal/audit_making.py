"""`audit init`, `public-key` and `rotate-keys`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from boosterwatch.engine.audit import vault_tables
from boosterwatch.engine.audit.keys import create_keys, new_keys, replace_keys, with_last_master, with_new_master
from boosterwatch.engine.audit.log.notes import HeadSigner
from boosterwatch.engine.audit.trail import make_trail
from boosterwatch.engine.explain.page import Pairs, Text
from boosterwatch.engine.terminal.auditing import keys_of, recording
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.streams import Form, note, print_json, print_page


def make_log(url: str, keys_file: str, tenant: str, form: Form) -> int:
    """Make a log with its vault and keys, and tell where they are; keys without a log are taken back."""
    file, keys = Path(keys_file), new_keys(tenant, os.urandom)
    create_keys(file, keys)
    try:
        make_trail(url, keys)
    except BaseException:
        file.unlink()
        raise
    vault = vault_tables.vault_file(url)
    data = {
        "log": keys.log,
        "keys": keys_file,
        "vault": None if vault is None else str(vault),
        "public_key": HeadSigner(keys.log, keys.signing).verifier.line,
    }
    if form == "json":
        print_json(data)
        return FINE
    rows = [("Log", keys.log), ("Keys", keys_file), ("Vault", data["vault"] or "in the same database")]
    print_page((Text("A new audit log.", "strong"), Pairs((*rows, ("Public key", str(data["public_key"]))))))
    note("keep the keys file apart from the database: who has it can read and sign, and nobody can read without it")
    return FINE


def tell_public_key(keys_file: str, form: Form) -> int:
    """Print the public key of a log, as one line."""
    keys = keys_of(keys_file)
    line = HeadSigner(keys.log, keys.signing).verifier.line
    if form == "json":
        print_json({"log": keys.log, "public_key": line})
    else:
        click.echo(line)
    return FINE


def rotate(url: str, keys_file: str, form: Form) -> int:
    """Wrap every patient's key with a new master key.

    The file holds both while the vault changes, so that a crash at any moment leaves keys that fit the vault.
    """
    file = Path(keys_file)
    with recording(url, keys_file) as trail:
        both = with_new_master(trail.keys, trail.random)
        replace_keys(file, both)
        count = trail.vault.rewrap(both)
        replace_keys(file, with_last_master(both))
    if form == "json":
        print_json({"wrapped": count, "master": both.master.id})
    else:
        print_page((Text(f"{count} keys of patients are wrapped with the new master key {both.master.id}.", "strong"),))
    return FINE

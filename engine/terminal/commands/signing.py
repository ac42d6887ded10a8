"""The commands of trust: `keys`, `sign`, `approve`, `verify`, `withdraw`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import click

from boosterwatch.engine.terminal.options import Command, Form, GuardedCommand, GuardedGroup, with_form

_ROLES = ("author", "clinical_approver", "releaser")
_DAY = click.DateTime(["%Y-%m-%d"])


def now() -> datetime:
    """Return the time in UTC, to the second; the one place where signatures meet the clock."""
    return datetime.now(UTC).replace(microsecond=0)


def _with_passphrase(command: Command) -> Command:
    help = "Read the passphrase from this file's first line; else BOOSTERWATCH_PASSPHRASE; else it is asked for."
    return click.option("--passphrase-file", metavar="FILE", help=help)(command)


def _with_keyring(command: Command) -> Command:
    return click.option("--keyring", metavar="FILE", required=True, help="Whose signatures count.")(command)


def _with_signatures(command: Command) -> Command:
    help = "The folder of the signatures; by default `signatures` in that of the pack."
    return click.option("--signatures", metavar="FOLDER", help=help)(command)


def _with_signer(command: Command) -> Command:
    """Add what everybody who signs gives."""
    key = click.option("--key", metavar="FILE", required=True, help="Your private key; see `keys new`.")
    return key(_with_keyring(_with_passphrase(_with_signatures(command))))


def _require_library() -> None:
    """Raise RunError BW403 when what signs is not installed."""
    from importlib.util import find_spec

    if find_spec("cryptography") is None:
        from boosterwatch.engine.terminal.guard import RunError

        hint = 'install it with `pip install "boosterwatch[audit]"`'
        raise RunError("BW403", "keys and signatures need the library `cryptography`, which is not installed", hint)


@click.group(cls=GuardedGroup)
def keys() -> None:
    """Make a key to sign with, or show the public part of one."""


@keys.command("new")
@click.argument("file")
@click.option("--name", required=True, metavar="NAME", help="The name that your signatures show.")
@click.option("--person", metavar="ID", help="Your account or role, such as role:lead-author; by default the name.")
@click.option("--role", "roles", type=click.Choice(_ROLES), multiple=True, required=True, help="What you sign as.")
@click.option("--until", type=_DAY, metavar="DATE", help="The last day on which you sign; by default in two years.")
@_with_passphrase
@with_form
def new_key(
    file: str,
    name: str,
    person: str | None,
    roles: tuple[str, ...],
    until: datetime | None,
    passphrase_file: str | None,
    form: Form,
) -> int:
    """Make a new private key in FILE, and print what the keyring needs.

    The file is encrypted under a passphrase, readable for you alone, and never overwritten.

    \b
    boosterwatch keys new lead.key --name role:lead-author --role author
    """
    _require_library()
    from boosterwatch.engine.terminal.keeping_keys import Entry, is_person, new_key

    today = now().date()
    last = today + timedelta(days=730) if until is None else until.date()
    if not is_person(person or name):
        raise click.UsageError("a person is written as an account or a role, such as role:lead-author: give --person")
    if last < today:
        raise click.UsageError("--until is the last day on which the key signs; it cannot have passed")
    return new_key(file, Entry(person or name, name, tuple(dict.fromkeys(roles)), today, last), passphrase_file, form)


@keys.command("show")
@click.argument("file")
@_with_passphrase
@with_form
def show_key(file: str, passphrase_file: str | None, form: Form) -> int:
    """Show the id and the public part of the private key in FILE."""
    _require_library()
    from boosterwatch.engine.terminal.keeping_keys import show_key

    return show_key(file, passphrase_file, form)


@click.command(cls=GuardedCommand)
@click.argument("pack")
@click.option("--as", "act", type=click.Choice(["author", "releaser"]), required=True, help="What you sign as.")
@_with_signer
@click.option("--meaning", metavar="TEXT", help="What the signature means, in your words.")
@click.option("--until", type=_DAY, metavar="DATE", help="The last day on which it holds; by default for ever.")
@with_form
def sign(
    pack: str,
    act: str,
    key: str,
    keyring: str,
    passphrase_file: str | None,
    signatures: str | None,
    meaning: str | None,
    until: datetime | None,
    form: Form,
) -> int:
    """Sign a released PACK as its author or its releaser.

    \b
    boosterwatch sign my-folder/1.1.0 --as author --key lead.key --keyring keyring.yaml
    """
    _require_library()
    from boosterwatch.engine.terminal.signing import Signer, Wish, sign

    wish = Wish("author" if act == "author" else "release", meaning, _day(until))
    return sign(pack, wish, Signer(key, keyring, passphrase_file), signatures, now(), form)


@click.command(cls=GuardedCommand)
@click.argument("pack")
@_with_signer
@click.option("--meaning", metavar="TEXT", help="What the signature means, in your words.")
@click.option("--until", type=_DAY, metavar="DATE", help="The last day on which it holds, if the policy's is too late.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_form
def approve(
    pack: str,
    key: str,
    keyring: str,
    passphrase_file: str | None,
    signatures: str | None,
    meaning: str | None,
    until: datetime | None,
    yes: bool,
    form: Form,
) -> int:
    """Approve a released PACK as a clinician.

    Shows what changed since the version before, asks, and signs that you reviewed the prose and the diff. Read both
    first: `boosterwatch prose PACK` and `boosterwatch diff OLD PACK`.

    \b
    boosterwatch approve my-folder/1.1.0 --key mine.key --keyring keyring.yaml
    """
    _require_library()
    from boosterwatch.engine.terminal.signing import Signer, Wish, approve

    wish = Wish("approve", meaning, _day(until))
    return approve(pack, wish, Signer(key, keyring, passphrase_file), signatures, now(), form, yes=yes)


@click.command(cls=GuardedCommand)
@click.argument("pack", metavar="PACK|BUNDLE")
@_with_keyring
@_with_signatures
@click.option("--on", type=_DAY, metavar="DATE", help="The day asked about, in UTC; by default today.")
@with_form
def verify(pack: str, keyring: str, signatures: str | None, on: datetime | None, form: Form) -> int:
    """Verify who approved a released PACK or a BUNDLE, and until when.

    Every reason why it is not approved is told at once, changed files among them; the exit code is then 1.

    \b
    boosterwatch verify my-folder/1.1.0 --keyring keyring.yaml
    boosterwatch verify policy.bundle --keyring keyring.yaml --on 2027-01-31
    """
    _require_library()
    from boosterwatch.engine.terminal.verifying import verify

    return verify(pack, keyring, _day(on) or now().date(), signatures, form)


@click.command(cls=GuardedCommand)
@click.argument("pack")
@_with_signer
@click.option("--reason", metavar="TEXT", required=True, help="Why it must not be used any more.")
@click.option(
    "--out", metavar="FILE", help="Write the withdrawal into this file, to hand it to those who use the pack."
)
@with_form
def withdraw(
    pack: str,
    key: str,
    keyring: str,
    passphrase_file: str | None,
    signatures: str | None,
    reason: str,
    out: str | None,
    form: Form,
) -> int:
    """Withdraw a released PACK: one person suffices, and it is final.

    \b
    boosterwatch withdraw my-folder/1.1.0 --key mine.key --keyring keyring.yaml --reason "The interval is wrong"
    """
    _require_library()
    from boosterwatch.engine.terminal.signing import Signer, withdraw

    return withdraw(pack, reason, Signer(key, keyring, passphrase_file), signatures, out, now(), form)


def _day(given: datetime | None) -> date | None:
    return None if given is None else given.date()

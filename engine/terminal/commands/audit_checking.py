"""The commands of `audit` that check: `verify`, `prove`, `check-proof`, `anchor`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from boosterwatch.engine.terminal.audit_options import KEYS, with_url
from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form

Command = TypeVar("Command", bound=Callable[..., Any])


def with_public_key(command: Command) -> Command:
    """Add `--public-key` and `--keys`, one of which says who must have signed."""
    key = click.option(
        "--public-key", "public", metavar="KEY", help="The line that `audit public-key` prints, or a file with it."
    )
    keys = click.option(
        "--keys", metavar="FILE", envvar=KEYS, help=f"Without --public-key: the keys of the log; by default {KEYS}."
    )
    return key(keys(command))


@click.command(cls=GuardedCommand)
@with_url
@with_public_key
@click.option("--since", metavar="FILE", multiple=True, help="A signed head that was seen before; may be repeated.")
@click.option("--anchor", metavar="FILE", multiple=True, help="A file that `audit anchor` writes; may be repeated.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Processes to work in; by default as many as the size asks for."
)
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=50, show_default=True, help="Show at most so many problems."
)
@with_form
def verify(
    url: str,
    public: str | None,
    keys: str | None,
    since: tuple[str, ...],
    anchor: tuple[str, ...],
    jobs: int | None,
    limit: int,
    form: Form,
) -> int:
    """Check that the log is whole: every entry, everything that repeats it, every signed head.

    Nothing secret is needed, and writing may go on meanwhile. A log that was wiped, or of which an older copy was put
    back, is whole in itself: only --since or --anchor, with heads kept elsewhere, can tell. Exit code 1 when the log is
    not whole; each problem has a code, a place and a column, never a value.

    \b
    boosterwatch audit verify sqlite:///audit.db --public-key key.txt --anchor anchors.txt
    """
    from boosterwatch.engine.terminal.audit_checking import Asked, verify_log

    return verify_log(Asked(url, public, keys), (*since, *anchor), jobs, limit, form)


@click.command(cls=GuardedCommand)
@with_url
@click.argument("id")
@with_public_key
@click.option("-o", "--out", metavar="FILE", help="Write the proof here instead of to standard output.")
def prove(url: str, id: str, public: str | None, keys: str | None, out: str | None) -> int:
    """Prove that the entry ID is in the log, for a machine that has no access to it.

    The document holds the entry, which names no patient, the hashes from there to the root, and the signed head.
    `audit check-proof` checks it, and so does docs/verify_audit.py, which needs Python and nothing else.

    \b
    boosterwatch audit prove sqlite:///audit.db 01932c07-9c1e-7a3b-8f00-0123456789ab -o proof.json
    """
    from boosterwatch.engine.terminal.audit_checking import Asked, prove_entry

    return prove_entry(Asked(url, public, keys), id, out)


@click.command("check-proof", cls=GuardedCommand)
@click.argument("file")
@with_public_key
@with_form
def check_proof(file: str, public: str | None, keys: str | None, form: Form) -> int:
    """Check a proof in a FILE, without the log.

    \b
    boosterwatch audit check-proof proof.json --public-key key.txt
    """
    from boosterwatch.engine.terminal.audit_checking import check_proof_in, key_of

    return check_proof_in(file, key_of(public, keys), form)


@click.command(cls=GuardedCommand)
@with_url
@with_public_key
@click.option("--to", "file", metavar="FILE", required=True, help="The anchor file; the head is appended to it.")
@with_form
def anchor(url: str, public: str | None, keys: str | None, file: str, form: Form) -> int:
    """Keep the newest signed head where nobody who can change the log can change it.

    Appends it to a file, and prints it for a mail or a sheet of paper. Keep the file on another machine, or in storage
    that can be written only once. A log that does not continue what the file holds is refused.

    \b
    boosterwatch audit anchor sqlite:///audit.db --public-key key.txt --to /mnt/worm/anchors.txt
    """
    from boosterwatch.engine.terminal.audit_checking import Asked, anchor_head

    return anchor_head(Asked(url, public, keys), file, form)

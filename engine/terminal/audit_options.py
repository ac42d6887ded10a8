"""The options by which a command finds an audit log, its keys, and who asks. Imports nothing but click."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, NamedTuple, TypeVar

import click

from boosterwatch.engine.terminal.options import LazyGroup

Command = TypeVar("Command", bound=Callable[..., Any])

KEYS = "BOOSTERWATCH_AUDIT_KEYS"
ACTOR = "BOOSTERWATCH_ACTOR"
ACTOR_HELP = f"Who asks, for the log: a role or an account; by default {ACTOR}, or your account here."
KEYS_HELP = f"The keys of the log; by default the file that {KEYS} names."


class AuditGroup(LazyGroup):
    """A group whose commands need the extra `audit`; without it, each of them says so."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for, when what it needs is installed."""
        from boosterwatch.engine.terminal.guard import run

        missing = run(need_audit, "text")
        return ctx.exit(missing) if missing else super().invoke(ctx)


def need_audit() -> None:
    """Raise RunError BW403 when what keeps a log is not installed."""
    from importlib.util import find_spec

    missing = [name for name in ("alembic", "cryptography", "sqlalchemy") if find_spec(name) is None]
    if missing:
        from boosterwatch.engine.terminal.guard import RunError

        hint = "install the extra: pip install 'boosterwatch[audit]'"
        raise RunError("BW403", f"the audit log needs {', '.join(missing)}, not installed here", hint)


class Recorded(NamedTuple):
    """What was said of recording: the log, its keys, who asks, the request key, what is kept, and of what input."""

    url: str
    keys: str
    actor: str
    request: str | None
    store: Literal["sealed", "digest-only"]
    stream: bool
    rounds: int


def with_url(command: Command) -> Command:
    """Add the address of the log."""
    return click.argument("url", metavar="URL")(command)


def with_keys(command: Command) -> Command:
    """Add `--keys`."""
    return click.option("--keys", metavar="FILE", envvar=KEYS, required=True, help=KEYS_HELP)(command)


def with_actor(command: Command) -> Command:
    """Add `--actor`."""
    return click.option("--actor", metavar="NAME", envvar=ACTOR, default=account, help=ACTOR_HELP)(command)


def account() -> str:
    """Return the name of the account that runs this."""
    from getpass import getuser

    try:
        return getuser()
    except (KeyError, OSError):  # no name for this number, as in many containers
        return "unknown"


def with_audit(command: Callable[..., int]) -> Callable[..., int]:
    """Add what records a decision; the command gets it as `recorded`, None when nothing is to be recorded."""

    @wraps(command)
    def with_recorded(
        *,
        audit: str | None,
        keys: str | None,
        actor: str | None,
        request: str | None,
        store: Literal["sealed", "digest-only"],
        stream: bool,
        repeat: int,
        **others: Any,
    ) -> int:
        if audit is None:
            if stream or request is not None:
                raise click.UsageError("--stream and --request go with --audit")
            return command(recorded=None, **others)
        if keys is None:
            raise click.UsageError(f"--audit needs --keys FILE, or {KEYS}")
        need_audit()
        return command(recorded=Recorded(audit, keys, actor or account(), request, store, stream, repeat), **others)

    options = (
        click.option("--audit", metavar="URL", help="Record the decision in this log before it is told; see `audit`."),
        click.option("--keys", metavar="FILE", envvar=KEYS, help=KEYS_HELP),
        click.option("--actor", metavar="NAME", envvar=ACTOR, help=ACTOR_HELP),
        click.option("--request", metavar="KEY", help="The same key again gives the decision recorded under it."),
        click.option(
            "--store",
            type=click.Choice(["sealed", "digest-only"]),
            default="sealed",
            show_default=True,
            help="Keep the facts, encrypted; or only a keyed digest, which nothing can be replayed from.",
        ),
        click.option("--stream", is_flag=True, help="Take a record on each line; acknowledge each on disk by ACK."),
        click.option(
            "--repeat", type=click.IntRange(1), default=1, metavar="N", help="With --stream: take the file N times."
        ),
    )
    wrapped: Callable[..., int] = with_recorded
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped

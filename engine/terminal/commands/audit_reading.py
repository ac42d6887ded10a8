"""The commands of `audit` that read: `list` (also called `search`), `show`, `export`, `stats`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal

import click

from boosterwatch.engine.terminal.audit_options import KEYS, with_actor, with_keys, with_url
from boosterwatch.engine.terminal.options import Form, GuardedCommand, with_form

if TYPE_CHECKING:
    from boosterwatch.engine.audit.reading.search import Filters

Kind = Literal["decision", "response", "read", "erasure", "withdrawal", "note", "all"]
_KINDS = ["decision", "response", "read", "erasure", "withdrawal", "note", "all"]
_FILTERS = (
    click.option("--from", "start", metavar="TIME", help="Recorded from this time on, UTC: 2026-11, 2026-11-24T13:00."),
    click.option("--to", "end", metavar="TIME", help="Recorded up to this time; a day means the whole day."),
    click.option("--pack", metavar="ID", help="Decided under this pack; id@version names one version."),
    click.option("--version", metavar="VERSION", help="Decided under this version."),
    click.option("--rule", metavar="ID", multiple=True, help="This rule fired; may be repeated, as the next three."),
    click.option("--near", metavar="ID", multiple=True, help="This rule was false by a hair."),
    click.option("--flag", metavar="ID", multiple=True, help="With this flag."),
    click.option("--hold", metavar="ID", multiple=True, help="With this hold."),
    click.option("--recommendation", metavar="ID", help="With this recommendation."),
    click.option("--patient", metavar="ID", help="About this patient, - reads the id from standard input; needs keys."),
    click.option("--pseudonym", metavar="TEXT", help="About the patient whom the log calls this."),
)


def with_filters(kind: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add what an entry must say; the command gets it as `filters`. `kind` is which kind is meant by default."""

    def add(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def with_asked(**given: Any) -> int:
            own = {name: given.pop(name) for name in _NAMES}
            return command(filters=_filters(given.get("keys"), **own), **given)

        wrapped: Callable[..., int] = click.option(
            "--kind", type=click.Choice(_KINDS), default=kind, show_default=True, help="Entries of this kind."
        )(with_asked)
        for option in reversed(_FILTERS):
            wrapped = option(wrapped)
        return wrapped

    return add


_NAMES = (
    "start", "end", "pack", "version", "rule", "near", "flag", "hold", "recommendation", "patient", "pseudonym", "kind"
)  # fmt: skip


def _filters(
    keys: str | None,
    *,
    start: str | None,
    end: str | None,
    pack: str | None,
    version: str | None,
    patient: str | None,
    pseudonym: str | None,
    kind: Kind,
    **others: Any,
) -> Filters:
    """Return what was asked for. Raises SearchError BW560, and AuditError for keys that cannot be used."""
    if patient is not None and pseudonym is not None:
        raise click.UsageError("give --patient or --pseudonym")
    if pack is not None and "@" in pack:
        pack, _, version = pack.partition("@")
    from boosterwatch.engine.audit.reading.search import Filters, checked_time

    return Filters(
        start=None if start is None else checked_time(start),
        end=None if end is None else checked_time(end),
        kind=None if kind == "all" else kind,
        patient=pseudonym if patient is None else _pseudonym(patient, keys),
        pack=pack,
        version=version,
        **others,
    )


def _pseudonym(patient: str, keys: str | None) -> str:
    if keys is None:
        raise click.UsageError(f"--patient needs --keys FILE, or {KEYS}")
    from boosterwatch.engine.terminal.auditing import keys_of

    return keys_of(keys).pseudonym(sys.stdin.readline().rstrip("\r\n") if patient == "-" else patient)


@click.command("list", cls=GuardedCommand)
@with_url
@with_filters("decision")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="So many at most; by default 50, of ids all.")
@click.option("--after", type=click.IntRange(-1), default=-1, metavar="SEQ", help="Go on behind this entry.")
@click.option("--keys", metavar="FILE", envvar=KEYS, help=f"For --patient: the keys of the log; by default {KEYS}.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "ids"]),
    default="text",
    show_default=True,
    help="A table, the entries as they are, or the id of each and the SHA-256 of its entry.",
)
def list_(
    url: str, filters: Filters, limit: int | None, after: int, keys: str | None, form: Literal["text", "json", "ids"]
) -> int:
    """List the entries that say all that is asked for, in the order of the log; `search` is the same.

    What is listed is public: pseudonyms, rules and recommendations, no facts. So it needs no keys, may run while
    somebody records, and is not recorded itself.

    \b
    boosterwatch audit list sqlite:///audit.db --from 2026-11-24 --rule some_rule
    boosterwatch audit list sqlite:///audit.db --patient p-0001 --kind all
    boosterwatch audit search sqlite:///audit.db --pack house@1.2.0 --hold some_hold --format json
    """
    from boosterwatch.engine.terminal.audit_reading import Window, list_entries

    return list_entries(url, filters, Window(limit, after), form)


def with_packs(command: Callable[..., int]) -> Callable[..., int]:
    """Add `--packs`."""
    return click.option(
        "--packs",
        multiple=True,
        metavar="PLACE",
        type=click.Path(exists=True),
        help="A folder of packs, a pack or a bundle to look in; may be repeated.",
    )(command)


@click.command(cls=GuardedCommand)
@with_url
@click.argument("id")
@click.option("--why", metavar="RULE", help="Tell one rule that fired in full; also a sign, a hold or a flag.")
@click.option("--why-not", metavar="RULE", help="Tell what stopped one rule, and how far away it was.")
@with_packs
@with_keys
@with_actor
@with_form
def show(
    url: str,
    id: str,
    why: str | None,
    why_not: str | None,
    packs: tuple[str, ...],
    keys: str,
    actor: str,
    form: Form,
) -> int:
    """Show the decision ID: why it came out so, on which facts, who approved, what became of it, and its proof.

    That you looked is recorded before anything is shown. The patient is called by pseudonym. Exit code 1 when the proof
    does not hold, or what is sealed cannot be read though nobody erased it.

    \b
    boosterwatch audit show sqlite:///audit.db 01932c07-9c1e-7a3b-8f00-0123456789ab
    boosterwatch audit show sqlite:///audit.db 01932c07-9c1e-7a3b-8f00-0123456789ab --why-not some_rule
    """
    from boosterwatch.engine.terminal.audit_showing import Asked, show_decision

    return show_decision(Asked(url, keys, packs, actor, why, why_not), id, form)


@click.command(cls=GuardedCommand)
@with_url
@click.argument("ids", metavar="[ID]...", nargs=-1)
@with_filters("all")
@click.option("--open", "opened", is_flag=True, help="With the facts: whoever has the export can read them for ever.")
@click.option("--sealed", is_flag=True, help="As JSON Lines: with what is sealed, as it is stored.")
@with_packs
@click.option("-o", "--out", metavar="PLACE", help="The file for JSON Lines, else standard output; a folder for HTML.")
@with_keys
@with_actor
@click.option(
    "--format",
    "form",
    type=click.Choice(["jsonl", "html"]),
    default="jsonl",
    show_default=True,
    help="JSON Lines that carry their own proof; or a dossier for each decision, to read and to print.",
)
def export(
    url: str,
    ids: tuple[str, ...],
    filters: Filters,
    opened: bool,
    sealed: bool,
    packs: tuple[str, ...],
    out: str | None,
    keys: str,
    actor: str,
    form: Literal["jsonl", "html"],
) -> int:
    """Export the whole log, the decisions ID, or the entries that say all that is asked for.

    Without --open there are no facts in it, only pseudonyms, rules, states and recommendations. With --open JSON Lines
    hold the record as it was given, the patient's id included; a dossier never does. An erasure cannot reach what was
    exported with --open. Every export is recorded before anything is written.

    \b
    boosterwatch audit export sqlite:///audit.db -o log.jsonl
    boosterwatch audit export sqlite:///audit.db ID --open --format html -o dossiers
    boosterwatch audit export sqlite:///audit.db --from 2026-11 --rule some_rule -o november.jsonl
    """
    from boosterwatch.engine.audit.reading.search import Filters

    if form == "html" and out is None:
        raise click.UsageError("--format html needs --out FOLDER")
    if form == "html" and sealed:
        raise click.UsageError("--sealed goes with --format jsonl")
    if ids and filters != Filters():
        raise click.UsageError("give IDs, or what to look for")
    from boosterwatch.engine.terminal.audit_exporting import Asked
    from boosterwatch.engine.terminal.audit_exporting import export as export_entries

    return export_entries(Asked(url, keys, actor, ids, filters, opened, sealed, packs), form, out)


@click.command(cls=GuardedCommand)
@with_url
@click.option("--from", "start", metavar="TIME", help="Recorded from this time on, UTC: 2026-11, 2026-11-24T13:00.")
@click.option("--to", "end", metavar="TIME", help="Recorded up to this time; a day means the whole day.")
@click.option(
    "--quiet-days",
    type=click.IntRange(1),
    default=90,
    show_default=True,
    help="A rule is quiet that has not fired for so long.",
)
@click.option("--budget", type=click.IntRange(0), metavar="N", help="So many prompts a patient may have in a month.")
@with_form
def stats(url: str, start: str | None, end: str | None, quiet_days: int, budget: int | None, form: Form) -> int:
    """Add up what is recorded, by rule and version: fired, near misses, what clinicians did and why.

    Also which rules have gone quiet, how often each sign could not be assessed, and how many prompts a patient gets in
    a month. A response counts for every rule that fired in its decision. It needs no keys, may run while somebody
    records, and is not recorded itself.

    \b
    boosterwatch audit stats sqlite:///audit.db --from 2026-11 --budget 4
    """
    from boosterwatch.engine.audit.reading.search import Filters, checked_time
    from boosterwatch.engine.terminal.audit_stats import Asked, tell_stats

    begin = None if start is None else checked_time(start)
    filters = Filters(start=begin, end=None if end is None else checked_time(end))
    return tell_stats(url, Asked(filters, quiet_days, budget), form)

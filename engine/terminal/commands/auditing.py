"""The commands of `audit` that record, replay and erase; those that check and tell stand in files beside this one."""

from __future__ import annotations

import sys
from typing import Literal

import click

from boosterwatch.engine.terminal.audit_options import KEYS, AuditGroup, with_actor, with_keys, with_url
from boosterwatch.engine.terminal.options import Form, with_form

LAZY: dict[str, str] = {  # command: module:attribute below engine/terminal/commands
    "anchor": "audit_checking:anchor",
    "check-proof": "audit_checking:check_proof",
    "export": "audit_reading:export",
    "list": "audit_reading:list_",
    "migrate": "audit_migrating:migrate",
    "prove": "audit_checking:prove",
    "search": "audit_reading:list_",
    "show": "audit_reading:show",
    "stats": "audit_reading:stats",
    "verify": "audit_checking:verify",
}


@click.group(
    cls=AuditGroup,
    lazy=LAZY,
    epilog="URL is sqlite:///folder/audit.db or postgresql+psycopg://user@host/database. "
    "Exit codes: 0 fine, 1 not as it should be, or refused, 2 wrong usage, 3 our own fault.",
)
def audit() -> None:
    """Keep and question the audit log: every decision recorded, replayed, and tamper-evident.

    \b
    boosterwatch audit init sqlite:///audit.db --keys audit-keys.json --tenant "North clinic"
    boosterwatch evaluate patient.yaml --audit sqlite:///audit.db --keys audit-keys.json
    boosterwatch audit replay sqlite:///audit.db --all --keys audit-keys.json
    """


@audit.command()
@with_url
@click.option("--keys", metavar="FILE", envvar=KEYS, required=True, help="The new file for the keys; kept from others.")
@click.option("--tenant", metavar="NAME", required=True, help="Whose log it is: a clinic, a site.")
@with_form
def init(url: str, keys: str, tenant: str, form: Form) -> int:
    """Make a new, empty log, its vault of patients' keys, and its keys file.

    Nothing is ever overwritten. Whoever has the keys file can read and sign, and without it nothing sealed can ever be
    read: keep it apart from the database, with a backup of its own.

    \b
    boosterwatch audit init sqlite:///audit.db --keys audit-keys.json --tenant "North clinic"
    """
    from boosterwatch.engine.terminal.audit_making import make_log

    return make_log(url, keys, tenant, form)


@audit.command("public-key")
@with_keys
@with_form
def public_key(keys: str, form: Form) -> int:
    """Print the public key that the heads of the log are verified with.

    One line, as C2SP signed notes write it. Auditors need this and nothing secret.
    """
    from boosterwatch.engine.terminal.audit_making import tell_public_key

    return tell_public_key(keys, form)


@audit.command("rotate-keys")
@with_url
@with_keys
@with_form
def rotate_keys(url: str, keys: str, form: Form) -> int:
    """Wrap the keys of all patients with a new master key, and drop the old one from the keys file.

    Nothing that is sealed changes. After a crash, repeat it. Old copies of the keys file still open old copies of the
    vault: let both expire.
    """
    from boosterwatch.engine.terminal.audit_making import rotate

    return rotate(url, keys, form)


@audit.command()
@with_url
@click.argument("id", required=False)
@click.option("--all", "every", is_flag=True, help="Replay every decision in the log.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes to work in.")
@click.option(
    "--packs",
    multiple=True,
    metavar="PLACE",
    type=click.Path(exists=True),
    help="A folder of packs, a pack or a bundle to look in; may be repeated.",
)
@click.option("--show-values", is_flag=True, help="Show the values that differ; they may be a patient's.")
@with_keys
@with_actor
@with_form
def replay(
    url: str,
    id: str | None,
    every: bool,
    jobs: int,
    packs: tuple[str, ...],
    show_values: bool,
    keys: str,
    actor: str,
    form: Form,
) -> int:
    """Evaluate a recorded decision again, ID or --all, and compare it byte for byte.

    The pack is found by its digest, the record and the site's changes are those that were sealed. Exit code 1 when a
    decision differs, or cannot be replayed though nobody erased it. Replaying one decision is recorded as reading it.

    \b
    boosterwatch audit replay sqlite:///audit.db 01932c07-9c1e-7a3b-8f00-0123456789ab
    boosterwatch audit replay sqlite:///audit.db --all --jobs 2 --packs released/
    """
    if (id is None) is not every:
        raise click.UsageError("give the ID of a decision, or --all")
    from boosterwatch.engine.terminal.audit_replaying import Asked, replay_all_of, replay_one

    asked = Asked(url, keys, packs, actor, show_values)
    return replay_all_of(asked, jobs, form) if id is None else replay_one(asked, id, form)


@audit.command()
@with_url
@click.argument("id")
@click.option("--accept", "response", flag_value="accept", help="The prompt was followed.")
@click.option("--modify", "response", flag_value="modify", help="It was followed in another way.")
@click.option("--dismiss", "response", flag_value="dismiss", help="It was not followed.")
@click.option("--reason", metavar="CODE", required=True, help="Why: a code, such as too_early; see below.")
@click.option("--note", metavar="TEXT", help="More about it; sealed with the patient's key. - reads standard input.")
@click.option("--request", metavar="KEY", help="The same key again is recorded once.")
@with_keys
@with_actor
@with_form
def respond(
    url: str,
    id: str,
    response: Literal["accept", "modify", "dismiss"] | None,
    reason: str,
    note: str | None,
    request: str | None,
    keys: str,
    actor: str,
    form: Form,
) -> int:
    """Record what a clinician did about the decision ID.

    Reasons: agreed, too_early, too_late, already_planned, declined, not_suitable, data_wrong, other_plan, judgement,
    other; or a clinic's own, such as clinic:no_chair. `audit stats` counts them by rule.

    \b
    boosterwatch audit respond sqlite:///audit.db ID --dismiss --reason too_early
    """
    if response is None:
        raise click.UsageError("give one of --accept, --modify, --dismiss")
    from boosterwatch.engine.terminal.audit_changing import Said, respond_to

    return respond_to(url, keys, actor, Said(id, response, reason, note, request), form)


@audit.command()
@with_url
@click.argument("patient", required=False)
@click.option(
    "--pseudonym", metavar="TEXT", help="The patient as the log calls them, or the id of a nameless decision."
)
@with_keys
@with_actor
@with_form
def erase(url: str, patient: str | None, pseudonym: str | None, keys: str, actor: str, form: Form) -> int:
    """Erase a PATIENT: destroy the key, so that nothing sealed about them can ever be read.

    The entries stay, with pseudonym, rules and recommendation, and every proof still holds. PATIENT is the id as in the
    record; - reads it from standard input, so that no history keeps it. Backups of the vault and of the keys file must
    expire, or the erasure is not real. Harmless when repeated; after a crash it finishes.

    \b
    echo p-0001 | boosterwatch audit erase sqlite:///audit.db -
    """
    from boosterwatch.engine.terminal.audit_changing import erase_patient

    return erase_patient(url, keys, actor, _whom(patient, pseudonym), form)


@audit.command()
@with_url
@click.argument("patient", required=False)
@click.option(
    "--pseudonym", metavar="TEXT", help="The patient as the log calls them, or the id of a nameless decision."
)
@click.option("--reason", metavar="CODE", help="Why: a code, such as clinic:court_order.")
@click.option("--release", is_flag=True, help="Lift the hold.")
@with_keys
@with_actor
@with_form
def hold(
    url: str,
    patient: str | None,
    pseudonym: str | None,
    reason: str | None,
    release: bool,
    keys: str,
    actor: str,
    form: Form,
) -> int:
    """Put a PATIENT under legal hold, so that nothing of them can be erased; --release lifts it.

    \b
    boosterwatch audit hold sqlite:///audit.db p-0001 --reason clinic:court_order
    """
    if (reason is None) is not release:
        raise click.UsageError("give a --reason, or --release")
    from boosterwatch.engine.terminal.audit_changing import hold_patient

    return hold_patient(url, keys, actor, _whom(patient, pseudonym), reason, form)


def _whom(patient: str | None, pseudonym: str | None) -> tuple[str | None, str | None]:
    """Return the patient's id or the pseudonym, one of the two."""
    if (patient is None) is (pseudonym is None):
        raise click.UsageError("give the PATIENT, or --pseudonym")
    if patient == "-":
        patient = sys.stdin.readline().rstrip("\r\n")
    return patient, pseudonym

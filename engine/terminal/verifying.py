"""`verify`: who wrote, approved and released a pack or a bundle, and until when; or every reason why nobody did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from boosterwatch.engine.diagnostics import Diagnostic, DiagnosticError, PackError
from boosterwatch.engine.explain.page import Block, Heading, Pairs, Table, Text
from boosterwatch.engine.pack.drift import drift
from boosterwatch.engine.pack.manifest import Manifest
from boosterwatch.engine.terminal.guard import FINE
from boosterwatch.engine.terminal.released import keyring_of, read_bytes, released_pack
from boosterwatch.engine.terminal.streams import Form, print_json, print_page
from boosterwatch.engine.trust.approve import require_approval
from boosterwatch.engine.trust.envelope import Envelope, envelopes_in
from boosterwatch.engine.trust.model import Approved, Keyring, Signature
from boosterwatch.engine.trust.statement import time_text

_MOST_BUNDLE = 64 << 20
_AS = {"author": "wrote it", "approve": "approved it", "release": "released it"}


def verify(reference: str, keyring_file: str, on: date, signatures: str | None, form: Form) -> int:
    """Print who approved a released pack or a bundle; `on` is the day asked about, in UTC.

    Raises PackError with every reason why it is not approved, changed files among them.
    """
    keyring = keyring_of(keyring_file)
    if Path(reference).is_file():
        manifest, approved = _of_bundle(reference, keyring, on, signatures)
    else:
        manifest, approved = _of_pack(reference, keyring, on, signatures)
    if form == "json":
        print_json(_data(manifest, approved, keyring, on))
    else:
        print_page(tuple(_page(manifest, approved, keyring, on)))
    return FINE


def _of_pack(reference: str, keyring: Keyring, on: date, signatures: str | None) -> tuple[Manifest, Approved]:
    released = released_pack(reference, signatures)
    changed = released.differences()
    return released.manifest, _approved(released.manifest, released.envelopes(), keyring, on, changed)


def _of_bundle(file: str, keyring: Keyring, on: date, signatures: str | None) -> tuple[Manifest, Approved]:
    from boosterwatch.engine.host.bundle import open_bundle  # late: what verifies a folder needs no host

    bundle = open_bundle(read_bytes(file, "give the path of a pack or a bundle", _MOST_BUNDLE), file)
    more = () if signatures is None else envelopes_in(Path(signatures), signatures.rstrip("/"))
    changed = drift(bundle.folder, bundle.manifest, file)
    return bundle.manifest, _approved(bundle.manifest, (*bundle.envelopes, *more), keyring, on, changed)


def _approved(
    manifest: Manifest, envelopes: Sequence[Envelope], keyring: Keyring, on: date, changed: Sequence[Diagnostic]
) -> Approved:
    """Return who approved the release; what was changed since is told with what the signatures lack."""
    try:
        approved = require_approval(manifest, envelopes, keyring, on)
    except DiagnosticError as error:
        raise PackError((*error.diagnostics, *changed)) from None
    if changed:
        raise PackError(changed)
    return approved


def _page(manifest: Manifest, approved: Approved, keyring: Keyring, on: date) -> Iterator[Block]:
    yield Text(f"{manifest.id}@{manifest.version} is approved until {approved.until}.", "strong")
    rows = (
        ("Asked about", f"{on} (UTC)"),
        ("Released", f"{manifest.released}, {manifest.status}, in force from {manifest.effective}"),
        ("Keyring", f"{keyring.id}, which asks for {keyring.policy.approvers} approvals"),
        ("Its digest", keyring.digest),
        ("Manifest", manifest.sha256),
        ("Prose", manifest.prose),
    )
    yield Pairs(rows)
    yield Heading("Signatures")
    yield Table(("who", "did", "when", "holds until", "meaning"), tuple(map(_row, approved.signatures)))


def _row(one: Signature) -> tuple[str, ...]:
    who = one.name if one.name == one.person else f"{one.name} ({one.person})"
    return who, _AS[one.act], time_text(one.time), str(one.until or "-"), one.meaning


def _data(manifest: Manifest, approved: Approved, keyring: Keyring, on: date) -> dict[str, object]:
    return {
        "pack": {"id": manifest.id, "version": manifest.version, "digest": manifest.digest},
        "manifest": manifest.sha256,
        "prose": manifest.prose,
        "keyring": {"id": keyring.id, "digest": keyring.digest, "approvers": keyring.policy.approvers},
        "on": on.isoformat(),
        "until": approved.until.isoformat(),
        "signatures": [_signature_data(one) for one in approved.signatures],
    }


def _signature_data(one: Signature) -> dict[str, object]:
    return {
        "act": one.act,
        "person": one.person,
        "name": one.name,
        "role": one.role,
        "key": one.key_id,
        "time": time_text(one.time),
        "until": one.until and one.until.isoformat(),
        "meaning": one.meaning,
    }

"""What one look of a host finds: bundles that can be read, withdrawals that count, releases that may be used.

Pure: it is given what was offered, and returns what to do and what to tell. `host.py` does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.host.bundle import Bundle, open_bundle
from boosterwatch.engine.host.floor import Floor
from boosterwatch.engine.host.load import Day, Terms, require_use
from boosterwatch.engine.host.sources import Offer
from boosterwatch.engine.pack.find import version_key
from boosterwatch.engine.pack.manifest import Manifest
from boosterwatch.engine.trust.envelope import Envelope, read_envelope
from boosterwatch.engine.trust.keys import fits
from boosterwatch.engine.trust.model import Approved, Keyring, Statement

_LONGEST_MEANING = 380  # with person and day, no longer than the schema of a floor allows


@dataclass(frozen=True, slots=True)
class Refused:
    """Bytes that are not used, by their SHA-256, and every reason."""

    source: str
    sha256: str
    problems: tuple[Diagnostic, ...]
    manifest: Manifest | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What could be read of what was offered: bundles of the pack, and envelopes that came alone."""

    bundles: tuple[Bundle, ...]
    envelopes: tuple[tuple[Offer, Envelope], ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bundle that may be used today, and who approved it."""

    bundle: Bundle
    approved: Approved

    @property
    def rank(self) -> tuple[tuple[int, ...], date]:
        """What makes one better than another: its version, then how long its approval holds."""
        return version_key(self.bundle.manifest.version), self.approved.until


def open_offers(offers: Iterable[Offer], pack: str, known: str | None) -> Opened:
    """Return what was offered, opened; the bytes whose SHA-256 is `known` are in use already, and left out."""
    bundles: list[Bundle] = []
    envelopes: list[tuple[Offer, Envelope]] = []
    refused: list[Refused] = []
    for one in {offer.sha256: offer for offer in offers}.values():
        try:
            if one.is_envelope:
                envelopes.append((one, read_envelope(one.data, one.shown)))
            elif one.sha256 != known:
                bundles.append(_of_pack(open_bundle(one.data, one.shown), pack))
        except PackError as error:
            refused.append(Refused(one.shown, one.sha256, error.diagnostics))
    return Opened(tuple(bundles), tuple(envelopes), tuple(refused))


def _of_pack(bundle: Bundle, pack: str) -> Bundle:
    if bundle.manifest.id != pack:
        message = f"`{bundle.shown}` holds the pack `{bundle.manifest.id}`, and this host runs `{pack}`"
        raise PackError((Diagnostic("BW482", message, None, "put it where the host of that pack looks"),))
    return bundle


def withdrawals(opened: Opened, pack: str, keyring: Keyring) -> tuple[Mapping[str, Statement], tuple[Refused, ...]]:
    """Return what was said to withdraw releases of the pack, by the SHA-256 of their release.json, and what is refused.

    Whoever holds a key of the keyring withdraws, in whatever role, and even with a key that was revoked or has run out:
    on doubt a release is not used. An envelope within a bundle that does not count is refused with its bundle.
    """
    found: dict[str, Statement] = {}
    refused: list[Refused] = []
    for envelope in (one for bundle in opened.bundles for one in bundle.envelopes):
        if _counts(envelope, keyring):
            found[envelope.statement.manifest] = envelope.statement
    for offer, envelope in opened.envelopes:
        if envelope.statement.pack != pack:  # of another host that looks at the same folder
            continue
        if _counts(envelope, keyring):
            found[envelope.statement.manifest] = envelope.statement
        else:
            refused.append(Refused(offer.shown, offer.sha256, (_no_withdrawal(offer, envelope, keyring),)))
    return found, tuple(refused)


def _counts(envelope: Envelope, keyring: Keyring) -> bool:
    key = keyring.find(envelope.statement.key)
    withdraws = envelope.statement.act == "withdraw"
    return withdraws and key is not None and fits(key.public, envelope.signed, envelope.signature)


def reason_of(said: Statement) -> str:
    """Return why a release was withdrawn, who said so and when, as the floor keeps it."""
    return f"{said.meaning[:_LONGEST_MEANING]} ({said.person}, {said.time.date()})"


def _no_withdrawal(offer: Offer, envelope: Envelope, keyring: Keyring) -> Diagnostic:
    said = envelope.statement
    if said.act != "withdraw":
        what, hint = "it is not a withdrawal", "signatures reach a host inside a bundle; only withdrawals come alone"
    elif keyring.find(said.key) is None:
        what = f"the key `{said.key}` is not in the keyring `{keyring.id}`"
        hint = "if you know whose key it is, add it to the keyring; if the release is dangerous, stop the host"
    else:
        what = f"the signature is not of the key `{said.key}`, or what it signed has changed"
        hint = "get the file again from whoever signed it"
    return Diagnostic("BW486", f"`{offer.shown}` does not withdraw anything: {what}", None, hint)


def usable(
    bundles: Sequence[Bundle], terms: Terms, day: Day, floor: Floor
) -> tuple[tuple[Candidate, ...], tuple[Refused, ...]]:
    """Return the bundles that may be used today, the best first, and those that may not, with every reason."""
    candidates: list[Candidate] = []
    refused: list[Refused] = []
    for bundle in bundles:
        try:
            candidates.append(Candidate(bundle, require_use(bundle, terms, day, floor)))
        except PackError as error:
            refused.append(Refused(bundle.shown, bundle.sha256, error.diagnostics, bundle.manifest))
    return tuple(sorted(candidates, key=lambda one: one.rank, reverse=True)), tuple(refused)

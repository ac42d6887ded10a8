"""One envelope against a release and a keyring: whose it is, and every reason why it does not count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.trust.envelope import Envelope
from boosterwatch.engine.trust.keys import fits
from boosterwatch.engine.trust.model import SIGNED_AS, Key, Keyring, Signature, Statement
from boosterwatch.engine.trust.statement import time_text

if TYPE_CHECKING:
    from boosterwatch.engine.pack.manifest import Manifest

_ZONES = timedelta(days=1)  # a release has a day without a zone; anywhere on earth it is within a day of UTC


@dataclass(frozen=True, slots=True)
class Judged:
    """An envelope and its problems; `key` is None unless that key of the keyring really signed this release."""

    envelope: Envelope
    problems: tuple[Diagnostic, ...]
    key: Key | None = None
    until: date | None = None

    @property
    def counts(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems

    def signature(self, key: Key) -> Signature:
        """Return what is told of a signature that counts."""
        said = self.envelope.statement
        return Signature(said.act, key.person, key.name, said.role, said.meaning, said.time, key.id, self.until)


def judge(envelope: Envelope, manifest: Manifest, keyring: Keyring, on: date) -> Judged:
    """Return the envelope with every reason why it does not count for this release on a day (in UTC)."""
    said = envelope.statement
    key = keyring.find(said.key)
    if key is None:
        hint = "add the key if you know whose it is; otherwise remove the file"
        message = f"the key `{said.key}` is not in the keyring `{keyring.id}`"
        return Judged(envelope, (_problem("BW248", message, envelope, hint),))
    if not fits(key.public, envelope.signed, envelope.signature):
        message = f"the signature is not of the key `{key.id}` of `{key.person}`, or what it signed has changed"
        return Judged(envelope, (_problem("BW249", message, envelope, _sign_again(key)),))
    if not is_about(said, manifest):
        return Judged(envelope, (_wrong_release(envelope, manifest, key),))
    until = last_day(said, keyring)
    problems = (*_wrong_key(envelope, key), *_wrong_time(envelope, manifest, on), *_expired(envelope, key, until, on))
    return Judged(envelope, problems, key, until)


def last_day(said: Statement, keyring: Keyring) -> date | None:
    """Return the last day on which a signature holds, in UTC; None means for ever. An approval always has one."""
    if said.act != "approve":
        return said.until
    by_policy = said.time.date() + timedelta(days=keyring.policy.valid_days)
    return by_policy if said.until is None else min(said.until, by_policy)


def is_about(said: Statement, manifest: Manifest) -> bool:
    """Return whether a statement is about exactly this release."""
    signed = (said.manifest, said.pack, said.version, said.prose)
    return signed == (manifest.sha256, manifest.id, manifest.version, manifest.prose)


def _wrong_release(envelope: Envelope, manifest: Manifest, key: Key) -> Diagnostic:
    said = envelope.statement
    signed, ours = f"`{said.pack}@{said.version}`", f"`{manifest.id}@{manifest.version}`"
    if signed != ours:
        message = f"`{key.person}` signed another release: {signed}, not {ours}"
    elif said.manifest != manifest.sha256:
        message = f"`{key.person}` signed another release.json of {ours}: {said.manifest}, not {manifest.sha256}"
    else:
        message = f"`{key.person}` signed another prose of {ours}: {said.prose}, not {manifest.prose}"
    return _problem("BW250", message, envelope, _sign_again(key))


def _wrong_key(envelope: Envelope, key: Key) -> Iterator[Diagnostic]:
    """Yield why this key could not sign this. A revoked key never could: whoever has it writes any day they like."""
    said = envelope.statement
    if said.person != key.person:
        message = f"the signature says `{said.person}`, and the key `{key.id}` is that of `{key.person}`"
        yield _problem("BW251", message, envelope, _sign_again(key))
    if said.role not in key.roles or said.role != SIGNED_AS.get(said.act, said.role):
        message = f"`{key.person}` signed `{said.act}` as {said.role}, and the key may sign as {', '.join(key.roles)}"
        yield _problem("BW251", message, envelope, "remove the file; somebody with that role signs")
    if key.revoked is not None:
        message = f"the key `{key.id}` of `{key.person}` was revoked on {key.revoked.on} ({key.revoked.reason})"
        yield _problem("BW253", message, envelope, f"remove the file; `{key.person}` signs again with a new key")
    if not key.start <= said.time.date() <= key.until:
        message = f"`{key.person}` signed on {said.time.date()}, and the key is valid from {key.start} to {key.until}"
        yield _problem("BW252", message, envelope, f"remove the file; `{key.person}` signs again with a valid key")


def _wrong_time(envelope: Envelope, manifest: Manifest, on: date) -> Iterator[Diagnostic]:
    """Yield what is impossible about the time; a withdrawal from the future counts all the same."""
    said = envelope.statement
    if said.time.date() > on and said.act != "withdraw":
        message = f"`{said.person}` signed at {time_text(said.time)}, after the day asked about, {on}"
        yield _problem("BW254", message, envelope, "ask about a later day, or compare the clocks")
    if said.time.date() < date.fromisoformat(manifest.released) - _ZONES:
        message = f"`{said.person}` signed at {time_text(said.time)}, before the release of {manifest.released}"
        yield _problem("BW254", message, envelope, "compare the clocks; remove the file and sign again")


def _expired(envelope: Envelope, key: Key, until: date | None, on: date) -> Iterator[Diagnostic]:
    if until is not None and on > until:
        message = f"the signature of `{key.person}` held until {until}, and the day asked about is {on}"
        yield _problem("BW258", message, envelope, _sign_again(key))


def _sign_again(key: Key) -> str:
    return f"remove the file; if `{key.person}` agrees, they sign this release again"


def _problem(code: str, message: str, envelope: Envelope, hint: str) -> Diagnostic:
    return Diagnostic(code, message, envelope.span, hint)

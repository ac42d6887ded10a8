"""All envelopes of a release together: approved, or every reason why not.

Strict on purpose: an envelope that does not count is an error, not ignored. Who may write into `signatures/` could
delete signatures anyway, so this takes nothing away; and what lies there is then exactly what counts.

An author's approval never counts, not even beside enough others. A withdrawal by anyone who holds a role ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from boosterwatch.engine.diagnostics import Diagnostic, PackError
from boosterwatch.engine.trust.envelope import Envelope
from boosterwatch.engine.trust.judge import Judged, judge
from boosterwatch.engine.trust.model import Act, Approved, Keyring
from boosterwatch.engine.trust.statement import time_text

if TYPE_CHECKING:
    from boosterwatch.engine.pack.manifest import Manifest

_ORDER: tuple[Act, ...] = ("author", "approve", "release", "withdraw")


def require_approval(manifest: Manifest, envelopes: Sequence[Envelope], keyring: Keyring, on: date) -> Approved:
    """Return who approved a release and until when; `on` is the day asked about, in UTC.

    Raises PackError with every reason why it is not approved (BW248 to BW259).
    """
    judged = [judge(envelope, manifest, keyring, on) for envelope in envelopes]
    problems = [problem for one in judged for problem in one.problems]
    problems += _withdrawn(judged)
    problems += _repeated(judged)
    problems += _missing(judged, manifest, keyring)
    if problems:
        raise PackError(problems)
    return _approved(judged, keyring)


def _approved(judged: Sequence[Judged], keyring: Keyring) -> Approved:
    signatures = [one.signature(one.key) for one in judged if one.key is not None]
    signatures.sort(key=lambda one: (_ORDER.index(one.act), one.time, one.person))
    days = [one.until for one in signatures if one.until is not None]
    return Approved(tuple(signatures), min(days), keyring.digest)


def _withdrawn(judged: Sequence[Judged]) -> Iterator[Diagnostic]:
    """Yield the withdrawals of this release, whatever else is wrong with them: the safe side is not to use it."""
    for one in _of(judged, "withdraw"):
        said = one.envelope.statement
        message = f"`{said.person}` withdrew `{said.pack}@{said.version}` at {time_text(said.time)}: {said.meaning}"
        hint = "a withdrawal is final: correct what is wrong in a new version"
        yield Diagnostic("BW259", message, one.envelope.span, hint)


def _repeated(judged: Sequence[Judged]) -> Iterator[Diagnostic]:
    """Yield the approvals that never count: by an author, and the second one of a person."""
    authors = _persons(_of(judged, "author"))
    seen: set[str] = set()
    for one in _of(judged, "approve"):
        person = one.envelope.statement.person
        if person in authors:
            message = f"`{person}` is an author of this release, so their approval never counts"
            yield Diagnostic("BW256", message, one.envelope.span, "remove the file; somebody else approves")
        if person in seen:
            message = f"`{person}` has approved twice, and counts once"
            yield Diagnostic("BW255", message, one.envelope.span, "remove one of the two files")
        seen.add(person)


def _missing(judged: Sequence[Judged], manifest: Manifest, keyring: Keyring) -> Iterator[Diagnostic]:
    """Yield which signatures are missing, of those that count."""
    counted = [one for one in judged if one.counts]
    authors, approvers, releasers = (_persons(_of(counted, act)) for act in ("author", "approve", "release"))
    name, asked = f"`{manifest.id}@{manifest.version}`", keyring.policy.approvers
    have = approvers - authors
    if not authors:
        yield Diagnostic("BW257", f"no author has signed {name}", None, "run `boosterwatch sign PACK --as author`")
    if len(have) < asked:
        hint = "a clinical approver who is not an author runs `boosterwatch approve PACK`"
        yield Diagnostic("BW257", f"too few approvals of {name}: {len(have)} of {asked}", None, hint)
    if not releasers:
        yield Diagnostic("BW257", f"no releaser has signed {name}", None, "run `boosterwatch sign PACK --as releaser`")
    elif len(have) == 1 and releasers == have:
        message = f"`{min(have)}` is the only approver of {name}, and the only releaser"
        yield Diagnostic("BW257", message, None, "a second person releases it, or approves it too")


def _of(judged: Sequence[Judged], act: Act) -> list[Judged]:
    """Return the envelopes of an act that a key of the keyring really signed, for this release."""
    return [one for one in judged if one.key is not None and one.envelope.statement.act == act]


def _persons(judged: Sequence[Judged]) -> set[str]:
    return {one.key.person for one in judged if one.key is not None}

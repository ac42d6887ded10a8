"""What a keyring says against itself: keys twice, ids that do not fit, dates out of order, a policy nobody can meet."""

from __future__ import annotations

from collections.abc import Iterator

from boosterwatch.engine.diagnostics import Diagnostic
from boosterwatch.engine.pack.document import Document, Path
from boosterwatch.engine.trust.keys import is_weak, key_id
from boosterwatch.engine.trust.model import Key, Keyring, Role


def keyring_faults(keyring: Keyring, document: Document) -> Iterator[Diagnostic]:
    """Yield everything that is wrong with a keyring of the right shape, each with its place."""
    for at, key in enumerate(keyring.keys):
        yield from _key_faults(key, document, ("keys", at))
    yield from _repeats(keyring, document)
    yield from _policy_faults(keyring, document)


def _key_faults(key: Key, document: Document, path: Path) -> Iterator[Diagnostic]:
    if key_id(key.public) != key.id:
        message = f"the id of the public key is `{key_id(key.public)}`, not `{key.id}`"
        yield _problem(
            "BW244",
            message,
            document,
            (*path, "id"),
            "copy `id` and `public` from what `boosterwatch keys show` prints",
        )
    if is_weak(key.public):
        message = f"anybody could sign with the public key `{key.id}`"
        hint = "ask its holder for a key made by `boosterwatch keys new`"
        yield _problem("BW244", message, document, (*path, "public"), hint)
    if key.until < key.start:
        message = f"the key `{key.id}` ends on {key.until}, before it begins on {key.start}"
        yield _problem("BW245", message, document, (*path, "until"), "write the last day on which it may sign")
    if key.revoked is not None and key.revoked.on < key.start:
        message = f"the key `{key.id}` was revoked on {key.revoked.on}, before it begins on {key.start}"
        yield _problem("BW245", message, document, (*path, "revoked", "date"), "write the day on which it was revoked")


def _repeats(keyring: Keyring, document: Document) -> Iterator[Diagnostic]:
    seen: dict[bytes, Key] = {}
    for at, key in enumerate(keyring.keys):
        first = seen.setdefault(key.public, key)
        if first is not key:
            message = f"the key of `{key.person}` is also that of `{first.person}`"
            hint = "keep one entry: each person has a key that nobody else has"
            if first.person == key.person:
                message, hint = f"`{key.person}` has the same key twice", "keep one entry"
            yield _problem("BW243", message, document, ("keys", at, "public"), hint)


def _policy_faults(keyring: Keyring, document: Document) -> Iterator[Diagnostic]:
    """Yield why no set of persons could sign as the policy asks; keys that are revoked do not help."""
    authors, approvers = _persons(keyring, "author"), _persons(keyring, "clinical_approver")
    releasers = _persons(keyring, "releaser")
    asked = keyring.policy.approvers
    for role, persons in (("author", authors), ("releaser", releasers)):
        if not persons:
            yield _policy(f"no key may sign as {role}", document, f"give a key the role `{role}`", ("keys",))
    if len(approvers) < asked:
        message = f"the policy asks for {asked} clinical approvers, and the keyring has {len(approvers)}"
        yield _policy(message, document, "two keys of one person count once; a revoked key does not count")
    elif authors and releasers and not any(_suffice(approvers - {one}, releasers, asked) for one in authors):
        message = "whoever is the author, too few others are left to approve and release"
        yield _policy(message, document, "an author's own approval never counts; the only approver cannot release")


def _persons(keyring: Keyring, role: Role) -> set[str]:
    return {key.person for key in keyring.keys if role in key.roles and key.revoked is None}


def _suffice(approvers: set[str], releasers: set[str], asked: int) -> bool:
    return len(approvers) >= asked and (asked > 1 or len(approvers) > 1 or approvers != releasers)


def _policy(message: str, document: Document, hint: str, path: Path = ("policy", "approvers")) -> Diagnostic:
    return _problem("BW246", message, document, path, hint)


def _problem(code: str, message: str, document: Document, path: Path, hint: str) -> Diagnostic:
    return Diagnostic(code, message, document.span(path), hint)

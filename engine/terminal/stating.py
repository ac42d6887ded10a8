"""What one person is about to state of a release, or why they may not: `sign`, `approve` and `withdraw` before signing.

Everything that would make the signature worthless is refused here, for the reasons that `verify` would give afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from boosterwatch.engine.terminal.guard import RunError
from boosterwatch.engine.terminal.passphrase import passphrase_for
from boosterwatch.engine.terminal.released import Released
from boosterwatch.engine.trust.judge import is_about
from boosterwatch.engine.trust.keys import PrivateKey, read_private_key
from boosterwatch.engine.trust.model import SIGNED_AS, Act, Key, Keyring, Role, Statement
from boosterwatch.engine.trust.statement import decode, encode, time_text

MEANINGS: dict[Act, str] = {
    "author": "I wrote this version, and it says what I mean",
    "approve": "I reviewed the prose and the diff",
    "release": "The checks passed, and the approvals are those that the policy asks for",
}
DONE: dict[Act, str] = {
    "author": "has signed",
    "approve": "has approved",
    "release": "has released",
    "withdraw": "withdrew",
}
_NEW_KEY = "make a new one with `boosterwatch keys new`"


@dataclass(frozen=True, slots=True)
class Signer:
    """Which files a person signs with."""

    key: str
    keyring: str
    passphrase_file: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to state: the act, its meaning in their words, and the last day on which it holds."""

    act: Act
    meaning: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """A statement that is ready to be signed, the private key for it, and the key's entry in the keyring."""

    statement: Statement
    private: PrivateKey
    key: Key


def prepare(released: Released, keyring: Keyring, wish: Wish, signer: Signer, now: datetime) -> Stated:
    """Return what a person states; `now` is in UTC.

    Raises RunError (BW472 to BW474, BW476, BW478, BW479), and PackError for the key (BW240 to BW242) and for files that
    are no signatures (BW247). A withdrawal stands in nobody's way: nothing is asked of what else is in the folder.
    """
    there = () if wish.act == "withdraw" else released.envelopes()
    private = read_private_key(Path(signer.key), lambda: passphrase_for(signer.key, signer.passphrase_file))
    key = _entry(keyring, private.id, wish.act, now.date())
    statement = _statement(released, wish, key, now)
    if isinstance(decode(encode(statement)), str):
        hint = "say it in one line of at most 500 characters, without invisible ones"
        raise RunError("BW479", "the words cannot be signed as they are", hint)
    if wish.until is not None and wish.until < now.date():
        raise RunError("BW478", f"the signature would have expired on {wish.until}", "give the last day that it holds")
    _refuse_repeats(released, statement, [one.statement for one in there if is_about(one.statement, released.manifest)])
    return Stated(statement, private, key)


def _statement(released: Released, wish: Wish, key: Key, now: datetime) -> Statement:
    manifest = released.manifest
    return Statement(
        act=wish.act,
        pack=manifest.id,
        version=manifest.version,
        manifest=manifest.sha256,
        prose=manifest.prose,
        person=key.person,
        role=_role(wish.act, key),
        key=key.id,
        time=now,
        meaning=_meaning(wish),
        until=wish.until,
    )


def _meaning(wish: Wish) -> str:
    meaning = " ".join((wish.meaning or MEANINGS.get(wish.act, "")).split())
    if not meaning:
        raise RunError("BW479", "the words are blank", "say in a sentence what the signature means")
    return meaning


def _role(act: Act, key: Key) -> Role:
    return SIGNED_AS.get(act, key.roles[0])


def _entry(keyring: Keyring, id: str, act: Act, today: date) -> Key:
    """Return the entry of a key that may do this today; one that has run out may still withdraw."""
    key = keyring.find(id)
    if key is None:
        hint = "add what `boosterwatch keys new` printed to the keyring"
        raise RunError("BW472", f"the key `{id}` is not in the keyring `{keyring.id}`", hint)
    if key.revoked is not None:
        message = f"the key of `{key.person}` was revoked on {key.revoked.on} ({key.revoked.reason})"
        raise RunError("BW472", message, _NEW_KEY)
    if act != "withdraw" and not key.start <= today <= key.until:
        message = f"the key of `{key.person}` is valid from {key.start} to {key.until}, and the day is {today} (UTC)"
        raise RunError("BW472", message, _NEW_KEY)
    if _role(act, key) not in key.roles:
        message = f"the key of `{key.person}` may sign as {', '.join(key.roles)}, not as {SIGNED_AS[act]}"
        raise RunError("BW472", message, "somebody with that role signs")
    return key


def _refuse_repeats(released: Released, statement: Statement, said: Sequence[Statement]) -> None:
    """Raise RunError when the release was withdrawn, or the person said this already, or would approve their own."""
    for one in said:
        if one.act == "withdraw":
            message = f"`{one.person}` withdrew {released.name} at {time_text(one.time)}: {one.meaning}"
            raise RunError("BW473", message, "a withdrawal is final: correct what is wrong in a new version")
    person = statement.person
    acts = {one.act for one in said if one.person == person}
    if statement.act in acts:
        message = f"`{person}` {DONE[statement.act]} {released.name} already"
        hint = f"to sign again, remove the file of `{person}` in {released.shown_signatures} first"
        raise RunError("BW473", message, hint)
    if {statement.act, *acts} >= {"author", "approve"}:
        message = f"`{person}` cannot both write and approve {released.name}"
        raise RunError("BW474", message, "an author's approval never counts: somebody else approves")

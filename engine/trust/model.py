"""The types of trust: keys and what they may do, what is signed, and what it adds up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Role = Literal["author", "clinical_approver", "releaser"]
Act = Literal["author", "approve", "release", "withdraw"]

SIGNED_AS: dict[Act, Role] = {"author": "author", "approve": "clinical_approver", "release": "releaser"}  # else: any


@dataclass(frozen=True, slots=True)
class Revoked:
    """When a key was taken out of use, and why."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Key:
    """One public key and who holds the private one; `start` and `until` are its first and last day, in UTC."""

    id: str
    person: str
    name: str
    roles: tuple[Role, ...]
    public: bytes
    start: date
    until: date
    revoked: Revoked | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How many persons must approve, and for how many days after signing an approval holds."""

    approvers: int
    valid_days: int


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that count; `digest` is the SHA-256 of the text that was read."""

    id: str
    title: str
    policy: Policy
    keys: tuple[Key, ...]
    digest: str

    def find(self, id: str) -> Key | None:
        """Return the key of an id, or None when the keyring has none."""
        return next((key for key in self.keys if key.id == id), None)


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody signs about a release: `manifest` and `prose` are SHA-256, `time` is UTC, `until` a last day."""

    act: Act
    pack: str
    version: str
    manifest: str
    prose: str
    person: str
    role: Role
    key: str
    time: datetime
    meaning: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that counts: who, as what, when (UTC), with which meaning, and the last day on which it holds."""

    act: Act
    person: str
    name: str
    role: Role
    meaning: str
    time: datetime
    key_id: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Approved:
    """A release that may be used through the day `until` (UTC); `keyring` is the SHA-256 of the keyring's text."""

    signatures: tuple[Signature, ...]
    until: date
    keyring: str

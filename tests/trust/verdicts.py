"""A release that everybody has signed, and what is said for and against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.pack.manifest import Manifest
from boosterwatch.engine.trust import Envelope, Keyring, require_approval
from boosterwatch.engine.trust.model import Act, Approved
from boosterwatch.tests.trust.people import (
    FIRST,
    LEAD,
    RELEASE,
    RELEASER,
    SECOND,
    STRANGER,
    Person,
    day,
    keyring,
    refusal,
    signed,
)

TODAY = day("2026-11-24")
AUTHOR = signed("author", LEAD, meaning="I wrote it")
ONE, TWO = signed("approve", FIRST), signed("approve", SECOND)
RELEASED = signed("release", RELEASER, meaning="Tests and proofs ran")
ALL = (AUTHOR, ONE, TWO, RELEASED)
SIGNERS: tuple[tuple[Act, Person], ...] = (
    ("author", LEAD),
    ("approve", FIRST),
    ("approve", SECOND),
    ("release", RELEASER),
)


NONE = "BW257 no {} has signed `small@1.1.0`\n  hint: run `boosterwatch sign PACK --as {}`\n"
FEW = (
    "BW257 too few approvals of `small@1.1.0`: {} of 2\n"
    "  hint: a clinical approver who is not an author runs `boosterwatch approve PACK`\n"
)


def approved(*envelopes: Envelope, on: date = TODAY, ring: Keyring | None = None) -> Approved:
    return require_approval(RELEASE, envelopes, ring or keyring(), on)


def refused(*envelopes: Envelope, on: date = TODAY, ring: Keyring | None = None, release: Manifest = RELEASE) -> str:
    """Return everything that is said against an approval."""
    with pytest.raises(PackError) as caught:
        require_approval(release, envelopes, ring or keyring(), on)
    return refusal(caught.value)


def place(act: Act, person: Person) -> str:
    return f"signatures/{act}-{person.key.id}.json:1:1"


def forged(act: Act, person: Person) -> Envelope:
    """Return an envelope in which a stranger signs under the id of a person's key."""
    own, other = signed(act, person), signed(act, STRANGER, person=person.id, role=person.roles[0])
    return replace(own, signature=other.signature)

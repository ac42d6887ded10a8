"""One signature against a release and a keyring: every reason why it does not count, the whole message."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boosterwatch.engine.trust import require_approval
from boosterwatch.tests.trust.people import (
    FIRST,
    LEAD,
    MANIFEST,
    NOON,
    RELEASE,
    RELEASER,
    SECOND,
    STAFF,
    STRANGER,
    Person,
    day,
    entry,
    keyring,
    keyring_text,
    signed,
)
from boosterwatch.tests.trust.verdicts import (
    ALL,
    AUTHOR,
    FEW,
    ONE,
    RELEASED,
    SIGNERS,
    TODAY,
    TWO,
    approved,
    forged,
    place,
    refused,
)

# ---------------------------------------------------------------- whose signature it is


def test_an_unknown_key() -> None:
    assert refused(*ALL, signed("approve", STRANGER)) == (
        f"{place('approve', STRANGER)}: BW248 the key `{STRANGER.key.id}` is not in the keyring `north-clinic`\n"
        "  hint: add the key if you know whose it is; otherwise remove the file\n"
    )


def test_a_wrong_key() -> None:
    assert refused(AUTHOR, ONE, forged("approve", SECOND), RELEASED) == (
        FEW.format(1)
        + f"{place('approve', SECOND)}: BW249 the signature is not of the key `{SECOND.key.id}` of `role:second-approver`, "
        "or what it signed has changed\n"
        "  hint: remove the file; if `role:second-approver` agrees, they sign this release again\n"
    )


def test_a_forged_withdrawal_withdraws_nothing_and_is_an_error() -> None:
    text = refused(*ALL, forged("withdraw", LEAD))
    assert [line.split()[1] for line in text.splitlines() if "hint" not in line] == ["BW249"]


def test_a_signature_of_another_release() -> None:
    other = signed("approve", SECOND, version="1.0.0", manifest="c" * 64, prose="d" * 64)
    assert refused(AUTHOR, ONE, other, RELEASED) == (
        FEW.format(1)
        + f"{place('approve', SECOND)}: BW250 `role:second-approver` signed another release: `small@1.0.0`, not `small@1.1.0`\n"
        "  hint: remove the file; if `role:second-approver` agrees, they sign this release again\n"
    )


def test_a_signature_of_another_manifest_of_this_version() -> None:
    assert (
        f"{place('approve', SECOND)}: BW250 `role:second-approver` signed another release.json of `small@1.1.0`: "
        f"{'c' * 64}, not {MANIFEST}\n"
    ) in refused(AUTHOR, ONE, signed("approve", SECOND, manifest="c" * 64), RELEASED)


def test_a_signature_that_names_another_prose() -> None:
    assert (
        f"{place('approve', SECOND)}: BW250 `role:second-approver` signed another prose of `small@1.1.0`: "
        f"{'c' * 64}, not {'b' * 64}\n"
    ) in refused(AUTHOR, ONE, signed("approve", SECOND, prose="c" * 64), RELEASED)


def test_a_changed_manifest_leaves_no_signature() -> None:
    codes = [
        line.split()[1]
        for line in refused(*ALL, release=replace(RELEASE, changelog="Made up again")).splitlines()
        if line.startswith("signatures/")
    ]
    assert codes == ["BW250"] * 4


def test_a_role_that_the_key_has_not() -> None:
    assert refused(AUTHOR, ONE, TWO, signed("release", FIRST)) == (
        "BW257 no releaser has signed `small@1.1.0`\n"
        "  hint: run `boosterwatch sign PACK --as releaser`\n"
        f"{place('release', FIRST)}: BW251 `role:first-approver` signed `release` as releaser, "
        "and the key may sign as clinical_approver\n"
        "  hint: remove the file; somebody with that role signs\n"
    )


def test_an_act_in_a_role_that_is_not_for_it() -> None:
    both = Person("role:both", ("author", "clinical_approver"), 74)
    ring = keyring(keyring_text(*STAFF, both))
    assert (
        "BW251 `role:both` signed `approve` as author, and the key may sign as author, clinical_approver\n"
    ) in refused(AUTHOR, ONE, RELEASED, signed("approve", both, role="author"), ring=ring)


def test_a_signature_in_the_name_of_somebody_else() -> None:
    assert (
        f"{place('approve', FIRST)}: BW251 the signature says `role:second-approver`, "
        f"and the key `{FIRST.key.id}` is that of `role:first-approver`\n"
    ) in refused(AUTHOR, signed("approve", FIRST, person=SECOND.id), TWO, RELEASED)


# ---------------------------------------------------------------- the days of a key


@pytest.mark.parametrize(
    ("signed_on", "valid"),
    [("2026-11-21", False), ("2026-11-22", True), ("2026-11-23", True), ("2026-11-24", True), ("2026-11-25", False)],
)
def test_the_key_is_valid_when_it_signs(signed_on: str, valid: bool) -> None:
    ring = keyring(
        keyring_text(LEAD, FIRST, RELEASER, valid_days=365, approvers=1) + entry(SECOND, "", "2026-11-22", "2026-11-24")
    )
    late = signed("approve", SECOND, time=NOON.replace(day=day(signed_on).day))
    if valid:
        assert approved(AUTHOR, late, RELEASED, ring=ring, on=day("2026-12-24")).until
    else:
        assert (
            f"{place('approve', SECOND)}: BW252 `role:second-approver` signed on {signed_on}, "
            "and the key is valid from 2026-11-22 to 2026-11-24\n"
            "  hint: remove the file; `role:second-approver` signs again with a valid key\n"
        ) in refused(AUTHOR, late, RELEASED, ring=ring, on=day("2026-12-24"))


def test_a_signature_outlives_the_days_of_its_key() -> None:
    ring = keyring(keyring_text(LEAD, FIRST, RELEASER, approvers=1) + entry(SECOND, "", "2026-11-22", "2026-11-24"))
    assert approved(AUTHOR, TWO, RELEASED, ring=ring, on=day("2027-06-30")).until == day("2027-11-24")


@pytest.mark.parametrize("revoked_on", ["2026-11-23", "2026-11-24", "2026-11-25", "2027-11-24"])
def test_nothing_that_a_revoked_key_signed_counts(revoked_on: str) -> None:
    more = {SECOND.id: f"revoked: {{date: {revoked_on}, reason: The laptop was stolen}}"}
    ring = keyring(keyring_text(more=more, approvers=1))
    assert refused(*ALL, ring=ring) == (
        f"{place('approve', SECOND)}: BW253 the key `{SECOND.key.id}` of `role:second-approver` was revoked "
        f"on {revoked_on} (The laptop was stolen)\n"
        "  hint: remove the file; `role:second-approver` signs again with a new key\n"
    )
    assert approved(AUTHOR, ONE, RELEASED, ring=ring).until


# ---------------------------------------------------------------- impossible times


@pytest.mark.parametrize(("on", "fine"), [("2026-11-23", False), ("2026-11-24", True), ("2026-11-25", True)])
def test_a_signature_from_the_future(on: str, fine: bool) -> None:
    earlier = [signed(act, person, time=NOON.replace(day=21)) for act, person in SIGNERS[:3]]
    if fine:
        assert approved(*earlier, RELEASED, on=day(on)).until
    else:
        assert refused(*earlier, RELEASED, on=day(on)) == (
            "BW257 no releaser has signed `small@1.1.0`\n"
            "  hint: run `boosterwatch sign PACK --as releaser`\n"
            f"{place('release', RELEASER)}: BW254 `role:release-manager` signed at 2026-11-24T12:00:00Z, "
            "after the day asked about, 2026-11-23\n"
            "  hint: ask about a later day, or compare the clocks\n"
        )


@pytest.mark.parametrize(("released", "fine"), [("2026-11-24", True), ("2026-11-25", True), ("2026-11-26", False)])
def test_a_signature_from_before_the_release(released: str, fine: bool) -> None:
    """A day's difference is that of time zones; more is a key that signs for a day when it was still valid."""
    later = replace(RELEASE, released=released)
    four = [signed(act, person, manifest=later.sha256) for act, person in SIGNERS]
    if fine:
        assert require_approval(later, four, keyring(), TODAY).until
    else:
        text = refused(*four, release=later)
        assert text.count("BW254") == 4
        assert (
            f"{place('release', RELEASER)}: BW254 `role:release-manager` signed at 2026-11-24T12:00:00Z, "
            "before the release of 2026-11-26\n  hint: compare the clocks; remove the file and sign again\n"
        ) in text

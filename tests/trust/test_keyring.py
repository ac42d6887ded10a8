"""A keyring's text: what it becomes, and each contradiction at its place with what to do."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.trust import read_keyring
from boosterwatch.engine.trust.keys import key_id, public_text
from boosterwatch.engine.trust.model import Key, Policy, Revoked
from boosterwatch.tests.trust.people import (
    FIRST,
    LEAD,
    RELEASER,
    SECOND,
    STAFF,
    Person,
    entry,
    keyring_text,
    refusal,
)


def refused(text: str) -> str:
    with pytest.raises(PackError) as caught:
        read_keyring(text.encode(), "keyring.yaml")
    return refusal(caught.value)


def test_a_keyring_is_what_its_text_says() -> None:
    text = keyring_text(more={FIRST.id: "revoked: {date: 2026-10-01, reason: The laptop was stolen.}"}, approvers=1)
    found = read_keyring(text.encode(), "keyring.yaml")
    assert (found.id, found.title, found.policy) == ("north-clinic", "North clinic", Policy(1, 365))
    assert found.digest == hashlib.sha256(text.encode()).hexdigest()
    assert [key.person for key in found.keys] == [one.id for one in STAFF]
    assert found.find(FIRST.key.id) == Key(
        id=FIRST.key.id,
        person="role:first-approver",
        name="First approver",
        roles=("clinical_approver",),
        public=FIRST.key.public,
        start=date(2026, 1, 1),
        until=date(2027, 12, 31),
        revoked=Revoked(date(2026, 10, 1), "The laptop was stolen."),
    )
    assert found.find("0" * 16) is None


def test_the_shape_is_that_of_the_schema() -> None:
    text = keyring_text().replace("approvers: 2", "approvers: 0").replace("roles: [releaser]", "roles: [director]")
    assert refused(text.replace("title:", "titel:")) == (
        "keyring.yaml:2:1: BW103 unknown key `titel` in the file\n"
        "  hint: did you mean `title`?\n"
        "keyring.yaml:3:21: BW159 `approvers` must be at least 1, not 0\n"
        "  hint: how many different clinical approvers must sign; an author never counts\n"
        "keyring.yaml:29:13: BW156 role 1 cannot be `director`\n"
        "  hint: it is one of `author`, `clinical_approver`, `releaser`\n"
    )


def test_the_same_key_twice() -> None:
    text = keyring_text(LEAD, FIRST, SECOND, RELEASER, FIRST)
    assert refused(text) == (
        "keyring.yaml:37:13: BW243 `role:first-approver` has the same key twice\n  hint: keep one entry\n"
    )


def test_one_key_of_two_persons() -> None:
    twin = Person("role:twin", ("clinical_approver",), FIRST.seed)
    assert refused(keyring_text(LEAD, FIRST, twin, RELEASER)) == (
        "keyring.yaml:23:13: BW243 the key of `role:twin` is also that of `role:first-approver`\n"
        "  hint: keep one entry: each person has a key that nobody else has\n"
    )


def test_an_id_that_is_not_of_the_public_key() -> None:
    text = keyring_text().replace(FIRST.key.id, "0123456789abcdef")
    assert refused(text) == (
        f"keyring.yaml:12:9: BW244 the id of the public key is `{FIRST.key.id}`, not `0123456789abcdef`\n"
        "  hint: copy `id` and `public` from what `boosterwatch keys show` prints\n"
    )


def test_a_public_key_under_which_anybody_can_sign() -> None:
    weak = bytes(32)
    text = keyring_text().replace(FIRST.key.id, key_id(weak)).replace(public_text(FIRST.key.public), public_text(weak))
    assert refused(text) == (
        f"keyring.yaml:16:13: BW244 anybody could sign with the public key `{key_id(weak)}`\n"
        "  hint: ask its holder for a key made by `boosterwatch keys new`\n"
    )


def test_dates_out_of_order() -> None:
    text = keyring_text(LEAD, FIRST, SECOND) + entry(RELEASER, start="2026-05-02", until="2026-05-01")
    assert refused(text) == (
        f"keyring.yaml:32:12: BW245 the key `{RELEASER.key.id}` ends on 2026-05-01, before it begins on 2026-05-02\n"
        "  hint: write the last day on which it may sign\n"
    )


def test_a_key_of_one_day() -> None:
    text = keyring_text(LEAD, FIRST, SECOND) + entry(RELEASER, start="2026-05-02", until="2026-05-02")
    assert read_keyring(text.encode(), "keyring.yaml").keys[-1].until == date(2026, 5, 2)


def test_revoked_before_it_begins() -> None:
    more = {SECOND.id: "revoked: {date: 2025-12-31, reason: Lost.}"}
    assert refused(keyring_text(approvers=1, more=more)) == (
        f"keyring.yaml:26:21: BW245 the key `{SECOND.key.id}` was revoked on 2025-12-31, before it begins on 2026-01-01\n"
        "  hint: write the day on which it was revoked\n"
    )


def test_more_approvers_than_persons() -> None:
    assert refused(keyring_text(approvers=3)) == (
        "keyring.yaml:3:21: BW246 the policy asks for 3 clinical approvers, and the keyring has 2\n"
        "  hint: two keys of one person count once; a revoked key does not count\n"
    )


def test_two_keys_of_one_person_are_one_approver() -> None:
    second_key = Person(FIRST.id, FIRST.roles, 50)
    assert refused(keyring_text(LEAD, FIRST, second_key, RELEASER)) == (
        "keyring.yaml:3:21: BW246 the policy asks for 2 clinical approvers, and the keyring has 1\n"
        "  hint: two keys of one person count once; a revoked key does not count\n"
    )


def test_a_revoked_key_is_no_approver() -> None:
    text = keyring_text(more={SECOND.id: "revoked: {date: 2026-10-01, reason: Lost.}"})
    assert "the policy asks for 2 clinical approvers, and the keyring has 1\n" in refused(text)


@pytest.mark.parametrize(("missing", "role"), [(LEAD, "author"), (RELEASER, "releaser")])
def test_a_role_that_nobody_has(missing: Person, role: str) -> None:
    text = keyring_text(*(one for one in STAFF if one is not missing))
    assert refused(text) == (
        f"keyring.yaml:5:3: BW246 no key may sign as {role}\n  hint: give a key the role `{role}`\n"
    )


AUTHOR_APPROVER = Person("role:all-in-one", ("author", "clinical_approver"), 60)


@pytest.mark.parametrize(
    ("people", "approvers"),
    [
        ((AUTHOR_APPROVER, FIRST, RELEASER), 2),
        ((AUTHOR_APPROVER, RELEASER), 1),
        ((LEAD, Person("role:alone", ("clinical_approver", "releaser"), 61)), 1),
    ],
    ids=["the author is one of two approvers", "the author is the approver", "the approver is the releaser"],
)
def test_too_few_others_beside_the_author(people: tuple[Person, ...], approvers: int) -> None:
    assert refused(keyring_text(*people, approvers=approvers)) == (
        "keyring.yaml:3:21: BW246 whoever is the author, too few others are left to approve and release\n"
        "  hint: an author's own approval never counts; the only approver cannot release\n"
    )


@pytest.mark.parametrize(
    ("people", "approvers"),
    [
        ((AUTHOR_APPROVER, FIRST, SECOND, RELEASER), 2),
        ((Person("role:a", ("author", "releaser"), 62), FIRST), 1),
        ((LEAD, Person("role:b", ("clinical_approver", "releaser"), 61), FIRST), 2),
    ],
    ids=["two others", "the author releases", "one of two approvers releases"],
)
def test_enough_others_beside_the_author(people: tuple[Person, ...], approvers: int) -> None:
    assert (
        read_keyring(keyring_text(*people, approvers=approvers).encode(), "keyring.yaml").policy.approvers == approvers
    )


def test_all_problems_in_one_run() -> None:
    text = keyring_text(LEAD, FIRST, FIRST, SECOND, approvers=4).replace(f'"{LEAD.key.id}"', '"0000000000000000"')
    assert [line.split()[1] for line in refused(text).splitlines() if "keyring.yaml" in line] == [
        "BW246", "BW246", "BW244", "BW243"
    ]  # fmt: skip

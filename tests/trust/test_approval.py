"""What signatures must add up to, and every way in which they do not: the whole message, with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import product

import pytest

from boosterwatch.engine.diagnostics import PackError
from boosterwatch.engine.trust import Envelope
from boosterwatch.engine.trust.envelope import envelope_name
from boosterwatch.engine.trust.model import Act, Role, Signature
from boosterwatch.tests.trust.people import (
    FIRST,
    LEAD,
    MEANING,
    NOON,
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
    NONE,
    ONE,
    RELEASED,
    TODAY,
    TWO,
    approved,
    forged,
    place,
    refused,
)

# ---------------------------------------------------------------- approved


def test_author_two_approvers_and_releaser_approve_a_release() -> None:
    found = approved(*reversed(ALL))
    assert found.until == NOON.date() + timedelta(days=365)
    assert found.keyring == keyring().digest
    assert [(one.act, one.person) for one in found.signatures] == [
        ("author", "role:lead-author"),
        ("approve", "role:first-approver"),
        ("approve", "role:second-approver"),
        ("release", "role:release-manager"),
    ]
    assert found.signatures[0] == Signature(
        "author", "role:lead-author", "Lead author", "author", "I wrote it", NOON, LEAD.key.id, None
    )
    assert found.signatures[1].until == found.until


def test_an_author_may_release_what_others_approved() -> None:
    both = Person("role:both", ("author", "releaser"), 70)
    ring = keyring(keyring_text(both, FIRST, approvers=1))
    found = approved(signed("author", both), ONE, signed("release", both), ring=ring)
    assert {one.person for one in found.signatures} == {"role:both", "role:first-approver"}


def test_one_of_two_approvers_may_release() -> None:
    both = Person("role:both", ("clinical_approver", "releaser"), 71)
    ring = keyring(keyring_text(LEAD, FIRST, both))
    assert approved(AUTHOR, ONE, signed("approve", both), signed("release", both), ring=ring).until


def test_two_authors_and_more_approvers_than_asked_for() -> None:
    other, third = Person("role:co-author", ("author",), 72), Person("role:third", ("clinical_approver",), 73)
    ring = keyring(keyring_text(*STAFF, other, third))
    assert len(approved(*ALL, signed("author", other), signed("approve", third), ring=ring).signatures) == 6


# ---------------------------------------------------------------- how long


@pytest.mark.parametrize(("on", "holds"), [("2027-11-23", True), ("2027-11-24", True), ("2027-11-25", False)])
def test_an_approval_holds_for_the_days_of_the_policy(on: str, holds: bool) -> None:
    if holds:
        assert approved(*ALL, on=day(on)).until == day("2027-11-24")
        return
    told = [
        f"{place('approve', one)}: BW258 the signature of `{one.id}` held until 2027-11-24, "
        "and the day asked about is 2027-11-25\n"
        f"  hint: remove the file; if `{one.id}` agrees, they sign this release again\n"
        for one in (FIRST, SECOND)
    ]
    assert refused(*ALL, on=day(on)) == FEW.format(0) + "".join(sorted(told))


@pytest.mark.parametrize(("on", "holds"), [("2027-01-30", True), ("2027-01-31", True), ("2027-02-01", False)])
@pytest.mark.parametrize("act", ["author", "approve", "release"])
def test_whoever_signs_may_say_until_when(act: Act, on: str, holds: bool) -> None:
    person = {"author": LEAD, "approve": SECOND, "release": RELEASER}[act]
    others = [one for one in ALL if one.statement.person != person.id]
    limited = signed(act, person, until=day("2027-01-31"))
    if holds:
        assert approved(*others, limited, on=day(on)).until == day("2027-01-31")
    else:
        assert (
            f"{place(act, person)}: BW258 the signature of `{person.id}` held until 2027-01-31, "
            "and the day asked about is 2027-02-01\n"
        ) in refused(*others, limited, on=day(on))


def test_nobody_can_make_an_approval_last_longer_than_the_policy() -> None:
    long = [signed("approve", one, until=day("2199-12-31")) for one in (FIRST, SECOND)]
    assert approved(AUTHOR, *long, RELEASED).until == day("2027-11-24")


# ---------------------------------------------------------------- who may approve


def test_one_approver_twice() -> None:
    second_key = Person(FIRST.id, FIRST.roles, 75)
    ring = keyring(keyring_text(*STAFF, second_key))
    text = refused(AUTHOR, ONE, signed("approve", second_key), RELEASED, ring=ring)
    assert text == (
        FEW.format(1)
        + f"{place('approve', second_key)}: BW255 `role:first-approver` has approved twice, and counts once\n"
        "  hint: remove one of the two files\n"
    )


def test_the_same_envelope_twice() -> None:
    assert "BW255 `role:first-approver` has approved twice, and counts once\n" in refused(AUTHOR, ONE, ONE, RELEASED)


def test_an_author_who_approves() -> None:
    both = Person("role:both", ("author", "clinical_approver"), 76)
    ring = keyring(keyring_text(*STAFF, both))
    assert refused(signed("author", both), ONE, signed("approve", both), RELEASED, ring=ring) == (
        FEW.format(1)
        + f"{place('approve', both)}: BW256 `role:both` is an author of this release, so their approval never counts\n"
        "  hint: remove the file; somebody else approves\n"
    )


def test_an_author_who_approves_with_another_key_beside_enough_others() -> None:
    other_key = Person(LEAD.id, ("clinical_approver",), 77)
    ring = keyring(keyring_text(*STAFF, other_key))
    codes = refused(*ALL, signed("approve", other_key), ring=ring)
    assert [line.split()[1] for line in codes.splitlines() if "hint" not in line] == ["BW256"]


@pytest.mark.parametrize(
    ("envelopes", "text"),
    [
        ((), NONE.format("author", "author") + NONE.format("releaser", "releaser") + FEW.format(0)),
        ((AUTHOR, ONE, RELEASED), FEW.format(1)),
        ((AUTHOR, RELEASED), FEW.format(0)),
        ((ONE, TWO, RELEASED), NONE.format("author", "author")),
        ((AUTHOR, ONE, TWO), NONE.format("releaser", "releaser")),
    ],
    ids=["none", "one approval", "no approval", "no author", "no releaser"],
)
def test_signatures_that_are_missing(envelopes: tuple[Envelope, ...], text: str) -> None:
    assert refused(*envelopes) == text


def test_a_releaser_who_is_the_only_approver() -> None:
    both = Person("role:both", ("clinical_approver", "releaser"), 78)
    ring = keyring(keyring_text(*STAFF, both, approvers=1))
    alone = (AUTHOR, signed("approve", both), signed("release", both))
    assert refused(*alone, ring=ring) == (
        "BW257 `role:both` is the only approver of `small@1.1.0`, and the only releaser\n"
        "  hint: a second person releases it, or approves it too\n"
    )
    assert approved(*alone, ONE, ring=ring).until
    assert approved(*alone, RELEASED, ring=ring).until


# ---------------------------------------------------------------- withdrawn


@pytest.mark.parametrize("person", STAFF, ids=lambda one: one.id)
def test_anybody_of_the_keyring_withdraws_alone(person: Person) -> None:
    withdrawal = signed("withdraw", person, meaning="The window of days is wrong", time=NOON + timedelta(days=9))
    for on in (TODAY, TODAY + timedelta(days=9), TODAY + timedelta(days=10)):
        assert refused(*ALL, withdrawal, on=on) == (
            f"{place('withdraw', person)}: BW259 `{person.id}` withdrew `small@1.1.0` at 2026-12-03T12:00:00Z: "
            "The window of days is wrong\n"
            "  hint: a withdrawal is final: correct what is wrong in a new version\n"
        )


def test_a_withdrawal_with_a_revoked_key_withdraws_too() -> None:
    ring = keyring(
        keyring_text(more={LEAD.id: "revoked: {date: 2026-11-25, reason: Left}"})
        + entry(Person("role:x", ("author",), 79))
    )
    other = signed("author", Person("role:x", ("author",), 79))
    text = refused(other, ONE, TWO, RELEASED, signed("withdraw", LEAD, meaning="Wrong"), ring=ring)
    assert sorted(line.split()[1] for line in text.splitlines() if "hint" not in line) == ["BW253", "BW259"]


def test_a_withdrawal_of_another_release_is_an_error_but_withdraws_nothing() -> None:
    text = refused(*ALL, signed("withdraw", LEAD, version="1.0.0"))
    assert [line.split()[1] for line in text.splitlines() if "hint" not in line] == ["BW250"]


# ---------------------------------------------------------------- all of it

SIDES: tuple[Role, ...] = ("author", "clinical_approver", "releaser")
THREE = [Person(f"role:all-{number}", SIDES, 90 + number) for number in range(3)]
ACTS: tuple[Act, ...] = ("author", "approve", "release")
NINE = [(act, person.id, signed(act, person)) for person in THREE for act in ACTS]


def may_be_used(said: Sequence[tuple[Act, str]], asked: int) -> bool:
    """Return what the policy says, in other words than the program's."""
    authors, approvers, releasers = ([who for act, who in said if act == one] for one in ACTS)
    two_pairs_of_eyes = any(set(approvers) - {releaser} for releaser in releasers)
    return bool(authors) and not set(authors) & set(approvers) and len(approvers) >= asked and two_pairs_of_eyes


@pytest.mark.parametrize("asked", [1, 2])
def test_every_choice_of_three_persons_who_may_do_everything(asked: int) -> None:
    ring = keyring(keyring_text(*THREE, approvers=asked))
    outcomes = []
    for chosen in product([False, True], repeat=len(NINE)):
        some = [one for one, taken in zip(NINE, chosen, strict=True) if taken]
        try:
            outcome = bool(approved(*(envelope for _, _, envelope in some), ring=ring))
        except PackError:
            outcome = False
        assert outcome == may_be_used([(act, who) for act, who, _ in some], asked), some
        outcomes.append(outcome)
    assert 0 < sum(outcomes) < len(outcomes) == 512


def test_every_reason_is_told_at_once() -> None:
    text = refused(
        signed("approve", STRANGER),
        forged("release", RELEASER),
        signed("approve", SECOND, version="1.0.0"),
        signed("release", FIRST),
        signed("withdraw", LEAD),
    )
    codes = sorted(
        line.split(" ")[0 if line.startswith("BW") else 1] for line in text.splitlines() if "hint" not in line
    )
    assert codes == ["BW248", "BW249", "BW250", "BW251", "BW257", "BW257", "BW257", "BW259"]


def test_the_name_of_an_envelope_tells_act_and_key() -> None:
    assert envelope_name(ONE.statement) == f"approve-{FIRST.key.id}.json"
    assert ONE.statement.meaning == MEANING

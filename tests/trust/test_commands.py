"""`sign` and `approve` on the command line: what they write, what they print, what they refuse."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from boosterwatch.engine.pack.manifest import FILE
from boosterwatch.engine.trust import read_envelopes
from boosterwatch.tests.trust.desk import PACK, Desk, manifest_of, refused
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
    keyring_text,
    signed,
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


# ---------------------------------------------------------------- from nothing to approved


def test_a_release_is_signed_by_everybody_and_verified(desk: Desk) -> None:
    first = desk.sign(LEAD, "author", "--meaning", "I  wrote\tit")
    assert first.stdout == (
        "role:lead-author has signed small-pack@0.1.0.\n"
        "  Meaning  I wrote it\n"
        "  Time     2026-11-24T12:00:00Z\n"
        f"  Written  small-pack/0.1.0/signatures/author-{LEAD.key.id}.json\n"
        "\n"
        "Still missing\n"
        "  - no releaser has signed `small-pack@0.1.0`\n"
        "  - too few approvals of `small-pack@0.1.0`: 0 of 2\n"
    )
    assert (first.stderr, first.exit_code) == ("", 0)
    assert desk.approve(FIRST).exit_code == desk.approve(SECOND).exit_code == 0
    last = desk.sign(RELEASER, "releaser")
    assert last.stdout.endswith("\nIt is approved now.\n")
    assert desk.signatures() == sorted(
        f"{act}-{who.key.id}.json"
        for act, who in (("author", LEAD), ("approve", FIRST), ("approve", SECOND), ("release", RELEASER))
    )
    assert desk.verify().stdout.startswith("small-pack@0.1.0 is approved until 2027-11-24.\n")


# ---------------------------------------------------------------- approve: shown, asked, signed


SHOWN = """\
To approve: small-pack@0.1.0
  Released   2026-11-20, active, in force from 2000-01-01
  After      small-pack@0.0.9 (minor)
  Prose      {prose}
  Manifest   {manifest}
  Changelog  The gap is longer. It was often too short.
  You sign   I reviewed the prose and the diff (role:first-approver)

Changes
  - a number changed
  - `gap` is 40 days, and was 35

"""


def test_approve_shows_what_is_approved_and_asks(desk: Desk) -> None:
    manifest = manifest_of(desk.pack)
    result = desk.approve(FIRST, "--format", "text", typed="y\n")
    assert result.stdout.startswith(SHOWN.format(prose=manifest.prose, manifest=manifest.sha256))
    assert result.stderr == "Approve small-pack@0.1.0 as First approver? [y/N]: y\n"
    (envelope,) = read_envelopes(desk.pack, PACK)
    said = envelope.statement
    assert (said.manifest, said.prose, said.meaning) == (manifest.sha256, manifest.prose, MEANING)
    assert (said.act, said.person, said.role, said.time, said.until) == (
        "approve",
        FIRST.id,
        "clinical_approver",
        NOON,
        None,
    )


@pytest.mark.parametrize("typed", ["n\n", "\n", ""])
def test_approve_signs_nothing_unless_the_answer_is_yes(desk: Desk, typed: str) -> None:
    result = desk.approve(FIRST, "--format", "text", typed=typed)
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "BW475 it was not confirmed, so nothing was signed\n  hint: answer `y`, or give --yes\n"
    )
    assert desk.signatures() == []


def test_approve_as_json_keeps_standard_output_for_the_answer(desk: Desk) -> None:
    result = desk.approve(FIRST, "--format", "json", typed="y\n")
    told = json.loads(result.stdout)
    assert told["written"] == f"small-pack/0.1.0/signatures/approve-{FIRST.key.id}.json"
    assert told["statement"]["meaning"] == MEANING
    assert len(told["missing"]) == 3
    assert result.stderr.startswith("To approve: small-pack@0.1.0\n")


def test_the_day_until_which_it_holds_is_signed(desk: Desk) -> None:
    desk.approve(FIRST, "--yes", "--until", "2027-01-31", "--meaning", "Only for the pilot")
    (envelope,) = read_envelopes(desk.pack, PACK)
    assert (envelope.statement.until, envelope.statement.meaning) == (day("2027-01-31"), "Only for the pilot")


@pytest.mark.parametrize(("until", "fine"), [("2026-11-23", False), ("2026-11-24", True), ("2026-11-25", True)])
def test_a_signature_holds_for_a_day_at_least(desk: Desk, until: str, fine: bool) -> None:
    result = desk.sign(LEAD, "author", "--until", until)
    if fine:
        assert result.exit_code == 0
    else:
        assert refused(result, desk) == (
            "BW478 the signature would have expired on 2026-11-23\n  hint: give the last day that it holds\n"
        )


# ---------------------------------------------------------------- what is refused before it is signed


def test_a_pack_that_is_not_released(desk: Desk) -> None:
    (desk.pack / FILE).unlink()
    text = (
        "BW470 `small-pack/0.1.0` is not released, so there is nothing to sign or verify\n"
        "  hint: release it first: `boosterwatch release PACK VERSION`\n"
    )
    for result in (desk.sign(LEAD, "author"), desk.approve(FIRST), desk.verify(), desk.withdraw(LEAD)):
        assert refused(result, desk) == text


def test_a_folder_that_was_changed_is_not_signed_but_can_be_withdrawn(desk: Desk) -> None:
    face = desk.pack / "pack.yaml"
    face.write_text(face.read_text(encoding="utf-8") + "# x\n", encoding="utf-8")
    for result in (desk.sign(LEAD, "author"), desk.approve(FIRST)):
        assert refused(result, desk).startswith("BW232 `small-pack/0.1.0/pack.yaml` was changed after the release\n")
    assert desk.withdraw(LEAD).exit_code == 0


def test_a_prose_that_the_program_words_otherwise(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.terminal.released.prose_digest", lambda pack: "0" * 64)
    assert refused(desk.approve(FIRST), desk) == (
        "BW471 `boosterwatch prose` words small-pack@0.1.0 otherwise than when it was released\n"
        "  hint: sign with boosterwatch 1.0.0, which released it\n"
    )


def test_a_key_that_is_not_in_the_keyring(desk: Desk) -> None:
    assert refused(desk.approve(STRANGER), desk) == (
        f"BW472 the key `{STRANGER.key.id}` is not in the keyring `north-clinic`\n"
        "  hint: add what `boosterwatch keys new` printed to the keyring\n"
    )


@pytest.mark.parametrize(
    ("role", "said"), [("author", "author"), ("releaser", "releaser")], ids=["as author", "as releaser"]
)
def test_a_key_without_the_role(desk: Desk, role: str, said: str) -> None:
    assert refused(desk.sign(FIRST, role), desk) == (
        f"BW472 the key of `role:first-approver` may sign as clinical_approver, not as {said}\n"
        "  hint: somebody with that role signs\n"
    )


def test_a_revoked_key(desk: Desk) -> None:
    desk.keyring(
        keyring_text(more={FIRST.id: "revoked: {date: 2026-10-01, reason: The laptop was stolen}"}, approvers=1)
    )
    assert refused(desk.approve(FIRST), desk) == (
        "BW472 the key of `role:first-approver` was revoked on 2026-10-01 (The laptop was stolen)\n"
        "  hint: make a new one with `boosterwatch keys new`\n"
    )


@pytest.mark.parametrize(
    ("days", "fine"), [(-1, False), (0, True), (1, True), (2, False)], ids=["before", "first", "last", "after"]
)
def test_a_key_signs_from_its_first_day_to_its_last(desk: Desk, days: int, fine: bool) -> None:
    desk.keyring(keyring_text(LEAD, FIRST, SECOND) + entry(RELEASER, "", "2026-11-24", "2026-11-25"))
    desk.now = NOON + timedelta(days=days)
    result = desk.sign(RELEASER, "releaser")
    if fine:
        assert result.exit_code == 0
    else:
        assert refused(result, desk) == (
            "BW472 the key of `role:release-manager` is valid from 2026-11-24 to 2026-11-25, "
            f"and the day is {desk.now.date()} (UTC)\n"
            "  hint: make a new one with `boosterwatch keys new`\n"
        )


def test_nobody_signs_twice_even_with_another_key(desk: Desk) -> None:
    other = Person(FIRST.id, FIRST.roles, 80)
    desk.keyring(keyring_text(*STAFF, other))
    (desk.folder / "first-approver.key").rename(desk.folder / "kept")
    desk.keep_key(other)
    desk.approve(other)
    (desk.folder / "kept").replace(desk.folder / "first-approver.key")
    assert refused(desk.approve(FIRST)) == (
        "BW473 `role:first-approver` has approved small-pack@0.1.0 already\n"
        "  hint: to sign again, remove the file of `role:first-approver` in small-pack/0.1.0/signatures first\n"
    )


BOTH = Person("role:both", ("author", "clinical_approver"), 81)


@pytest.mark.parametrize("first", ["author", "approve"])
def test_nobody_writes_and_approves(desk: Desk, first: str) -> None:
    desk.keyring(keyring_text(*STAFF, BOTH))
    writes, approves = (desk.sign, (BOTH, "author")), (desk.approve, (BOTH,))
    (before, said), (after, then) = (writes, approves) if first == "author" else (approves, writes)
    assert before(*said).exit_code == 0
    assert refused(after(*then)) == (
        "BW474 `role:both` cannot both write and approve small-pack@0.1.0\n"
        "  hint: an author's approval never counts: somebody else approves\n"
    )


def test_nothing_is_signed_after_a_withdrawal(desk: Desk) -> None:
    desk.withdraw(SECOND)
    assert refused(desk.approve(FIRST)) == (
        "BW473 `role:second-approver` withdrew small-pack@0.1.0 at 2026-11-24T12:00:00Z: The gap is wrong\n"
        "  hint: a withdrawal is final: correct what is wrong in a new version\n"
    )


UNSIGNABLE = (
    "BW479 the words cannot be signed as they are\n"
    "  hint: say it in one line of at most 500 characters, without invisible ones\n"
)


@pytest.mark.parametrize(
    ("meaning", "message"),
    [
        (" \t ", "BW479 the words are blank\n  hint: say in a sentence what the signature means\n"),
        ("x" * 501, UNSIGNABLE),
        ("a\u202eb", UNSIGNABLE),
    ],
    ids=["blank", "too long", "invisible"],
)
def test_words_that_cannot_be_signed(desk: Desk, meaning: str, message: str) -> None:
    assert refused(desk.sign(LEAD, "author", "--meaning", meaning), desk) == message


def test_a_signature_for_another_release_does_not_stop_anybody(desk: Desk) -> None:
    folder = desk.pack / "signatures"
    folder.mkdir()
    old = signed("author", BOTH)
    (folder / f"author-{BOTH.key.id}.json").write_bytes(old.data)
    desk.keyring(keyring_text(*STAFF, BOTH))
    result = desk.approve(BOTH)
    assert result.exit_code == 0
    assert "`role:both` signed another release: `small@1.1.0`, not `small-pack@0.1.0`" in " ".join(
        result.stdout.split()
    )


def test_a_broken_file_among_the_signatures_is_told_before_anything_is_signed(desk: Desk) -> None:
    (desk.pack / "signatures").mkdir()
    (desk.pack / "signatures" / "notes.txt").write_text("hello", encoding="utf-8")
    assert refused(desk.approve(FIRST)).startswith("small-pack/0.1.0/signatures/notes.txt:1:1: BW247 ")
    assert desk.withdraw(FIRST).exit_code == 0


def test_a_keyring_with_errors_is_shown_with_its_line(desk: Desk) -> None:
    desk.keyring(keyring_text(approvers=3))
    assert refused(desk.verify()) == (
        "keyring.yaml:3:21: BW246 the policy asks for 3 clinical approvers, and the keyring has 2\n"
        "  | policy: {approvers: 3, valid_days: 365}\n"
        "  |                     ^\n"
        "  hint: two keys of one person count once; a revoked key does not count\n"
    )


def test_a_keyring_that_is_not_there(desk: Desk) -> None:
    (desk.folder / "keyring.yaml").unlink()
    assert refused(desk.verify()) == (
        "BW110 `keyring.yaml` cannot be read: no such file or directory\n  hint: give the path of a keyring\n"
    )


# ---------------------------------------------------------------- where signatures go


def test_signatures_may_lie_in_another_folder(desk: Desk) -> None:
    elsewhere = ("--signatures", "elsewhere/")
    assert desk.sign(LEAD, "author", *elsewhere).exit_code == 0
    for person in (FIRST, SECOND):
        assert desk.approve(person, "--yes", *elsewhere).exit_code == 0
    assert desk.sign(RELEASER, "releaser", *elsewhere).stdout.endswith("It is approved now.\n")
    assert desk.signatures() == []
    assert desk.verify().exit_code == 1
    assert desk.verify(*elsewhere).exit_code == 0
    written = desk.folder / "elsewhere" / f"author-{LEAD.key.id}.json"
    assert stat.S_IMODE(written.stat().st_mode) == 0o644


def test_a_folder_that_cannot_be_made(desk: Desk) -> None:
    assert refused(desk.sign(LEAD, "author", "--signatures", "no/such"), desk) == (
        f"BW404 `no/such/author-{LEAD.key.id}.json` cannot be written: no such file or directory\n"
        "  hint: give another place with --signatures\n"
    )

"""`verify` and `withdraw` on the command line: of folders and of bundles."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from boosterwatch.engine.host.bundle import build_bundle
from boosterwatch.tests.trust.desk import PACK, PASSPHRASE, Desk, manifest_of, refused
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
    entry,
    keyring_text,
)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


# ---------------------------------------------------------------- verify


def test_verify_tells_who_when_and_what_it_means(desk: Desk) -> None:
    desk.all_sign()
    manifest = manifest_of(desk.pack)
    result = desk.verify("--format", "json")
    told = json.loads(result.stdout)
    assert told["pack"] == {"id": "small-pack", "version": "0.1.0", "digest": manifest.digest}
    assert (told["manifest"], told["prose"]) == (manifest.sha256, manifest.prose)
    assert (told["on"], told["until"], told["keyring"]["approvers"]) == ("2026-11-24", "2027-11-24", 2)
    assert told["signatures"][1] == {
        "act": "approve",
        "person": "role:first-approver",
        "name": "First approver",
        "role": "clinical_approver",
        "key": FIRST.key.id,
        "time": "2026-11-24T12:00:00Z",
        "until": "2027-11-24",
        "meaning": MEANING,
    }
    text = desk.verify().stdout
    assert (
        "  First approver (role:first-approver)    approved it  2026-11-24T12:00:00Z  2027-11-24   I reviewed" in text
    )


@pytest.mark.parametrize(("on", "code"), [("2026-11-23", 1), ("2026-11-24", 0), ("2027-11-24", 0), ("2027-11-25", 1)])
def test_verify_is_about_a_day(desk: Desk, on: str, code: int) -> None:
    desk.all_sign()
    assert desk.verify("--on", on).exit_code == code


def test_verify_tells_every_reason_and_every_changed_file(desk: Desk) -> None:
    desk.sign(LEAD, "author")
    (desk.pack / "more.yaml").write_text("hello\n", encoding="utf-8")
    text = refused(desk.verify())
    assert [line.split()[0] for line in text.splitlines() if line.startswith("BW")] == ["BW234", "BW257", "BW257"]
    for person in (FIRST, SECOND):
        desk.sign_by_hand(person, "approve")
    desk.sign_by_hand(RELEASER, "release")
    assert refused(desk.verify()).startswith("BW234 `small-pack/0.1.0/more.yaml` was added after the release\n")


def test_verify_as_json_refuses_as_json(desk: Desk) -> None:
    told = json.loads(refused(desk.verify("--format", "json")))
    assert [one["code"] for one in told["errors"]] == ["BW257"] * 3


# ---------------------------------------------------------------- withdraw


@pytest.mark.parametrize("person", STAFF, ids=lambda one: one.id)
def test_one_person_withdraws_and_no_more_than_that(desk: Desk, person: Person) -> None:
    desk.all_sign()
    before = {name: (desk.pack / "signatures" / name).read_bytes() for name in desk.signatures()}
    result = desk.withdraw(person)
    name = f"withdraw-{person.key.id}.json"
    assert result.stdout == (
        f"{person.id} withdrew small-pack@0.1.0.\n"
        "  Meaning  The gap is wrong\n"
        "  Time     2026-11-24T12:00:00Z\n"
        f"  Written  small-pack/0.1.0/signatures/{name}\n"
        "Give the file to everybody who uses the release.\n"
    )
    assert {one: (desk.pack / "signatures" / one).read_bytes() for one in desk.signatures() if one != name} == before
    assert refused(desk.verify()) == (
        f"small-pack/0.1.0/signatures/{name}:1:1: BW259 `{person.id}` withdrew `small-pack@0.1.0` "
        "at 2026-11-24T12:00:00Z: The gap is wrong\n"
        "  hint: a withdrawal is final: correct what is wrong in a new version\n"
    )
    assert refused(desk.withdraw(person)) == (
        f"BW477 `small-pack/0.1.0/signatures/{name}` is there already\n"
        "  hint: a signature is never overwritten: remove that file first, or give another name\n"
    )


def test_a_withdrawal_goes_into_a_file_to_hand_on(desk: Desk) -> None:
    desk.all_sign()
    assert desk.withdraw(FIRST, "--out", "withdrawal.json").exit_code == 0
    assert desk.verify().exit_code == 0
    (desk.folder / "withdrawal.json").rename(desk.pack / "signatures" / f"withdraw-{FIRST.key.id}.json")
    assert "BW259" in refused(desk.verify())
    (desk.folder / "there").write_text("x", encoding="utf-8")
    assert refused(desk.withdraw(SECOND, "--out", "there")).startswith("BW477 `there` is there already\n")
    assert (desk.folder / "there").read_text(encoding="utf-8") == "x"


def test_a_key_that_has_run_out_still_withdraws_but_a_revoked_one_does_not(desk: Desk) -> None:
    desk.now = NOON + timedelta(days=2000)
    assert refused(desk.sign(LEAD, "author"), desk).startswith("BW472 the key of `role:lead-author` is valid from ")
    assert desk.withdraw(LEAD).exit_code == 0
    desk.keyring(
        keyring_text(more={LEAD.id: "revoked: {date: 2026-10-01, reason: Left}"})
        + entry(Person("role:other", ("author",), 82))
    )
    assert refused(desk.withdraw(LEAD)).startswith(
        "BW472 the key of `role:lead-author` was revoked on 2026-10-01 (Left)"
    )


def test_a_file_that_may_not_be_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("boosterwatch.engine.terminal.released.drift", denied)
    assert refused(desk.approve(FIRST), desk) == "BW110 `small-pack/0.1.0` cannot be read: permission denied\n"
    monkeypatch.setattr("boosterwatch.engine.terminal.released.read_manifest", denied)
    assert refused(desk.verify()) == "BW110 `small-pack/0.1.0/release.json` cannot be read: permission denied\n"


def test_a_stranger_cannot_withdraw(desk: Desk) -> None:
    assert refused(desk.withdraw(STRANGER), desk).startswith(f"BW472 the key `{STRANGER.key.id}` is not in the keyring")


# ---------------------------------------------------------------- bundles


def bundle(desk: Desk) -> str:
    """Return the name of a file with the bundle of the pack."""
    (desk.folder / "small.bundle").write_bytes(build_bundle(desk.pack, PACK))
    return "small.bundle"


def test_a_bundle_is_verified_like_its_folder(desk: Desk) -> None:
    desk.all_sign()
    from_folder = desk.verify().stdout
    from_bundle = desk.run("verify", bundle(desk), "--keyring", "keyring.yaml")
    assert (from_bundle.stdout, from_bundle.exit_code) == (from_folder, 0)


def test_a_bundle_without_enough_signatures(desk: Desk) -> None:
    desk.sign(LEAD, "author")
    result = desk.run("verify", bundle(desk), "--keyring", "keyring.yaml")
    assert refused(result) == (
        "BW257 no releaser has signed `small-pack@0.1.0`\n"
        "  hint: run `boosterwatch sign PACK --as releaser`\n"
        "BW257 too few approvals of `small-pack@0.1.0`: 0 of 2\n"
        "  hint: a clinical approver who is not an author runs `boosterwatch approve PACK`\n"
    )


def test_signatures_beside_a_bundle_count_with_those_in_it(desk: Desk) -> None:
    desk.all_sign()
    made = bundle(desk)
    desk.withdraw(FIRST, "--signatures", "late")
    assert desk.run("verify", made, "--keyring", "keyring.yaml").exit_code == 0
    late = desk.run("verify", made, "--keyring", "keyring.yaml", "--signatures", "late")
    assert refused(late).startswith(f"late/withdraw-{FIRST.key.id}.json:1:1: BW259 ")


def test_a_file_that_is_no_bundle(desk: Desk) -> None:
    result = desk.run("verify", "keyring.yaml", "--keyring", "keyring.yaml")
    assert refused(result).startswith("BW262 `keyring.yaml` is not a bundle of ours: ")


@pytest.mark.parametrize("command", ["sign", "approve", "withdraw"])
def test_a_bundle_is_not_signed(desk: Desk, command: str) -> None:
    made = bundle(desk)
    more = {"sign": ("--as", "author"), "approve": (), "withdraw": ("--reason", "x")}[command]
    assert refused(desk.run(command, made, *desk.hand(LEAD), *more), desk) == (
        "BW470 `small.bundle` is a file; only the folder of a released pack is signed\n"
        "  hint: sign the folder, and make the bundle again\n"
    )


# ---------------------------------------------------------------- nobody sees the key


def test_neither_key_nor_passphrase_is_printed(desk: Desk) -> None:
    results = [
        desk.sign(LEAD, "author", "--format", "json"),
        desk.approve(FIRST),
        desk.verify(),
        desk.withdraw(SECOND),
        desk.run("keys", "show", "lead-author.key"),
    ]
    secrets = [PASSPHRASE, *(form(bytes([one.seed]) * 32) for one in STAFF for form in (bytes.hex, str))]
    printed = "".join(result.output for result in results)
    written = "".join(path.read_text(encoding="utf-8") for path in (desk.pack / "signatures").iterdir())
    assert [secret for secret in secrets if secret in printed + written] == []

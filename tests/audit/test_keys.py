"""The keys file: for its owner alone, never overwritten, never quoted; and the names that only its keys can give."""

import json
import os
import re
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.engine.audit.errors import AuditError
from boosterwatch.engine.audit.keys import (
    create_keys,
    new_keys,
    read_keys,
    replace_keys,
    with_last_master,
    with_new_master,
)
from boosterwatch.tests.audit.trails import KEYS, noise


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a keys file."""
    path = tmp_path / "keys.json"
    create_keys(path, KEYS)
    return path


def refused(file: Path) -> str:
    """Return what is said against a keys file, with its folder left out."""
    with pytest.raises(AuditError) as problem:
        read_keys(file)
    return str(problem.value).replace(str(file), "keys.json")


def test_what_was_written_is_read(file: Path) -> None:
    assert read_keys(file) == KEYS


def test_only_its_owner_may_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        create_keys(tmp_path / "new.json", KEYS)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666])
def test_one_that_others_may_open_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert refused(file) == (
        "BW541 others than its owner can read the keys file `keys.json`\n  hint: run `chmod 600 keys.json`"
    )


def test_one_that_is_there_is_never_overwritten(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(AuditError) as problem:
        create_keys(file, new_keys("Other", noise(9)))
    assert str(problem.value).replace(str(file), "keys.json") == (
        "BW542 there is already a file `keys.json`\n"
        "  hint: name another file: keys are never overwritten, because what they sealed could never be read again"
    )
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == ["keys.json"]


BAD = "  hint: `boosterwatch audit init` makes one; without the right one nothing sealed can be read"


def test_one_that_is_missing(tmp_path: Path) -> None:
    missing = refused(tmp_path / "keys.json")
    assert missing == f"BW540 the keys file `keys.json` cannot be used: no such file or directory\n{BAD}"


@pytest.mark.parametrize("text", [b"", b"\xff", b"{", b"signing: key"])
def test_one_that_is_no_json(file: Path, text: bytes) -> None:
    file.write_bytes(text)
    assert refused(file) == f"BW540 the keys file `keys.json` cannot be used: it is not JSON\n{BAD}"


def changed(**changes: Any) -> bytes:
    """Return a keys file with changes; None takes a key out."""
    plain = {
        "schema": "boosterwatch/audit-keys/1",
        "log": "a" * 24,
        "tenant": "North",
        "signing": "A" * 43 + "=",
        "masters": [{"id": "0" * 16, "key": "B" * 43 + "="}],
        "pseudonym": "C" * 43 + "=",
        "record": "D" * 43 + "=",
    }
    return json.dumps({key: value for key, value in (plain | changes).items() if value is not None}).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "boosterwatch/audit-keys/2"},
        {"schema": None},
        {"log": "../../x"},
        {"signing": None},
        {"signing": "SECRETSECRET"},
        {"masters": []},
        {"masters": [{"id": "0" * 16, "key": "SECRETSECRET"}]},
        {"pseudonym": 17},
        {"record": "E" * 44},
        {"more": "SECRETSECRET"},
    ],
    ids=str,
)
def test_one_of_another_form_is_refused_without_a_word_of_it(file: Path, changes: dict[str, Any]) -> None:
    file.write_bytes(changed())
    assert read_keys(file).tenant == "North"
    file.write_bytes(changed(**changes))
    form = "it has not the form `boosterwatch/audit-keys/1`"
    assert refused(file) == f"BW540 the keys file `keys.json` cannot be used: {form}\n{BAD}"


def test_no_text_of_the_keys_shows_a_key() -> None:
    shown = f"{KEYS!r} {KEYS} {KEYS.master!r}"
    secrets = [KEYS.signing, KEYS.master.key, KEYS.pseudonym_key, KEYS.record_key]
    assert not any(repr(secret)[2:14] in shown or secret.hex() in shown for secret in secrets)


def test_every_key_is_another() -> None:
    secrets = [KEYS.signing, KEYS.master.key, KEYS.pseudonym_key, KEYS.record_key]
    assert len({*secrets}) == 4
    assert all(len(secret) == 32 for secret in secrets)


def test_a_new_master_wraps_and_the_old_one_stays_until_the_end(file: Path) -> None:
    both = with_new_master(KEYS, noise(7))
    assert (len(both.masters), both.masters[0], both.master != KEYS.master) == (2, KEYS.master, True)
    replace_keys(file, both)
    assert read_keys(file) == both
    replace_keys(file, with_last_master(both))
    assert read_keys(file).masters == (both.master,)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# ---------------------------------------------------------------- names


def test_a_pseudonym_is_one_word_that_says_nothing() -> None:
    name = KEYS.pseudonym("p-0001")
    assert re.fullmatch("[a-z2-7]{32}", name)
    assert KEYS.pseudonym("p-0001") == name
    assert KEYS.pseudonym("p-0002") != name


def test_other_keys_and_other_tenants_give_other_names() -> None:
    others = [replace(KEYS, tenant="South"), replace(KEYS, pseudonym_key=bytes(32))]
    assert len({keys.pseudonym("p") for keys in (KEYS, *others)}) == 3
    assert replace(KEYS, record_key=bytes(32)).pseudonym("p") == KEYS.pseudonym("p")


def test_a_patient_and_a_request_of_one_text_have_two_names() -> None:
    assert KEYS.pseudonym("17") != KEYS.request("17")


def test_tenant_and_patient_do_not_run_into_each_other() -> None:
    assert replace(KEYS, tenant="ab").pseudonym("c") != replace(KEYS, tenant="a").pseudonym("bc")


def test_the_digest_of_a_record_needs_the_key() -> None:
    digest = KEYS.record_digest(b"{}")
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert digest == KEYS.record_digest(b"{}") != KEYS.record_digest(b"[]")
    assert digest != replace(KEYS, record_key=bytes(32)).record_digest(b"{}")


@pytest.mark.parametrize("tenant", ["", " ", "two\nlines", "x" * 201, "\x1b[1m"])
def test_a_tenant_is_a_short_line(tenant: str) -> None:
    with pytest.raises(AuditError) as problem:
        new_keys(tenant, noise(1))
    assert str(problem.value) == (
        "BW557 the tenant must be 1 to 200 characters on one line\n  hint: give a role, an account or a short id"
    )

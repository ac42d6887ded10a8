"""`keys new` and `keys show`, and where a passphrase comes from."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from boosterwatch.engine.trust import read_keyring
from boosterwatch.engine.trust.keys import key_from_seed, public_text, read_private_key
from boosterwatch.tests.trust.desk import PASSPHRASE, Desk
from boosterwatch.tests.trust.people import FIRST, LEAD, RELEASER, SECOND, keyring_text

SEED = bytes([90]) * 32
KEY = key_from_seed(SEED)
NEW = ("keys", "new", "new.key", "--name", "role:lead-author", "--role", "author")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path, monkeypatch)
    monkeypatch.setattr("boosterwatch.engine.terminal.keeping_keys.new_seed", lambda: SEED)
    return made


def opened(desk: Desk, passphrase: str = PASSPHRASE, name: str = "new.key") -> bytes:
    return read_private_key(desk.folder / name, passphrase.encode).public


# ---------------------------------------------------------------- a new key


def test_a_new_key_is_written_for_its_owner_alone_and_its_entry_printed(desk: Desk) -> None:
    result = desk.run(*NEW)
    assert (result.stderr, result.exit_code) == ("", 0)
    assert result.stdout == (
        "Written: new.key, for you alone. Nobody can help when its passphrase is lost.\n"
        "Add this to `keys` of the keyring:\n"
        "\n"
        f'  - id: "{KEY.id}"\n'
        "    person: role:lead-author\n"
        '    name: "role:lead-author"\n'
        "    roles: [author]\n"
        f'    public: "{public_text(KEY.public)}"\n'
        "    from: 2026-11-24\n"
        "    until: 2028-11-23\n"
        "\n"
    )
    assert stat.S_IMODE((desk.folder / "new.key").stat().st_mode) == 0o600
    assert opened(desk) == KEY.public


@pytest.mark.parametrize("name", ["role:lead-author", "Dr. O'Neill", 'The "lead": a \\ name', "Zoë Ångström", "no"])
def test_what_is_printed_can_be_pasted(desk: Desk, name: str) -> None:
    more = ("--person", "role:lead-author", "--until", "2027-06-30")
    printed = desk.run("keys", "new", "new.key", "--name", name, *more, "--role", "author", "--role", "releaser").stdout
    entry = "".join(f"{line}\n" for line in printed.split("\n\n")[1].splitlines())
    ring = read_keyring((keyring_text(LEAD, FIRST, SECOND, RELEASER) + entry).encode(), "keyring.yaml")
    key = ring.keys[-1]
    assert (key.id, key.public, key.name, key.roles) == (KEY.id, KEY.public, name, ("author", "releaser"))
    assert (key.start.isoformat(), key.until.isoformat()) == ("2026-11-24", "2027-06-30")


def test_as_json(desk: Desk) -> None:
    assert json.loads(desk.run(*NEW, "--format", "json").stdout) == {
        "written": "new.key",
        "key": {
            "id": KEY.id,
            "person": "role:lead-author",
            "name": "role:lead-author",
            "roles": ["author"],
            "public": public_text(KEY.public),
            "from": "2026-11-24",
            "until": "2028-11-23",
        },
    }


@pytest.mark.parametrize("there", ["lead-author.key", "keyring.yaml", "small-pack", "link"])
def test_nothing_is_overwritten(desk: Desk, there: str) -> None:
    (desk.folder / "link").symlink_to("nowhere")
    path = desk.folder / there
    before = path.read_bytes() if path.is_file() else None
    result = desk.run("keys", "new", there, *NEW[3:])
    assert (result.exit_code, result.stderr) == (
        1,
        f"BW477 `{there}` is there already\n  hint: a key is never overwritten: give another name\n",
    )
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_place_that_cannot_be_written(desk: Desk) -> None:
    result = desk.run("keys", "new", "none/new.key", *NEW[3:])
    assert result.stderr == "BW404 `none/new.key` cannot be written: no such file or directory\n"


def test_a_person_is_written_as_an_account_or_a_role(desk: Desk) -> None:
    result = desk.run("keys", "new", "new.key", "--name", "Lead Author", "--role", "author")
    assert result.exit_code == 2
    assert "a person is written as an account or a role, such as role:lead-author: give --person" in result.stderr
    assert not (desk.folder / "new.key").exists()


def test_a_key_that_ends_before_it_begins(desk: Desk) -> None:
    assert desk.run(*NEW, "--until", "2026-11-23").exit_code == 2
    assert desk.run(*NEW, "--until", "2026-11-24").exit_code == 0


def test_two_keys_are_never_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path, monkeypatch)
    ids = [desk.run("keys", "new", f"{n}.key", *NEW[3:]).stdout.split('"')[1] for n in range(3)]
    assert len(set(ids)) == 3


# ---------------------------------------------------------------- the public part


def test_show_prints_what_a_keyring_needs(desk: Desk) -> None:
    desk.run(*NEW)
    shown = desk.run("keys", "show", "new.key")
    assert shown.stdout == f"  id      {KEY.id}\n  public  {public_text(KEY.public)}\n"
    assert json.loads(desk.run("keys", "show", "new.key", "--format", "json").stdout) == {
        "id": KEY.id,
        "public": public_text(KEY.public),
    }


def test_show_needs_the_passphrase(desk: Desk) -> None:
    desk.forget_passphrase()
    result = desk.run("keys", "show", "lead-author.key", typed="wrong horse battery\n")
    assert result.exit_code == 1
    assert result.stderr.endswith(
        "BW242 the passphrase does not open `lead-author.key`\n  hint: type it again; if it is right, the file is damaged\n"
    )


# ---------------------------------------------------------------- passphrases


def test_a_passphrase_is_asked_for_and_not_shown(desk: Desk) -> None:
    desk.forget_passphrase()
    result = desk.run("keys", "show", "lead-author.key", typed=f"{PASSPHRASE}\n")
    assert result.stdout.startswith(f"  id      {LEAD.key.id}\n")
    assert result.stderr == "Passphrase of lead-author.key: \n"


def test_a_new_passphrase_is_asked_for_twice(desk: Desk) -> None:
    desk.forget_passphrase()
    typed = "one two three four\nfour three two one\nblue grass \u00fcber stone\nblue grass \u00fcber stone\n"
    result = desk.run(*NEW, typed=typed)
    assert result.exit_code == 0
    assert result.stderr == (
        "New passphrase of new.key: \nRepeat for confirmation: \n"
        "Error: The two entered values do not match.\n"
        "New passphrase of new.key: \nRepeat for confirmation: \n"
    )
    assert opened(desk, "blue grass \u00fcber stone") == KEY.public


NONE = "BW476 no passphrase was given\n  hint: type it, or give --passphrase-file or BOOSTERWATCH_PASSPHRASE\n"


@pytest.mark.parametrize("arguments", [NEW, ("keys", "show", "lead-author.key")], ids=["new", "show"])
def test_without_a_passphrase_nothing_happens(desk: Desk, arguments: tuple[str, ...]) -> None:
    desk.forget_passphrase()
    result = desk.run(*arguments, typed="")
    assert result.exit_code == 1
    assert result.stderr.endswith(NONE)
    assert not (desk.folder / "new.key").exists()


@pytest.mark.parametrize(
    ("passphrase", "fine"), [("eleven char", False), ("twelve chars", True), ("\u00fc" * 11, False)]
)
def test_a_short_passphrase_makes_no_key(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, passphrase: str, fine: bool
) -> None:
    monkeypatch.setenv("BOOSTERWATCH_PASSPHRASE", passphrase)
    result = desk.run(*NEW)
    if fine:
        assert opened(desk, passphrase) == KEY.public
    else:
        assert result.stderr == (
            "BW476 the passphrase has fewer than 12 characters\n"
            "  hint: take four or more words that nobody would guess; they are the only lock of a stolen file\n"
        )
        assert not (desk.folder / "new.key").exists()


def keep(desk: Desk, text: str, mode: int = 0o600) -> tuple[str, str]:
    file = desk.folder / "passphrase"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return "--passphrase-file", "passphrase"


@pytest.mark.parametrize("text", [PASSPHRASE, f"{PASSPHRASE}\n", f"{PASSPHRASE}\r\n", f"{PASSPHRASE}\nmore\n"])
def test_a_passphrase_from_a_file_goes_before_the_environment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("BOOSTERWATCH_PASSPHRASE", "another passphrase")
    assert desk.run("keys", "show", "lead-author.key").exit_code == 1
    assert desk.run("keys", "show", "lead-author.key", *keep(desk, text)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (
            "\n",
            0o600,
            "BW476 `passphrase` has no passphrase on its first line\n  hint: write it there, for you alone\n",
        ),
        (PASSPHRASE, 0o644, "BW241 others than its owner can use `passphrase`\n  hint: run `chmod 600 passphrase`\n"),
    ],
    ids=["empty", "readable by others"],
)
def test_a_file_of_a_passphrase_that_is_refused(desk: Desk, text: str, mode: int, said: str) -> None:
    assert desk.run("keys", "show", "lead-author.key", *keep(desk, text, mode)).stderr == said


def test_a_file_of_a_passphrase_that_is_not_there(desk: Desk) -> None:
    assert desk.run("keys", "show", "lead-author.key", "--passphrase-file", "none").stderr == (
        "BW476 `none` cannot be read: no such file or directory\n  hint: give the path of the file\n"
    )


def test_a_passphrase_is_no_option(desk: Desk) -> None:
    for command in (["keys", "new"], ["keys", "show"], ["sign"], ["approve"], ["withdraw"]):
        assert "--passphrase " not in desk.run(*command, "--help").stdout


def test_the_private_key_is_not_in_what_is_printed(desk: Desk) -> None:
    printed = desk.run(*NEW).output + desk.run("keys", "show", "new.key").output
    pem = (desk.folder / "new.key").read_text(encoding="utf-8")
    assert [line for line in (SEED.hex(), str(SEED), *pem.splitlines(), PASSPHRASE) if line in printed] == []


def test_without_the_library_a_line_says_what_to_install(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert desk.run("keys", "show", "lead-author.key").stderr == (
        "BW403 keys and signatures need the library `cryptography`, which is not installed\n"
        '  hint: install it with `pip install "boosterwatch[audit]"`\n'
    )

"""A desk at which people sign: a small released pack, a keyring, everybody's key file, and the command line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from boosterwatch.cli import main
from boosterwatch.engine.author.prose import prose_digest
from boosterwatch.engine.pack import compiled
from boosterwatch.engine.pack.drift import frozen_files
from boosterwatch.engine.pack.find import Found, read_sources
from boosterwatch.engine.pack.manifest import FILE, FileEntry, Manifest, Previous, ReleasedChange, read_manifest
from boosterwatch.engine.pack.open import compile_sources
from boosterwatch.engine.terminal.commands import signing
from boosterwatch.engine.trust.envelope import envelope_name, seal
from boosterwatch.engine.trust.keys import to_pem
from boosterwatch.engine.trust.model import Act
from boosterwatch.tests.packs.files import edit, write_pack
from boosterwatch.tests.packs.small import SMALL
from boosterwatch.tests.trust.people import LEAD, NOON, RELEASE, RELEASER, STAFF, Person, keyring_text, statement

PACK = "small-pack/0.1.0"
PASSPHRASE = "correct horse battery"
CHANGE = ReleasedChange("minor", ("a number changed",), ("`gap` is 40 days, and was 35",))


def released(folder: Path) -> Path:
    """Return the folder of a small pack that looks released: its manifest fits its files."""
    write_pack(edit(SMALL, "pack.yaml", "status: draft", "status: active"), folder)
    (folder / FILE).write_bytes(manifest_of(folder).data)
    return folder


def manifest_of(folder: Path, **changes: object) -> Manifest:
    """Return the manifest that a release would write for the files in a folder, with changes."""
    pack = compile_sources(Found(folder, "made"), read_sources(folder, whole=False))
    files = [(name, folder.joinpath(name).read_bytes()) for name, _ in frozen_files(folder)]
    made = replace(
        RELEASE,
        id=pack.id,
        version=pack.version,
        status=pack.status,
        effective=pack.effective,
        review_by=dict(pack.about)["review_by"],
        digest=pack.digest,
        files=tuple(FileEntry(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in files),
        compiler=compiled.compiler_digest(),
        previous=Previous("0.0.9", "f" * 64, None),
        change=CHANGE,
        changelog="The gap is longer.\n\nIt was often too short.",
        prose=prose_digest(pack),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class Desk:
    """A folder with a released pack, `keyring.yaml`, and a key file for each person; the clock stands."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(folder)
        monkeypatch.setenv("BOOSTERWATCH_PASSPHRASE", PASSPHRASE)
        self._monkeypatch = monkeypatch
        self.now: datetime = NOON
        monkeypatch.setattr(signing, "now", lambda: self.now)
        self.folder = folder
        self.pack = released(folder / PACK)
        self.keyring(keyring_text())
        for person in STAFF:
            self.keep_key(person)

    def keep_key(self, person: Person) -> str:
        """Write the key file of a person, and return its name."""
        file = self.folder / f"{name_of(person)}.key"
        if not file.exists():
            file.write_bytes(to_pem(person.key, PASSPHRASE.encode()))
            file.chmod(0o600)
        return file.name

    def keyring(self, text: str) -> None:
        (self.folder / "keyring.yaml").write_text(text, encoding="utf-8")

    def forget_passphrase(self) -> None:
        """Take the passphrase out of the environment, so that it must be typed."""
        self._monkeypatch.delenv("BOOSTERWATCH_PASSPHRASE")

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        """Return what a command printed and its exit code; `typed` is what stands on standard input."""
        return CliRunner().invoke(main, arguments, input=typed, prog_name="boosterwatch")

    def sign(self, person: Person, role: str, *more: str) -> Result:
        return self.run("sign", PACK, "--as", role, *self.hand(person), *more)

    def approve(self, person: Person, *more: str, typed: str | None = None) -> Result:
        return self.run("approve", PACK, *self.hand(person), *(more or ("--yes",)), typed=typed)

    def withdraw(self, person: Person, *more: str) -> Result:
        return self.run("withdraw", PACK, *self.hand(person), "--reason", "The gap is wrong", *more)

    def verify(self, *more: str) -> Result:
        return self.run("verify", PACK, "--keyring", "keyring.yaml", *more)

    def hand(self, person: Person) -> tuple[str, ...]:
        """Return the options with which a person signs."""
        return "--key", self.keep_key(person), "--keyring", "keyring.yaml"

    def all_sign(self) -> None:
        """Let everybody sign who must."""
        steps: list[Callable[[], Result]] = [
            lambda: self.sign(LEAD, "author"),
            lambda: self.approve(STAFF[1]),
            lambda: self.approve(STAFF[2]),
            lambda: self.sign(RELEASER, "releaser"),
        ]
        for step in steps:
            result = step()
            assert result.exit_code == 0, result.output

    def sign_by_hand(self, person: Person, act: Act) -> None:
        """Write a signature without asking the command line, which would refuse it."""
        one = read_manifest(self.pack, PACK)
        assert one is not None
        said = statement(act, person, pack=one.id, version=one.version, manifest=one.sha256, prose=one.prose)
        (self.pack / "signatures").mkdir(exist_ok=True)
        (self.pack / "signatures" / envelope_name(said)).write_bytes(seal(said, person.key))

    def signatures(self) -> list[str]:
        """Return the names of the signatures that are there."""
        folder = self.pack / "signatures"
        return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def name_of(person: Person) -> str:
    return person.id.removeprefix("role:")


def refused(result: Result, desk: Desk | None = None) -> str:
    """Return what a refused command said; nothing was printed, and no file was written."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert desk is None or desk.signatures() == []
    return result.stderr

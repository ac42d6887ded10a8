"""Releases for tests: versions of the quick screen in memory, signed by the staff of the trust tests, as bundles."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from boosterwatch.engine.host import archive
from boosterwatch.engine.host.events import Event
from boosterwatch.engine.host.host import EngineHost
from boosterwatch.engine.pack import compiled
from boosterwatch.engine.pack.drift import frozen_files
from boosterwatch.engine.pack.find import Found, read_sources
from boosterwatch.engine.pack.manifest import FILE, SIGNATURES, FileEntry, Gate, Manifest, ReleasedChange
from boosterwatch.engine.pack.open import compile_sources
from boosterwatch.engine.trust import Keyring
from boosterwatch.engine.trust.envelope import envelope_name, seal
from boosterwatch.engine.trust.model import Act
from boosterwatch.tests.trust.people import FIRST, LEAD, NOON, RELEASER, SECOND, Person, keyring, statement

ROOT = Path(__file__).parents[2]
PACK = "quick-screen"
TODAY = NOON.date()
GATES = ("check", "coverage", "mutate", "prove", "test")
SIGNERS: tuple[tuple[Act, Person], ...] = (
    ("author", LEAD),
    ("approve", FIRST),
    ("approve", SECOND),
    ("release", RELEASER),
)
Edit = tuple[str, str, str]  # file, what stands there, what to write in its place


@dataclass(frozen=True)
class Release:
    """A released version: the bytes of its files by name, and its manifest."""

    files: Mapping[str, bytes]
    manifest: Manifest

    def signed(self, *by: tuple[Act, Person], at: datetime = NOON) -> dict[str, bytes]:
        """Return the files under `signatures/` when these persons sign."""
        said = [self.says(act, person, at) for act, person in by]
        return dict(said)

    def says(self, act: Act, person: Person, at: datetime = NOON, meaning: str = "I read it") -> tuple[str, bytes]:
        """Return the name and the bytes of one envelope."""
        one = self.manifest
        said = statement(
            act,
            person,
            pack=one.id,
            version=one.version,
            manifest=one.sha256,
            prose=one.prose,
            time=at,
            meaning=meaning,
        )
        return f"{SIGNATURES}/{envelope_name(said)}", seal(said, person.key)

    def whole(self, *by: tuple[Act, Person], at: datetime = NOON) -> dict[str, bytes]:
        """Return every file that a bundle holds; signed by the whole staff, unless somebody is named."""
        return {**self.files, FILE: self.manifest.data, **self.signed(*(by or SIGNERS), at=at)}

    def bundle(self, *by: tuple[Act, Person], at: datetime = NOON) -> bytes:
        """Return the bundle; signed by the whole staff, unless somebody is named."""
        return archive.pack(self.whole(*by, at=at))

    def write(self, folder: Path, *by: tuple[Act, Person]) -> Path:
        """Write the released folder, and return it."""
        for name, data in self.whole(*by).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder


@cache
def release(version: str = "1.0.0", *edits: Edit, pack: str = PACK, like: str = "1.0.0") -> Release:
    """Return a version of a built-in pack as if it had been released, with edits of its text."""
    files = {name: file.read_bytes() for name, file in frozen_files(ROOT / "rules" / pack / like)}
    for name, find, write in (("pack.yaml", f'version: "{like}"', f'version: "{version}"'), *edits):
        assert find.encode() in files[name], f"{name} does not hold {find!r}"
        files[name] = files[name].replace(find.encode(), write.encode(), 1)
    return Release(files, _manifest(files))


def _manifest(files: Mapping[str, bytes]) -> Manifest:
    folder = zipfile.Path(zipfile.ZipFile(io.BytesIO(archive.pack(files))))
    pack = compile_sources(Found(folder, "made"), read_sources(folder, whole=False))
    return Manifest(
        id=pack.id,
        version=pack.version,
        status=pack.status,
        effective=pack.effective,
        review_by=dict(pack.about)["review_by"],
        digest=pack.digest,
        prose="b" * 64,
        files=entries(files),
        tool="1.0.0",
        compiler=compiled.compiler_digest(),
        previous=None,
        change=ReleasedChange("first", (), ()),
        checks=tuple(Gate(name, (("errors", 0),)) for name in GATES),
        changelog="First release.",
        released="2026-11-20",
    )


def entries(files: Mapping[str, bytes]) -> tuple[FileEntry, ...]:
    """Return files as a manifest lists them."""
    return tuple(FileEntry(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in sorted(files.items()))


def face(key: str, old: str, new: str) -> Edit:
    """Return the edit of one line of the face."""
    return "pack.yaml", f"{key}: {old}", f"{key}: {new}"


FRESH = ("parameters.yaml", "unit: days,\n    values: [{from: 2000-01-01, value: 35, ", "")


def number(value: int) -> Edit:
    """Return an edit that changes a number of the policy: how old a score may be that is still trusted."""
    name, find, _ = FRESH
    return name, find, find.replace("35", str(value))


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def pass_days(self, days: int) -> None:
        """Let days go by."""
        self.moment += timedelta(days=days)

    def set(self, day: date) -> None:
        """Let it be noon of a day."""
        self.moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


class Desk:
    """A host with everything around it in one folder: the source, its state, a clock, the events it told."""

    def __init__(self, folder: Path, **more: object) -> None:
        self.source = folder / "source"
        self.state = folder / "state"
        self.source.mkdir(exist_ok=True)
        self.clock = Clock()
        self.told: list[Event] = []
        self._more: dict[str, object] = {
            "source": self.source,
            "keyring": keyring(),
            "on_event": self.told.append,
        } | more
        self.host = self.start()

    def start(self) -> EngineHost:
        """Return a new host over the same folders, as after a restart."""
        given = {"state": self.state, "clock": self.clock, **self._more}
        self.host = EngineHost(PACK, **given)  # type: ignore[arg-type]
        return self.host

    def offer(self, name: str, data: bytes) -> tuple[Event, ...]:
        """Put a file where the host looks, let it look, and return what happened."""
        (self.source / name).write_bytes(data)
        return self.host.refresh()


def kinds(events: Iterable[Event]) -> list[str]:
    """Return what happened, in a word each."""
    return [event.kind for event in events]


def codes(events: Iterable[Event]) -> list[str]:
    """Return the codes that events carry, in order."""
    return [problem.code for event in events for problem in event.diagnostics]


def everyone() -> Keyring:
    """Return the keyring of the staff."""
    return keyring()


Change = Callable[[dict[str, bytes]], object]


def altered(base: Release, change: Change) -> bytes:
    """Return a bundle whose files were changed behind the release's back."""
    files = base.whole()
    change(files)
    return archive.pack(files)


def again(manifest: Manifest, **changes: object) -> Manifest:
    """Return a manifest with changes."""
    return replace(manifest, **changes)  # type: ignore[arg-type]

"""Who signs in tests: keys from fixed seeds, the keyring that knows them, and the statements they make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

from boosterwatch.engine.diagnostics import PackError, render
from boosterwatch.engine.pack.manifest import FileEntry, Gate, Manifest, ReleasedChange
from boosterwatch.engine.trust import Envelope, Keyring, Statement, read_envelope, read_keyring
from boosterwatch.engine.trust.envelope import envelope_name, seal
from boosterwatch.engine.trust.keys import PrivateKey, key_from_seed, public_text
from boosterwatch.engine.trust.model import SIGNED_AS, Act, Role

PROSE = "b" * 64
NOON = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
MEANING = "I reviewed the prose and the diff"
RELEASE = Manifest(
    id="small",
    version="1.1.0",
    status="active",
    effective="2026-12-01",
    review_by="2028-01-01",
    digest="c" * 64,
    prose=PROSE,
    files=(FileEntry("pack.yaml", "d" * 64, 400),),
    tool="1.0.0",
    compiler="e" * 64,
    previous=None,
    change=ReleasedChange("first", (), ()),
    checks=tuple(Gate(name, (("errors", 0),)) for name in ("check", "coverage", "mutate", "prove", "test")),
    changelog="Made up",
    released="2026-11-20",
)
MANIFEST = RELEASE.sha256


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a key; `seed` tells it from the others."""

    id: str
    roles: tuple[Role, ...]
    seed: int

    @property
    def key(self) -> PrivateKey:
        return _key(self.seed)


@cache
def _key(seed: int) -> PrivateKey:
    return key_from_seed(bytes([seed]) * 32)


LEAD = Person("role:lead-author", ("author",), 1)
FIRST = Person("role:first-approver", ("clinical_approver",), 2)
SECOND = Person("role:second-approver", ("clinical_approver",), 3)
RELEASER = Person("role:release-manager", ("releaser",), 4)
STRANGER = Person("role:stranger", ("author", "clinical_approver", "releaser"), 99)
STAFF = (LEAD, FIRST, SECOND, RELEASER)


def keyring_text(*people: Person, approvers: int = 2, valid_days: int = 365, more: dict[str, str] | None = None) -> str:
    """Return the text of a keyring; `more` has further lines for the entries of persons."""
    head = f"keyring: north-clinic\ntitle: North clinic\npolicy: {{approvers: {approvers}, valid_days: {valid_days}}}\nkeys:\n"
    return head + "".join(entry(one, (more or {}).get(one.id, "")) for one in people or STAFF)


def entry(person: Person, more: str = "", start: str = "2026-01-01", until: str = "2027-12-31") -> str:
    """Return the entry of a person's key."""
    lines = [
        f'id: "{person.key.id}"',
        f"person: {person.id}",
        f"name: {person.id.removeprefix('role:').replace('-', ' ').capitalize()}",
        f"roles: [{', '.join(person.roles)}]",
        f'public: "{public_text(person.key.public)}"',
        f"from: {start}",
        f"until: {until}",
        *([more] if more else []),
    ]
    return "  - " + "\n    ".join(lines) + "\n"


def keyring(text: str | None = None) -> Keyring:
    """Return a keyring; that of the staff, unless a text is given."""
    return read_keyring((keyring_text() if text is None else text).encode(), "keyring.yaml")


def statement(act: Act, person: Person, /, **changes: object) -> Statement:
    """Return what a person states about the release of these tests, with changes."""
    role = SIGNED_AS.get(act, person.roles[0])
    own = Statement(act, "small", "1.1.0", MANIFEST, PROSE, person.id, role, person.key.id, NOON, MEANING)
    return replace(own, **changes)  # type: ignore[arg-type]


def signed(act: Act, person: Person, /, **changes: object) -> Envelope:
    """Return the envelope in which a person signs."""
    said = statement(act, person, **changes)
    return read_envelope(seal(said, person.key), f"signatures/{envelope_name(said)}")


def day(text: str) -> date:
    return date.fromisoformat(text)


def refusal(error: PackError) -> str:
    """Return everything that is said against something."""
    return render(error.diagnostics, {})

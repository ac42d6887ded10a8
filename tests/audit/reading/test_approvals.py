"""Who approved: the signatures beside the release that has the digest of the decision, and beside no other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from boosterwatch.engine.audit.reading import approvals
from boosterwatch.engine.audit.reading.approvals import find_release
from boosterwatch.engine.pack.manifest import FILE, SIGNATURES
from boosterwatch.tests.audit.trails import fill, in_folder, opened, quick
from boosterwatch.tests.cli.runs import run
from boosterwatch.tests.trust.desk import Desk, manifest_of
from boosterwatch.tests.trust.people import FIRST, LEAD, RELEASER

ROOT = Path(__file__).parents[3]
PACK = "quick-screen/1.0.0"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Give a desk with a release of the small built-in pack that three people have signed."""
    made = Desk(tmp_path, monkeypatch)
    made.pack = tmp_path / PACK
    shutil.copytree(ROOT / "rules" / PACK, made.pack, ignore=shutil.ignore_patterns(FILE, SIGNATURES))
    (made.pack / FILE).write_bytes(manifest_of(made.pack).data)
    for person, act in ((LEAD, "author"), (FIRST, "approve"), (RELEASER, "release")):
        made.sign_by_hand(person, act)  # type: ignore[arg-type]
    return made


def found(*places: Path, digest: str = quick().digest) -> list[tuple[str, str]] | None:
    """Return who did what about the release that is found."""
    release = find_release(places, "quick-screen", "1.0.0", digest)
    return None if release is None else [(one.person, one.act) for one in release.statements]


def test_signatures_lie_beside_the_release_with_the_digest(desk: Desk) -> None:
    expected = [(FIRST.id, "approve"), (LEAD.id, "author"), (RELEASER.id, "release")]
    for place in (desk.pack, desk.folder):
        assert sorted(found(place) or []) == sorted(expected)
    assert found(desk.pack, digest="0" * 64) is None
    assert found(desk.folder / "keyring.yaml", desk.pack) is not None


def test_a_damaged_release_approves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approvals, "list_packs", lambda *_: ())  # the built-in pack is released, too
    [file, *_] = (desk.pack / SIGNATURES).iterdir()
    file.write_bytes(file.read_bytes() + b" ")
    assert found(desk.pack) is None


def test_a_dossier_tells_who_signed(desk: Desk) -> None:
    url, keys = in_folder(desk.folder)
    with opened(url) as trail:
        [id] = fill(trail, 1)
    result = run("audit", "show", url, id, "--keys", str(keys), "--packs", str(desk.pack))
    text = " ".join(result.stdout.split())
    assert f"quick-screen@1.0.0, released on 2026-11-20 release.json SHA-256 {manifest_of(desk.pack).sha256}" in text
    for person, act in ((LEAD, "wrote it"), (FIRST, "approved it"), (RELEASER, "released it")):
        assert f"2026-11-24 12:00 {person.id} {act}" in text

"""The very pack of a decision is found by its digest, wherever it lies, and nothing else is believed."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest

from boosterwatch.engine.audit.recording import AuditedEngine
from boosterwatch.engine.audit.replay import Replayed, replay, replay_range
from boosterwatch.engine.audit.replay_packs import Packs
from boosterwatch.engine.audit.trail import Trail
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.compiled import FILE
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.tests.audit.trails import (
    ACTOR,
    fill,
    packs,
    quick,
    record,
)

RULES = Path(__file__).parents[2] / "rules"


def replayed(trail: Trail, id: str, where: Packs | None = None) -> Replayed:
    """Return what becomes of one decision."""
    return replay(trail, where or packs(), trail.decision(id))


def copied(folder: Path, name: str = "quick-screen/1.0.0") -> Path:
    """Return a copy of a built-in pack, with one number changed, so that only the copy has its digest."""
    place = folder / name
    shutil.copytree(RULES / name, place)
    for released in (FILE, "release.json"):  # a released pack that was changed does not run at all
        (place / released).unlink()
    file = place / "parameters.yaml"
    before = file.read_text(encoding="utf-8")
    assert "value: 18," in before
    file.write_text(before.replace("value: 18,", "value: 19,"), encoding="utf-8")
    return place


def test_a_pack_is_found_by_its_digest_wherever_it_lies(trail: Trail, tmp_path: Path) -> None:
    place = copied(tmp_path / "packs")
    pack = LoadedPack(compile_reference(str(place)))
    assert pack.digest != quick().digest
    id = AuditedEngine(trail).evaluate(pack, record(), actor=ACTOR).receipt.id
    one = replayed(trail, id)
    why = f"no `quick-screen@1.0.0` with digest {pack.digest[:12]} can be found"
    assert (one.verdict, one.why, one.pack) == ("no pack", why, "quick-screen@1.0.0")
    assert not replay_range(trail, packs(), 0, 1).good
    for named in (place, tmp_path / "packs"):
        assert replayed(trail, id, Packs([named])).verdict == "same"


def test_the_kept_compiled_form_is_enough_and_is_believed_only_by_its_digest(trail: Trail, tmp_path: Path) -> None:
    place = tmp_path / "quick-screen" / "1.0.0"
    place.mkdir(parents=True)
    shutil.copy(RULES / "quick-screen/1.0.0/pack.yaml", place)
    shutil.copy(RULES / "quick-screen/1.0.0" / FILE, place)
    kept = orjson.loads((place / FILE).read_bytes())
    kept["compiler"] = "of another release"
    (place / FILE).write_bytes(orjson.dumps(kept))
    id = fill(trail, 1)[0]
    where = Packs([place])
    assert where.ready(("quick-screen", "1.0.0", quick().digest), None, None) is not None
    assert replayed(trail, id, where).verdict == "same"
    kept["pack"]["title"] = "changed"
    (place / FILE).write_bytes(orjson.dumps(kept))
    found = Packs([place]).ready(("quick-screen", "1.0.0", quick().digest), None, None)
    assert found is not None
    assert found.ir.title == quick().ir.title  # the built-in one: the changed form was not believed


def test_a_file_that_is_no_bundle_hides_nothing(trail: Trail, tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 nothing")
    id = fill(trail, 1)[0]
    assert replayed(trail, id, Packs([tmp_path / "broken.zip"])).verdict == "same"


def test_few_packs_are_kept_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.audit.replay_packs.MOST_KEPT", 2)
    few = Packs()
    name = ("quick-screen", "1.0.0", quick().digest)
    kept = [few.ready(name, None, str(at)) for at in range(4)]
    assert len(few._ready) == 2
    assert kept[-1] is few.ready(name, None, "3")

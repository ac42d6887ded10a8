"""The budget of alerts on the face of a pack: read, sealed, shown, compared, and without a trace where none is stated.

What is refused stands in `tests/broken/packs/face_budget_*`.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from boosterwatch.engine.author.diff import bump, compare
from boosterwatch.engine.author.diff.model import Field
from boosterwatch.engine.author.release.summary import summary_of
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.budget import BUDGET, budget_of
from boosterwatch.engine.pack.compiled import FILE, compiled_bytes, read_compiled
from boosterwatch.engine.pack.find import find_pack, list_packs, read_sources
from boosterwatch.engine.pack.ir_json import from_json, seal, to_json
from boosterwatch.engine.pack.manifest import read_manifest
from boosterwatch.engine.pack.open import compile_reference, compile_sources, open_pack
from boosterwatch.tests.author.lead import run, small_pack
from boosterwatch.tests.packs.files import Files, compile_files
from boosterwatch.tests.packs.small import SMALL

PACKS = [f"{id}@{version}" for id, version, _ in list_packs()]


def stating(number: str | None) -> Files:
    """Return the small pack with this budget on its face."""
    line = "" if number is None else f"{BUDGET}: {number}\n"
    return {**SMALL, "pack.yaml": SMALL["pack.yaml"] + line}


def loaded(number: str | None) -> LoadedPack:
    return LoadedPack(compile_files(stating(number)))


# ---------------------------------------------------------------- the compiled pack


@pytest.mark.parametrize(("number", "budget"), [("10", 10), ("0.25", 0.25), ("1000", 1000), ("0.01", 0.01)])
def test_the_budget_of_the_face_is_compiled(number: str, budget: float, tmp_path: Path) -> None:
    pack = compile_reference(str(small_pack(tmp_path / "p", stating(number))))
    assert budget_of(pack) == budget
    assert budget_of(from_json(to_json(pack))) == budget


def test_without_one_there_is_none() -> None:
    assert budget_of(compile_files(SMALL)) is None


def test_the_digest_is_of_the_budget_however_it_is_written() -> None:
    digests = [compile_files(stating(number)).digest for number in (None, "10", "10.0", "10.00", "10.5")]
    assert len(set(digests)) == 3
    assert digests[1] == digests[2] == digests[3]


def test_all_else_is_as_it_is_without_one() -> None:
    bare, stated = compile_files(SMALL), compile_files(stating("10"))
    assert stated.about == (*bare.about, (BUDGET, "10"))
    assert seal(replace(stated, about=bare.about)) == bare


@pytest.mark.parametrize("reference", PACKS)
def test_a_released_pack_without_one_keeps_its_digest(reference: str) -> None:
    found, fresh = find_pack(reference), open_pack(reference).pack
    manifest = read_manifest(found.folder, found.shown)
    assert fresh is not None
    assert manifest is not None
    assert (budget_of(fresh), fresh.digest) == (None, manifest.digest)


def test_the_kept_compiled_form_holds_it(tmp_path: Path) -> None:
    folder = small_pack(tmp_path / "p", stating("10"))
    sources = read_sources(folder, whole=False)
    fresh = compile_sources(find_pack(str(folder)), sources)
    (folder / FILE).write_bytes(compiled_bytes(fresh, sources))
    assert read_compiled(folder, sources) == fresh
    assert budget_of(compile_reference(str(folder))) == 10


def test_no_answer_depends_on_it() -> None:
    record = {"as_of": "2026-03-14", "assessments": [{"instrument": "glow", "date": "2026-03-13", "total": 9}]}
    bare, stated = (evaluate(loaded(number), record) for number in (None, "10"))
    assert (stated.recommendation, stated.signs, stated.holds) == (bare.recommendation, bare.signs, bare.holds)
    assert stated.pack["digest"] != bare.pack["digest"]


# ---------------------------------------------------------------- what a reader and a reviewer see


@pytest.mark.parametrize(
    ("command", "says"),
    [(("packs", "show"), "Alerts per clinician week  10"), (("prose",), "Alerts per clinician week: 10")],
)
def test_it_is_shown(command: tuple[str, ...], says: str, tmp_path: Path) -> None:
    shown = run(*command, str(small_pack(tmp_path / "p", stating("10"))))
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert says in shown.stdout
    assert "Alerts per" not in run(*command, str(small_pack(tmp_path / "bare"))).stdout


@pytest.mark.parametrize(
    ("old", "new", "how", "told"),
    [
        ("10", "12", "changed", "changed (equal): value 10, now 12"),
        (None, "12", "added", "added (equal): 12"),
        ("10", None, "removed", "removed (equal): 10"),
    ],
)
def test_a_reviewer_sees_a_changed_budget(old: str | None, new: str | None, how: str, told: str) -> None:
    before, after = loaded(old), loaded(new)
    found = compare(before, after)
    (change,) = found.changes
    assert (change.part, change.id, change.how, change.effect) == ("budget", BUDGET, how, "equal")
    assert change.fields == (Field("value", old or "", new or ""),)
    assert (bump(found), found.proved, found.shifts) == ("minor", True, ())
    assert summary_of(found, before.ir, after.ir) == (f"budget `{BUDGET}` {told}",)


def test_the_same_budget_in_other_words_is_no_change() -> None:
    assert compare(loaded("10"), loaded("10.0")).changes == ()


def test_a_title_and_a_budget_are_told_apart() -> None:
    after = LoadedPack(
        compile_files({name: text.replace("title: Small", "title: Other") for name, text in stating("12").items()})
    )
    changes = compare(loaded("10"), after).changes
    assert [(one.part, one.how) for one in changes] == [("budget", "changed"), ("pack", "wording")]


def test_the_difference_is_told_on_the_page(tmp_path: Path) -> None:
    old, new = (str(small_pack(tmp_path / number, stating(number))) for number in ("10", "12"))
    lines = [" ".join(line.split()) for line in run("diff", old, new).stdout.splitlines()]
    assert f"Version minor: budget `{BUDGET}` is changed" in lines
    assert f"{BUDGET} 10 12 the same patients (no rule reads" in lines
    assert "Nobody: no sign, no recommendation and no notice is given to other patients. Proved." in lines

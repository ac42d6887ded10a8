"""The command: text, JSON, a page, exit codes, and packs that cannot be compared or proved."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from boosterwatch.tests.author.lead import run, small_pack
from boosterwatch.tests.packs.files import Files, edit
from boosterwatch.tests.packs.small import SMALL

NEW = edit(
    edit(SMALL, "pack.yaml", '"0.1.0"', '"0.2.0"'),
    "parameters.yaml",
    "pressure: {says: pressure, unit: mmHg, values: [{from: 2000-01-01, value: 150",
    "pressure: {says: pressure, unit: mmHg, values: [{from: 2000-01-01, value: 140",
)


@pytest.fixture
def old(tmp_path: Path) -> str:
    return str(small_pack(tmp_path / "old"))


def other(tmp_path: Path, files: Files) -> str:
    return str(small_pack(tmp_path / "new", files))


def test_a_pack_and_itself(old: str) -> None:
    result = run("diff", old, old, "--exit-code")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("small-pack: 0.1.0 to 0.1.0: nothing differs\n")
    assert "none: the two packs are the same" in result.stdout


def test_a_lower_threshold(old: str, tmp_path: Path) -> None:
    result = run("diff", old, other(tmp_path, NEW))
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == "small-pack: 0.1.0 to 0.2.0: a minor change"
    assert "pressure  150 mmHg from 2000-01-01  140 mmHg from 2000-01-01  looser" in lines
    assert "Caution: Pressure  example 1        nobody" in lines
    assert any("Caution: Pressure. Pressure is " in line for line in lines)


def test_with_exit_code_a_difference_is_one(old: str, tmp_path: Path) -> None:
    assert run("diff", old, other(tmp_path, NEW), "--exit-code").exit_code == 1


def test_json(old: str, tmp_path: Path) -> None:
    result = run("diff", old, other(tmp_path, NEW), "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert (found["bump"], found["proved"], found["as_of"]) == ("minor", True, "2000-01-01")
    numbers = [one for one in found["changes"] if one["part"] == "parameter"]
    assert [(one["id"], one["effect"], one["fields"]) for one in numbers] == [
        (
            "pressure",
            "looser",
            [{"name": "values", "old": "150 mmHg from 2000-01-01", "new": "140 mmHg from 2000-01-01"}],
        )
    ]
    (shift,) = found["shifts"]
    assert shift["answer"] == {"kind": "caution", "id": "pressure", "state": ""}
    assert (shift["gained"], shift["gained_example"], shift["lost"], shift["lost_example"]) == (
        "some",
        1,
        "never",
        None,
    )
    (example,) = found["examples"]
    assert 140 <= example["record"]["safety"][0]["systolic"] < 150


def test_a_page(old: str, tmp_path: Path) -> None:
    page = tmp_path / "changes.html"
    result = run("diff", old, other(tmp_path, NEW), "--html", str(page))
    assert (result.exit_code, result.stderr) == (0, f"wrote {page}\n")
    text = page.read_text(encoding="utf-8")
    assert "<h1>small-pack: 0.1.0 to 0.2.0</h1>" in text
    assert "<td" in text
    assert "<script" not in text


def test_a_page_that_cannot_be_written(old: str, tmp_path: Path) -> None:
    result = run("diff", old, old, "--html", str(tmp_path / "no" / "such" / "place.html"))
    assert result.exit_code == 1
    assert "BW404" in result.stderr


def test_a_pack_with_errors(old: str, tmp_path: Path) -> None:
    result = run("diff", old, other(tmp_path, edit(SMALL, "rules.yaml", "when: any hold", "when: any hould")))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "rules.yaml" in result.stderr


def test_a_pack_that_is_not_there(old: str) -> None:
    result = run("diff", old, "nothing-here")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW140" in result.stderr


def test_a_date_that_is_none(old: str) -> None:
    assert run("diff", old, old, "--as-of", "soon").exit_code == 2


def test_packs_of_different_ids(old: str, tmp_path: Path) -> None:
    result = run("diff", old, other(tmp_path, edit(NEW, "pack.yaml", "pack: small-pack", "pack: other-pack")))
    assert result.exit_code == 0
    assert "BW441 note: `small-pack` and `other-pack` are different packs: told side by side" in result.stderr
    assert result.stdout.startswith("small-pack@0.1.0 to other-pack@0.2.0: a minor change\n")


# ---------------------------------------------------------------- dates and a missing solver

DATED = edit(
    SMALL,
    "parameters.yaml",
    "pressure: {says: pressure, unit: mmHg, values: [{from: 2000-01-01, value: 150, basis: published}",
    "pressure: {says: pressure, unit: mmHg, values: [{from: 2000-01-01, value: 150, basis: published},"
    " {from: 2030-05-01, value: 140, basis: published}",
)


def test_a_value_to_come_is_compared_on_its_first_day(old: str, tmp_path: Path) -> None:
    found = json.loads(run("diff", old, other(tmp_path, DATED), "--format", "json").stdout)
    assert (found["as_of"], found["changes"][0]["effect"]) == ("2030-05-01", "looser")
    assert found["examples"][0]["record"]["as_of"] >= "2030-05-01"


def test_before_that_day_nobody_is_affected(old: str, tmp_path: Path) -> None:
    new = other(tmp_path, DATED)
    found = json.loads(run("diff", old, new, "--as-of", "2029-01-01", "--format", "json").stdout)
    assert (found["bump"], found["shifts"], found["examples"]) == ("minor", [], [])
    assert found["changes"][0]["noted"] == "the same value on the day compared"


def test_before_the_first_value_there_is_nothing_to_compare(old: str, tmp_path: Path) -> None:
    result = run("diff", old, other(tmp_path, NEW), "--as-of", "1999-01-01")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW340 no value of `adult` is in force on 1999-01-01" in result.stderr


def test_without_the_solver_the_changes_are_told(old: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "z3" or ".author.symbolic" in name]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "z3", None)
    result = run("diff", old, other(tmp_path, NEW))
    assert result.exit_code == 0
    assert "BW440 warning: z3 is not installed, so what follows from the changes is not proved" in result.stderr
    assert "hint: pip install 'boosterwatch[prove]'" in result.stderr
    assert "looser (read off the comparisons; not proved)" in " ".join(result.stdout.split())

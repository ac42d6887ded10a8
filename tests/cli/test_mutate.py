"""`mutate` and `test --coverage` as people and programs see them, on the pack that `new pack` makes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from boosterwatch.engine.author.coverage import closing
from boosterwatch.tests.cli.runs import printed_json, run

ACCEPTED = """\
waivers:
  - code: BW420
    at: recommendation swap 1
    reason: Both rows are urgent, and a person is called either way.
    by: role:lead
    expires: 2099-12-31
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    assert run("new", "pack", str(folder)).exit_code == 0
    return folder


@pytest.fixture
def few_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up early on holes that nothing closes: the starter has many."""
    monkeypatch.setattr(closing, "MOST_TRIED", 3)


# ---------------------------------------------------------------- mutate


def test_a_survivor_is_told_with_its_place_and_what_it_changes(pack: Path) -> None:
    result = run("mutate", str(pack))
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("Policy decisions that no case tests\n")
    told = " ".join(result.stdout.split())
    assert (
        f"{pack}/recommendations.yaml:11: BW420 recommendation swap 1 "
        "Nothing fails when in the table recommendation, recommend_held is tried before recommend_look_now."
    ) in told
    counts = dict(
        line.strip().rsplit(maxsplit=1) for line in result.stdout.split("Changes of tiny@0.1.0\n")[1].splitlines()
    )
    numbers = {key.strip(): int(value) for key, value in counts.items()}
    assert numbers.pop("all") == sum(numbers.values())
    assert min(numbers["noticed by a case"], numbers["noticed by no case"], numbers["proved to change no answer"]) > 0


def test_in_json_each_change_has_its_verdict(pack: Path) -> None:
    result = run("mutate", str(pack), "--format", "json")
    found = json.loads(result.stdout)
    assert sum(found["counts"].values()) == len(found["mutants"])
    by_name = {one["name"]: one for one in found["mutants"]}
    survivor = by_name["recommendation swap 1"]
    assert (survivor["status"], survivor["line"], survivor["file"]) == ("survived", 11, f"{pack}/recommendations.yaml")
    noticed = next(one for one in found["mutants"] if one["status"] == "noticed")
    assert noticed["case"]


def test_a_waiver_accepts_a_survivor_and_is_listed(pack: Path) -> None:
    first = (pack / "pack.yaml").read_text(encoding="utf-8").partition("\n")[0]
    (pack / "waivers.yaml").write_text(
        f"{first.replace('pack.schema', 'waivers.schema')}\n{ACCEPTED}", encoding="utf-8"
    )
    found = json.loads(run("mutate", str(pack), "--format", "json").stdout)
    by_name = {one["name"]: one for one in found["mutants"]}
    assert by_name["recommendation swap 1"]["status"] == "waived"
    assert "Both rows are urgent" in run("mutate", str(pack)).stdout


def test_two_processes_find_the_same(pack: Path) -> None:
    alone = run("mutate", str(pack), "--format", "json").stdout
    assert run("mutate", str(pack), "--format", "json", "--jobs", "2").stdout == alone


def test_one_rule_only(pack: Path) -> None:
    found = json.loads(run("mutate", str(pack), "--only", "recommend_again", "--format", "json").stdout)
    assert {one["of"] for one in found["mutants"]} == {"recommend_again"}


def test_a_name_that_is_nowhere(pack: Path) -> None:
    result = run("mutate", str(pack), "--only", "recommend_agian")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "did you mean `recommend_again`?" in result.stderr


@pytest.mark.parametrize("command", [("mutate",), ("test", "--coverage")])
def test_nothing_is_learnt_while_a_case_fails(pack: Path, command: tuple[str, ...]) -> None:
    case = next((pack / "cases").glob("*.yaml"))
    text = case.read_text(encoding="utf-8")
    assert "first_sign: absent" in text
    case.write_text(text.replace("first_sign: absent", "first_sign: possible", 1), encoding="utf-8")
    result = run(command[0], str(pack), *command[1:])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("BW423 case `")
    assert f"  hint: run `boosterwatch test {pack}` first\n" in result.stderr


# ---------------------------------------------------------------- coverage


@pytest.mark.usefixtures("few_tries")
def test_a_hole_comes_with_a_case_to_paste_that_closes_it(pack: Path) -> None:
    result = run("test", str(pack), "--coverage")
    assert (result.exit_code, result.stderr) == (1, "")
    hole = re.compile(r"safety\.yaml:19:\s+BW422\s+no\s+case\s+makes\s+`hold_agreement`\s+true\n")
    pasted = hole.split(result.stdout)[1].split("\n\n")[1]
    assert pasted.startswith("# yaml-language-server: ")
    (pack / "cases" / "hold_agreement_is_true.yaml").write_text(f"{pasted}\n", encoding="utf-8")
    assert run("test", str(pack), "--case", "hold_agreement_is_true").exit_code == 0
    assert not hole.search(run("test", str(pack), "--coverage").stdout)


@pytest.mark.usefixtures("few_tries")
def test_in_json_each_hole_has_its_place_and_its_case(pack: Path) -> None:
    found = json.loads(run("test", str(pack), "--coverage", "--format", "json").stdout)
    holes = {one["at"]: one for one in found["holes"]}
    assert (holes["hold_agreement"]["code"], holes["hold_agreement"]["line"]) == ("BW422", 19)
    assert yaml.safe_load(holes["hold_agreement"]["case"])["expect"] == {"fired": ["hold_agreement"]}
    sides = {one["parameter"]: one for one in found["boundaries"]}
    assert sides["first_scale.delta"]["at"]


@pytest.mark.usefixtures("few_tries")
def test_the_page_is_one_document_with_every_rule(pack: Path, tmp_path: Path) -> None:
    page = tmp_path / "coverage.html"
    result = run("test", str(pack), "--coverage", "--html", str(page))
    assert f"written: {page}\n" in result.stderr
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "<script" not in text
    rules = {
        one["rule"] for one in json.loads(run("test", str(pack), "--coverage", "--format", "json").stdout)["rules"]
    }
    assert all(rule in text for rule in rules)


@pytest.mark.usefixtures("few_tries")
def test_a_page_that_cannot_be_written(pack: Path, tmp_path: Path) -> None:
    result = run("test", str(pack), "--coverage", "--html", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.startswith("BW404 ")


def test_html_is_of_the_coverage_only(pack: Path, tmp_path: Path) -> None:
    assert run("test", str(pack), "--html", str(tmp_path / "x.html")).exit_code == 2


def test_the_tests_themselves_pass(pack: Path) -> None:
    assert printed_json(run("test", str(pack), "--format", "json"))["counts"]["failed"] == 0

"""`explain`: the chain, one rule, what stopped one, and decisions of yesterday."""

import json
from pathlib import Path

import pytest

from boosterwatch import load_pack
from boosterwatch.tests.cli.runs import GOLDEN, PACK, error_codes, printed_json, record_file, run, write
from boosterwatch.tests.cli.test_evaluate import masked, needs_both
from boosterwatch.tests.expect import expect_text

QUESTIONS = {
    "chain": ("v03",),
    "chain-continue": ("v04",),
    "why-reading": ("v03", "--why", "phq9_probable"),
    "why-sign": ("v09", "--why", "sleep"),
    "why-not-reading": ("v04", "--why-not", "phq9_possible"),
    "why-not-recommendation": ("v03", "--why-not", "recommend_consider_booster"),
    "why-and-why-not": ("v09", "--why", "pregnancy", "--why-not", "consent"),
    "why-of-what-did-not-fire": ("v04", "--why", "phq9_probable"),
}


@needs_both
@pytest.mark.parametrize("name", QUESTIONS)
def test_the_text_of_an_explanation(name: str, tmp_path: Path) -> None:
    case, *question = QUESTIONS[name]
    result = run("explain", record_file(tmp_path, case), *question)
    assert (result.exit_code, result.stderr) == (0, "")
    expect_text(GOLDEN / "explanations" / f"{name}.txt", masked(result.stdout))


def test_the_chain_as_data_names_what_rests_on_what(tmp_path: Path) -> None:
    answer = printed_json(run("explain", record_file(tmp_path, "v03"), "--format", "json"))
    rules = {row["rule"]: row for row in answer["rules"]}
    first = answer["rules"][0]
    assert first["effect"] == f"recommendation {answer['recommendation']} (wins)"
    reached = [row for row in rules.values() for below in row["rests_on"]]
    assert all(below in rules for row in reached for below in row["rests_on"])
    used = [one for row in rules.values() for one in row["parameters"]]
    assert {"name", "value", "from", "layer", "basis", "citation"} <= set(used[0])
    assert all(row["source"].count(":") == 1 for row in rules.values())


def test_one_rule_as_data(tmp_path: Path) -> None:
    record = record_file(tmp_path, "v04")
    [row] = printed_json(run("explain", record, "--why-not", "phq9_possible", "--format", "json"))["rules"]
    assert (row["fired"], row["distance"], row["threshold"]) == (False, 1, 5)


def test_a_name_that_no_rule_has_gets_a_suggestion(tmp_path: Path) -> None:
    record = record_file(tmp_path, "v04")
    result = run("explain", record, "--why", "phq9_probabel")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW405" in result.stderr
    assert "did you mean `phq9_probable`?" in result.stderr
    assert error_codes(run("explain", record, "--why", "zzz", "--format", "json")) == ["BW405"]


# ---------------------------------------------------------------- stored decisions


@pytest.fixture
def stored(tmp_path: Path) -> str:
    result = run("evaluate", record_file(tmp_path, "v03"), "--format", "json")
    return write(tmp_path, "decision.json", result.stdout)


def test_a_stored_decision_is_explained_like_its_record(stored: str, tmp_path: Path) -> None:
    record = record_file(tmp_path, "v03")
    for question in ((), ("--why", "phq9_probable"), ("--why-not", "consider_booster", "--format", "json")):
        assert run("explain", stored, *question).stdout == run("explain", record, *question).stdout != ""


def test_a_decision_of_another_pack_is_refused(stored: str, tmp_path: Path) -> None:
    decision = json.loads(Path(stored).read_text())
    decision["pack"]["digest"] = "0" * 64
    result = run("explain", write(tmp_path, "other.json", json.dumps(decision)))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW407" in result.stderr
    assert load_pack(PACK).digest[:12] in result.stderr


def test_a_torn_decision_is_refused(stored: str, tmp_path: Path) -> None:
    decision = json.loads(Path(stored).read_text())
    del decision["signs"]
    result = run("explain", write(tmp_path, "torn.json", json.dumps(decision)))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW407" in result.stderr

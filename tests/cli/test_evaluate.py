"""`evaluate`: the answer in both forms, the picture, and what goes where."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from boosterwatch import evaluate, load_pack
from boosterwatch.engine.chain.durable import durable_available
from boosterwatch.engine.explain import picture
from boosterwatch.tests.cli.runs import CASES, GOLDEN, PACK, WIDTH, printed_json, record_file, run
from boosterwatch.tests.expect import expect_text

SHOWN = ["v01", "v02", "v06", "v09", "v10", "v15"]
needs_both = pytest.mark.skipif(not durable_available()[0], reason="the second evaluator cannot run here")


def masked(text: str) -> str:
    """Return the text without the pack's digest, which changes with every comma of the pack."""
    digest = load_pack(PACK).digest
    return text.replace(digest, "DIGEST").replace(digest[:12], "DIGEST")


@needs_both
@pytest.mark.parametrize("case", SHOWN)
def test_the_text_of_a_decision(case: str, tmp_path: Path) -> None:
    result = run("evaluate", record_file(tmp_path, case))
    assert (result.exit_code, result.stderr) == (0, "")
    expect_text(GOLDEN / "decisions" / f"{case}.txt", masked(result.stdout))


@needs_both
@pytest.mark.parametrize("case", ["v03", "v09", "v11"])
def test_the_json_of_a_decision(case: str, tmp_path: Path) -> None:
    decision = printed_json(run("evaluate", record_file(tmp_path, case), "--format", "json"))
    answer = {key: value for key, value in decision.items() if key not in ("trace", "not_fired")}
    expect_text(GOLDEN / "decisions" / f"{case}.json", masked(json.dumps(answer, indent=2)) + "\n")


@needs_both
def test_the_whole_trace_is_added_when_asked_for(tmp_path: Path) -> None:
    result = run("evaluate", record_file(tmp_path, "v03"), "--full")
    expect_text(GOLDEN / "decisions" / "v03-full.txt", masked(result.stdout))


def test_the_text_keeps_to_its_width_and_has_no_colour(tmp_path: Path) -> None:
    text = run("evaluate", record_file(tmp_path, "v02"), "--full").stdout
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "\x1b" not in text
    assert text.isascii()


def test_json_is_what_the_library_gives(tmp_path: Path) -> None:
    from boosterwatch.engine.decide import to_json_bytes

    result = run("evaluate", record_file(tmp_path, "v03"), "--format", "json")
    expected = to_json_bytes(evaluate(load_pack(PACK), CASES["v03"].record))
    assert result.stdout.encode() == expected + b"\n"


def test_a_record_may_come_from_standard_input() -> None:
    record = json.dumps(CASES["v10"].record).encode()
    decision = printed_json(run("evaluate", "-", "--format", "json", given=record))
    assert decision["recommendation"] == CASES["v10"].expect["recommendation"]


def test_yaml_and_json_give_the_same_decision(tmp_path: Path) -> None:
    yaml = "as_of: 2026-03-14\nassessments:\n  - {instrument: phq9, date: 2026-03-13, total: 9}\n"
    as_json = {"as_of": "2026-03-14", "assessments": [{"instrument": "phq9", "date": "2026-03-13", "total": 9}]}
    (tmp_path / "a.yaml").write_text(yaml)
    (tmp_path / "a.json").write_text(json.dumps(as_json))
    one, two = (run("evaluate", str(tmp_path / name), "--format", "json").stdout for name in ("a.yaml", "a.json"))
    assert one == two != ""


def test_a_pack_may_be_named_with_its_version_or_be_a_folder(tmp_path: Path) -> None:
    from boosterwatch.engine.pack.find import find_pack

    record = record_file(tmp_path, "v03")
    folder = str(find_pack(PACK).folder)
    outputs = {run("evaluate", record, "--pack", pack).stdout for pack in (PACK, f"{PACK}@1.0.0", folder)}
    assert len(outputs) == 1


def test_the_crisis_text_is_shown_and_nothing_else_speaks_to_the_patient(tmp_path: Path) -> None:
    text = run("evaluate", record_file(tmp_path, "v06")).stdout
    pack = load_pack(PACK).ir
    crisis = next(notice.patient_text for notice in pack.notices if notice.patient_text)
    flat = " ".join(text.split())
    assert crisis in flat
    assert "you" not in flat.replace(crisis, "").lower().split()


def test_every_state_is_a_word(tmp_path: Path) -> None:
    decision: Any = printed_json(run("evaluate", record_file(tmp_path, "v15"), "--format", "json"))
    text = run("evaluate", record_file(tmp_path, "v15")).stdout
    for sign in decision["signs"].values():
        assert sign["state"].replace("_", " ") in text


def test_the_same_in_a_process_of_its_own(tmp_path: Path) -> None:
    record = record_file(tmp_path, "v03")
    command = [sys.executable, "-m", "boosterwatch.cli", "evaluate", record]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == (run("evaluate", record).stdout, "")


# ---------------------------------------------------------------- the picture


def test_a_picture_is_written_beside_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "draw_svg", lambda *_, title: f"<svg>{title}</svg>")
    file = tmp_path / "out.svg"
    record = record_file(tmp_path, "v03")
    result = run("evaluate", record, "--picture", str(file), "--title", "Case 3", "--format", "json")
    assert printed_json(result)["recommendation"]
    assert file.read_text() == "<svg>Case 3</svg>"
    assert result.stderr == f"picture written to {file}\n"


def test_without_the_picture_extra_nothing_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    result = run("evaluate", record_file(tmp_path, "v03"), "--picture", str(tmp_path / "out.svg"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW403" in result.stderr
    assert "pip install 'boosterwatch[picture]'" in result.stderr


def test_a_picture_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "draw_svg", lambda *_, title: title)
    result = run("evaluate", record_file(tmp_path, "v03"), "--picture", str(tmp_path / "nowhere" / "out.svg"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW404" in result.stderr


def test_a_stream_that_knows_only_ascii_is_no_reason_to_fail(tmp_path: Path) -> None:
    record = record_file(tmp_path, "v03")
    command = [sys.executable, "-m", "boosterwatch.cli", "explain", record]
    plain = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "published" in done.stdout

"""Whatever is handed in: a coded problem at its place, exit code 1, nothing on standard output, no traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from boosterwatch.tests.cli.runs import error_codes, run, write

HEAD = "as_of: 2026-03-14\n"
ONE = HEAD + "assessments:\n  - {instrument: phq9, date: 2026-03-13, total: %s}\n"

BROKEN: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "BW111"),
    "binary": (bytes(range(256)), "BW112"),
    "ten megabytes": ("# " + "x" * (10 << 20), "BW113"),
    "not YAML": ("as_of: [2026-03-14\n", "BW117"),
    "NaN in JSON": ('{"as_of": "2026-03-14", "assessments": [{"total": NaN}]}', "BW130"),
    "NaN in YAML": (ONE % ".nan", "BW126"),
    "doubled key": (HEAD + HEAD, "BW123"),
    "a list": ("- 1\n", "BW301"),
    "unknown key": (HEAD + "asessments: []\n", "BW302"),
    "text where a number belongs": (ONE % '"12"', "BW304"),
    "words where a number belongs": (ONE % "abc", "BW304"),
    "truth where a number belongs": (ONE % "true", "BW304"),
    "no such day": ("as_of: 2026-02-30\n", "BW307"),
    "not a date": ("as_of: 14.03.2026\n", "BW306"),
    "no date at all": ("patient: made-up\n", "BW303"),
    "unknown instrument": (HEAD + "assessments:\n  - {instrument: phq99, date: 2026-03-13, total: 4}\n", "BW330"),
    "decision that is none": ('{"schema": "boosterwatch/decision/1"}', "BW303"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_record(name: str, tmp_path: Path) -> None:
    text, code = BROKEN[name]
    file = write(tmp_path, "record.yaml", text)
    result = run("evaluate", file)
    assert (result.exit_code, result.stdout) == (1, "")
    assert code in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["text where a number belongs", "unknown instrument"])
def test_the_place_is_shown(name: str, tmp_path: Path) -> None:
    text, code = BROKEN[name]
    file = write(tmp_path, "record.yaml", text)
    lines = run("evaluate", file).stderr.splitlines()
    assert lines[0].startswith(f"{file}:3:")
    assert code in lines[0]
    assert lines[2].strip() in ("| ^", "^") or lines[2].rstrip().endswith("^")


@pytest.mark.parametrize("name", ["empty", "unknown key", "NaN in JSON", "unknown instrument"])
def test_json_errors_stand_on_standard_error(name: str, tmp_path: Path) -> None:
    text, code = BROKEN[name]
    result = run("evaluate", write(tmp_path, "record.yaml", text), "--format", "json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert code in error_codes(result)
    error = json.loads(result.stderr)["errors"][0]
    assert set(error) == {"code", "level", "message", "hint", "span"}


@pytest.mark.parametrize("command", ["evaluate", "explain"])
def test_a_missing_file(command: str, tmp_path: Path) -> None:
    result = run(command, str(tmp_path / "nothing.yaml"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW110" in result.stderr
    assert "no such file" in result.stderr


def test_a_folder_is_no_record(tmp_path: Path) -> None:
    result = run("evaluate", str(tmp_path))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is a directory" in result.stderr


def test_empty_standard_input() -> None:
    result = run("evaluate", "-", given=b"")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("<stdin>:1:1: BW111")


def test_a_name_that_no_file_can_have() -> None:
    result = run("evaluate", "a\0b")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW110" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("check", "nothing"), ("test", "nothing"), ("packs", "show", "nothing"), ("check", "ketamine-maintenanc")],
    ids=" ".join,
)
def test_a_pack_that_is_not_there(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "BW140" in result.stderr


def test_a_real_process_shows_no_traceback(tmp_path: Path) -> None:
    file = write(tmp_path, "record.yaml", bytes(range(256)))
    command = [sys.executable, "-m", "boosterwatch.cli", "evaluate", file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "BW112" in done.stderr
    assert "Traceback" not in done.stderr

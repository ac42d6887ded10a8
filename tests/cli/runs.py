"""Runs the command line inside the test process, and holds the patients that the tests use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from boosterwatch.cli import main
from boosterwatch.engine.author.cases import Case, find_cases
from boosterwatch.engine.pack.open import open_pack

PACK = "ketamine-maintenance"
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
WIDTH = 100
CASES: dict[str, Case] = {case.id: case for case in find_cases(open_pack(PACK))}


def run(*arguments: str, given: bytes | None = None) -> Result:
    """Return what a command printed and its exit code; an exception of ours would be a bug and is raised."""
    return CliRunner().invoke(
        main, arguments, input=given, prog_name="boosterwatch", terminal_width=WIDTH, max_content_width=WIDTH
    )


def record_file(folder: Path, case: str) -> str:
    """Return the name of a file with the record of a worked patient."""
    file = folder / f"{case}.json"
    file.write_text(json.dumps(CASES[case].record), encoding="utf-8")
    return str(file)


def write(folder: Path, name: str, text: str | bytes) -> str:
    """Return the name of a file with this content."""
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(file)


def printed_json(result: Result) -> Any:
    """Return the one JSON document on standard output; nothing else may stand there."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def error_codes(result: Result) -> list[str]:
    """Return the codes of the errors on standard error of a run with `--format json`."""
    return [error["code"] for error in json.loads(result.stderr)["errors"]]

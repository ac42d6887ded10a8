"""What the tests of the audit commands share: a folder with a log, records in it, and what was printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from click.testing import Result

from boosterwatch.engine.audit.log.reader import open_reader
from boosterwatch.tests.audit.trails import record
from boosterwatch.tests.cli.runs import run, write

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
CANARY = "canary-48151623"


def file(at: Path, patient: str = "p-0001", total: int = 14) -> str:
    """Return the name of a file with a small record."""
    return write(at, f"{patient}.json", json.dumps(record(patient, total)))


def recorded(at: Path, url: str, *more: str, patient: str = "p-0001") -> str:
    """Record a decision, and return its id."""
    result = run("evaluate", file(at, patient), "--pack", "quick-screen", "--audit", url, *more)
    assert result.exit_code == 0, result.stderr
    found = re.fullmatch(rf"recorded as ({UUID}) \(entry \d+ of log [a-z2-7]{{24}}\)(, as before)?\n", result.stderr)
    assert found, result.stderr
    return found[1]


def entries(url: str) -> list[dict[str, Any]]:
    """Return what stands in the log."""
    reader = open_reader(url)
    found: list[dict[str, Any]] = [one.entry() for one in reader.entries()]
    reader.close()
    return found


def said(result: Result) -> tuple[int, str, str]:
    """Return exit code, output and errors."""
    return result.exit_code, result.stdout, result.stderr

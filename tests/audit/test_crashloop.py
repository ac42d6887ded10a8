"""A hundred kills of the command line: nothing acknowledged is lost or doubled. `make crashloop` does a thousand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from boosterwatch.tests.audit.crashloop import Loop
from boosterwatch.tests.audit.trails import fill, opened


def loop(*arguments: str) -> dict[str, Any]:
    """Return what a loop reports, run in a process of its own: it forks, and pytest may have threads."""
    command = [sys.executable, "-m", "boosterwatch.tests.audit.crashloop", "--warm", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.slow
def test_a_hundred_kills_lose_nothing() -> None:
    report = loop("--rounds", "100")
    assert (report["kills"], report["faults"]) == (100, [])
    assert report["acknowledged"] > 300
    assert report["replayed_the_same"] == report["stored"] >= report["acknowledged"]
    assert report["killed_before_the_first"] > 0


@pytest.mark.slow
def test_it_ends_in_order_when_asked_to() -> None:
    report = loop("--rounds", "8", "--stop")
    assert (report["kills"], report["faults"]) == (8, [])
    assert report["stored"] == report["acknowledged"] > 8


@pytest.mark.slow
def test_with_request_keys_each_line_is_recorded_once_however_often_it_is_started() -> None:
    report = loop("--rounds", "12", "--request", "day-1")
    assert (report["faults"], report["most_of_one_request"]) == ([], 1)
    assert report["kills"] >= 10


def test_the_loop_would_find_a_loss(tmp_path: Path) -> None:
    found = Loop(tmp_path)
    with opened(found.url) as trail:
        ids = fill(trail, 3)
    found.look(1, whole=True)
    assert found.faults == []
    found.acknowledged = {"01932c07-9c1e-7a3b-8f00-0123456789ab": "0" * 64, ids[0]: "0" * 64}
    found.look(2, whole=False)
    assert found.faults == ["round 2: 2 acknowledged decisions are lost or changed"]
    found.faults.clear()
    reader = [b"{}", b"{}"]
    found._hashes(3, [b'{"seq":0,"previous":""}', *reader], "")
    assert found.faults == ["round 3: the chain breaks at entry 0"]

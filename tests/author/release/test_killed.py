"""A release that is killed at any step leaves the old state or the new one, and can be made again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FILES_OF_A_RELEASE, FILES_OF_A_COPY = 2, 8
STEPS_OF_A_FILE = 10  # at least: made, written in halves, made durable, put in its place, its folder made durable


def test_killed_at_every_step_there_is_the_old_or_the_new(tmp_path: Path) -> None:
    """In a process of its own, because it forks, and a fork of a process with threads is no longer safe."""
    command = [sys.executable, "-m", "boosterwatch.tests.author.release.killed", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (result.returncode, result.stderr) == (0, "")
    releases, copies = map(int, result.stdout.split())
    assert releases >= FILES_OF_A_RELEASE * STEPS_OF_A_FILE
    assert copies >= FILES_OF_A_COPY * STEPS_OF_A_FILE

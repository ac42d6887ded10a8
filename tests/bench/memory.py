"""Memory over many whole decisions in one process, each about a person it has not seen before."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

from boosterwatch.tests.bench import records, whole

PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> float:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE / 1e6


def measure(count: int, step: int) -> list[tuple[int, float]]:
    """Return the decisions made and the resident MB, at the start, after every step, and at the end."""
    whole.decide(records.record(whole.ASSESSMENTS, 0))
    found = [(0, resident())]
    for number in range(1, count + 1):
        whole.decide(records.record(whole.ASSESSMENTS, number))
        if number % step == 0 or number == count:
            gc.collect()
            found.append((number, resident()))
    return found


def run(count: int, step: int) -> list[tuple[int, float]]:
    """Return the same from a fresh process."""
    command = [sys.executable, "-m", __name__, str(count), str(step)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [(number, megabytes) for number, megabytes in json.loads(done.stdout)]


def growth(found: list[tuple[int, float]]) -> float:
    """Return by how many MB memory grew from the first step to the end, when everything that is kept is full.

    >>> growth([(0, 40.0), (10, 60.0), (20, 60.5)])
    0.5
    """
    return found[-1][1] - found[min(1, len(found) - 1)][1]


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))

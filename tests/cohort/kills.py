"""Kills `boosterwatch cohort evaluate` again and again, starts it again, and compares every byte with a run left alone.

`python -m boosterwatch.tests.cohort.kills --rounds 100` prints a report as JSON; the exit code is 1 when a round gave
other bytes. In each round the command is killed after times drawn by chance until it ends by itself; a seed fixes the
times, not where they fall, so a round that differs leaves its folder behind.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from boosterwatch.tests.cohort.clinics import AS_OF, VERSION, Rows, clinic, first

OUT = "out.parquet"
MOST_KILLS = 12  # in a round; then the command is left alone, so that a slow machine ends, too


@dataclass
class Report:
    """What the rounds came to. `chunks_found` counts the chunks that later starts did not have to work out."""

    rounds: int = 0
    kills: int = 0
    found_chunks: int = 0
    killed_while_writing: int = 0
    faults: list[str] = field(default_factory=list)


def run(place: Path, folder: Path, chunk: int) -> subprocess.Popen[bytes]:
    """Start the command as a user would; its output goes nowhere but to a file."""
    command = [sys.executable, "-m", "boosterwatch.cli", "cohort", "evaluate", str(place), "--format", "json"]
    command += ["--as-of", AS_OF.isoformat(), "--pack", VERSION, "-o", str(folder / OUT), "--chunk", str(chunk)]
    with (folder.parent / f"{folder.name}.json").open("wb") as said:
        return subprocess.Popen(command, stdout=said, stderr=subprocess.DEVNULL, start_new_session=True)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, and of folders in it."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def broken(rows: Rows) -> None:
    """Break a row of two patients, so that refused rows are written, too."""
    patients = sorted({row["patient"] for row in rows["assessments"]})
    for patient in (patients[1], patients[-1]):
        first(rows, "assessments", patient)[1]["total"] = "twelve"


class Kills:
    """Rounds of kills over one clinic, against one run that was left alone."""

    def __init__(self, folder: Path, patients: int, chunk: int, seed: int) -> None:
        self.folder = folder
        self.chunk = chunk
        self.report = Report()
        self._random = random.Random(seed)
        self._place = clinic(folder / "tables", patients, broken)
        whole = folder / "whole"
        whole.mkdir()
        started = time.monotonic()
        self._ends(run(self._place, whole, chunk))
        self._long = time.monotonic() - started
        self.expected = bytes_of(whole)

    def round(self) -> None:
        """Kill one run until it ends, and compare."""
        self.report.rounds += 1
        folder = self.folder / f"round-{self.report.rounds}"
        folder.mkdir()
        for _ in range(MOST_KILLS):
            if self._killed(run(self._place, folder, self.chunk), folder):
                self.report.kills += 1
            else:
                break
        else:
            self._ends(run(self._place, folder, self.chunk))
        self.compare(folder)

    def _killed(self, process: subprocess.Popen[bytes], folder: Path) -> bool:
        """Kill a run after a while, or as soon as its results are being written; return whether it was still there."""
        until = time.monotonic() + self._random.uniform(0.1, 1.1) * self._long
        at_the_end = self._random.random() < 0.3
        while time.monotonic() < until and process.poll() is None:
            writing = folder / f"{OUT}.work" / f"{OUT}.tmp"
            if at_the_end and writing.exists():
                self.report.killed_while_writing += 1
                break
            time.sleep(0.002)
        if process.poll() is not None:
            return False
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True

    def _ends(self, process: subprocess.Popen[bytes]) -> None:
        code = process.wait()
        if code != 1:  # two patients are refused
            self.report.faults.append(f"a run that was left alone ended with {code}")

    def compare(self, folder: Path) -> None:
        said = (folder.parent / f"{folder.name}.json").read_bytes()
        self.report.found_chunks += json.loads(said)["chunks_found"] if said else 0
        found = bytes_of(folder)
        if found != self.expected:
            differing = sorted(
                name for name in found.keys() | self.expected if found.get(name) != self.expected.get(name)
            )
            self.report.faults.append(f"{folder.name}: {', '.join(differing)} differ")
        else:
            shutil.rmtree(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill as often as asked, print what it came to, and return 1 when some bytes differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--patients", type=int, default=120)
    parser.add_argument("--chunk", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="boosterwatch-kills-"))
    kills = Kills(folder, asked.patients, asked.chunk, asked.seed)
    for _ in range(asked.rounds):
        kills.round()
    print(json.dumps(vars(kills.report), indent=2))
    if kills.report.faults:
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

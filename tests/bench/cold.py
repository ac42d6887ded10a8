"""From a cold shell: how long a command takes as a process of its own, and which imports it spends that on."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from boosterwatch.tests.bench import records, whole

SCRIPT = "from boosterwatch.cli import main; main()"  # what the installed command runs
IMPORT = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \|\s*(\S+)")
PYTHON, PACKAGE, EVALUATE, EVALUATE_TEXT = "python itself", "import boosterwatch", "evaluate, JSON", "evaluate, text"


class Cold(NamedTuple):
    """Milliseconds of a command as a fresh process: on the wall, least on the wall, and of processor."""

    what: str
    p50: float
    least: float
    cpu: float


class Import(NamedTuple):
    """Milliseconds of importing one module: by itself, and with what it imports."""

    name: str
    own: float
    whole: float


class ColdStart(NamedTuple):
    """Every command's times, and the slowest imports of an evaluation; `broken` says which commands failed and how."""

    commands: tuple[Cold, ...]
    imports: tuple[Import, ...]
    broken: tuple[str, ...]


def run(rounds: int, slowest: int = 10) -> ColdStart:
    """Return the times of each command, in turns, after one turn that does not count."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "record.json")
        path.write_text(json.dumps(records.record(whole.ASSESSMENTS)), encoding="utf-8")
        commands = _commands(str(path))
        faults = {what: _fault(what, command) for what, command in commands.items()}
        sound = {what: command for what, command in commands.items() if faults[what] is None}
        times: dict[str, list[tuple[float, float]]] = {what: [] for what in sound}
        for _ in range(rounds):
            for what, command in sound.items():
                times[what].append(_time(command))
        imports = slowest_imports(sound.get(EVALUATE, sound[PACKAGE]), slowest)
    broken = tuple(fault for fault in faults.values() if fault is not None)
    return ColdStart(tuple(_cold(what, found) for what, found in times.items()), imports, broken)


def _commands(record: str) -> dict[str, list[str]]:
    return {
        PYTHON: ["-c", "pass"],
        PACKAGE: ["-c", "import boosterwatch"],
        EVALUATE: ["-c", SCRIPT, "evaluate", record, "--format", "json"],
        EVALUATE_TEXT: ["-c", SCRIPT, "evaluate", record],
    }


def _fault(what: str, command: Sequence[str]) -> str | None:
    """Return how a command fails; None when it works."""
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"{what}: exit code {done.returncode}: {done.stderr.strip().splitlines()[-1:]}"
    if what in (EVALUATE, EVALUATE_TEXT) and not done.stdout:
        return f"{what}: prints nothing"
    return None


def _time(command: Sequence[str]) -> tuple[float, float]:
    """Return milliseconds on the wall and of processor."""
    before = os.times()
    began = perf_counter()
    subprocess.run([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    wall = perf_counter() - began
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall * 1e3, cpu * 1e3


def _cold(what: str, times: Sequence[tuple[float, float]]) -> Cold:
    wall, cpu = zip(*times, strict=True)
    return Cold(what, statistics.median(wall), min(wall), statistics.median(cpu))


def slowest_imports(command: Sequence[str], count: int) -> tuple[Import, ...]:
    """Return the modules that take longest by themselves, slowest first."""
    done = subprocess.run([sys.executable, "-X", "importtime", *command], capture_output=True, text=True, check=True)
    found = [
        Import(name, int(own) / 1e3, int(cumulative) / 1e3) for own, cumulative, name in IMPORT.findall(done.stderr)
    ]
    return tuple(sorted(found, key=lambda one: -one.own)[:count])

"""What a clinical lead waits for: each command over the default pack, as a fresh process, and each proof by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import NamedTuple

from boosterwatch.engine.author.lint.checked import check_opened
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.bench import whole
from boosterwatch.tests.bench.cold import SCRIPT
from boosterwatch.tests.packs.files import default_files, edit, write_pack

EDIT = ("parameters.yaml", "value: 21,", "value: 28,")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "check": ("check",),
    "check --deep": ("check", "--deep"),
    "test": ("test",),
    "test --coverage": ("test", "--coverage"),
    "mutate": ("mutate",),
    "mutate --jobs 2": ("mutate", "--jobs", "2"),
    "prove": ("prove",),
    "diff, one number changed": ("diff", whole.PACK),
    "prose": ("prose",),
}
QUICK = ("check", "test", "prove", "diff, one number changed", "prose")
TINY = ("check",)


class Took(NamedTuple):
    """Seconds of one command on the wall."""

    command: str
    seconds: float


class Tools(NamedTuple):
    """Every command, `check` in a process that has checked before, and the slowest proof with its seconds."""

    commands: tuple[Took, ...]
    warm_check: float
    slowest_proof: tuple[str, float]


def run(names: Sequence[str] = tuple(COMMANDS)) -> Tools:
    """Return the times of these commands, one after another."""
    with TemporaryDirectory() as folder:
        changed = write_pack(edit(default_files(cases=True), *EDIT), Path(folder, "1.0.0"))
        took = tuple(Took(name, _seconds(_arguments(name, changed))) for name in names)
    return Tools(took, _warm_check(), _slowest_proof())


def _arguments(name: str, changed: Path) -> tuple[str, ...]:
    return (*COMMANDS[name], str(changed)) if name.startswith("diff") else COMMANDS[name]


def _seconds(arguments: tuple[str, ...]) -> float:
    began = perf_counter()
    subprocess.run([sys.executable, "-c", SCRIPT, *arguments], check=True, capture_output=True)
    return perf_counter() - began


def _warm_check() -> float:
    for _ in range(2):
        began = process_time()
        check_opened(open_pack(whole.PACK), date(2026, 1, 1))
        took = process_time() - began
    return took


def _slowest_proof() -> tuple[str, float]:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT, "prove", "--format", "json"], check=True, capture_output=True
    ).stdout
    slowest = max(json.loads(told)["properties"], key=lambda one: float(one["seconds"]))
    return slowest["property"], float(slowest["seconds"])

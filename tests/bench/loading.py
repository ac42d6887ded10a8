"""From a pack's text to a first decision, step by step; every round is a fresh process, as nothing is kept then."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from time import perf_counter, process_time
from typing import NamedTuple

STEPS = (
    "import the loader", "read the files", "parse YAML", "check", "compile", "read the compiled form",
    "plan and both evaluators", "first decision", "load_pack, as called",
)  # fmt: skip


class Step(NamedTuple):
    """Milliseconds of one step, on the wall and of processor."""

    name: str
    wall: float
    cpu: float


class _Clock:
    def __init__(self) -> None:
        self.spent: dict[str, tuple[float, float]] = {}
        self._last = (perf_counter(), process_time())

    def split(self, step: str) -> None:
        now = (perf_counter(), process_time())
        self.spent[step] = ((now[0] - self._last[0]) * 1e3, (now[1] - self._last[1]) * 1e3)
        self._last = (perf_counter(), process_time())


def measure(reference: str) -> dict[str, tuple[float, float]]:
    """Return the milliseconds of every step in this process, which should be a fresh one."""
    clock = _Clock()
    from boosterwatch.engine.pack.compile import compile_pack
    from boosterwatch.engine.pack.find import find_pack, read_sources
    from boosterwatch.engine.pack.ir_json import from_json, to_json
    from boosterwatch.engine.pack.load import load_document
    from boosterwatch.engine.pack.validate import validate

    clock.split(STEPS[0])
    sources = read_sources(find_pack(reference).folder, whole=False)
    clock.split(STEPS[1])
    documents = [load_document(source.data, source.name) for source in sources]
    clock.split(STEPS[2])
    assert not validate(documents)
    clock.split(STEPS[3])
    pack, _ = compile_pack(documents)
    assert pack is not None
    clock.split(STEPS[4])
    text = to_json(pack)
    clock.split("")
    from_json(text)
    clock.split(STEPS[5])

    from boosterwatch.engine.decide import to_json_bytes
    from boosterwatch.engine.flow import evaluate
    from boosterwatch.engine.loaded import LoadedPack
    from boosterwatch.tests.bench import records

    record = records.record()
    clock.split("")
    loaded = LoadedPack(pack)
    assert loaded.plan is not None
    assert loaded.evaluators is not None
    clock.split(STEPS[6])
    to_json_bytes(evaluate(loaded, record))
    clock.split(STEPS[7])
    return clock.spent


def measure_load(reference: str) -> dict[str, tuple[float, float]]:
    """Return the milliseconds of `load_pack` as a caller sees it, from a kept compiled form where there is one."""
    from boosterwatch import load_pack

    clock = _Clock()
    load_pack(reference)
    clock.split(STEPS[8])
    return clock.spent


def run(rounds: int, reference: str) -> tuple[Step, ...]:
    """Return the middle of every step over the rounds."""
    found = [_apart("steps", reference) | _apart("load", reference) for _ in range(rounds)]
    return tuple(
        Step(step, *(statistics.median(one[step][column] for one in found) for column in (0, 1))) for step in STEPS
    )


def _apart(what: str, reference: str) -> dict[str, tuple[float, float]]:
    command = [sys.executable, "-m", __name__, what, reference]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {step: (wall, cpu) for step, (wall, cpu) in json.loads(done.stdout).items()}


if __name__ == "__main__":
    print(json.dumps((measure if sys.argv[1] == "steps" else measure_load)(sys.argv[2])))

"""The quick screen as it decides, and trials of it: with other numbers, and broken ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.open import compile_reference
from boosterwatch.tests.packs.files import RULES

QUICK = "quick-screen"
CANARY = "patient-zero-7431"  # must appear nowhere but in the answer
PATIENT: dict[str, Any] = {
    "as_of": "2026-03-20",
    "patient": CANARY,
    "birth_date": "1971-12-13",
    "infusions": [f"2026-01-{day:02d}" for day in (5, 8, 12, 15, 19, 22)],
    "assessments": [
        {"instrument": "phq9", "date": "2026-02-10", "total": 5},
        {"instrument": "phq9", "date": "2026-03-10", "total": 10},
    ],
    "safety": [{"type": "bp", "date": "2026-03-10", "systolic": 173, "diastolic": 97}],
}


@cache
def active() -> LoadedPack:
    """Return the pack that decides."""
    return LoadedPack(compile_reference(f"{QUICK}@1.0.0"))


def with_number(pack: ir.Pack, name: str, value: float) -> ir.Pack:
    """Return the pack with one number that is another one all the time."""
    found = [replace(one, values=(replace(one.values[0], value=value),)) for one in pack.parameters if one.name == name]
    assert found, name
    return replace(pack, parameters=tuple(found[0] if one.name == name else one for one in pack.parameters))


@cache
def trial(name: str = "phq9.delta", value: float = 6, *, status: str = "trial") -> LoadedPack:
    """Return a trial of the next version, with another number."""
    return LoadedPack(replace(with_number(active().ir, name, value), version="1.1.0", status=status))


class Broken(LoadedPack):
    """A trial that fails with the error it is given, when it is asked for its evaluators."""

    error: Exception

    @property
    def evaluators(self) -> NoReturn:
        """Fail."""
        raise self.error


def broken(error: Exception) -> Broken:
    """Return a trial that fails with this error."""
    made = Broken(trial().ir)
    object.__setattr__(made, "error", error)
    return made


def folder_of(root: Path, status: str, delta: int = 6) -> str:
    """Return the name of a folder that holds a version of the quick screen with this status and number."""
    source = RULES / QUICK / "1.0.0"
    for file in source.rglob("*.yaml"):
        name = file.relative_to(source)
        if name.parts[0] == "cases":
            continue
        text = file.read_text(encoding="utf-8")
        if name.name == "pack.yaml":
            text = text.replace("status: active", f"status: {status}").replace('version: "1.0.0"', 'version: "1.1.0"')
        if name.name == "phq9.yaml":
            before, _, after = text.partition("delta:")
            text = f"{before}delta:{after.replace('value: 5', f'value: {delta}', 1)}"
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return str(root)

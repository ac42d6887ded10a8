"""Counter-examples written as cases, so that a mended pack keeps them in mind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from boosterwatch.engine.author.patients import case_text
from boosterwatch.engine.author.prove.counter import Counter
from boosterwatch.engine.pack.open import Opened

WHY = "A patient who breaks a property, as the pack decides now. Write what it should decide, then mend the pack."


def save_counter(counter: Counter, folder: Path, opened: Opened) -> Iterator[Path]:
    """Write each patient as a case file of the pack and yield its path; a pair is two files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, patient in zip(_names(counter), counter.patients, strict=True):
        decision = patient.decision
        expect = {
            "recommendation": decision.recommendation,
            "signs": {id: sign.state for id, sign in decision.signs.items()},
        }
        path = folder / f"{name}.yaml"
        first = opened.modeline(f"cases/{name}.yaml")
        path.write_text(case_text(name, counter.of.says, WHY, patient.record, expect, first), encoding="utf-8")
        yield path


def _names(counter: Counter) -> tuple[str, ...]:
    id = counter.of.id
    return (id,) if len(counter.patients) == 1 else (f"{id}_before", f"{id}_after")

"""Packs and patients that these tests compare with: the default pack, loaded once, and some of its worked patients."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.author.diff import Difference, compare
from boosterwatch.engine.author.diff.answers import answers_given
from boosterwatch.engine.author.diff.model import Example, Told
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.model import Decision
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.packs.files import DEFAULT_ID, Files, default_files, default_pack, load_files

_SOME = (
    "recommendations",
    "vignettes",
    "sign-rules",
    "boundaries-spacing",
    "boundaries-population",
    "boundaries-isi",
    "boundaries-blood-pressure",
)


@cache
def worked() -> tuple[Mapping[str, Any], ...]:
    """Return the records of some of the default pack's cases."""
    cases = find_cases(open_pack(DEFAULT_ID))
    return tuple(case.record for case in cases if any(f"/{name}.yaml" in case.span.file for name in _SOME))


def against_default(files: Files, most: int = 0) -> tuple[LoadedPack, Difference]:
    """Return an edited pack, and what it differs in from the default pack."""
    edited = load_files(files)
    return edited, compare(default_pack(), edited, near=worked(), most=most)


def decided(pack: LoadedPack, example: Example) -> Decision:
    """Return what both engines decide about an example; they must agree."""
    decision = evaluate(pack, example.record)
    assert decision.error is None
    assert decision.engine["agreement"] is True
    return decision


def check_example(old: LoadedPack, new: LoadedPack, example: Example) -> None:
    """Assert that an example, evaluated anew under both packs, differs just as it says."""
    before, after = decided(old, example), decided(new, example)
    gave, gives = answers_given(before, old.ir), answers_given(after, new.ir)
    assert gave - gives == example.lost
    assert gives - gave == example.gained
    assert gave != gives
    _check_told(before, example.old)
    _check_told(after, example.new)


def _check_told(decision: Decision, told: Told) -> None:
    assert (told.recommendation, told.urgency, told.summary) == (
        decision.recommendation,
        decision.urgency,
        decision.summary,
    )


def edited(name: str, find: str, write: str) -> Files:
    """Return the default pack with one text replaced."""
    files = default_files()
    assert find in files[name], f"{name} does not hold {find!r}"
    return {**files, name: files[name].replace(find, write, 1)}

"""The corpus of planted defects: an edit of the default pack that compiles, and everything that the lints say of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from boosterwatch.engine.author.lint.checked import waivable
from boosterwatch.engine.author.lint.codes import LINT_CODES
from boosterwatch.engine.author.lint.deep import DEEP
from boosterwatch.engine.author.lint.run import run_lints
from boosterwatch.engine.author.lint.waivers import WAIVERS, waivers_of
from boosterwatch.engine.diagnostics import Diagnostic, render
from boosterwatch.tests.author.lint.sound_pack import context_of
from boosterwatch.tests.expect import expect_text
from boosterwatch.tests.packs.files import Files, default_files, document, edit

BROKEN = Path(__file__).parents[2] / "broken"
PLANTED: list[dict[str, Any]] = yaml.safe_load((BROKEN / "lints.yaml").read_text(encoding="utf-8"))


def problems_of(files: Files) -> tuple[Diagnostic, ...]:
    """Return what `check` says of a pack that compiles, without proofs."""
    waivers = waivers_of([document(WAIVERS, files[WAIVERS])])
    return run_lints(context_of(files), waivers, waivable()).problems


@cache
def before() -> frozenset[tuple[str, str]]:
    """Return what is said of the default pack: the two notes."""
    return frozenset((one.code, one.message) for one in problems_of(default_files()))


@pytest.mark.parametrize("planted", PLANTED, ids=[one["mistake"] for one in PLANTED])
def test_what_is_planted_is_found_at_its_place(planted: dict[str, Any]) -> None:
    files = edit(default_files(), planted["file"], planted["find"], planted["write"])
    found = [one for one in problems_of(files) if (one.code, one.message) not in before()]
    assert {one.code for one in found} == {*planted["codes"], *planted.get("more", ())}
    expect_text(BROKEN / "lints" / f"{planted['mistake']}.txt", render(found, files))


def test_the_default_pack_has_notes_only() -> None:
    assert {one.level for one in problems_of(default_files())} == {"note"}


def test_every_report_has_its_planted_defect() -> None:
    assert sorted(path.stem for path in (BROKEN / "lints").glob("*.txt")) == sorted(one["mistake"] for one in PLANTED)


def test_every_lint_has_a_planted_defect() -> None:
    planted = {code for one in PLANTED for code in one["codes"]}
    assert planted == LINT_CODES.keys() - {"BW680"} - {lint.code for lint in DEEP}


LEAST = 60  # bad packs, each refused at its line and column with its code


def test_the_corpus_of_bad_packs_is_large_enough() -> None:
    reports = [path for folder in ("lints", "edits", "packs") for path in (BROKEN / folder).glob("*.txt")]
    placed = [path for path in reports if _names_a_place(path.read_text(encoding="utf-8"))]
    assert len(PLANTED) >= LEAST / 2
    assert len(placed) >= LEAST


def _names_a_place(report: str) -> bool:
    """Return whether the first line of a report has a file, a line, a column and a code."""
    _, line, column, rest = (*report.partition("\n")[0].split(":", 3), "", "", "")[:4]
    return line.isdigit() and column.isdigit() and rest.startswith(" BW")

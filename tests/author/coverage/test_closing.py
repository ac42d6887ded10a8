"""A hole is offered a case that closes it, found by running it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from boosterwatch.engine.author.cases import find_cases, run_case
from boosterwatch.engine.author.coverage.boundaries import find_boundaries
from boosterwatch.engine.author.coverage.closing import closing_case
from boosterwatch.engine.author.coverage.missing import Missing
from boosterwatch.engine.author.coverage.ready import Ready
from boosterwatch.engine.author.patients.written import case_text
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.load import load_document
from boosterwatch.tests.author.mutate.stage import cases, opened

ROWS = [
    ("isi.delta", "isi_delta", "at"),
    ("isi.delta", "isi_delta", "below"),
    ("isi.fresh_days", "isi_fresh", "above"),
    ("bp_hold_systolic", "bp_hold_systolic", "at"),
    ("min_interval_days", "min_interval", "below"),
    ("isi.cut", "isi_cut", "missing"),
]


@pytest.mark.parametrize(("parameter", "prefix", "side"), ROWS)
def test_the_case_offered_closes_the_hole(parameter: str, prefix: str, side: str, tmp_path: Path) -> None:
    pack = opened().pack
    assert pack is not None
    several = [case for case in cases() if case.id.startswith(prefix) and not case.id.endswith(f"_{side}")]
    stage = Rehearsal(pack, several)
    boundary = next(find_boundaries(stage, (parameter,)))
    assert side in boundary.holes
    case = closing_case(stage, boundary, side, Missing(stage), Ready(stage))
    assert case is not None
    assert run_case(case, LoadedPack(pack)).status == "passed"
    again = next(find_boundaries(Rehearsal(pack, [*several, case]), (parameter,)))
    assert again.cases(side) == (case.id,)
    text = case_text(case.id, "A case", "", case.record, case.expect)
    pasted = replace(opened(), cases=(load_document(text.encode(), "cases/pasted.yaml"),))
    assert run_case(find_cases(pasted)[0], LoadedPack(pack)).status == "passed"

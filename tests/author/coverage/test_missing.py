"""The fourth side: a fact that is not there, and a case that says what follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boosterwatch.engine.author.coverage.missing import Missing
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.tests.author.mutate.stage import cases, opened


def _covered(parameter: str, *ids: str, **expect: object) -> tuple[str, ...] | None:
    pack = opened().pack
    assert pack is not None
    several = [case for case in cases() if case.id in ids]
    several = [replace(case, expect=expect) if expect else case for case in several]
    return Missing(Rehearsal(pack, several)).cases(parameter)


@pytest.mark.parametrize(
    ("parameter", "case"),
    [("isi.delta", "success_no_score"), ("responder_pct", "response_no_baseline"), ("short_window_days", "infusions_none"),
     ("enzyme_hold_times", "v01")],
)  # fmt: skip
def test_a_case_without_the_fact_covers_the_side_when_it_says_so(parameter: str, case: str) -> None:
    expect = {"signs": {"sleep": "cannot_assess"}} if parameter == "isi.delta" else {}
    assert _covered(parameter, case, **expect) == (case,)


def test_a_case_with_the_fact_does_not() -> None:
    assert _covered("isi.cut", "isi_cut_at") == ()


def test_a_case_that_speaks_of_something_else_does_not() -> None:
    assert _covered("isi.delta", "success_no_score", response="unknown") == ()


def test_a_count_of_conclusions_is_never_unknown() -> None:
    assert _covered("corroborating_sources", "isi_delta_at") is None

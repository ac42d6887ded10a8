"""Where a case lies is told by what would break it; a boundary case that is taken away is missed."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from functools import cache

import pytest

from boosterwatch.engine.author.coverage.boundaries import SIDES, Boundary, find_boundaries, sides
from boosterwatch.engine.author.coverage.sides import OF_COURSE, OF_EVENT, OF_SCHEDULE, OF_SETTING
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.engine.pack.compile.kinds import KINDS
from boosterwatch.tests.author.mutate.stage import cases, opened, rehearsal

SAMPLE = int(os.environ.get("BOOSTERWATCH_BOUNDARIES", "3"))


@cache
def _boundary(parameter: str, only: str) -> Boundary:
    return next(find_boundaries(rehearsal(only=only), (parameter,)))


@pytest.mark.parametrize(
    ("counts", "broken", "where"),
    [
        ("from", {-2: ("b",), -1: ("b",), 1: (), 2: ()}, "below"),
        ("from", {-2: (), -1: (), 1: ("b",), 2: ("b",)}, "at"),
        ("from", {-2: (), -1: (), 1: (), 2: ("b",)}, "above"),
        ("to", {-2: ("b",), -1: (), 1: (), 2: ()}, "below"),
        ("to", {-2: ("b",), -1: ("b",), 1: (), 2: ()}, "at"),
        ("to", {-2: (), -1: (), 1: ("b",), 2: ("b",)}, "above"),
    ],
)
def test_what_breaks_a_case_tells_where_it_lies(counts: str, broken: dict[int, tuple[str, ...]], where: str) -> None:
    found = dict(zip(SIDES, sides(counts, broken), strict=False))  # type: ignore[arg-type]
    assert [side for side, names in found.items() if names] == [where]


@pytest.mark.parametrize(
    ("parameter", "prefix"),
    [("isi.delta", "isi_delta"), ("isi.cut", "isi_cut"), ("who5.delta", "who5_delta"), ("isi.fresh_days", "isi_fresh"),
     ("partial_pct", "partial"), ("confirm_gap_min", "confirm_min"), ("bp_caution_systolic", "")],
)  # fmt: skip
def test_cases_named_for_a_side_lie_there(parameter: str, prefix: str) -> None:
    known = [case for case in cases() if case.id.startswith(prefix or "bp_caution_systolic")]
    boundary = _boundary(parameter, prefix or "bp_caution_systolic")
    for side in ("below", "at", "above"):
        named = [case.id for case in known if case.id.endswith(f"_{side}")]
        assert set(boundary.cases(side) or ()) >= set(named[:1]) != set(), (parameter, side)


def test_a_case_that_asserts_nothing_about_a_number_covers_nothing_of_it() -> None:
    at = next(case for case in cases() if case.id == "isi_delta_at")
    pack = opened().pack
    assert pack is not None
    mute = Rehearsal(pack, [replace(at, expect={"holds": []})])
    assert [boundary.at for boundary in find_boundaries(mute, ("isi.delta",))] == [()]


def _sample() -> list[str]:
    pack = opened().pack
    assert pack is not None
    names = [one.name for one in pack.parameters]
    return random.Random("boundaries").sample(names, min(SAMPLE, len(names)))


def test_a_boundary_without_its_only_case_has_a_hole() -> None:
    """Removing any one case of a boundary is noticed: its id is gone from the side, and the last one leaves a hole."""
    several = _sample()
    stage = rehearsal()
    for boundary in find_boundaries(stage, several):
        for side in SIDES:
            for case in boundary.cases(side) or ():
                less = boundary.without(case)
                assert case not in (less.cases(side) or ())
                assert (side in less.holes) is (boundary.cases(side) == (case,))


def test_what_is_left_is_what_the_other_cases_cover() -> None:
    """Taking a case off the report is the same as working coverage out without it."""
    several = [case for case in cases() if case.id.startswith("isi_")]
    pack = opened().pack
    assert pack is not None
    whole = next(find_boundaries(Rehearsal(pack, several), ("isi.delta",)))
    for gone in ("isi_delta_below", "isi_delta_at", "isi_delta_above"):
        fewer = Rehearsal(pack, [case for case in several if case.id != gone])
        assert next(find_boundaries(fewer, ("isi.delta",))) == whole.without(gone)


def test_every_setting_that_names_a_parameter_has_its_side() -> None:
    named = {
        (kind, setting)
        for kind, spec in KINDS.items()
        for setting, takes in spec.takes
        if takes.removeprefix("?").startswith("parameter:")
    }
    assert named == set(OF_SETTING)
    assert set(OF_EVENT) == {"within", "not_preceded_by"}
    assert set(OF_SCHEDULE) == {"until", "every"}
    assert set(OF_COURSE) == {"gap_days", "span_days", "least", "most", "baseline_days"}

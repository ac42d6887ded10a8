"""The shortest list of data that would settle what is unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boosterwatch.engine.decide.cover import smallest_cover
from boosterwatch.engine.model import Measures, Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.decide.made_up import DAY, MEASURES, PACK, WELL, decided, measured
from boosterwatch.tests.decide.parts import equals

Change = dict[str, Scalar | None]
Needs = list[tuple[str, tuple[str, ...]]]

STALE: Change = {"glim.assessable": False, "glim.reason": "stale", "glim.latest_date": DAY - 40}
STALE_SPARK: Change = {"glim_spark.assessable": False, "glim_spark.reason": "stale"}


def needs(measures: Measures, pack: ir.Pack | None = None, **change: object) -> Needs:
    """Return what is missing."""
    return [(one.need, one.settles) for one in decided(measures, pack, **change).missing]


def test_nothing_is_missing_when_all_is_known() -> None:
    assert needs(measured()) == []


def test_one_form_that_settles_more_is_better_than_two() -> None:
    found = needs(measured({**STALE, **STALE_SPARK, "asked": False}))
    assert found == [("one GLIM with all items, dated on or after 2026-03-14", ("gloom", "spark", "unasked"))]


@pytest.mark.parametrize(
    ("last_infusion", "latest", "begin"),
    [
        (-57, -40, "2026-02-07"),  # as_of - 35 days: fresh
        (-3, -40, "2026-03-25"),  # last infusion + 14 days: settled
        (-57, -2, "2026-03-13"),  # newer than the score there is
    ],
)
def test_from_when_on_a_form_counts(last_infusion: int, latest: int, begin: str) -> None:
    change: Change = {**STALE, "last_infusion": DAY + last_infusion, "glim.latest_date": DAY + latest}
    assert needs(measured(change)) == [(f"one GLIM, dated on or after {begin}", ("gloom",))]


def test_without_an_earlier_score_it_takes_two_forms() -> None:
    change: Change = {
        "glim.assessable": False,
        "glim.reason": "missing",
        "glim.latest_date": None,
        "glim.best_since_induction": None,
    }
    (found,) = needs(measured(change))
    assert found[0].startswith("two GLIM, on different days after the induction, the later dated on or after")


def test_a_form_with_an_earlier_score_is_preferred() -> None:
    change: Change = {
        **{
            "glim.assessable": False,
            "glim.reason": "missing",
            "glim.latest_date": None,
            "glim.best_since_induction": None,
        },
        **{"zorp.best_since_induction": 50},
    }
    assert needs(measured(change))[0][0].startswith("one Zorp, dated")


def test_a_fact_that_a_flag_misses_is_named_as_the_pack_words_it() -> None:
    events = tuple(one for one in PACK.events if one.id == "answered")
    rules = tuple(
        replace(rule, when=ir.Not(equals("answered", True))) if rule.id == "flag_unasked" else rule
        for rule in PACK.rules
    )
    found = needs(measured(), replace(PACK, events=events, rules=rules))
    assert found == [("one screening, dated on or after 2026-02-12", ("unasked",))]


def test_an_unknown_induction_comes_first() -> None:
    blank = {one.name: "missing" for one in MEASURES}
    blank |= {name: "no_induction" for name in blank if name.endswith((".best_since_induction", ".baseline"))}
    values: dict[str, Scalar] = {
        **{f"{one}.reason": "missing" for one in ("glim", "glim_spark", "zorp")},
        **{f"{one}.assessable": False for one in ("glim", "glim_spark", "zorp")},
        **{"main": "glim", "main.reason": "missing", "asked": True, "answered": True},
    }
    reasons = {name: reason for name, reason in blank.items() if name not in values}
    found = needs(Measures(values, reasons), infusions=(), induction=None)
    assert found[0] == ("the dates of the induction, first and last infusion", ("gloom", "spark"))
    assert found[1][0].startswith("two GLIM with all items, on different days after the induction")
    assert found[1][1] == ("gloom", "spark")
    assert len(found) == 2


def test_a_baseline_never_given_is_stated_once_with_the_rules_it_leaves_open() -> None:
    change: Change = {"glim.baseline": None, "glim.lost": None, "glim_spark.change": 6, "glim_spark.lost": None}
    gone = {"glim_baseline": "no_baseline", "glim_lost": "no_baseline", "glim_spark_lost": "no_baseline"}
    (found,) = needs(measured(change, **gone))
    assert found[0].startswith("the baseline of GLIM and GLIM item 2, from the 28 days up to the first infusion")
    assert found[0].endswith("it cannot be obtained any more, so enter it if it was taken")
    assert found[1] == ("glim_probable", "glim_spark_probable")


def test_a_baseline_of_a_form_that_is_not_in_use_is_not_missed() -> None:
    gone = {"zorp_lost": "no_baseline", "zorp_baseline": "no_baseline"}
    change: Change = {"zorp.assessable": True, "zorp.reason": "assessable", "zorp.change": 7}
    assert needs(measured(change, **gone)) == []
    assert len(needs(measured({**change, "zorp.best_since_induction": 50}, **gone))) == 1


def waiting(baseline: int | None) -> Needs:
    """Return what is missing when the pack itself says that a sign waits for its baseline."""
    rules = tuple(
        replace(rule, state="cannot_assess", when=equals("asked", True)) if rule.id == "gloom_absent" else rule
        for rule in PACK.rules
    )
    signs = tuple(replace(one, reasons=(("gloom_absent", "no_baseline"),)) for one in PACK.signs)
    change: Change = {"glim.change": 0, "glim.baseline": None, "zorp.baseline": baseline}
    gone = {"glim_baseline": "no_baseline", "zorp_baseline": "no_baseline"}
    return needs(measured(change, **gone), replace(PACK, rules=rules, signs=signs))


def test_a_sign_that_waits_for_a_baseline_says_that_it_cannot_be_made_up() -> None:
    (found,) = waiting(None)
    assert found[0].startswith("the baseline of GLIM or Zorp, from the 28 days")
    assert found[1] == ("gloom",)


def test_a_scale_with_a_baseline_settles_such_a_sign() -> None:
    (found,) = waiting(60)
    assert found[0].startswith("two Zorp, on different days")


def test_reasons_given_without_values_change_nothing() -> None:
    assert set(WELL) <= {one.name for one in MEASURES}


@pytest.mark.parametrize(
    ("masks", "costs", "chosen"),
    [
        ((), (), ()),
        ((0b1,), (1,), (0,)),
        ((0b1, 0b1), (1, 1), (0,)),
        ((0b1, 0b1), (2, 1), (1,)),
        ((0b011, 0b101, 0b110), (1, 1, 1), (0, 1)),
        ((0b0001, 0b0010, 0b0100), (1, 1, 1), (0, 1, 2)),
        ((0b00011, 0b00100, 0b01000, 0b10000), (1, 1, 1, 1), (0, 1, 2, 3)),  # beyond three: greedy
        ((0b000001, 0b111100, 0b000011, 0b110000, 0b001100), (1, 1, 1, 1, 1), (1, 2)),
    ],
)
def test_the_smallest_cover(masks: tuple[int, ...], costs: tuple[int, ...], chosen: tuple[int, ...]) -> None:
    assert smallest_cover(masks, costs) == chosen

"""The values of a sweep, the pack with one of them, and a cohort at each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pytest

from boosterwatch.engine import load_pack
from boosterwatch.engine.cohort.impact.grid import allowed_values, swept, with_value
from boosterwatch.engine.cohort.impact.model import Answer
from boosterwatch.engine.cohort.impact.results import ImpactError, open_results
from boosterwatch.engine.cohort.impact.sweep import sweep
from boosterwatch.engine.cohort.rows import by_rows
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.overlay import lay_over, read_overlay
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.packs.files import default_pack

PACK = default_pack()
AS_OF = date(2026, 3, 1)


# ---------------------------------------------------------------- the values


@pytest.mark.parametrize(
    ("name", "values"),
    [("phq9.delta", (3, 4, 5, 6, 7, 8)), ("confirm_gap_min", tuple(range(3, 15)))],
)
def test_whole_numbers_go_by_one(name: str, values: tuple[int, ...]) -> None:
    assert allowed_values(swept(PACK.ir, name)) == values


def test_a_fraction_goes_in_twenty_steps_without_rubbish_digits() -> None:
    values = allowed_values(swept(PACK.ir, "partial_pct"))
    assert values == tuple(round(0.2 + 0.01 * at, 10) for at in range(21))
    assert allowed_values(swept(PACK.ir, "responder_pct"), 2) == (0.4, 0.5, 0.6)


def test_fewer_steps_keep_both_ends() -> None:
    assert allowed_values(swept(PACK.ir, "trigger_lookback"), 4) == (30, 114, 198, 281, 365)
    assert allowed_values(swept(PACK.ir, "phq9.delta"), 100) == (3, 4, 5, 6, 7, 8)


def test_a_parameter_that_cannot_be_swept_is_refused() -> None:
    message = r"BW649 ketamine-maintenance@1\.0\.0 has no parameter `phq9\.dleta`\n  hint: did you mean `phq9\.delta`"
    with pytest.raises(ImpactError, match=message):
        swept(PACK.ir, "phq9.dleta")
    with pytest.raises(ImpactError, match="BW649 `slope_days` cannot be swept: it has no allowed range"):
        swept(PACK.ir, "slope_days")


# ---------------------------------------------------------------- the pack with a value


def in_force(pack: LoadedPack, name: str, day: date = AS_OF) -> float:
    return values_in_force(pack.ir, day.toordinal())[name].value


def test_a_value_is_in_force_on_every_day_and_nothing_else_changes() -> None:
    laid, refused = with_value(PACK.ir, swept(PACK.ir, "phq9.delta"), 7)
    assert refused is None
    before, after = (values_in_force(one, date(2001, 1, 1).toordinal()) for one in (PACK.ir, laid))
    assert {name: one.value for name, one in after.items()} == {
        **{name: one.value for name, one in before.items()},
        "phq9.delta": 7,
    }
    assert laid.digest == PACK.ir.digest
    assert after["phq9.delta"].layer == "site"


SITE = """overlay: north
title: North
pack: ketamine-maintenance
from: "1.0.0"
before: "2.0.0"
values:
  - {parameter: phq9.delta, value: 6, from: 2026-01-01, reason: Ours., by: "role:lead", date: 2026-01-01}
  - {parameter: gad7.delta, value: 5, from: 2026-01-01, reason: Ours., by: "role:lead", date: 2026-01-01}
"""


def test_a_sites_other_values_stay() -> None:
    site = replace(PACK, ir=lay_over(PACK.ir, read_overlay(SITE.encode(), "north.yaml")))
    laid, _ = with_value(site.ir, swept(site.ir, "phq9.delta"), 3)
    assert in_force(replace(PACK, ir=laid), "phq9.delta") == 3
    assert in_force(replace(PACK, ir=laid), "gad7.delta") == 5


def test_a_value_that_no_site_may_choose_says_why() -> None:
    _, refused = with_value(PACK.ir, swept(PACK.ir, "si_current_days"), 7)
    looser, also = with_value(PACK.ir, swept(PACK.ir, "trigger_lookback"), 30)
    assert also is not None
    assert "trigger_lookback" in also
    assert in_force(replace(PACK, ir=looser), "trigger_lookback") == 30
    assert refused is None or "si_current_days" in refused


# ---------------------------------------------------------------- a cohort at each value


def patient(name: str, latest: int, **more: Any) -> dict[str, Any]:
    """Return a patient whose PHQ-9 fell from 20 to 4 and is now at `latest`, well after the last infusion."""
    infusions = ["2025-11-03", "2025-11-06", "2025-11-10", "2025-11-13"]
    forms = [("2025-11-01", 20), ("2025-12-10", 4), ("2026-02-20", latest)]
    assessments = [{"instrument": "phq9", "date": day, "total": total} for day, total in forms]
    return {"as_of": "2026-03-01", "patient": name, "infusions": infusions, "assessments": assessments, **more}


OWN = {"parameter": "phq9.delta", "value": 8, "reason": "Swings.", "by": "role:doctor", "date": "2026-01-01"}
RECORDS = [patient("a", 7), patient("b", 9), patient("c", 12), patient("d", 11, overrides=[OWN])]
SEVERITY = Answer("sign", "symptom_severity", "possible")


def rows(pack: LoadedPack, as_of: int, name: str) -> Any:
    return by_rows(pack, RECORDS, as_of)


def swept_over(name: str, new: LoadedPack = PACK, steps: int | None = None) -> Any:
    con = duckdb.connect()
    old = open_results(con, rows(PACK, AS_OF.toordinal(), "old"), "old")
    return sweep(con, name, (PACK, new), old, rows, AS_OF.toordinal(), steps=steps, own=1)


def positive(step: Any) -> int:
    return sum(
        many
        for one, many in step.counts.items()
        if (one.what, one.id) == (SEVERITY.what, SEVERITY.id) and one.state in ("possible", "probable")
    )


def test_each_value_counts_who_has_the_sign_and_patients_keep_their_own() -> None:
    found = swept_over("phq9.delta")
    # worse by 3, 5 and 8 points, floor 5; the fourth has 8 as an own value and is worse by 7
    assert [(step.value, positive(step)) for step in found.steps] == [(3, 3), (4, 2), (5, 2), (6, 1), (7, 1), (8, 1)]
    assert [step.marks for step in found.steps] == [(), (), ("current", "proposed"), (), (), ()]
    assert (found.current, found.proposed, found.patients, found.own) == (5, 5, 4, 1)
    assert SEVERITY in found.answers
    assert not any(one.what == "rule" for one in found.answers)


def test_each_step_is_what_the_row_engine_says_with_that_value_as_everybodys_own() -> None:
    found = swept_over("phq9.delta")
    for step in found.steps:
        decided = [
            evaluate(PACK, {**one, "overrides": one.get("overrides", [{**OWN, "value": step.value}])})
            for one in RECORDS
        ]
        assert step.prompted == sum(one.urgency is not None for one in decided)
        for sign in PACK.ir.signs:
            for state in ("possible", "probable"):
                many = sum(one.signs[sign.id].state == state for one in decided)
                assert step.counts.get(Answer("sign", sign.id, state), 0) == many


def test_a_value_beside_the_steps_has_a_step_of_its_own() -> None:
    laid, _ = with_value(PACK.ir, swept(PACK.ir, "partial_pct"), 0.333)
    found = swept_over("partial_pct", replace(PACK, ir=laid), 1)
    assert [step.value for step in found.steps] == [0.2, 0.25, 0.333, 0.4]
    assert {step.value: step.marks for step in found.steps if step.marks} == {0.25: ("current",), 0.333: ("proposed",)}
    assert [step.changed for step in found.steps] == [0] * 4


def test_a_parameter_that_only_the_new_pack_has_has_no_current_value() -> None:
    old = load_pack("quick-screen@1.0.0", purpose="reading")
    con = duckdb.connect()
    before = open_results(con, rows(PACK, AS_OF.toordinal(), "old"), "old")
    assert "partial_pct" not in {one.name for one in old.ir.parameters}
    found = sweep(con, "partial_pct", (old, PACK), before, rows, AS_OF.toordinal(), steps=1)
    assert (found.current, found.proposed) == (None, 0.25)

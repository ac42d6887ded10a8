"""The whole of an evaluation in columns: what is refused before it, what is fixed, and what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from boosterwatch.engine.cohort.columns.absent import closure, fixed_measures
from boosterwatch.engine.cohort.columns.refuse import CohortError, refuse_uncompilable
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.diagnostics import Span, to_json
from boosterwatch.engine.flow import measure
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.tests.cohort.people import VERSIONS, made_up, ready
from boosterwatch.tests.packs.files import default_pack

PACK = default_pack().ir
HERE = Span("measures.yaml", 3, 5)
DAY = 740_000


def problems(pack: ir.Pack) -> list[tuple[object, ...]]:
    """Return code, place, message and hint of everything that is refused."""
    with pytest.raises(CohortError) as refused:
        refuse_uncompilable(pack)
    found = [to_json(one) for one in refused.value.diagnostics]
    return [(one["code"], one["span"], one["message"], one["hint"]) for one in found]


def with_measure(measure: ir.Measure) -> ir.Pack:
    return replace(PACK, measures=(*PACK.measures, measure))


PLACE = {"file": "measures.yaml", "line": 3, "column": 5}


@pytest.mark.parametrize("reference", VERSIONS)
def test_every_pack_has_columns(reference: str) -> None:
    refuse_uncompilable(ready(reference).ir)


def test_a_measure_of_another_kind_is_refused_by_name() -> None:
    pack = with_measure(ir.Measure("mood.spectrum", "fourier", "fraction", "", HERE))
    message = "`mood.spectrum` is of kind `fourier`, which has no columns"
    assert problems(pack) == [("BW666", PLACE, message, "evaluate these patients one by one")]


def test_clauses_that_read_no_measure_are_refused_by_name() -> None:
    field = ir.Leaf(ir.Compare("phq9.latest", ">=", ir.Right("field", ("value",))), "phq9.latest >= value", HERE)
    unknown = ir.Leaf(ir.Known("phq9.lattest"), "phq9.lattest is known", HERE)
    rule = replace(PACK.rules[0], id="odd", when=ir.All((field, ir.Not(unknown))))
    assert problems(replace(PACK, rules=(*PACK.rules, rule))) == [
        ("BW667", PLACE, "`odd` compares with a field of a fact: `phq9.latest >= value`", None),
        ("BW667", PLACE, "`odd` reads `phq9.lattest`, which is no measure: `phq9.lattest is known`", None),
    ]


@pytest.mark.parametrize(
    ("name", "column", "hint"),
    [
        ("phq9__latest", "phq9__latest`, and so is another name", "rename one of them"),
        ("PHQ9.latest", "PHQ9__latest`, and so is another name", "rename one of them"),
        ("Patient", "Patient`, which is one of ours", "rename it"),
        ("sign.sleep", "", None),
        ("mid", "mid`, which is one of ours", "rename it"),
    ],
)
def test_names_that_would_be_one_column_are_refused(name: str, column: str, hint: str | None) -> None:
    pack = with_measure(ir.Measure(name, "latest", "points of phq9", "", HERE, scale="phq9", reported=True))
    if hint is None:
        refuse_uncompilable(pack)
        return
    found = [one for one in problems(pack) if one[1] == PLACE]
    assert found == [("BW668", PLACE, f"`{name}` is the column `{column}", hint)]


# ---------------------------------------------------------------- what is the same for everybody


def test_fixed_measures_are_what_every_record_without_the_forms_has() -> None:
    pack = default_pack()
    numbers = {name: one.value for name, one in values_in_force(PACK, DAY).items()}
    fixed = fixed_measures(pack, {"phq9"}, {"bp", "review"}, Parameters(numbers, set()), DAY)
    assert (fixed["gad7.assessable"], fixed["gad7.reason"], fixed["gad7.latest"]) == (False, "missing", None)
    assert fixed["lab.alt"] is None
    assert not {"phq9.latest", "phq9_sleep.best", "bp.systolic", "days_since_infusion"} & fixed.keys()
    asked = 0
    for plain in made_up(150, seed=8):
        kept = {
            "assessments": [one for one in plain.get("assessments", ()) if one["instrument"] == "phq9"],
            "safety": [one for one in plain.get("safety", ()) if one["type"] in ("bp", "review")],
        }
        found = measure(pack, record_from_mapping({**plain, **kept}), lambda *_: False)
        assert {name: found.measures.values.get(name) for name in fixed} == fixed
        asked += bool(kept["assessments"])
    assert asked > 50


def test_closure_holds_what_measures_are_made_from() -> None:
    found = closure(default_pack(), {"response_pct"})
    assert "phq9.assessable" in found
    assert "phq9.response_fraction" in found or "phq9.response_pct" in found
    assert "bp.systolic" not in found

"""The model holds for real records: every relation is kept, and the same conclusions are drawn as by the evaluator.

A record's derived measures are put into the model, all of them, undefined ones included. A relation that some record
breaks leaves no solution; a rule that means something else draws another conclusion.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
import z3

from boosterwatch.engine.author.symbolic import Symbolic
from boosterwatch.engine.pack.compile.kinds import KINDS
from boosterwatch.tests.author.symbolic.fixed import Held
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import default_files, default_pack, document, load_files
from boosterwatch.tests.packs.invent import SIZES, invent_pack
from boosterwatch.tests.packs.records import random_record_for

DEFAULT = Held(default_pack())
PARTS = 6


def own_values_aside(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record without the patient's own parameter values, each set of which would be a model of its own."""
    return {key: value for key, value in record.items() if key != "overrides"}


@pytest.mark.parametrize("part", range(PARTS))
def test_made_up_patients_of_the_default_pack(part: int) -> None:
    for seed in range(part * 1000, part * 1000 + 10):
        record = own_values_aside(random_record(random.Random(seed)))
        assert DEFAULT.differences(record) == [], seed


def test_own_values_of_a_patient_too() -> None:
    seed = next(seed for seed in range(1000) if random_record(random.Random(seed)).get("overrides"))
    assert DEFAULT.differences(random_record(random.Random(seed))) == []


def test_the_cases_of_the_default_pack() -> None:
    records = [
        case["record"]
        for name, text in default_files(cases=True).items()
        if name.startswith("cases/")
        for case in document(name, text).data.get("cases", [document(name, text).data])
        if "record" in case
    ]
    assert len(records) >= 30
    for record in records[::3]:
        assert DEFAULT.differences(own_values_aside(record)) == []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", SIZES)
def test_packs_that_nobody_wrote(seed: int, size: int) -> None:
    held = Held(load_files(invent_pack(seed, size)))
    for number in range(4):
        record = own_values_aside(random_record_for(held.pack.ir, random.Random(seed * 100 + number)))
        assert held.differences(record) == [], number


def test_every_kind_of_measure_is_modelled() -> None:
    seen: set[str] = set()
    for pack in (default_pack(), *(load_files(invent_pack(seed, SIZES[-1])) for seed in range(4))):
        model = Held(pack).model({one.name: one.values[-1].value for one in pack.ir.parameters})
        assert model.unmodelled == []
        assert {model.measures.declared[name].kind for name in model.free} <= {"slope"}
        seen |= {measure.kind for measure in pack.ir.measures}
    assert seen == KINDS.keys()


def test_a_relation_that_does_not_hold_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    record = {"as_of": "2026-03-14", "infusions": ["2026-03-01"]}
    held = Held(default_pack())
    assert held.differences(record) == []
    kept = Symbolic.relations.fget  # type: ignore[attr-defined]
    never = z3.Not(next(iter(held.models.values())).known("last_infusion"))
    monkeypatch.setattr(Symbolic, "relations", property(lambda self: [*kept(self), never]))
    assert any("Not(infused)" in one for one in held.differences(record))


def test_a_rule_that_means_something_else_is_noticed() -> None:
    record = {"as_of": "2026-03-14", "infusions": ["2026-03-01"], "birth_date": "2012-01-01"}
    held = Held(default_pack())
    model = held.model({one.name: one.values[-1].value for one in held.pack.ir.parameters})
    held.models = {
        tuple(sorted(model.parameters.items())): Symbolic(held.pack.ir, {**model.parameters, "adult_age": 2})
    }
    assert held.differences(record) == ["flag:outside_population", "flag_outside_population"]

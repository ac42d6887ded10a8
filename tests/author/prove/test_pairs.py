"""Every real pair of patients is a pair of the model: what a proof over pairs says, it says of these too.

A record and an edit of it (a worse score, facts left out, numbers of their own) are derived, and both sets of measures
are put into the two models with everything that relates them. A link that is too strong leaves no solution.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import z3

from boosterwatch.engine.author.prove.layers import layered_pair
from boosterwatch.engine.author.prove.left_out import less_known_pair
from boosterwatch.engine.author.prove.pairs import Pair, worse_pair
from boosterwatch.engine.author.prove.properties import Levels, Property, Unknown, Worse
from boosterwatch.engine.author.prove.variants import is_second, seconds_of
from boosterwatch.engine.author.symbolic import Symbolic
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import WHOLE_UNITS
from boosterwatch.tests.author.symbolic.fixed import exact, fixed_measures
from boosterwatch.tests.differential.derive import derive
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.packs.files import default_pack

PACK = default_pack()
SCALES = tuple(table.id for table in PACK.ir.tables if table.kind == "reading")
SPAN = Span("properties.yaml", 1, 1)
WORSE = Property("worse", "Worse.", Worse(SCALES, Levels((), (), rows=False)), (), SPAN)
UNKNOWN = Property("unknown", "Unknown.", Unknown(ir.Any(())), (), SPAN)
Record = dict[str, Any]


@pytest.fixture(scope="module")
def model() -> Symbolic:
    return Symbolic(PACK.ir, {one.name: one.values[-1].value for one in PACK.ir.parameters})


def records(first: int) -> Iterator[tuple[random.Random, Record]]:
    """Yield made-up patients without parameter values of their own."""
    for seed in range(first, first + 14):
        record = random_record(random.Random(seed))
        record.pop("overrides", None)
        yield random.Random(seed), record


def fits(model: Symbolic, pair: Pair, one: Record, other: Record) -> bool:
    """Return whether two records are a pair of the model."""
    solver = z3.Solver()
    solver.add(*pair.links)
    for each, record in zip(pair.models, (one, other), strict=True):
        solver.add(*each.relations, *fixed_measures(each, derive(PACK, record), at=model.at))
    return bool(solver.check() == z3.sat)


def own_numbers(rng: random.Random, record: Record, names: list[str]) -> Record:
    """Return the record with legal values of the patient's own for these numbers."""
    allowed = {one.name: one for one in PACK.ir.parameters}
    own = []
    for name in names:
        parameter = allowed[name]
        assert parameter.allowed is not None
        low, high = parameter.allowed
        value = rng.randint(int(low), int(high)) if parameter.unit in WHOLE_UNITS else round(rng.uniform(low, high), 2)
        own.append({"parameter": name, "value": value, "reason": "r", "by": "b", "date": record["as_of"]})
    return {**record, "overrides": own}


def all_differ(record: Record) -> list[dict[str, int]]:
    """Return two scenes between which every scale differs, so that every worse form is tried."""
    latest = [one.name for one in PACK.ir.measures if one.kind == "latest"]
    return [dict.fromkeys(latest, 0), dict.fromkeys(latest, 1)]


def test_a_score_made_worse_is_a_pair_of_the_model(model: Symbolic) -> None:
    pair, tried = worse_pair(model, SCALES), Counter[str]()
    for rng, record in records(0):
        seconds = list(seconds_of(WORSE, PACK.ir, record, all_differ(record)))
        for other in rng.sample(seconds, min(2, len(seconds))):
            before, after = derive(PACK, record), derive(PACK, other)
            if is_second(WORSE, PACK.ir, before.measures, after.measures):
                tried["changed" if before.measures.values != after.measures.values else "same"] += 1
                assert fits(model, pair, record, other), (record, other)
    assert tried["changed"] >= 8, tried


def test_a_record_with_facts_left_out_is_a_pair_of_the_model(model: Symbolic) -> None:
    pair, tried = less_known_pair(model), Counter[str]()
    for rng, record in records(500):
        seconds = list(seconds_of(UNKNOWN, PACK.ir, record, []))
        for other in rng.sample(seconds, min(2, len(seconds))):
            tried["safety" if other.get("safety") != record.get("safety") else "other"] += 1
            assert fits(model, pair, record, other), (record, other)
    assert min(tried.values()) >= 8, tried


def test_a_record_with_numbers_of_its_own_is_a_pair_of_the_model(model: Symbolic) -> None:
    pair, free = layered_pair(model, ()), [one.name for one in PACK.ir.parameters if one.allowed is not None]
    for rng, record in records(900):
        names = [*rng.sample(free, rng.randint(1, 6)), *rng.sample(["trigger_lookback", "induction_gap_days"], 1)]
        other = own_numbers(rng, record, sorted(set(names)))
        numbers = derive(PACK, other).parameters
        set_so = [own == exact(numbers[name]) for name, own in variables(pair).items()]
        assert fits(model, pair._replace(links=[*pair.links, *set_so]), record, other), (record, other)


def test_a_number_outside_its_range_or_too_loose_is_no_pair() -> None:
    pack = replace(PACK.ir, parameters=tuple(map(with_a_range, PACK.ir.parameters)))
    values = {one.name: one.values[-1].value for one in pack.parameters}
    pair = layered_pair(Symbolic(pack, values), ("grace",))
    assert "grace" not in variables(pair)  # an exception is no variable
    for name, value, may in (
        ("phq9.delta", 8, True),
        ("phq9.delta", 9, False),
        ("bp_hold_systolic", 140, True),
        ("bp_hold_systolic", 139, False),
        ("bp_hold_systolic", 160, True),
        ("bp_hold_systolic", 161, False),  # a higher hold is a looser one
        ("recent_vascular_days", 90, True),
        ("recent_vascular_days", 89, False),
        ("recent_vascular_days", 120, True),
    ):
        solver = z3.Solver()
        solver.add(*pair.links, variables(pair)[name] == value)
        assert (solver.check() == z3.sat) is may, (name, value)


def variables(pair: Pair) -> dict[str, z3.ArithRef]:
    """Return the numbers that the second patient's layers set."""
    numbers = pair.models[1].measures.parameters
    return {name: one for name, one in numbers.items() if isinstance(one, z3.ArithRef)}


def with_a_range(parameter: ir.Parameter) -> ir.Parameter:
    ranges = {"bp_hold_systolic": (140, 180), "recent_vascular_days": (30, 120)}
    return replace(parameter, allowed=ranges.get(parameter.name, parameter.allowed))


def test_a_better_score_is_no_pair(model: Symbolic) -> None:
    pair = worse_pair(model, SCALES)
    scale = next(scale for scale in PACK.ir.scales if scale.id == SCALES[0])
    form = {"instrument": scale.instrument, "date": "2026-03-10", "total": 12}
    record = {"as_of": "2026-03-14", "assessments": [form]}
    worse, better = ({**record, "assessments": [{**form, "total": total}]} for total in (13, 11))
    assert fits(model, pair, record, record)
    assert fits(model, pair, record, worse)
    assert not fits(model, pair, record, better)
    older = {**record, "assessments": [{**form, "date": "2026-03-09"}]}
    assert not fits(model, pair, record, older)

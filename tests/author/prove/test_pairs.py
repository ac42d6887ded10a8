"""Every real pair of patients is a pair of the model: what a proof over pairs says, it says of these too.

A record and an edit of it (a worse score, facts left out) are derived, and both sets of measures are put into the two
models with everything that relates them. A link that is too strong leaves no solution.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import z3

from boosterwatch.engine.author.prove.left_out import less_known_pair
from boosterwatch.engine.author.prove.pairs import Pair, worse_pair
from boosterwatch.engine.author.prove.properties import Levels, Property, Unknown, Worse
from boosterwatch.engine.author.prove.variants import is_second, seconds_of
from boosterwatch.engine.author.symbolic import Symbolic
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.tests.author.symbolic.fixed import fixed_measures
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

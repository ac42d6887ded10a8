"""The generated source: readable, positional, and free of anything that a pack could smuggle in."""

from __future__ import annotations

import ast
import random

import pytest

from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.chain.truth import drawn_in, evaluate_slowly
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import packs
from boosterwatch.tests.chain.packs import compare, drawn, equals, rule
from boosterwatch.tests.chain.strategies import invent_pack, invent_parameters, invent_values

EVIL = "x'\"\n\r\u2028\\'''); import os; os.abort() #{}%s"


def evil_pack() -> ir.Pack:
    """Return a pack in which every text tries to break out."""
    row = rule(EVIL + "row", equals(EVIL + "category", EVIL), table=EVIL, state=EVIL + "state")
    rules = [row, rule(EVIL, compare(EVIL, ">=", EVIL, EVIL)), rule(EVIL + "2", drawn(f"{EVIL}={EVIL}state"))]
    return packs.pack(rules, [packs.table(EVIL, [row], EVIL)], [EVIL + "2"])


def test_the_packs_texts_are_only_ever_quoted() -> None:
    pack = evil_pack()
    reference = Reference(pack)
    values: dict[str, Scalar] = {EVIL: 4, EVIL + "category": EVIL}
    parameters = {EVIL: 2}
    assert reference.evaluate(values, parameters) == evaluate_slowly(pack, values, parameters)
    assert reference.lost(values, parameters)
    assert reference.conclude(values, parameters)["drawn"] == (EVIL, EVIL + "2")
    tree = ast.parse(reference.source)
    assert [type(node).__name__ for node in tree.body] == ["Assign", "FunctionDef", "FunctionDef", "FunctionDef"]


def test_every_identifier_is_positional() -> None:
    names = {node.id for node in ast.walk(ast.parse(Reference(evil_pack()).source)) if isinstance(node, ast.Name)}
    assert names <= {
        *("values", "parameters", "get", "unknown", "float", "Outcome", "tuple", "compress"),
        *("v0", "v1", "p0", "r0", "r1", "r2", "a0", "a1", "a2", "s0"),
    }


def test_the_source_reads_as_the_rules_do() -> None:
    rules = [rule("severity", ir.All((compare("phq9.latest", ">=", "phq9.cut"), equals("responder", True))))]
    source = Reference(packs.pack(rules)).source
    assert "v0 = get('phq9.latest', unknown)" in source
    assert "p0 = parameters['phq9.cut']" in source
    assert (
        "    # 'severity'\n"
        "    r0 = (True if v0 >= p0 and v1 == True\n"
        "        else False if v0 < p0 or (v1 is not unknown and v1 != True)\n"
        "        else None)\n"
    ) in source


def test_an_atom_drawn_in_two_strata_stays_drawn() -> None:
    rules = [
        rule("first", compare("x", ">=", "cut"), atom="sign"),
        rule("finding", compare("y", ">=", "cut")),
        rule("second", drawn("finding"), atom="sign"),
        rule("act", drawn("sign")),
    ]
    pack = packs.pack(rules, lookback=["act"])
    for values in ({"x": 1, "y": 0}, {"x": 0, "y": 1}, {"x": 0, "y": 0}):
        outcome = Reference(pack).evaluate(values, {"cut": 1})
        assert outcome == evaluate_slowly(pack, values, {"cut": 1})
        assert outcome.truths[3] is any(values.values())
        assert Reference(pack).lost(values, {"cut": 1}) is any(values.values())


def test_without_a_lookback_nothing_is_lost() -> None:
    assert Reference(packs.pack([rule("a", ir.All(()))])).lost({}, {}) is False


@pytest.mark.parametrize("seed", range(150))
def test_every_function_agrees_with_the_definitions(seed: int) -> None:
    rng = random.Random(seed)
    pack = invent_pack(rng, layers=5, width=6)
    reference = Reference(pack)
    for _ in range(10):
        values, parameters = invent_values(rng, pack), invent_parameters(rng, pack)
        outcome = evaluate_slowly(pack, values, parameters)
        everything = drawn_in(pack, outcome)
        own = tuple(dict.fromkeys(r.atom for r in pack.rules if r.table is None and r.atom in everything))
        assert reference.evaluate(values, parameters) == outcome
        assert reference.conclude(values, parameters) == {"states": outcome.states, "drawn": own}
        assert pack.lookback is not None
        assert reference.lost(values, parameters) is not everything.isdisjoint(pack.lookback.atoms)

"""What is shown beside a rule is what the rule meant: the same truth as the definition, clause by clause."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st

from boosterwatch.engine.chain.truth import drawn_in, evaluate_slowly
from boosterwatch.engine.chain.truth import truth_of as meaning
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.decide.clauses import Vocabulary, clauses_of, place
from boosterwatch.engine.decide.inputs import Wiring
from boosterwatch.engine.decide.near import stopping_clause
from boosterwatch.engine.decide.readings import distance, read, support, truth_of
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.decide.made_up import DAY, PACK, decided, measured
from boosterwatch.tests.decide.parts import against, compare, drawn, equals, here, known

CHOSEN = values_in_force(PACK, DAY)
NUMBERS = {name: one.value for name, one in CHOSEN.items()}
WORDS = Vocabulary(PACK)

OPS: st.SearchStrategy[ir.Op] = st.sampled_from([">=", "<=", ">", "<"])
LEAVES: st.SearchStrategy[ir.Condition] = st.one_of(
    st.builds(lambda op: compare("glim.change", op, "glim.delta"), OPS),
    st.builds(lambda op: compare("glim.change", op, "lost_share", "glim.delta"), OPS),
    st.builds(lambda op: compare("glim.lost", op, "lost_share"), OPS),
    st.builds(lambda op: against("glim.latest_date", op, "last_infusion"), OPS),
    st.builds(lambda no: equals("colour", "red", negated=no), st.booleans()),
    st.just(equals("colour", "red", negated=True, recorded=True)),
    st.builds(lambda yes: equals("asked", yes), st.booleans()),
    st.builds(lambda yes: known("glim.lost", is_known=yes), st.booleans()),
    st.sampled_from([drawn(atom) for atom in ("glim=probable", "gloom=absent", "hold:red", "finding:nobody")]),
    st.just(ir.AtLeast("needed", ("source:glim", "source:zorp", "hold:red"), "at least needed", here(1))),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(ir.Not, inner),
        st.builds(ir.All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(ir.Any, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
PATIENTS = st.fixed_dictionaries(
    {
        "glim.change": st.none() | st.integers(3, 7),
        "glim.lost": st.none() | st.sampled_from([0.0, 0.4, 0.5, 0.6, 1.0]),
        "glim.latest_date": st.none() | st.integers(DAY - 59, DAY - 55),
        "colour": st.none() | st.sampled_from(["red", "deep_blue"]),
        "asked": st.none() | st.booleans(),
    }
)


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, PATIENTS)
def test_shown_truths_are_the_meaning(condition: ir.Condition, patient: dict[str, Scalar | None]) -> None:
    measures = measured(patient)
    outcome = evaluate_slowly(PACK, measures.values, NUMBERS)
    atoms = drawn_in(PACK, outcome)
    inputs, _ = Wiring(PACK).gather(measures, outcome)
    tree = place(condition, WORDS)
    tests = list(clauses_of(tree))
    readings = [read(test, inputs, CHOSEN) for test in tests]
    for test, reading in zip(tests, readings, strict=True):
        plain = ir.Not(test.node) if test.negated else test.node
        assert reading.truth is meaning(plain, measures.values, NUMBERS, atoms)
        assert (distance(test, reading) or 0) >= 0
    truth = meaning(condition, measures.values, NUMBERS, atoms)
    assert truth_of(tree, readings) is truth
    if truth:
        assert all(readings[test.at].truth for test in support(tree, readings))
    elif tests:
        stopped = stopping_clause(tree, readings)
        assert stopped is None or readings[stopped.at].truth is not True


@settings(max_examples=60, deadline=None)
@given(PATIENTS)
def test_clauses_of_a_told_rule_make_it_true(patient: dict[str, Scalar | None]) -> None:
    decision = decided(measured(patient))
    rules = {rule.id: rule for rule in PACK.rules}
    for row in decision.trace:
        tree = place(rules[row.rule].when, WORDS)
        assert len(row.clauses) == len(list(clauses_of(tree)))
    for miss in decision.not_fired:
        assert miss.truth is not True
        assert miss.clause


def test_threads_share_what_is_kept() -> None:
    changes: list[dict[str, Scalar | None]] = [{"glim.change": n % 9, "days_since": n} for n in range(200)]
    alone = [to_json_bytes(decided(measured(change))) for change in changes]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda change: to_json_bytes(decided(measured(change))), changes))
    assert together == alone

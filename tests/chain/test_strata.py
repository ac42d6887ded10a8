"""Strata, loops and slices from dependencies alone."""

from __future__ import annotations

import random

import pytest

from boosterwatch.engine.chain.conditions import atoms_read
from boosterwatch.engine.chain.strata import find_loop, restrict, slice_for, stratify
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain.packs import at_least, compare, drawn, rule, table
from boosterwatch.tests.chain.strategies import invent_pack

MEASURED = compare("phq9.latest", ">=", "phq9.cut")


def placed(strata: tuple[ir.Stratum, ...]) -> list[tuple[int, tuple[int, ...], tuple[str, ...]]]:
    return [(stratum.number, stratum.rules, stratum.tables) for stratum in strata]


def test_rules_without_atoms_share_the_first_stratum() -> None:
    assert placed(stratify([rule("a", MEASURED), rule("b", MEASURED)], [])) == [(1, (0, 1), ())]


def test_a_pack_without_rules_has_no_strata() -> None:
    assert stratify([], []) == ()


def test_a_rule_waits_for_every_rule_that_draws_its_atom() -> None:
    rules = [
        rule("reader", drawn("sign")),
        rule("early", MEASURED, atom="sign"),
        rule("late", drawn("early_finding"), atom="sign"),
        rule("finding", MEASURED, atom="early_finding"),
    ]
    assert placed(stratify(rules, [])) == [(1, (1, 3), ()), (2, (2,), ()), (3, (0,), ())]


def test_a_table_waits_for_its_last_row_and_readers_wait_for_the_table() -> None:
    rows = [
        rule("sleep_probable", drawn("finding"), table="sleep", state="probable"),
        rule("sleep_possible", MEASURED, table="sleep", state="possible"),
    ]
    rules = [*rows, rule("finding", MEASURED), rule("act", drawn("sleep=probable"))]
    strata = stratify(rules, [table("sleep", rows, "absent")])
    assert placed(strata) == [(1, (1, 2), ()), (2, (0,), ("sleep",)), (3, (3,), ())]


def test_the_state_that_no_row_gives_is_read_like_the_others() -> None:
    rows = [rule("sleep_possible", MEASURED, table="sleep", state="possible")]
    rules = [*rows, rule("well", drawn("sleep=absent"))]
    assert placed(stratify(rules, [table("sleep", rows, "absent")])) == [(1, (0,), ("sleep",)), (2, (1,), ())]


def test_the_own_atom_of_a_row_draws_nothing() -> None:
    rows = [rule("sleep_possible", MEASURED, atom="possible", table="sleep", state="possible")]
    rules = [*rows, rule("reader", drawn("possible"))]
    assert placed(stratify(rules, [table("sleep", rows, "absent")])) == [(1, (0, 1), ("sleep",))]


def test_an_atom_that_nobody_draws_holds_nothing_up() -> None:
    assert placed(stratify([rule("a", drawn("nobody"))], [])) == [(1, (0,), ())]


ROW = rule("sleep_possible", drawn("act"), table="sleep", state="possible")
LOOPS: list[tuple[str, list[ir.Rule], list[ir.Table], list[str]]] = [
    ("itself", [rule("a", drawn("a"))], [], ["a"]),
    ("two", [rule("a", drawn("b")), rule("b", drawn("a"))], [], ["a", "b"]),
    (
        "the shorter of two",
        [
            rule("a", drawn("b")),
            rule("b", drawn("c")),
            rule("c", ir.Not(at_least("two", "a", "d"))),
            rule("d", drawn("c")),
        ],
        [],
        ["c", "d"],
    ),
    (
        "through a table",
        [ROW, rule("act", drawn("sleep=possible"))],
        [table("sleep", [ROW], "absent")],
        ["sleep_possible", "act", "sleep"],
    ),
]


@pytest.mark.parametrize(("rules", "tables", "loop"), [row[1:] for row in LOOPS], ids=[row[0] for row in LOOPS])
def test_a_loop_is_found_and_refused(rules: list[ir.Rule], tables: list[ir.Table], loop: list[str]) -> None:
    assert find_loop(rules, tables) == loop
    with pytest.raises(ValueError, match="wait for each other"):
        stratify(rules, tables)


def test_what_only_waits_for_a_loop_is_not_part_of_it() -> None:
    rules = [rule("victim", drawn("a")), rule("a", drawn("b")), rule("b", drawn("a"))]
    assert find_loop(rules, []) == ["a", "b"]


def test_a_slice_is_what_can_draw_the_atoms_and_nothing_else() -> None:
    rows = [
        rule("sleep_probable", drawn("finding"), table="sleep", state="probable"),
        rule("sleep_possible", MEASURED, table="sleep", state="possible"),
    ]
    rules = [*rows, rule("finding", MEASURED), rule("other", MEASURED), rule("lost", drawn("sleep=probable"))]
    tables = [table("sleep", rows, "absent")]
    assert slice_for(rules, tables, ["lost"]) == (0, 1, 2, 4)
    assert slice_for(rules, tables, ["other"]) == (3,)
    assert slice_for(rules, tables, ["nobody"]) == ()
    cut = restrict(stratify(rules, tables), rules, tables, (2, 3))
    assert placed(cut) == [(1, (2, 3), ()), (2, (), ()), (3, (), ())]


@pytest.mark.parametrize("seed", range(60))
def test_every_input_comes_from_an_earlier_stratum(seed: int) -> None:
    pack = invent_pack(random.Random(seed), layers=5, width=6)
    assert find_loop(pack.rules, pack.tables) is None
    tables = {t.id: t for t in pack.tables}
    finished: set[str] = set()
    for stratum in pack.strata:
        for at in stratum.rules:
            read = set(atoms_read(pack.rules[at].when))
            assert read <= finished
            assert stratum.number == 1 or read, "it could have come earlier"
        later = {r.atom for s in pack.strata if s.number > stratum.number for r in rules_of(pack, s)}
        finished |= {r.atom for r in rules_of(pack, stratum)} - later
        finished |= {f"{id_}={state}" for id_ in stratum.tables for state in tables[id_].states}


def rules_of(pack: ir.Pack, stratum: ir.Stratum) -> list[ir.Rule]:
    return [pack.rules[at] for at in stratum.rules if pack.rules[at].table is None]

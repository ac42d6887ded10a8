"""The columns of rules against the definition of an outcome: on made-up packs, and on patients measured row by row."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ibis.backends import BaseBackend

from boosterwatch.engine.chain.conditions import measures_read
from boosterwatch.engine.chain.strata import restrict, table_atom
from boosterwatch.engine.chain.truth import drawn_in, evaluate_slowly
from boosterwatch.engine.cohort.columns.conditions import Scene
from boosterwatch.engine.cohort.columns.outcome import rows_of
from boosterwatch.engine.cohort.columns.prospects import Prospects
from boosterwatch.engine.cohort.columns.rules import Concluded, conclude, drawn_any
from boosterwatch.engine.cohort.names import measure_column, parameter_column
from boosterwatch.engine.cohort.run.duck import DuckStage
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.model import Scalar
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain.strategies import CATEGORIES, TRUTHS, invent_pack, invent_parameters, invent_values
from boosterwatch.tests.cohort.wide import Patient, measured, parameters_of, random_records, wide_table
from boosterwatch.tests.packs.files import default_pack

AS_OF = date(2026, 3, 14).toordinal()


@pytest.fixture(scope="module")
def patients() -> list[Patient]:
    return measured(default_pack(), random_records(300, seed=71))


def told(found: Concluded, key: str) -> list[tuple[list[bool], list[int]]]:
    """Return, in the order of `key`, the truths of all rules and the winning row of each table."""
    pack = found.pack
    columns = {f"r{at}": found.rule(at) for at in range(len(pack.rules))}
    columns |= {f"t{at}": found.winner(at) for at in range(len(pack.tables))}
    asked = {name: one for name, one in columns.items() if not isinstance(one, int)}
    fixed = {name: one for name, one in columns.items() if isinstance(one, int)}
    rows = [row | fixed for row in found.table.select(key, **asked).order_by(key).to_pyarrow().to_pylist()]
    return [
        ([row[f"r{at}"] for at in range(len(pack.rules))], [row[f"t{at}"] for at in range(len(pack.tables))])
        for row in rows
    ]


def wanted(
    pack: ir.Pack, values: dict[str, Scalar], parameters: dict[str, int | float]
) -> tuple[list[bool], list[int]]:
    outcome = evaluate_slowly(pack, values, parameters)
    true = [truth is True for truth in outcome.truths]
    winners = [next((n for n, at in enumerate(rows_of(pack, one)) if true[at]), len(one.rows)) for one in pack.tables]
    return true, winners


# ---------------------------------------------------------------- measured patients


def test_every_rule_is_true_where_the_row_engine_says_so(
    patients: list[Patient], con: BaseBackend, tmp_path: Path
) -> None:
    pack = default_pack().ir
    parameters = parameters_of(default_pack(), patients, AS_OF)
    found = conclude(
        pack, wide_table(con, pack, patients, parameters, tmp_path), parameters, DuckStage(con), carry=["pid"]
    )
    assert len(parameters.own) > 3
    for patient, row in zip(patients, told(found, "pid"), strict=True):
        assert row == wanted(pack, dict(patient.measures.values), patient.parameters), patient.name


def test_a_slice_of_the_rules_finds_what_looking_back_asks(
    patients: list[Patient], con: BaseBackend, tmp_path: Path
) -> None:
    pack, lookback = default_pack().ir, default_pack().ir.lookback
    assert lookback is not None
    parameters = parameters_of(default_pack(), patients, AS_OF)
    table = wide_table(con, pack, patients, parameters, tmp_path)
    found = conclude(pack, table, parameters, DuckStage(con), positions=lookback.rules, carry=["pid"])
    lost = found.table.select("pid", lost=drawn_any(found, lookback.atoms, lookback.rules)).order_by("pid").to_pyarrow()
    ask = default_pack().evaluators.reference.lost
    answers = [ask(one.measures.values, one.parameters) for one in patients]
    assert lost["lost"].to_pylist() == answers
    assert 20 < sum(answers) < 200
    assert set(found.table.columns) & set(table.columns) == {"pid"}  # nothing else is carried to the end


def test_what_is_fixed_for_everybody_is_decided_before_any_patient(
    patients: list[Patient], con: BaseBackend, tmp_path: Path
) -> None:
    pack = default_pack().ir
    parameters = parameters_of(default_pack(), patients, AS_OF)
    nobody = {one.name for one in pack.measures if one.scale in ("isi", "wsas", "pss10")}
    fixed: dict[str, Scalar | None] = {name: False if name.endswith(".assessable") else None for name in nobody}
    fixed |= {name: "missing" for name in nobody if name.endswith(".reason")}
    table = wide_table(con, pack, patients, parameters, tmp_path).drop(*map(measure_column, nobody))
    found = conclude(pack, table, parameters, DuckStage(con), fixed=fixed, carry=["pid"])
    assert sum(rule.subject in ("isi", "wsas", "pss10") for at, rule in enumerate(pack.rules) if at in found.rules) > 8
    for patient, row in zip(patients, told(found, "pid"), strict=True):
        values = {name: value for name, value in patient.measures.values.items() if name not in nobody}
        values |= {name: value for name, value in fixed.items() if value is not None}
        assert row == wanted(pack, values, patient.parameters), patient.name


# ---------------------------------------------------------------- made-up packs


@pytest.mark.parametrize("seed", range(8))
def test_made_up_packs_conclude_the_same(seed: int, con: BaseBackend, tmp_path: Path) -> None:
    rng = random.Random(seed)
    pack = invent_pack(rng, layers=4, width=6)
    usual = invent_parameters(rng, pack)
    own = {name for name in usual if rng.random() < 0.4}
    people = [(invent_values(rng, pack), usual | drawn_from(rng, own, pack)) for _ in range(60)]
    found = conclude(
        pack, table_of(con, pack, people, own, tmp_path), Parameters(usual, own), DuckStage(con), carry=["row"]
    )
    for row, (values, parameters) in zip(told(found, "row"), people, strict=True):
        assert row == wanted(pack, values, parameters)


def test_any_of_some_atoms_is_drawn_by_rules_and_by_tables(con: BaseBackend, tmp_path: Path) -> None:
    rng = random.Random(99)
    pack = invent_pack(rng, layers=3, width=6)
    usual = invent_parameters(rng, pack)
    people = [(invent_values(rng, pack), usual) for _ in range(60)]
    parameters = Parameters(usual, set())
    everything = range(len(pack.rules))
    found = conclude(pack, table_of(con, pack, people, set(), tmp_path), parameters, DuckStage(con), carry=["row"])
    atoms = {atom: drawn_any(found, [atom], everything) for atom in [*atoms_of(pack), "never"]}
    asked = {f"a{n}": one for n, one in enumerate(atoms.values()) if not isinstance(one, bool)}
    rows = found.table.select("row", **asked).order_by("row").to_pyarrow().to_pylist()
    for row, (values, numbers) in zip(rows, people, strict=True):
        drawn = drawn_in(pack, evaluate_slowly(pack, values, numbers))
        for n, (atom, one) in enumerate(atoms.items()):
            assert (one if isinstance(one, bool) else row[f"a{n}"]) is (atom in drawn), atom
    assert restrict(pack.strata, pack.rules, pack.tables, everything) == pack.strata


@pytest.mark.parametrize("seed", range(6))
def test_what_may_not_be_drawn_is_not(seed: int, con: BaseBackend, tmp_path: Path) -> None:
    rng = random.Random(1000 + seed)
    pack = invent_pack(rng, layers=3, width=6)
    usual = invent_parameters(rng, pack)
    own = {name for name in usual if rng.random() < 0.3}
    people = [(invent_values(rng, pack), usual | drawn_from(rng, own, pack)) for _ in range(60)]
    table = table_of(con, pack, people, own, tmp_path)
    names = sorted({name for rule in pack.rules for name in measures_read(rule.when)})
    scene = Scene(table, Parameters(usual, own), {}, lambda _: False)
    everything = range(len(pack.rules))
    answers = []
    for known in (set(names), {name for name in names if rng.random() < 0.5}, set()):
        prospects = Prospects(pack, everything, scene, known)
        may = {atom: prospects.may_draw(atom) for atom in atoms_of(pack)}
        asked = {f"a{n}": ibis.literal(one) if isinstance(one, bool) else one for n, one in enumerate(may.values())}
        rows = table.select("row", **asked).order_by("row").to_pyarrow().to_pylist()
        for row, (values, numbers) in zip(rows, people, strict=True):
            drawn = drawn_in(pack, evaluate_slowly(pack, values, numbers))
            hoped = {atom for n, atom in enumerate(may) if row[f"a{n}"]}
            assert drawn <= hoped
        answers.append(sum(row[f"a{n}"] for row in rows for n in range(len(may))))
    assert answers == sorted(answers)  # who knows more hopes for less


def atoms_of(pack: ir.Pack) -> list[str]:
    """Return every conclusion that a pack can draw."""
    plain = [rule.atom for rule in pack.rules if rule.table is None]
    states = [table_atom(table.id, state) for table in pack.tables for state in (*table.states, table.otherwise)]
    return list(dict.fromkeys([*plain, *states]))


def drawn_from(rng: random.Random, own: set[str], pack: ir.Pack) -> dict[str, int | float]:
    other = invent_parameters(rng, pack)
    return {name: other[name] for name in own}


def table_of(con: BaseBackend, pack: ir.Pack, people: list[Any], own: set[str], folder: Path) -> Any:
    """Return the values and own parameters of people as a table."""
    names = sorted({name for rule in pack.rules for name in measures_read(rule.when)})
    kinds = {name: pa.string() for name in CATEGORIES} | dict.fromkeys(TRUTHS, pa.bool_())
    schema = pa.schema(
        {"row": pa.int64()}
        | {measure_column(name): kinds.get(name, pa.float64()) for name in names}
        | {parameter_column(name): pa.float64() for name in sorted(own)}
    )
    rows = [
        {"row": row}
        | {measure_column(name): value for name, value in values.items()}
        | {parameter_column(name): float(numbers[name]) for name in own}
        for row, (values, numbers) in enumerate(people)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "people.parquet")
    return con.read_parquet(folder / "people.parquet")


def test_rules_left_out_by_a_site_are_nowhere(patients: list[Patient], con: BaseBackend, tmp_path: Path) -> None:
    pack = default_pack().ir
    cautions = [at for at, rule in enumerate(pack.rules) if rule.kind == "caution"]
    gone = replace(pack, rules=tuple(replace(r, when=ir.Any(())) if r.kind == "caution" else r for r in pack.rules))
    parameters = parameters_of(default_pack(), patients, AS_OF)
    table = wide_table(con, pack, patients, parameters, tmp_path)
    found = conclude(gone, table, parameters, DuckStage(con), carry=["pid"])
    assert {at: found.rules[at] for at in cautions} == dict.fromkeys(cautions, False)

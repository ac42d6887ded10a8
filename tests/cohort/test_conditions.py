"""Conditions as columns against the definition of a condition, on made-up conditions and every mixture of unknowns."""

from __future__ import annotations

import random
from itertools import product
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine import model
from boosterwatch.engine.chain import truth as plain
from boosterwatch.engine.cohort.columns.conditions import Scene, Truth, is_true, joined, opposite, truth_of
from boosterwatch.engine.cohort.values import Parameters
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir

HERE = Span("rules.yaml", 1, 1)
NUMBERS, WORDS, TRUTHS = ("a.x", "b"), ("word",), ("fact",)
DOMAINS: dict[str, tuple[model.Scalar | None, ...]] = {
    "a.x": (None, 0, 2, 2.5),
    "b": (None, 2, 3),
    "word": (None, "red", "blue"),
    "fact": (None, True, False),
}
USUAL: dict[str, int | float] = {"two": 2, "half": 0.5, "five": 5}
OWN = {"five": (1.0, 4.0)}
ATOMS = ("drawn", "not_drawn", "colour=red")


def leaf(rng: random.Random) -> ir.Condition:
    """Return one clause."""
    kind = rng.randrange(5)
    test: ir.Compare | ir.Equals | ir.Known | ir.Drawn
    if kind < 2:
        sides: list[ir.Right] = [
            ir.Right("parameter", (rng.choice(("two", "half", "five")),)),
            ir.Right("product", (rng.choice(("half", "five")), "five")),
            ir.Right("measure", (rng.choice(NUMBERS),)),
        ]
        ops: tuple[ir.Op, ...] = (">=", "<=", ">", "<")
        test = ir.Compare(rng.choice(NUMBERS), rng.choice(ops), rng.choice(sides))
    elif kind == 2:
        negated = rng.random() < 0.5
        recorded = negated and rng.random() < 0.5
        choice: tuple[str, str | bool] = rng.choice(
            (("word", "red"), ("word", "green"), ("fact", True), ("fact", False))
        )
        test = ir.Equals(*choice, negated=negated, recorded=recorded)
    elif kind == 3:
        test = ir.Known(rng.choice(tuple(DOMAINS)), rng.random() < 0.5)
    else:
        test = ir.Drawn(rng.choice((*ATOMS, "never")))
    return ir.Leaf(test, "", HERE)


def condition(rng: random.Random, depth: int = 3) -> ir.Condition:
    """Return a made-up condition."""
    kind = rng.randrange(6) if depth else 0
    if kind < 2:
        return leaf(rng)
    if kind == 2:
        return ir.Not(condition(rng, depth - 1))
    if kind == 3 and rng.random() < 0.4:
        return ir.AtLeast("two", tuple(rng.choice(ATOMS) for _ in range(3)), "", HERE)
    parts = tuple(condition(rng, depth - 1) for _ in range(rng.randrange(4)))
    return ir.All(parts) if kind % 2 else ir.Any(parts)


def all_rows() -> list[dict[str, Any]]:
    """Return every mixture of values, each with parameters and conclusions of its own."""
    rng = random.Random(5)
    return [
        dict(zip(DOMAINS, values, strict=True))
        | {atom: rng.random() < 0.5 for atom in ATOMS}
        | {"five": rng.choice(OWN["five"]), "row": number}
        for number, values in enumerate(product(*DOMAINS.values()))
    ]


def table_of(con: BaseBackend, rows: list[dict[str, Any]], folder: Path) -> Table:
    named = {"a.x": "a__x", "five": "p__five", "colour=red": "colour"}
    plain_rows = [{named.get(name, name): value for name, value in row.items()} for row in rows]
    kinds = {"a__x": pa.float64(), "b": pa.float64(), "word": pa.string(), "p__five": pa.float64(), "row": pa.int64()}
    schema = pa.schema({name: kinds.get(name, pa.bool_()) for name in plain_rows[0]})
    pq.write_table(pa.Table.from_pylist(plain_rows, schema=schema), folder / "rows.parquet")
    return con.read_parquet(folder / "rows.parquet")


def scene_of(table: Table, fixed: dict[str, model.Scalar | None]) -> Scene:
    columns = {"drawn": table.drawn, "not_drawn": table.not_drawn, "colour=red": table.colour}
    return Scene(table, Parameters(USUAL, {"five"}), fixed, lambda atom: columns.get(atom, False))


def wanted(one: ir.Condition, row: dict[str, Any]) -> model.Truth:
    values = {name: row[name] for name in DOMAINS if row[name] is not None}
    drawn = {atom for atom in ATOMS if row[atom]}
    return plain.truth_of(one, values, {**USUAL, "five": row["five"]}, drawn)


@pytest.mark.parametrize("fixed", [{}, {"a.x": 2.5}, {"b": None, "word": "red"}, {"fact": False, "a.x": None, "b": 3}])
def test_a_condition_means_in_columns_what_it_means_in_rows(
    con: BaseBackend, tmp_path: Path, fixed: dict[str, model.Scalar | None]
) -> None:
    rng = random.Random(len(fixed))
    conditions = [condition(rng) for _ in range(120)]
    rows = all_rows()
    scene = scene_of(table_of(con, rows, tmp_path), fixed)
    found: dict[str, Truth] = {f"c{n}": truth_of(one, scene) for n, one in enumerate(conditions)}
    columns = {
        name: ibis.literal(one, type="boolean") if one is None or isinstance(one, bool) else one
        for name, one in found.items()
    }
    told = scene.table.select("row", **columns).order_by("row").to_pyarrow().to_pylist()
    for row, answer in zip(rows, told, strict=True):
        seen = {**row, **fixed}
        assert [answer[f"c{n}"] for n in range(len(conditions))] == [wanted(one, seen) for one in conditions], seen


def test_what_is_the_same_everywhere_is_not_asked() -> None:
    scene = Scene(
        ibis.table({"row": "int64"}, name="t"), Parameters(USUAL, set()), {"a.x": 2, "b": None}, lambda _: False
    )
    low = ir.Leaf(ir.Compare("a.x", ">=", ir.Right("parameter", ("two",))), "", HERE)
    unknown = ir.Leaf(ir.Compare("b", ">=", ir.Right("parameter", ("two",))), "", HERE)
    assert truth_of(low, scene) is True
    assert truth_of(unknown, scene) is None
    assert truth_of(ir.All((low, unknown)), scene) is None
    assert truth_of(ir.Any((low, unknown)), scene) is True
    assert truth_of(ir.Any(()), scene) is False
    assert truth_of(ir.AtLeast("two", ("x", "y"), "", HERE), scene) is False
    assert is_true(None) is False
    assert opposite(None) is None
    assert joined([False, None], decisive=True) is None


def test_a_field_of_a_fact_is_no_side_of_a_rule() -> None:
    scene = Scene(ibis.table({"a__x": "float64"}, name="t"), Parameters(USUAL, set()), {}, lambda _: False)
    with pytest.raises(ValueError, match="a rule cannot compare with a field"):
        truth_of(ir.Leaf(ir.Compare("a.x", ">=", ir.Right("field", ("value",))), "", HERE), scene)

"""What is changed, and how it is said."""

from __future__ import annotations

from collections import Counter

from boosterwatch.engine.author.mutate.conditions import variants
from boosterwatch.engine.author.rehearse.steps import steps_of
from boosterwatch.engine.diagnostics import Span
from boosterwatch.engine.pack import ir
from boosterwatch.tests.author.mutate.stage import mutants, opened

SPAN = Span("rules.yaml", 3, 5, 7)


def _leaf(left: str, op: ir.Op) -> ir.Leaf:
    return ir.Leaf(ir.Compare(left, op, ir.Right("parameter", ("limit",))), f"{left} {op} limit", SPAN)


def test_a_comparison_alone() -> None:
    told = [(one.kind, one.place, one.says) for one in variants(_leaf("a", ">="))]
    assert told == [
        ("drop", "1", "`a >= limit` is left out"),
        ("strict", "1", "`a >= limit` is read with `>`"),
        ("turn", "1", "`a >= limit` is read with `<=`"),
        ("negate", "1", "`a >= limit` is turned into its opposite"),
    ]


def test_every_part_of_a_list_is_left_out_and_changed_in_its_place() -> None:
    first, second = _leaf("a", "<"), ir.Leaf(ir.Drawn("b"), "b", SPAN)
    found = list(variants(ir.All((first, ir.Not(second)))))
    assert [(one.kind, one.place) for one in found] == [
        ("drop", "1.1"), ("strict", "1.1"), ("turn", "1.1"), ("negate", "1.1"), ("drop", "1.2"), ("negate", "1.2"),
    ]  # fmt: skip
    assert found[0].condition == ir.All((ir.Not(second),))
    strict = ir.Leaf(ir.Compare("a", "<=", ir.Right("parameter", ("limit",))), "a < limit", SPAN)
    assert found[1].condition == ir.All((strict, ir.Not(second)))
    assert found[-1].condition == ir.All((first, ir.Not(ir.Not(second))))


def test_a_count_loses_its_conclusions_one_by_one() -> None:
    found = list(variants(ir.AtLeast("n", ("x", "y"), "n of x, y", SPAN)))
    assert [one.says for one in found] == [
        "`n of x, y` is left out", "`n of x, y` is turned into its opposite", "`x` does not count", "`y` does not count",
    ]  # fmt: skip


def test_the_default_pack_is_changed_in_every_way() -> None:
    counts = Counter(mutant.kind for mutant in mutants())
    pack = opened().pack
    assert pack is not None
    assert counts["shift"] == 2 * len(pack.parameters)
    assert set(counts) == {"shift", "strict", "turn", "negate", "drop", "swap"}
    assert len({mutant.name for mutant in mutants()}) == len(mutants())


def test_steps_are_those_of_the_unit() -> None:
    pack = opened().pack
    assert pack is not None
    steps = steps_of(pack)
    units = {one.unit: steps[one.name] for one in pack.parameters}
    assert units == {"points": 1, "days": 1, "count": 1, "years": 1, "mmHg": 1, "fraction": 0.05, "times": 0.1}

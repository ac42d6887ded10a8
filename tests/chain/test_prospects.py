"""Decisive atoms: without them a lookback can stop early, and never wrongly."""

from __future__ import annotations

import pytest

from boosterwatch.engine.chain.durable import Durable
from boosterwatch.engine.chain.prospects import counts_read, decisive_atoms
from boosterwatch.engine.chain.rulesets import Rulesets
from boosterwatch.engine.chain.truth import drawn_in, evaluate_slowly
from boosterwatch.engine.pack import ir
from boosterwatch.tests.chain import packs
from boosterwatch.tests.chain.library import needs_durable_rules
from boosterwatch.tests.chain.packs import at_least, compare, drawn, rule


def decisive(pack: ir.Pack) -> tuple[frozenset[str] | None, ...]:
    assert pack.lookback is not None
    return decisive_atoms(pack, pack.lookback)


HIGH = compare("phq9.latest", ">=", "cut")


def test_only_what_a_lookback_cannot_do_without_is_decisive() -> None:
    rules = [
        rule("fresh", compare("age", "<=", "window")),
        rule("high", HIGH),
        rule("probable", ir.All((drawn("fresh"), drawn("high")))),
        rule("lost", ir.Any((drawn("probable"), ir.All((drawn("high"), compare("gain", "<", "half")))))),
    ]
    assert decisive(packs.pack(rules, lookback=["lost"])) == (
        frozenset({"high"}),
        frozenset({"high", "probable"}),
        frozenset({"lost"}),
    )


def test_nothing_is_decisive_where_a_measure_alone_can_do_it() -> None:
    rules = [rule("high", HIGH), rule("lost", ir.Any((drawn("high"), ir.All((ir.Not(drawn("high")), HIGH)))))]
    assert decisive(packs.pack(rules, lookback=["lost"])) == (None, frozenset({"lost"}))


def test_a_table_is_never_taken_for_silent() -> None:
    row = rule("sleep_row", HIGH, table="sleep", state="probable")
    rules = [row, rule("lost", drawn("sleep=absent"))]
    pack = packs.pack(rules, [packs.table("sleep", [row], "absent")], ["lost"])
    assert decisive(pack) == (frozenset({"sleep=absent"}), frozenset({"lost"}))


COUNTED = [rule("high", HIGH), rule("lost", at_least("count", "high"))]


@needs_durable_rules
@pytest.mark.parametrize("count", [-1, 0, 0.5, 1, 2])
@pytest.mark.parametrize("score", [5, 15])
def test_a_count_of_nothing_is_not_stopped_early(count: float, score: int) -> None:
    pack = packs.pack(COUNTED, lookback=["lost"])
    assert pack.lookback is not None
    assert counts_read(pack, pack.lookback) == {"count"}
    parameters = {"cut": 10, "count": count}
    outcome = evaluate_slowly(pack, {"phq9.latest": score}, parameters)
    assert Durable(pack).lost({"phq9.latest": score}, parameters) is ("lost" in drawn_in(pack, outcome))


@needs_durable_rules
def test_quiet_dates_ask_one_ruleset_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    fire = Rulesets.fire

    def watched(self: Rulesets, number: int, fact: str) -> list[str]:
        asked.append(number)
        return fire(self, number, fact)

    monkeypatch.setattr(Rulesets, "fire", watched)
    pack = packs.pack([rule("high", HIGH), rule("lost", ir.All((drawn("high"), HIGH)))], lookback=["lost"])
    durable = Durable(pack)
    assert (durable.lost({"phq9.latest": 5}, {"cut": 10}), asked) == (False, [0])
    assert (durable.lost({"phq9.latest": 15}, {"cut": 10}), asked) == (True, [0, 0, 1])

"""What is proved to be the same is the same; what differs is never proved."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from boosterwatch.engine.author.mutate.same import Sameness
from boosterwatch.engine.author.rehearse import Change
from boosterwatch.engine.pack import ir
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.author.mutate.stage import mutants, opened, rehearsal


def _sameness() -> tuple[Sameness, ir.Pack]:
    pack = opened().pack
    assert pack is not None
    chosen = values_in_force(pack, date(2026, 6, 1).toordinal())
    return Sameness(pack, {name: choice.value for name, choice in chosen.items()}), pack


def test_a_lower_limit_below_a_higher_one_can_be_left_out() -> None:
    sameness, _ = _sameness()
    by_name = {mutant.name: mutant for mutant in mutants()}
    proved = by_name["isi_probable drop 1.2.1.2"]
    assert proved.says == "in isi_probable, `isi.latest >= isi.floor` is left out"
    assert sameness.same(proved.change)
    assert not sameness.same(by_name["isi_probable drop 1.2.2"].change)  # case level


def test_rows_that_exclude_each_other_may_change_places() -> None:
    sameness, pack = _sameness()
    table = next(one for one in pack.tables if one.id == "phq9_sleep")
    first, second = (next(rule for rule in pack.rules if rule.id == row) for row in table.rows)
    position = {rule.id: at for at, rule in enumerate(pack.rules)}
    exclusive = replace(second, when=ir.All((second.when, ir.Not(first.when))))
    swapped = replace(table, rows=table.rows[::-1])
    assert not sameness.same(Change(tables={table.id: swapped}))
    both = Sameness(
        replace(pack, rules=tuple(exclusive if rule.id == second.id else rule for rule in pack.rules)),
        {one.name: one.values[-1].value for one in pack.parameters},
    )
    assert position[first.id] != position[second.id]
    assert both.same(Change(tables={table.id: swapped}))


def test_what_a_case_notices_is_never_proved_the_same() -> None:
    sameness, _ = _sameness()
    stage = rehearsal(every=9)
    rules = [mutant for mutant in mutants() if mutant.change.rules or mutant.change.tables]
    for mutant in random.Random("same").sample(rules, 8):
        if next(stage.broken_by(mutant.change), None) is not None:
            assert not sameness.same(mutant.change), mutant.name

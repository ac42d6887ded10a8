"""Rules, clauses and branches: what was seen, and what a removed case leaves unseen."""

from __future__ import annotations

from boosterwatch.engine.author.coverage.seen import find_seen
from boosterwatch.engine.author.rehearse import Rehearsal
from boosterwatch.tests.author.mutate.stage import cases, opened, rehearsal


def test_every_rule_is_true_and_every_row_wins_in_some_case() -> None:
    seen = find_seen(rehearsal())
    assert [one.rule.id for one in seen if not one.true] == []
    assert [one.rule.id for one in seen if not one.won] == []


def test_clauses_are_told_by_what_they_were() -> None:
    pack = opened().pack
    assert pack is not None
    ids = ("isi_delta_below", "isi_delta_at", "success_no_score")
    seen = find_seen(Rehearsal(pack, [case for case in cases() if case.id in ids]))
    possible = next(one for one in seen if one.rule.id == "isi_possible")
    assert possible.true == ["isi_delta_at"]
    clause = next(one for one in possible.clauses if one.text == "isi.change_from_best >= isi.delta")
    assert clause.seen == {"true": 1, "false": 1, "unknown": 1}
    assert (clause.decisive, clause.holes) == (2, ())
    floor = next(one for one in possible.clauses if one.text == "isi.latest >= isi.floor")
    assert floor.holes == ("false",)

"""Pieces of facts: kept by value, but never without bound."""

from __future__ import annotations

import pytest

from boosterwatch.engine.chain.facts import Facts, Pieces
from boosterwatch.engine.chain.plan import Plan
from boosterwatch.engine.chain.properties import DurableError
from boosterwatch.tests.chain import packs
from boosterwatch.tests.chain.packs import compare, equals, rule


def test_pieces_of_a_property_stay_bounded() -> None:
    pieces = Pieces('"m1":')
    made = {number: pieces[number / 7] for number in range(5000)}
    assert len(pieces) <= Pieces.most
    assert all(pieces[number / 7] == made[number] for number in range(5000))


def test_what_is_refused_is_not_kept() -> None:
    pieces = Pieces('"m1":')
    with pytest.raises(DurableError):
        _ = pieces["12"]
    assert pieces == {}


def facts() -> Facts:
    rules = [rule("high", compare("x", ">=", "cut", "times")), rule("woman", equals("sex", "female"))]
    plan = Plan(packs.pack(rules), (0, 1), both_rails=True)
    return Facts(plan.properties, plan.chunks)


def test_heads_are_made_anew_only_for_other_parameters() -> None:
    made = facts()
    heads = made.heads({"cut": 10, "times": 2})
    assert made.heads({"times": 2.0, "cut": 10, "unread": 1}) is heads
    assert made.heads({"cut": 10, "times": 3}) != heads


def test_a_refused_parameter_leaves_the_old_heads() -> None:
    made = facts()
    heads = made.heads({"cut": 10, "times": 2})
    with pytest.raises(DurableError):
        made.heads({"cut": float("nan"), "times": 2})
    assert made.heads({"cut": 10, "times": 2}) == heads


def test_what_is_missing_has_no_piece() -> None:
    pieces, missing = facts().fill({"x": 1})
    assert missing == ["m3"]
    assert [piece for piece in pieces if "m3" in piece] == []

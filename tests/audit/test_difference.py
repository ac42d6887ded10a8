"""Differences of two documents: the place, both sides, and their kinds without a value."""

from __future__ import annotations

from typing import Any

import pytest

from boosterwatch.engine.audit.difference import ABSENT, Difference, differences


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, [("a", 1, 1.0)]),
        ({"a": 0}, {"a": False}, [("a", 0, False)]),
        ({"a": None}, {}, [("a", None, ABSENT)]),
        ({}, {"a": None}, [("a", ABSENT, None)]),
        ([1, 2], [1], [("[1]", 2, ABSENT)]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("a[0].b", 1, 2)]),
        ({"a": [1]}, {"a": {"0": 1}}, [("a", [1], {"0": 1})]),
        ("x", "y", [("", "x", "y")]),
        ("abc", "abd", [("", "abc", "abd")]),
    ],
)
def test_differences_name_the_place_and_both_sides(was: Any, now: Any, found: list[tuple[str, Any, Any]]) -> None:
    assert [(one.path, one.was, one.now) for one in differences(was, now)] == found


def test_kinds_quote_no_value() -> None:
    values = ["secret", 17.25, True, None, {"secret": 1}, ["secret"], ABSENT]
    said = {Difference("", was, now).kinds() for was in values for now in values}
    assert not any("secret" in text or "17" in text for text in said)
    assert Difference("", 1, 2).kinds() == "a number, now another"
    assert Difference("", 1, ABSENT).kinds() == "a number, now nothing"

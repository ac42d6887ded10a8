"""A decision written as JSON and read again is the same decision."""

import json
from typing import Any

import pytest

from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.diagnostics import RecordError
from boosterwatch.engine.explain.stored import is_decision, read_decision
from boosterwatch.tests.explain.decisions import RELAPSE, told


def as_data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(to_json_bytes(told(RELAPSE, "day 57")[1]))
    return data


def test_it_is_the_same_decision() -> None:
    data = as_data()
    again = read_decision(data)
    assert json.loads(to_json_bytes(again)) == data


def test_only_a_decision_names_its_schema() -> None:
    assert is_decision(as_data())
    assert not is_decision({"as_of": "2026-03-14"})
    assert not is_decision({"schema": "something else"})
    assert not is_decision([])


@pytest.mark.parametrize("key", ["pack", "signs", "trace", "as_of", "notices"])
def test_a_torn_one_is_refused(key: str) -> None:
    data = as_data()
    del data[key]
    with pytest.raises(RecordError, match="BW407"):
        read_decision(data)

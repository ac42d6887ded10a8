"""A stand-in for durable_rules in plain Python that accepts only the safe subset, and fails loudly outside it.

With it, tests see that every ruleset and fact stays inside the subset, also where the real library does not build; and
that the real library answers as its JSON reads.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field

import orjson

Fact = dict[str, int]
Test = dict[str, object]

COMPARE: dict[str, Callable[[int, int], bool]] = {
    "$gte": operator.ge,
    "$lte": operator.le,
    "$gt": operator.gt,
    "$lt": operator.lt,
    "$neq": operator.ne,
}


@dataclass
class _Ruleset:
    rules: dict[str, list[Test]]
    stored: bool = False
    waiting: list[str] = field(default_factory=list)
    fired_once: bool = False


class StrictLibrary:
    """The functions of the C extension that are used, with every promise checked."""

    def __init__(self) -> None:
        self.rulesets: dict[int, _Ruleset] = {}
        self.made = 0

    def create_ruleset(self, name: str, rules: str) -> int:
        parsed = {id_: _tests(rule) for id_, rule in orjson.loads(rules).items()}
        assert len(parsed) <= 60
        assert len({name for tests in parsed.values() for name in names_in(tests)}) <= 240
        self.made += 1
        self.rulesets[self.made] = _Ruleset(parsed)
        return self.made

    def delete_ruleset(self, handle: int) -> None:
        del self.rulesets[handle]

    def delete_state(self, handle: int, sid: str) -> None:
        assert self.rulesets[handle].fired_once, "an unfired session frees garbage"

    def assert_fact(self, handle: int, fact: str) -> tuple[int, int]:
        ruleset = self.rulesets[handle]
        assert not ruleset.stored, "the last fact was not retracted"
        properties = _properties(fact)
        fired = [id_ for id_, tests in ruleset.rules.items() if _holds(tests, properties)]
        ruleset.waiting = [f'{{"{id_}":{{"m":{fact}}}}}' for id_ in fired]
        ruleset.stored = bool(fired)
        return (0 if fired else 1), 1

    def retract_fact(self, handle: int, fact: str) -> tuple[int, int]:
        assert not self.rulesets[handle].waiting
        self.rulesets[handle].stored = False
        return 0, 1

    def start_action_for_state(self, handle: int, place: int) -> tuple[str, str] | None:
        message = self.complete_and_start_action(handle, place)
        return None if message is None else ("{}", message)

    def complete_and_start_action(self, handle: int, place: int) -> str | None:
        ruleset = self.rulesets[handle]
        ruleset.fired_once = True
        return ruleset.waiting.pop(0) if ruleset.waiting else None


def _tests(rule: dict[str, list[dict[str, Test]]]) -> list[Test]:
    """Return the tests of a rule: one fact, one conjunction, no nesting."""
    assert rule.keys() == {"all"}
    (member,) = rule["all"]
    assert member.keys() == {"m"}
    condition = member["m"]
    tests = condition.get("$and", [condition])
    assert isinstance(tests, list)
    assert tests
    return tests


def names_in(tests: list[Test]) -> set[str]:
    """Return the properties that tests name, on either side."""
    found: set[str] = set()
    for test in tests:
        ((key, value),) = test.items()
        if not isinstance(value, dict):
            found.add(key)
            continue
        ((name, right),) = value.items()
        found |= {name, right["$m"]} if isinstance(right, dict) else {name}
    return found


def _properties(fact: str) -> Fact:
    """Return the properties of a fact: whole numbers of at most 64 bits, written as plain digits."""
    assert fact.endswith('"id":"f","sid":"s"}')
    assert re.fullmatch(r'\{("\w+":-?\d+,)*"id":"f","sid":"s"\}', fact)
    properties: Fact = orjson.loads(fact)
    del properties["id"], properties["sid"]
    assert len(properties) <= 240
    assert all(abs(value) < 2**63 for value in properties.values())
    return properties


def _holds(tests: list[Test], properties: Fact) -> bool:
    return all(_test_holds(test, properties) for test in tests)


def _test_holds(test: Test, properties: Fact) -> bool:
    ((key, value),) = test.items()
    if not key.startswith("$"):
        assert type(value) is int
        return properties.get(key) == value
    assert isinstance(value, dict)
    ((name, right),) = value.items()
    if name not in properties:
        return False
    if key == "$ex":
        return True
    if isinstance(right, dict):
        assert right["$m"] in properties, "a missing right side reads memory that nobody wrote"
        right = properties[right["$m"]]
    return COMPARE[key](properties[name], right)

"""Other rule engines on the same workload, driven as their own documents advise; imported only when asked for.

Both refuse or misread a comparison with a missing value, so every comparison says what a missing one means: not true.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from boosterwatch.tests.bench.engines import Answer, Engine
from boosterwatch.tests.chain.booster import DAYS_MIN, SIGNS, STALE, Patient, Test

FAR = 10_000  # stands for a missing value on the side where no comparison holds

# ---------------------------------------------------------------- zen-engine


def zen_expressions() -> Engine:
    """Return zen-engine's two compiled expressions: the list of six truths, then the recommendation."""
    import zen

    signs = zen.compile_expression(f"[{', '.join(_zen_sign(sign) for sign in SIGNS)}]")
    recommendation = zen.compile_expression(_zen_recommendation())

    def decide(patient: dict[str, Any]) -> Answer:
        truths: list[bool] = signs.evaluate(patient)
        found = tuple([sign for sign, truth in zip(SIGNS, truths, strict=True) if truth])
        context = {**patient, "severity": "severity" in found, "count": len(found)}
        return recommendation.evaluate(context), found

    return Engine(decide, lambda found: found)


def _zen_test(test: Test) -> str:
    name, op, threshold = test
    return f"({name} ?? {-FAR if op == '>=' else FAR}) {op} {threshold}"


def _zen_sign(sign: str) -> str:
    ways = " or ".join(f"({' and '.join(map(_zen_test, way))})" for way in SIGNS[sign])
    return f"responder == true and ({ways})"


def _zen_rows() -> list[tuple[str, str]]:
    enough = f"count >= 2 and {_zen_test(('days_since_infusion', '>=', DAYS_MIN))}"
    return [
        ("suicidality_flag == true", "urgent_safety_review"),
        ("uncontrolled_bp == true", "hold"),
        (f"severity or ({enough})", "booster_consult"),
        ("count >= 1", "check_in"),
        (f"(days_since_assessment ?? {FAR}) > {STALE}", "reassess"),
    ]


def _zen_recommendation() -> str:
    return " : ".join([*(f'{when} ? "{then}"' for when, then in _zen_rows()), '"continue"'])


def zen_graph() -> Engine:
    """Return a zen-engine decision graph: an expression node for the signs, then a first-match table."""
    import zen

    decision = zen.ZenEngine().create_decision(json.dumps(_graph()))

    def answer(response: dict[str, Any]) -> Answer:
        result = response["result"]
        return result["recommendation"], tuple(sign for sign in SIGNS if result[sign])

    return Engine(decision.evaluate, answer)


def _graph() -> dict[str, Any]:
    keys = {sign: _zen_sign(sign) for sign in SIGNS}
    keys["count"] = " + ".join(f"($.{sign} ? 1 : 0)" for sign in SIGNS)
    expressions = [{"id": key, "key": key, "value": value} for key, value in keys.items()]
    rows = [*_zen_rows(), ("true", "continue")]
    table = {
        "hitPolicy": "first",
        "passThrough": True,
        "inputs": [{"id": "when", "name": "when", "type": "expression"}],
        "outputs": [{"id": "then", "name": "then", "field": "recommendation", "type": "expression"}],
        "rules": [{"_id": then, "when": when, "then": f'"{then}"'} for when, then in rows],
    }
    nodes = [
        _node("in", "inputNode"),
        _node("signs", "expressionNode", {"expressions": expressions, "passThrough": True}),
        _node("table", "decisionTableNode", table),
        _node("out", "outputNode"),
    ]
    ids = [node["id"] for node in nodes]
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in pairwise(ids)]
    return {"nodes": nodes, "edges": edges}


def _node(id: str, type: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
    plain = {"id": id, "type": type, "name": id, "position": {"x": 0, "y": 0}}
    return plain if content is None else plain | {"content": content}


# ---------------------------------------------------------------- rule-engine


def rule_engine() -> Engine:
    """Return the rules of the `rule-engine` package: twelve for the signs, then five in order."""
    import rule_engine as library

    context = library.Context(default_value=None)
    gate = library.Rule("responder == true", context=context)
    signs = [
        (sign, [library.Rule(" and ".join(map(_guarded, way)), context=context) for way in ways])
        for sign, ways in SIGNS.items()
    ]
    rows = [(library.Rule(when, context=context), then) for when, then in _rule_engine_rows()]

    def decide(patient: Patient) -> Answer:
        found: tuple[str, ...] = ()
        if gate.matches(patient):
            found = tuple([sign for sign, ways in signs if any(way.matches(patient) for way in ways)])
        facts = {**patient, "severity": "severity" in found, "count": len(found)}
        return next((then for rule, then in rows if rule.matches(facts)), "continue"), found

    return Engine(decide, lambda found: found)


def _guarded(test: Test) -> str:
    name, op, threshold = test
    return f"{name} != null and {name} {op} {threshold}"


def _rule_engine_rows() -> list[tuple[str, str]]:
    enough = f"count >= 2 and {_guarded(('days_since_infusion', '>=', DAYS_MIN))}"
    return [
        ("suicidality_flag == true", "urgent_safety_review"),
        ("uncontrolled_bp == true", "hold"),
        (f"severity or ({enough})", "booster_consult"),
        ("count >= 1", "check_in"),
        (f"days_since_assessment == null or days_since_assessment > {STALE}", "reassess"),
    ]

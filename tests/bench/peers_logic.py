"""Expression languages on the same workload: JsonLogic and CEL, in C++ and in Rust; imported only when asked for.

As in `peers.py` there is one expression for the six signs and one for the recommendation, and every comparison says
what a missing value means: not true.
"""

from __future__ import annotations

from typing import Any

from boosterwatch.tests.bench.engines import Answer, Engine
from boosterwatch.tests.chain.booster import DAYS_MIN, SIGNS, STALE, Test

Logic = dict[str, Any]

# ---------------------------------------------------------------- JsonLogic


def json_logic() -> Engine:
    """Return panzi-json-logic: a list of six truths, then the recommendation."""
    from json_logic import jsonLogic

    signs = [_logic_sign(sign) for sign in SIGNS]
    recommendation = _logic_recommendation()

    def decide(patient: dict[str, Any]) -> Answer:
        truths: list[bool] = jsonLogic(signs, patient)
        found = tuple([sign for sign, truth in zip(SIGNS, truths, strict=True) if truth])
        facts = {**patient, "severity": "severity" in found, "count": len(found)}
        return jsonLogic(recommendation, facts), found

    return Engine(decide, lambda found: found)


def _logic_test(test: Test) -> Logic:
    name, op, threshold = test
    value = {"var": name}
    return {"and": [{"!==": [value, None]}, {op: [value, threshold]}]}


def _logic_sign(sign: str) -> Logic:
    ways = [{"and": [_logic_test(test) for test in way]} for way in SIGNS[sign]]
    return {"and": [{"===": [{"var": "responder"}, True]}, {"or": ways}]}


def _logic_recommendation() -> Logic:
    many = {"and": [{">=": [{"var": "count"}, 2]}, _logic_test(("days_since_infusion", ">=", DAYS_MIN))]}
    days = {"var": "days_since_assessment"}
    rows: list[Any] = [
        {"===": [{"var": "suicidality_flag"}, True]}, "urgent_safety_review",
        {"===": [{"var": "uncontrolled_bp"}, True]}, "hold",
        {"or": [{"var": "severity"}, many]}, "booster_consult",
        {">=": [{"var": "count"}, 1]}, "check_in",
        {"or": [{"===": [days, None]}, {">": [days, STALE]}]}, "reassess",
        "continue",
    ]  # fmt: skip
    return {"if": rows}


# ---------------------------------------------------------------- CEL


def cel_cpp() -> Engine:
    """Return CEL by its C++ implementation (cel-expr-python)."""
    from cel_expr_python import cel

    patient = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
    env = cel.NewEnv(variables={"p": patient, "severity": cel.Type.BOOL, "count": cel.Type.INT})
    signs, recommendation = env.compile(_cel_signs()), env.compile(_cel_recommendation())

    def decide(patient: dict[str, Any]) -> Answer:
        truths: list[bool] = signs.eval(data={"p": patient}).plain_value()
        found = tuple([sign for sign, truth in zip(SIGNS, truths, strict=True) if truth])
        facts = {"p": patient, "severity": "severity" in found, "count": len(found)}
        return recommendation.eval(data=facts).plain_value(), found

    return Engine(decide, lambda found: found)


def cel_rust() -> Engine:
    """Return CEL by its Rust implementation (common-expression-language)."""
    import cel

    signs, recommendation = cel.compile(_cel_signs()), cel.compile(_cel_recommendation())

    def decide(patient: dict[str, Any]) -> Answer:
        truths: list[bool] = signs.execute({"p": patient})
        found = tuple([sign for sign, truth in zip(SIGNS, truths, strict=True) if truth])
        facts = {"p": patient, "severity": "severity" in found, "count": len(found)}
        return recommendation.execute(facts), found

    return Engine(decide, lambda found: found)


def _cel_true(name: str) -> str:
    return f"(has(p.{name}) && p.{name} == true)"


def _cel_test(test: Test) -> str:
    name, op, threshold = test
    return f"(has(p.{name}) && p.{name} {op} {threshold})"


def _cel_signs() -> str:
    """Return the list of six truths."""
    signs = (" || ".join(f"({' && '.join(map(_cel_test, way))})" for way in ways) for ways in SIGNS.values())
    responder = _cel_true("responder")
    return f"[{', '.join(f'{responder} && ({sign})' for sign in signs)}]"


def _cel_recommendation() -> str:
    enough = f"count >= 2 && {_cel_test(('days_since_infusion', '>=', DAYS_MIN))}"
    rows = [
        (_cel_true("suicidality_flag"), "urgent_safety_review"),
        (_cel_true("uncontrolled_bp"), "hold"),
        (f"(severity || ({enough}))", "booster_consult"),
        ("count >= 1", "check_in"),
        (f"(!has(p.days_since_assessment) || p.days_since_assessment > {STALE})", "reassess"),
    ]
    return " : ".join([*(f"{when} ? '{then}'" for when, then in rows), "'continue'"])

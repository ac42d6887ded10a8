"""Engines that keep facts and fire rules, on the same workload; imported only when asked for.

Each draws the signs by rules of their own, then picks the recommendation by rules in order: by stopping at the first,
or by a salience and a rule that looks whether there is one already. A missing value is left out, or is far away on the
side where no comparison holds, as the library allows.
"""

from __future__ import annotations

import collections
import collections.abc
from collections.abc import Callable
from typing import Any

from boosterwatch.tests.bench.engines import Answer, Engine
from boosterwatch.tests.chain.booster import DAYS_MIN, NUMBERS, SIGNS, STALE, TRUTHS, Patient, Test

FAR = 10_000
LOW_IS_TRUE = ("motivation_change", "days_since_assessment")  # a missing one must be high
ORDER = ("urgent_safety_review", "hold", "booster_consult", "check_in", "reassess")


def _signs(drawn: Any) -> tuple[str, ...]:
    return tuple([sign for sign in SIGNS if sign in drawn])


# ---------------------------------------------------------------- business-rules


def business_rules() -> Engine:
    """Return the rules of the `business-rules` package: one for each sign, then five of which the first fires."""
    from business_rules import run_all

    variables, actions = _business_variables(), _business_actions()
    signs = [{"conditions": _business_sign(sign), "actions": _business_action("draw", sign)} for sign in SIGNS]
    rows = [{"conditions": when, "actions": _business_action("recommend", then)} for when, then in _business_rows()]

    def decide(patient: Patient) -> Answer:
        facts, found = variables(patient), actions()
        run_all(signs, facts, found)
        facts.drawn = found.drawn
        run_all(rows, facts, found, stop_on_first_trigger=True)
        return found.recommendation, tuple(found.drawn)

    return Engine(decide, lambda found: found)


def _business_variables() -> type[Any]:
    from business_rules.variables import BaseVariables, boolean_rule_variable, numeric_rule_variable

    def number(name: str) -> Any:
        far = FAR if name in LOW_IS_TRUE else -FAR

        def value(self: Any) -> int:
            found = self.patient.get(name)
            return far if found is None else int(found)

        value.__name__ = name
        return numeric_rule_variable(value)

    def truth(name: str) -> Any:
        def value(self: Any) -> bool:
            return self.patient.get(name) is True

        value.__name__ = name
        return boolean_rule_variable(value)

    def made(self: Any, patient: Patient) -> None:
        self.patient, self.drawn = patient, []

    return type(
        "Variables",
        (BaseVariables,),
        {
            "__init__": made,
            **{name: number(name) for name in NUMBERS},
            **{name: truth(name) for name in TRUTHS},
            "severity": boolean_rule_variable(_named("severity", lambda self: "severity" in self.drawn)),
            "count": numeric_rule_variable(_named("count", lambda self: len(self.drawn))),
        },
    )


def _named(name: str, function: Any) -> Any:
    function.__name__ = name
    return function


def _business_actions() -> type[Any]:
    from business_rules.actions import BaseActions, rule_action
    from business_rules.fields import FIELD_TEXT

    class Actions(BaseActions):  # type: ignore[misc]
        """What the rules do."""

        def __init__(self) -> None:
            self.drawn: list[str] = []
            self.recommendation = "continue"

        @rule_action(params={"what": FIELD_TEXT})  # type: ignore[untyped-decorator]
        def draw(self, what: str) -> None:
            self.drawn.append(what)

        @rule_action(params={"what": FIELD_TEXT})  # type: ignore[untyped-decorator]
        def recommend(self, what: str) -> None:
            self.recommendation = what

    return Actions


def _business_action(name: str, what: str) -> list[dict[str, Any]]:
    return [{"name": name, "params": {"what": what}}]


def _business_test(test: Test) -> dict[str, Any]:
    name, op, threshold = test
    words = {">=": "greater_than_or_equal_to", "<=": "less_than_or_equal_to", ">": "greater_than"}
    return {"name": name, "operator": words[op], "value": threshold}


def _business_true(name: str) -> dict[str, Any]:
    return {"name": name, "operator": "is_true", "value": True}


def _business_sign(sign: str) -> dict[str, Any]:
    ways = [{"all": [_business_test(test) for test in way]} for way in SIGNS[sign]]
    return {"all": [_business_true("responder"), {"any": ways}]}


def _business_rows() -> list[tuple[dict[str, Any], str]]:
    enough = {"all": [_business_test(("count", ">=", 2)), _business_test(("days_since_infusion", ">=", DAYS_MIN))]}
    conditions = (
        _business_true("suicidality_flag"),
        _business_true("uncontrolled_bp"),
        {"any": [_business_true("severity"), enough]},
        _business_test(("count", ">=", 1)),
        _business_test(("days_since_assessment", ">", STALE)),
    )
    return list(zip(conditions, ORDER, strict=True))


# ---------------------------------------------------------------- clipspy


def clips() -> Engine:
    """Return CLIPS by clipspy: twelve rules for the signs, then rules with a falling salience."""
    import clips as library

    environment = library.Environment()
    for construct in _clips_constructs():
        environment.build(construct)
    environment.reset()
    template = environment.find_template("patient")
    signs, recommendations = (environment.find_template(name) for name in ("sign", "recommendation"))

    def decide(slots: dict[str, Any]) -> Answer:
        template.assert_fact(**slots)
        environment.run()
        drawn = {str(fact["name"]) for fact in signs.facts()}
        said = next((str(fact["name"]) for fact in recommendations.facts()), "continue")
        environment.reset()
        return said, _signs(drawn)

    def prepare(patient: Patient) -> dict[str, Any]:
        yes, no = library.Symbol("yes"), library.Symbol("no")
        return {name: (yes if value else no) if name in TRUTHS else value for name, value in patient.items()}

    return Engine(decide, lambda found: found, prepare)


def _clips_constructs() -> list[str]:
    slots = " ".join(f"(slot {name} (default nil))" for name in (*NUMBERS, *TRUTHS))
    found = [
        f"(deftemplate patient {slots})",
        "(deftemplate sign (slot name))",
        "(deftemplate recommendation (slot name))",
    ]
    for sign, ways in SIGNS.items():
        for number, way in enumerate(ways):
            tests = " ".join(_clips_slot(test) for test in way)
            found.append(
                f"(defrule {sign}-{number} (patient (responder yes) {tests}) => (assert (sign (name {sign}))))"
            )
    rows = {
        "urgent_safety_review": ["(patient (suicidality_flag yes))"],
        "hold": ["(patient (uncontrolled_bp yes))"],
        "booster_consult": [
            "(sign (name severity))",
            f"(patient {_clips_slot(('days_since_infusion', '>=', DAYS_MIN))}) (sign (name ?a)) (sign (name ?b&~?a))",
        ],
        "check_in": ["(sign)"],
        "reassess": [
            "(patient (days_since_assessment nil))",
            f"(patient {_clips_slot(('days_since_assessment', '>', STALE))})",
        ],
    }
    for place, then in enumerate(ORDER):
        for number, when in enumerate(rows[then]):
            head = f"(defrule say-{then}-{number} (declare (salience {-10 - place}))"
            found.append(f"{head} (not (recommendation)) {when} => (assert (recommendation (name {then}))))")
    return found


def _clips_slot(test: tuple[str, str, int]) -> str:
    name, op, threshold = test
    return f"({name} ?{name}&:(numberp ?{name})&:({op} ?{name} {threshold}))"


# ---------------------------------------------------------------- experta


def experta() -> Engine:
    """Return experta, with what it still expects of `collections` put back before it is imported."""
    gone = [name for name in collections.abc.__all__ if not hasattr(collections, name)]
    for name in gone:
        setattr(collections, name, getattr(collections.abc, name))
    try:
        import experta as library
    finally:
        for name in gone:
            delattr(collections, name)

    engine = _experta_engine(library)()

    def decide(patient: Patient) -> Answer:
        engine.reset()
        engine.drawn, engine.recommendation = set(), "continue"
        engine.declare(library.Fact(kind="patient", **patient))
        engine.run()
        return engine.recommendation, _signs(engine.drawn)

    return Engine(decide, lambda found: found)


def _experta_engine(library: Any) -> type[Any]:
    """Return a knowledge engine with a rule for each way of each sign, and one for each row."""
    rules: dict[str, Any] = {}
    for sign, ways in SIGNS.items():
        for number, way in enumerate(ways):
            tests = {name: library.P(_over(op, threshold)) for name, op, threshold in way}
            pattern = library.Fact(kind="patient", responder=True, **tests)
            rules[f"{sign}_{number}"] = library.Rule(pattern, salience=10)(_experta_draw(library, sign))
    none = library.NOT(library.Fact(kind="recommendation"))
    for place, then in enumerate(ORDER):
        for number, when in enumerate(_experta_rows(library)[then]):
            rule = library.Rule(none, *when, salience=-place)
            rules[f"say_{then}_{number}"] = rule(_experta_say(library, then))
    return type("Policy", (library.KnowledgeEngine,), rules)


def _over(op: str, threshold: int) -> Any:
    match op:
        case ">=":
            return lambda value: value >= threshold
        case ">":
            return lambda value: value > threshold
        case _:
            return lambda value: value <= threshold


def _experta_draw(library: Any, sign: str) -> Any:
    def draw(self: Any) -> None:
        self.drawn.add(sign)
        self.declare(library.Fact(kind="sign", name=sign))

    return draw


def _experta_say(library: Any, then: str) -> Any:
    def say(self: Any) -> None:
        self.recommendation = then
        self.declare(library.Fact(kind="recommendation"))

    return say


def _experta_rows(library: Any) -> dict[str, list[tuple[Any, ...]]]:
    fact, match = library.Fact, library.MATCH
    waited = fact(kind="patient", days_since_infusion=library.P(_over(">=", DAYS_MIN)))
    two = (fact(kind="sign", name=match.a), fact(kind="sign", name=~match.a))
    return {
        "urgent_safety_review": [(fact(kind="patient", suicidality_flag=True),)],
        "hold": [(fact(kind="patient", uncontrolled_bp=True),)],
        "booster_consult": [(fact(kind="sign", name="severity"),), (waited, *two)],
        "check_in": [(fact(kind="sign"),)],
        "reassess": [
            (fact(kind="patient"), library.NOT(fact(kind="patient", days_since_assessment=library.W()))),
            (fact(kind="patient", days_since_assessment=library.P(_over(">", STALE))),),
        ],
    }


# ---------------------------------------------------------------- durable_rules by itself


def durable_rules() -> Engine:
    """Return durable_rules as its documents drive it, by a host: rules for the signs, then rules in order.

    One session; a fact is asserted and retracted again. A rule that always fires keeps the library from an error, and
    the timers of the host, which never end, are not started.
    """
    from durable import engine

    drawn: set[str] = set()
    said: list[str] = []

    class Quiet(engine.Host):  # type: ignore[misc]
        """A host without timers."""

        def _run(self) -> None:
            pass

    host = Quiet({"signs": _durable_signs(drawn), "rows": _durable_rows(said)})

    def decide(patient: dict[str, Any]) -> Answer:
        drawn.clear()
        said.clear()
        fact = {**patient, "id": 1, "sid": "0", "here": 1}
        host.assert_fact("signs", fact)
        host.retract_fact("signs", fact)
        fact |= {"severity": "severity" in drawn, "count": len(drawn)}
        host.assert_fact("rows", fact)
        host.retract_fact("rows", fact)
        return said[0], _signs(drawn)

    return Engine(decide, lambda found: found)


def _calls(function: Callable[[str], object], word: str) -> Callable[[object], None]:
    """Return an action; the library takes one with two arguments for one that calls back."""

    def action(_: object) -> None:
        function(word)

    return action


def _durable_signs(drawn: set[str]) -> dict[str, Any]:
    rules: dict[str, Any] = {"always": {"all": [{"m": {"here": 1}}], "run": lambda _: None}}
    for sign, ways in SIGNS.items():
        for number, way in enumerate(ways):
            tests = [{"$gte" if op == ">=" else "$lte": {name: threshold}} for name, op, threshold in way]
            when = {"$and": [{"here": 1}, {"responder": True}, *tests]}
            rules[f"{sign}_{number}"] = {"all": [{"m": when}], "run": _calls(drawn.add, sign)}
    return rules


def _durable_rows(said: list[str]) -> dict[str, Any]:
    days = "days_since_assessment"
    many = {"$and": [{"here": 1}, {"$gte": {"count": 2}}, {"$gte": {"days_since_infusion": DAYS_MIN}}]}
    rows = [
        ("urgent_safety_review", {"suicidality_flag": True}),
        ("hold", {"uncontrolled_bp": True}),
        ("booster_consult", {"severity": True}),
        ("booster_consult", many),
        ("check_in", {"$gte": {"count": 1}}),
        ("reassess", {"$gt": {days: STALE}}),
        ("reassess", {"$and": [{"here": 1}, {"$nex": {days: 1}}]}),
        ("continue", {"here": 1}),
    ]
    return {
        f"row_{place}": {"all": [{"m": when}], "pri": place, "run": _calls(said.append, then)}
        for place, (then, when) in enumerate(rows)
    }

"""What runs the workload in this process: generated Python, closures, and our evaluators.

Each engine is built once. `decide` is what is timed; `prepare` and `answer` stand before and after it and only bring
a patient and an answer into the engine's own form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from boosterwatch.engine.chain.agree import Agreed
from boosterwatch.engine.chain.durable import Durable
from boosterwatch.engine.chain.reference import Reference
from boosterwatch.engine.chain.truth import drawn_in
from boosterwatch.engine.model import Outcome
from boosterwatch.engine.pack import ir
from boosterwatch.tests.bench import workload
from boosterwatch.tests.chain.booster import DAYS_MIN, NUMBERS, SIGNS, STALE, Patient, Test

Answer = tuple[str, tuple[str, ...]]  # the recommendation, and the signs in the policy's order


class Engine(NamedTuple):
    """One engine, ready to decide."""

    decide: Callable[[Any], Any]
    answer: Callable[[Any], Answer]
    prepare: Callable[[Patient], Any] = dict


# ---------------------------------------------------------------- plain Python


def generated() -> Engine:
    """Return the policy as one generated function: the baseline, with its numbers written into it."""
    scope: dict[str, Any] = {}
    exec(compile(generated_source(), "<the workload>", "exec"), scope)
    return Engine(scope["decide"], lambda found: (found[0], tuple(found[1])))


def generated_source() -> str:
    """Return the text of the generated function."""
    lines = ["def decide(patient):", "    get = patient.get", "    signs = []", "    if get('responder') is True:"]
    lines += [f"        {name} = get({name!r})" for name in NUMBERS[:-2]]
    lines += ["        days_since_infusion = get('days_since_infusion')"]
    for sign, ways in SIGNS.items():
        tests = " or ".join(f"({' and '.join(_holds(*test) for test in way)})" for way in ways)
        lines += [f"        if {tests}:", f"            signs.append({sign!r})"]
    return "\n".join([*lines, *_rows()])


def _holds(name: str, op: str, threshold: int) -> str:
    return f"{name} is not None and {name} {op} {threshold}"


def _rows() -> list[str]:
    return [
        "    if get('suicidality_flag') is True: return 'urgent_safety_review', signs",
        "    if get('uncontrolled_bp') is True: return 'hold', signs",
        "    if signs:",
        "        if 'severity' in signs: return 'booster_consult', signs",
        f"        if len(signs) >= 2 and {_holds('days_since_infusion', '>=', DAYS_MIN)}:",
        "            return 'booster_consult', signs",
        "        return 'check_in', signs",
        "    days = get('days_since_assessment')",
        f"    return ('reassess' if days is None or days > {STALE} else 'continue'), signs",
    ]


def closures() -> Engine:
    """Return the policy as functions made at run time from its data, with nothing generated."""
    signs = [(sign, [_way(way) for way in ways]) for sign, ways in SIGNS.items()]

    def decide(patient: Patient) -> Answer:
        get = patient.get
        found: tuple[str, ...] = ()
        if get("responder") is True:
            found = tuple([sign for sign, (first, second) in signs if first(get) or second(get)])
        if get("suicidality_flag") is True:
            return "urgent_safety_review", found
        if get("uncontrolled_bp") is True:
            return "hold", found
        if found:
            waited = get("days_since_infusion")
            enough = len(found) >= 2 and waited is not None and waited >= DAYS_MIN
            return ("booster_consult" if "severity" in found or enough else "check_in"), found
        days = get("days_since_assessment")
        return ("reassess" if days is None or days > STALE else "continue"), found

    return Engine(decide, lambda found: found)


def _way(way: list[Test]) -> Callable[[Any], bool]:
    (first, first_op, first_k), (second, second_op, second_k) = way
    up, also_up = first_op == ">=", second_op == ">="

    def holds(get: Callable[[str], Any]) -> bool:
        value = get(first)
        if value is None or not (value >= first_k if up else value <= first_k):
            return False
        value = get(second)
        return value is not None and (value >= second_k if also_up else value <= second_k)

    return holds


# ---------------------------------------------------------------- our evaluators


def conclude() -> Engine:
    """Return the reference evaluator's short form: states, and the conclusions that were drawn."""
    pack, parameters = _pack()
    conclude = Reference(pack).conclude
    return Engine(
        lambda values: conclude(values, parameters),
        lambda found: (found["states"]["recommendation"], workload.signs_drawn(found["drawn"])),
        workload.as_measures,
    )


def reference() -> Engine:
    """Return the reference evaluator: the truth of every rule, in three values."""
    pack, parameters = _pack()
    evaluate = Reference(pack).evaluate
    return Engine(lambda values: evaluate(values, parameters), _of_outcome(pack), workload.as_measures)


def durable() -> Engine:
    """Return the durable_rules evaluator: the truth of every rule, found by chaining on two rails."""
    pack, parameters = _pack()
    evaluate = Durable(pack).evaluate
    return Engine(lambda values: evaluate(values, parameters), _of_outcome(pack), workload.as_measures)


def agreed() -> Engine:
    """Return both evaluators, held to each other."""
    pack, parameters = _pack()
    evaluate = Agreed(pack).evaluate
    of_outcome = _of_outcome(pack)
    return Engine(lambda values: evaluate(values, parameters), lambda found: of_outcome(found[0]), workload.as_measures)


def _pack() -> tuple[ir.Pack, dict[str, int | float]]:
    pack = workload.booster_pack()
    return pack, workload.parameters_of(pack)


def _of_outcome(pack: ir.Pack) -> Callable[[Outcome], Answer]:
    def answer(outcome: Outcome) -> Answer:
        return outcome.states["recommendation"], workload.signs_drawn(tuple(drawn_in(pack, outcome)))

    return answer

"""The default pack through the engine, against the independent reading of the policy text in `tests/oracle`.

The two share no code. A difference is a misreading of one of them, and the smallest record that shows it is printed.
`BOOSTERWATCH_PATIENTS` sets how many made-up patients are asked (1500 unless told).
"""

from __future__ import annotations

import json
import math
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from boosterwatch.engine.flow import evaluate
from boosterwatch.tests.differential.minimise import minimise
from boosterwatch.tests.oracle.patients import random_record
from boosterwatch.tests.oracle.policy import decide
from boosterwatch.tests.packs.files import default_pack

PATIENTS = int(os.environ.get("BOOSTERWATCH_PATIENTS", "1500"))
BATCH = 100
KINDS = {rule.id: rule for rule in default_pack().ir.rules}

Record = dict[str, Any]
Answer = dict[str, Any]


def engine_says(record: Record) -> Answer:
    """Return the engine's decision in the oracle's words."""
    decision = evaluate(default_pack(), record)
    fired = [KINDS[row.rule] for row in decision.trace]
    return {
        "response": decision.response,
        "signs": {name: sign.state for name, sign in decision.signs.items()},
        "reasons": {name: sign.reason for name, sign in decision.signs.items() if sign.reason is not None},
        "recommendation": decision.recommendation,
        "urgency": decision.urgency,
        "holds": sorted(decision.holds),
        "cautions": sorted(decision.cautions),
        "flags": sorted(decision.flags),
        "sources": sorted({rule.subject for rule in fired if rule.kind == "source"}),
        "core": any(rule.id == "booster_criteria" for rule in fired),
        "measures": dict(decision.measures),
        "next": dict(decision.next),
        "primary": decision.measures["primary"],
        "interval_days": decision.measures["review_interval"],
        "observed_cycles": decision.measures["observed_cycles"],
    }


def oracle_says(record: Record) -> Answer:
    """Return the oracle's decision."""
    decision = decide(record)
    return decision | {
        "holds": sorted(decision["holds"]),
        "sources": sorted(decision["sources"]),
        "observed_cycles": len(decision["observed_cycles"]),
    }


def differences(record: Record) -> dict[str, tuple[object, object]]:
    """Return what differs: the engine's answer and the oracle's, by name."""
    engine, oracle = engine_says(record), oracle_says(record)
    return {
        name: (given, wanted)
        for key, answer in engine.items()
        for name, given, wanted in _pairs(key, answer, oracle[key])
        if not _same(given, wanted) and not _is_unscored(name, given, engine)
    }


def _pairs(key: str, given: Any, wanted: Any) -> Iterator[tuple[str, object, object]]:
    """Yield what is to be compared; of the measures, those that the oracle works out."""
    if not isinstance(wanted, dict):
        yield key, given, wanted
        return
    for name in wanted if key == "measures" else {**wanted, **given}:
        yield f"{key}.{name}", given.get(name), wanted.get(name)


def _same(given: object, wanted: object) -> bool:
    if isinstance(given, float) and isinstance(wanted, int | float):
        return math.isclose(given, wanted, rel_tol=0, abs_tol=1e-12)
    return given == wanted


def _is_unscored(name: str, given: object, engine: Answer) -> bool:
    """Return whether this is the next date of a patient without a score, which the engine leaves open."""
    return (
        name == "next.assessment_date" and given is None and engine["measures"][f"{engine['primary']}.latest"] is None
    )


@pytest.mark.parametrize("start", range(0, PATIENTS, BATCH))
def test_the_engine_decides_what_the_policy_says(start: int) -> None:
    for seed in range(start, min(start + BATCH, PATIENTS)):
        record = random_record(random.Random(seed))
        found = differences(record)
        if found:
            names = set(found)
            small = minimise(record, lambda one, names=names: bool(names & differences(one).keys()))  # type: ignore[misc]
            pytest.fail(report(seed, found, small), pytrace=False)


def report(seed: int, found: dict[str, tuple[object, object]], small: Record) -> str:
    """Return what to look at: the differences, and the smallest record that shows one of them."""
    lines = [f"patient {seed}: the engine and the policy differ"]
    lines += [f"  {name}: engine {given!r}, policy {wanted!r}" for name, (given, wanted) in sorted(found.items())]
    lines += ["the smallest record that still shows one of these:", json.dumps(small, indent=1)]
    lines += [f"  {name}: engine {given!r}, policy {wanted!r}" for name, (given, wanted) in differences(small).items()]
    return "\n".join(lines)


def test_the_comparison_sees_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    record = random_record(random.Random(3))
    assert differences(record) == {}
    wrong = decide(record) | {"recommendation": "carry_on"}
    monkeypatch.setitem(globals(), "decide", lambda _: wrong)
    assert list(differences(record)) == ["recommendation"]


def test_the_patients_reach_every_answer() -> None:
    """Made-up patients meet every recommendation, every state of a sign, every hold, caution and flag."""
    pack = default_pack().ir
    wanted = {f"{notice.kind} {notice.id}" for notice in pack.notices}
    wanted |= {f"recommendation {row.recommendation} {row.urgency}" for row in pack.recommendations}
    wanted |= {
        f"{sign.id} {state}" for sign in pack.signs for state in ("absent", "possible", "probable", "cannot_assess")
    }
    wanted.add("anxiety_panic not_applicable")
    for seed in range(5000):
        if not wanted:
            break
        decision = evaluate(default_pack(), random_record(random.Random(seed)))
        wanted -= {f"{sign} {state.state}" for sign, state in decision.signs.items()}
        wanted.discard(f"recommendation {decision.recommendation} {decision.urgency}")
        wanted -= {f"{KINDS[row.rule].kind} {KINDS[row.rule].subject}" for row in decision.trace}
        wanted -= {f"flag {flag}" for flag in decision.flags}
    assert wanted == set()

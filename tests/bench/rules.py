"""Rules only: a patient's values in, recommendation and signs out. A fresh process per engine and round, in turns."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from boosterwatch.engine.chain.durable import durable_available
from boosterwatch.tests.bench import engines, peers, peers_chaining, peers_logic, workload
from boosterwatch.tests.bench.engines import Engine
from boosterwatch.tests.bench.timing import spread, time_each, timed
from boosterwatch.tests.chain.booster import policy

BASELINE = "generated Python function"
DURABLE: dict[str, Callable[[], Engine]] = {
    "boosterwatch durable_rules, whole outcome": engines.durable,
    "boosterwatch both, agreed": engines.agreed,
}
PEERS: dict[str, Callable[[], Engine]] = {
    "zen-engine, two expressions": peers.zen_expressions,
    "zen-engine, decision graph": peers.zen_graph,
    "rule-engine": peers.rule_engine,
    "business-rules": peers_chaining.business_rules,
    "json-logic (panzi)": peers_logic.json_logic,
    "CEL, C++ (cel-expr-python)": peers_logic.cel_cpp,
    "CEL, Rust (common-expression-language)": peers_logic.cel_rust,
    "clipspy": peers_chaining.clips,
    "experta": peers_chaining.experta,
    **({"durable_rules by itself": peers_chaining.durable_rules} if durable_available()[0] else {}),
}
ENGINES: dict[str, Callable[[], Engine]] = {
    BASELINE: engines.generated,
    "Python closures": engines.closures,
    "boosterwatch reference, conclusions": engines.conclude,
    "boosterwatch reference, whole outcome": engines.reference,
    **(DURABLE if durable_available()[0] else {}),
    **PEERS,
}
WARM = 500


class Timed(NamedTuple):
    """One engine in one round: microseconds of single decisions, and milliseconds to build it with a first decision."""

    p50: float
    p99: float
    build: float


class Summary(NamedTuple):
    """One engine over all rounds: medians; `ratio` is to the baseline of the same round."""

    name: str
    p50: float
    p99: float
    ratio: float
    build: float


def differences(name: str, count: int) -> int:
    """Return on how many of the seeded patients an engine differs from the policy in plain Python."""
    engine = ENGINES[name]()
    wrong = 0
    for patient in workload.patients(count):
        recommendation, signs = policy(patient)
        found = engine.answer(engine.decide(engine.prepare(patient)))
        wrong += found != (recommendation, tuple(signs))
    return wrong


def measure(name: str, count: int) -> Timed:
    """Return the times of one engine in this process, over as many patients."""
    patients = workload.patients(count)
    workload.booster_pack()  # reading the pack is not part of building an evaluator
    built: list[Engine] = []
    first = patients[0]

    def build() -> None:
        engine = ENGINES[name]()
        engine.decide(engine.prepare(first))
        built.append(engine)

    seconds = timed(build)
    (engine,) = built
    inputs = [engine.prepare(patient) for patient in patients]
    time_each(engine.decide, inputs[:WARM])
    found = spread(time_each(engine.decide, inputs))
    return Timed(found.p50, found.p99, seconds * 1e3)


def measure_apart(name: str, count: int) -> Timed:
    """Return the times of one engine in a process of its own."""
    command = [sys.executable, "-m", __name__, name, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Timed(*json.loads(done.stdout))


def run(rounds: int, count: int, names: Sequence[str] = tuple(ENGINES)) -> list[Summary]:
    """Return every engine's summary, the baseline first; the engines take turns in each round."""
    found: dict[str, list[Timed]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(measure_apart(name, count))
    return [_summary(name, times, found[BASELINE]) for name, times in found.items()]


def _summary(name: str, times: list[Timed], baseline: list[Timed]) -> Summary:
    middle = statistics.median
    ratios = [one.p50 / base.p50 for one, base in zip(times, baseline, strict=True)]
    p50, p99, build = (middle(column) for column in zip(*times, strict=True))
    return Summary(name, p50, p99, middle(ratios), build)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))

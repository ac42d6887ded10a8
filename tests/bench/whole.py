"""The whole decision: a record of a year's assessments in, JSON with full trace out, both evaluators agreeing.

Every person is new to the process: what the decision layer keeps from one patient to the next helps only as far as
patients are alike. The same people are then asked about again, which is the kindest case.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import cache
from time import perf_counter_ns, thread_time_ns
from typing import NamedTuple

import orjson

from boosterwatch import load_pack
from boosterwatch.engine.decide import to_json_bytes
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.tests.bench import records, stages
from boosterwatch.tests.bench.timing import Spread, spread, time_each

PACK = "ketamine-maintenance"
ASSESSMENTS = 60
WARM = 200  # people seen before the watch starts
AGAIN = 5


class Pass(NamedTuple):
    """Microseconds of single decisions by the clock on the wall and by the processor's own."""

    wall: Spread
    cpu: Spread


class Stage(NamedTuple):
    """Microseconds of one stage for new people, and the least it took for people seen before."""

    name: str
    p50: float
    least: float


class Whole(NamedTuple):
    """New people, the same people again, the bytes of an answer, reading the record's JSON, and the stages."""

    new: Pass
    again: Pass
    text: int
    parse: float
    stages: tuple[Stage, ...]


@cache
def pack() -> LoadedPack:
    """Return the default pack."""
    return load_pack(PACK)


def decide(record: records.Record) -> bytes:
    """Return the decision about one record as JSON."""
    return to_json_bytes(evaluate(pack(), record))


def run(people: int, rounds: int, assessments: int = ASSESSMENTS, warm: int = WARM) -> Whole:
    """Return the times of deciding about so many people, and of every stage for as many others, in rounds.

    Each round sees new people, some of them again, and others stage by stage; what is returned is the middle round.
    """
    for seed in range(warm):
        decide(records.record(assessments, seed))
    each = max(1, people // rounds)
    again_first = -(-each // AGAIN)
    new, again, split = [], [], []
    for start in range(warm, warm + 2 * each * rounds, 2 * each):
        cohort = _cohort(assessments, start, each)
        new.append(_time(cohort))
        again.append(_time(cohort[:again_first] * AGAIN))
        split.append(_stages(_cohort(assessments, start + each, each)))
    size = round(statistics.median(len(decide(orjson.loads(text))) for text in cohort[:20]))
    parse = spread(time_each(orjson.loads, cohort)).p50
    return Whole(
        _middle_pass(new), _middle_pass(again), size, parse, tuple(map(_middle_stage, zip(*split, strict=True)))
    )


def _middle_pass(passes: Sequence[Pass]) -> Pass:
    return Pass(_middle_spread([one.wall for one in passes]), _middle_spread([one.cpu for one in passes]))


def _middle_spread(spreads: Sequence[Spread]) -> Spread:
    return Spread(*map(statistics.median, zip(*spreads, strict=True)))


def _middle_stage(found: Sequence[Stage]) -> Stage:
    middle = statistics.median
    return Stage(found[0].name, middle(one.p50 for one in found), middle(one.least for one in found))


def _cohort(assessments: int, first: int, people: int) -> list[bytes]:
    """Return the records as JSON: a service has just parsed the one it asks about, and holds no others."""
    return [orjson.dumps(records.record(assessments, first + seed)) for seed in range(people)]


def _time(cohort: Sequence[bytes]) -> Pass:
    wall, cpu = [], []
    for text in cohort:
        record = orjson.loads(text)
        began, began_cpu = perf_counter_ns(), thread_time_ns()
        decide(record)
        cpu.append(thread_time_ns() - began_cpu)
        wall.append(perf_counter_ns() - began)
    return Pass(spread(wall), spread(cpu))


def _stages(cohort: Sequence[bytes]) -> tuple[Stage, ...]:
    first = [_staged(text) for text in cohort]
    few = cohort[: max(1, len(cohort) // 20)]
    repeats = [[_staged(text) for _ in range(20)] for text in few]
    return tuple(
        Stage(
            stage,
            statistics.median(spent[stage] for spent in first) / 1e3,
            statistics.median(min(spent[stage] for spent in times) for times in repeats) / 1e3,
        )
        for stage in stages.STAGES
    )


def _staged(text: bytes) -> dict[str, int]:
    return stages.staged(pack(), orjson.loads(text))[1]

"""How the time of a whole decision grows with the number of assessments in the record."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from time import perf_counter, thread_time
from typing import NamedTuple

from boosterwatch.tests.bench import records, whole
from boosterwatch.tests.bench.timing import exponent

SIZES = (10, 30, 100, 300, 1_000, 3_000, 10_000)


class Point(NamedTuple):
    """Milliseconds of one decision over a record of this many assessments, on the wall and of processor."""

    size: int
    wall: float
    cpu: float


def run(sizes: Sequence[int], repeats: int) -> tuple[tuple[Point, ...], float]:
    """Return the times by size, and the exponent over the upper half of the sizes."""
    for seed in range(5):
        whole.decide(records.record(whole.ASSESSMENTS, seed))
    points = tuple(_point(size, repeats) for size in sizes)
    upper = points[len(points) // 2 :]
    return points, exponent([point.size for point in upper], [point.cpu for point in upper])


def _point(size: int, repeats: int) -> Point:
    wall, cpu = [], []
    for seed in range(repeats):
        record = records.record(size, 1_000 + seed)
        began, began_cpu = perf_counter(), thread_time()
        whole.decide(record)
        cpu.append(thread_time() - began_cpu)
        wall.append(perf_counter() - began)
    return Point(size, statistics.median(wall) * 1e3, statistics.median(cpu) * 1e3)

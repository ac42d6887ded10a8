"""The whole decision and its size, with pytest-benchmark."""

from __future__ import annotations

from itertools import cycle

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from boosterwatch.tests.bench import growth, records, whole

PEOPLE = 500


def test_many_different_people(benchmark: BenchmarkFixture) -> None:
    people = cycle([records.record(whole.ASSESSMENTS, seed) for seed in range(PEOPLE)])
    benchmark(lambda: whole.decide(next(people)))


@pytest.mark.parametrize("size", growth.SIZES)
def test_records_of_every_size(benchmark: BenchmarkFixture, size: int) -> None:
    benchmark(whole.decide, records.record(size))

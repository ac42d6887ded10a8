"""Rules only, with pytest-benchmark: one call is a decision about each of some patients."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from boosterwatch.tests.bench import rules, workload

PATIENTS = 200


@pytest.mark.parametrize("name", rules.ENGINES)
def test_rules_only(benchmark: BenchmarkFixture, name: str) -> None:
    engine = rules.ENGINES[name]()
    inputs = [engine.prepare(patient) for patient in workload.patients(PATIENTS)]
    benchmark.extra_info["decisions in a call"] = PATIENTS
    benchmark(lambda: [engine.decide(one) for one in inputs])

"""Loading the default pack, with pytest-benchmark; the process is warm, so imports are not in it."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture

from boosterwatch import load_pack
from boosterwatch.engine.pack.find import find_pack, read_sources
from boosterwatch.engine.pack.ir_json import from_json, to_json
from boosterwatch.engine.pack.open import compile_sources
from boosterwatch.tests.bench import whole


def test_from_yaml(benchmark: BenchmarkFixture) -> None:
    found = find_pack(whole.PACK)
    sources = read_sources(found.folder, whole=False)
    benchmark(compile_sources, found, sources)


def test_from_the_compiled_form(benchmark: BenchmarkFixture) -> None:
    benchmark(from_json, to_json(whole.pack().ir))


def test_as_called(benchmark: BenchmarkFixture) -> None:
    benchmark(load_pack, whole.PACK)

"""The benchmarks still run, and what they time is right; nothing here looks at a time."""

from __future__ import annotations

import pytest

from boosterwatch.engine.flow import evaluate
from boosterwatch.tests.bench import cold, growth, loading, memory, records, report, rules, sections, stages, whole


@pytest.mark.parametrize("name", rules.ENGINES)
def test_every_engine_gives_the_answers_of_the_policy(name: str) -> None:
    assert rules.differences(name, 500) == 0


def test_an_engine_is_measured_in_a_process_of_its_own() -> None:
    (found,) = rules.run(1, 20, [rules.BASELINE])
    assert found.ratio == 1
    assert found.p50 > 0


def test_the_staged_flow_is_the_flow() -> None:
    for seed in range(3):
        record = records.record(whole.ASSESSMENTS, seed)
        text, spent = stages.staged(whole.pack(), record)
        assert text == whole.decide(record)
        assert tuple(spent) == stages.STAGES


@pytest.mark.parametrize("size", [5, 60, 1_000])
def test_a_made_up_record_has_its_size_and_is_sound(size: int) -> None:
    record = records.record(size)
    assert len(record["assessments"]) == size
    assert b'"rejected":[]' in whole.decide(record)


def test_made_up_people_differ_in_their_recommendation() -> None:
    found = {evaluate(whole.pack(), records.record(60, seed)).recommendation for seed in range(40)}
    assert len(found) >= 3


@pytest.mark.parametrize("name", [name for name in sections.BENCHMARKS if name != "cold"])
def test_every_benchmark_makes_a_table(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "measure_apart", rules.measure)  # a process for each engine takes long
    monkeypatch.setattr(memory, "run", memory.measure)
    monkeypatch.setattr(loading, "run", lambda rounds, pack: [loading.Step(step, 1, 1) for step in loading.STEPS])
    section = sections.BENCHMARKS[name](sections.TINY)
    assert section.rows
    assert section.title in report.as_text(section)
    assert f"| {section.rows[0][0]} |" in report.written(
        report.PAGE.read_text(encoding="utf-8"), [section], "today", ""
    )


def test_loading_is_measured_step_by_step() -> None:
    assert set(loading.measure(whole.PACK)) >= set(loading.STEPS[:-1])


def test_a_cold_start_is_measured_and_its_imports_are_named() -> None:
    found = cold.run(1, slowest=3)
    assert found.broken == ()
    assert [one.what for one in found.commands] == [cold.PYTHON, cold.PACKAGE, cold.EVALUATE, cold.EVALUATE_TEXT]
    assert len(found.imports) == 3


def test_growth_is_measured_at_every_size() -> None:
    points, _ = growth.run((5, 10, 20), 1)
    assert [point.size for point in points] == [5, 10, 20]


def test_figures_are_put_between_their_marks_and_others_stay() -> None:
    goal = report.Goal("speed", "fast", "slow", reached=False)
    page = "a\n<!-- figures: goals --><!-- end: goals -->\n<!-- figures: x -->old<!-- end: x -->\nb"
    once = report.written(page, [report.Section("x", "X", ("a", "b"), (("1", "2"),), (goal,))], "2026-01-01", "")
    assert "old" not in once
    assert once.startswith("a\n")
    assert once.endswith("\nb")
    other = report.Goal("size", "small", "small", reached=True)
    twice = report.written(once, [report.Section("x", "X", ("a", "b"), (), (other,))], "2026-01-02", "")
    assert "| speed | fast | slow | **no** | 2026-01-01 |" in twice
    assert "| size | small | small | yes | 2026-01-02 |" in twice


def test_a_page_without_a_place_for_the_figures_is_told() -> None:
    with pytest.raises(ValueError, match="no place for `x`"):
        report.written("", [report.Section("x", "X", (), ())], "today", "")

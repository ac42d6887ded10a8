"""A short run of the differential comparison, and that it would notice a difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from boosterwatch.engine.chain.durable import Durable, durable_available
from boosterwatch.engine.model import Outcome
from boosterwatch.tests.differential.compare import Pair
from boosterwatch.tests.differential.pairs import BATCH, Batch, batches
from boosterwatch.tests.differential.run import compare, replay, run_batch

pytestmark = pytest.mark.skipif(not durable_available()[0], reason="durable_rules does not run here")
PAIRS = 2000


def test_two_thousand_pairs_do_not_differ(tmp_path: Path) -> None:
    said: list[str] = []
    assert compare(PAIRS, 20261123, 1, tmp_path, said.append) == 0
    assert said[-1] == "2,000 pairs, 0 differences"
    assert list(tmp_path.iterdir()) == []


def test_the_batches_make_up_the_pairs() -> None:
    assert [batch.records for batch in batches(1100, 1)] == [BATCH, BATCH, 100]
    assert [batch.is_invented for batch in batches(1100, 1)] == [False, True, False]


def test_the_same_seed_gives_the_same_pairs() -> None:
    one, again = Batch(5, 3), Batch(5, 3)
    pack = one.load()
    assert again.load().digest == pack.digest
    assert one.record(pack, 7) == again.record(pack, 7) != one.record(pack, 8)
    assert Batch(6, 3).load().digest != pack.digest


def turned(outcome: Outcome) -> Outcome:
    return Outcome((not outcome.truths[0], *outcome.truths[1:]), outcome.states)


def test_a_difference_is_noticed_kept_and_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate = Durable.evaluate
    with monkeypatch.context() as patch:
        patch.setattr(Durable, "evaluate", lambda self, *given: turned(evaluate(self, *given)))
        said: list[str] = []
        assert compare(2, 1, 1, tmp_path, said.append) == 2
        assert said[-1] == "2 pairs, 2 differences"
        kept = sorted(tmp_path.iterdir())
        assert replay(kept[0], said.append) == 1
    assert replay(kept[0], said.append) == 0
    found = json.loads(kept[0].read_text(encoding="utf-8"))
    rule = found["pack"]["rules"][0]["id"]
    assert found["difference"].startswith(f"{rule}: ")
    assert found["smallest_record"] == {"as_of": found["record"]["as_of"]}


def test_a_difference_in_looking_back_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Durable, "lost", lambda *_: True)
    (first, *_) = run_batch(Batch(1, 0, 40)).differences
    assert "lookback: False and True" in first["difference"]


def test_a_failure_counts_as_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Outcome:
        raise RuntimeError("out of order")

    monkeypatch.setattr(Durable, "evaluate", fail)
    (found,) = run_batch(Batch(1, 0, 1)).differences
    assert "RuntimeError: out of order" in found["difference"]


def test_looks_are_counted() -> None:
    batch = Batch(1, 0, 30)
    pair = batch.pair()
    assert isinstance(pair, Pair)
    for at in range(30):
        pair.difference(batch.record(pair.pack, at))
    assert pair.looks > 0

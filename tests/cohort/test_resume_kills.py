"""The real command killed with SIGKILL and started again: the same bytes. `kills.py` does many more rounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from boosterwatch.tests.cohort.kills import OUT, Kills, Report


@pytest.mark.slow
def test_killed_commands_started_again_give_the_same_bytes(tmp_path: Path) -> None:
    kills = Kills(tmp_path, patients=40, chunk=20, seed=3)
    kills.round()
    assert kills.report.faults == []
    assert kills.report.kills > 0
    assert sorted(kills.expected) == [OUT, f"{OUT}.refused.ndjson", f"{OUT}.run.json"]
    assert kills.expected[f"{OUT}.refused.ndjson"].count(b"\n") == 2


def test_a_round_would_find_another_byte(tmp_path: Path) -> None:
    kills = Kills.__new__(Kills)
    kills.report, kills.expected = Report(), {OUT: b"one"}
    for content in (b"one", b"two"):
        folder = tmp_path / content.decode()
        folder.mkdir()
        (folder / OUT).write_bytes(content)
        (tmp_path / f"{content.decode()}.json").write_text('{"chunks_found": 1}')
        kills.compare(folder)
    assert kills.report.faults == [f"two: {OUT} differ"]
    assert not (tmp_path / "one").exists()

"""A run killed at every step it takes, and started again: the same bytes, and no chunk worked out twice.

The worker here makes its rows up, so that hundreds of runs take seconds; `kills.py` kills the real command.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from boosterwatch import __version__, load_pack
from boosterwatch.engine.cohort.results import result_schema
from boosterwatch.engine.cohort.run.chunk import Chunk, Evaluated
from boosterwatch.engine.cohort.run.errors import RunFault
from boosterwatch.engine.cohort.run.folder import open_folder
from boosterwatch.engine.cohort.run.identity import Identity, identify
from boosterwatch.engine.cohort.run.run import Done, run, run_folder

PACK = load_pack("quick-screen")
SCHEMA = result_schema(PACK.ir)
PATIENTS = [f"p{number:04d}" for number in range(1000)]
STEPS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "fcntl.flock"}


class MadeUp:
    """Gives each patient a row; every hundredth is refused. Counts what it worked out."""

    def __init__(self, patients: list[str] = PATIENTS) -> None:
        self.patients = patients
        self.evaluated: list[int] = []

    def cuts(self, size: int) -> list[str]:
        return self.patients[size::size]

    def evaluate(self, chunk: Chunk) -> Evaluated:
        self.evaluated.append(chunk.number)
        low, high = chunk.low or "", chunk.high or "q"
        mine = [patient for patient in self.patients if low <= patient < high]
        rows = [{"patient": one, "as_of": date(2026, 3, 14), "status": "decided", "holds": ["h"]} for one in mine]
        refused = [{"patient": one, "row": int(one[1:])} for one in mine if one.endswith("00")]
        return Evaluated(pa.Table.from_pylist(rows, schema=SCHEMA), refused)


def identity(day: date = date(2026, 3, 14)) -> Identity:
    return identify(PACK, day.toordinal(), "duckdb", {"patients": "0" * 64})


def go(out: Path, worker: MadeUp | None = None, size: int = 250, day: date = date(2026, 3, 14)) -> Done:
    with run_folder(out) as folder:
        return run(identity(day), worker or MadeUp(), SCHEMA, out, folder, size)


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def killed(work: Callable[[], object], at: int) -> bool:
    """Return whether work in a process of its own was killed before its step of that number, or ended first."""
    child = os.fork()
    if child == 0:
        seen = 0

        def step(event: str, arguments: tuple[Any, ...]) -> None:
            nonlocal seen
            if event in STEPS:
                seen += 1
                if seen == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(step)
        try:
            work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_every_step_it_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    go(tmp_path / "whole" / "out.parquet")
    expected = files(tmp_path / "whole")
    assert list(expected) == ["out.parquet", "out.parquet.refused.ndjson", "out.parquet.run.json"]
    for at in range(1, 500):
        folder = tmp_path / f"at-{at}"
        folder.mkdir()
        if not killed(lambda place=folder: go(place / "out.parquet"), at):  # type: ignore[misc]
            break
        killed(lambda place=folder: go(place / "out.parquet"), at // 2 + 1)  # type: ignore[misc]
        go(folder / "out.parquet")
        assert files(folder) == expected, f"killed before step {at}"
    else:
        pytest.fail("the run takes more steps than were tried")
    assert at > 30


def test_a_run_that_goes_on_works_out_only_what_is_missing(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"

    class Stops(MadeUp):
        def evaluate(self, chunk: Chunk) -> Evaluated:
            if chunk.number == 2:
                raise InterruptedError("stopped")
            return super().evaluate(chunk)

    first, second = Stops(), MadeUp()
    with pytest.raises(InterruptedError):
        go(out, first)
    assert not out.exists()
    done = go(out, second)
    assert (first.evaluated, second.evaluated) == ([0, 1], [2, 3])
    assert (done.found, done.chunks, done.already) == (2, 4, False)
    assert done.page["patients"] == 1000


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    before = go(out)
    again = MadeUp()
    done = go(out, again)
    assert (again.evaluated, done.already, done.page) == ([], True, before.page)


@pytest.mark.parametrize("ending", ["", ".refused.ndjson", ".run.json"])
def test_a_file_that_was_changed_since_is_made_again(tmp_path: Path, ending: str) -> None:
    out = tmp_path / "out.parquet"
    go(out)
    expected = files(tmp_path)
    (tmp_path / f"out.parquet{ending}").write_bytes(b"changed")
    assert not go(out).already
    assert files(tmp_path) == expected


@pytest.mark.parametrize("name", ["chunk-00001.arrow", "chunk-00001.refused.ndjson", "chunk-00001.json"])
def test_a_chunk_that_was_damaged_is_worked_out_again(tmp_path: Path, name: str) -> None:
    (tmp_path / "whole").mkdir()
    go(tmp_path / "whole" / "out.parquet")
    out = tmp_path / "out.parquet"

    class Fails(MadeUp):
        def evaluate(self, chunk: Chunk) -> Evaluated:
            if chunk.number == 3:
                raise InterruptedError("stopped")
            return super().evaluate(chunk)

    with pytest.raises(InterruptedError):
        go(out, Fails())
    damaged = tmp_path / "out.parquet.work" / name
    damaged.write_bytes(damaged.read_bytes()[:-2])
    second = MadeUp()
    go(out, second)
    assert second.evaluated == [1, 3]
    assert out.read_bytes() == (tmp_path / "whole" / "out.parquet").read_bytes()


@pytest.mark.parametrize("size", [1, 7, 999, 1000, 5000])
def test_the_size_of_the_chunks_changes_no_byte(tmp_path: Path, size: int) -> None:
    go(tmp_path / "out.parquet")
    expected = files(tmp_path)
    (tmp_path / "other").mkdir()
    patients = PATIENTS[:60] if size == 1 else PATIENTS
    done = go(tmp_path / "other" / "out.parquet", MadeUp(patients), size=size)
    assert done.chunks == -(-len(patients) // size)
    if size > 1:
        assert files(tmp_path / "other") == expected


def test_another_day_is_another_run_and_uses_nothing_of_the_first(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"

    class Stops(MadeUp):
        def evaluate(self, chunk: Chunk) -> Evaluated:
            if chunk.number == 2:
                raise InterruptedError("stopped")
            return super().evaluate(chunk)

    with pytest.raises(InterruptedError):
        go(out, Stops())
    worker = MadeUp()
    done = go(out, worker, day=date(2026, 3, 15))
    assert (worker.evaluated, done.found) == ([0, 1, 2, 3], 0)
    assert done.page["as_of"] == "2026-03-15"
    assert sorted(files(tmp_path)) == ["out.parquet", "out.parquet.refused.ndjson", "out.parquet.run.json"]


def test_the_file_says_what_made_it_and_no_clock(tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    go(out)
    metadata = {key.decode(): value.decode() for key, value in pq.read_schema(out).metadata.items()}
    assert metadata == {
        "boosterwatch.as_of": "2026-03-14",
        "boosterwatch.engine": "duckdb",
        "boosterwatch.pack": "quick-screen",
        "boosterwatch.pack_digest": PACK.digest,
        "boosterwatch.pack_version": PACK.version,
        "boosterwatch.run_id": identity().run_id,
        "boosterwatch.version": __version__,
    }
    assert pq.read_table(out)["patient"].to_pylist() == PATIENTS
    refused = [json.loads(line) for line in (tmp_path / "out.parquet.refused.ndjson").read_text().splitlines()]
    assert refused == [{"patient": f"p{n:04d}", "row": n} for n in range(0, 1000, 100)]


def test_two_processes_do_not_write_the_same_run(tmp_path: Path) -> None:
    with open_folder(tmp_path / "out.parquet.work"), pytest.raises(RunFault) as raised:
        go(tmp_path / "out.parquet")
    assert [one.message for one in raised.value.diagnostics] == [
        f"another process is writing to `{tmp_path / 'out.parquet.work'}`"
    ]
    assert go(tmp_path / "out.parquet").page["patients"] == 1000


def test_results_in_a_folder_that_is_not_there(tmp_path: Path) -> None:
    worker = MadeUp()
    with pytest.raises(RunFault) as raised:
        go(tmp_path / "nowhere" / "out.parquet", worker)
    (problem,) = raised.value.diagnostics
    assert problem.code == "BW721"
    assert problem.message == f"`{tmp_path}/nowhere/out.parquet.work` cannot be written: no such file or directory"
    assert worker.evaluated == []


def test_a_patient_twice_or_out_of_order_is_our_own_fault(tmp_path: Path) -> None:
    class Twice(MadeUp):
        def evaluate(self, chunk: Chunk) -> Evaluated:
            rows = super().evaluate(chunk).results
            return Evaluated(pa.concat_tables([rows.slice(0, 2), rows.slice(1)]))

    class Outside(MadeUp):
        def evaluate(self, chunk: Chunk) -> Evaluated:
            return super().evaluate(Chunk(chunk.number, chunk.count))

    for worker in (Twice(), Outside()):
        with pytest.raises(RunFault) as raised:
            go(tmp_path / "out.parquet", worker)
        assert [one.code for one in raised.value.diagnostics] == ["BW725"]


def test_a_cohort_of_nobody_gives_a_file_without_rows(tmp_path: Path) -> None:
    done = go(tmp_path / "out.parquet", MadeUp([]))
    assert (done.chunks, done.page["patients"], done.page["counts"]["recommendation"]) == (1, 0, {})
    assert pq.read_table(tmp_path / "out.parquet").schema.equals(SCHEMA)

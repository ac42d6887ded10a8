"""Tables to files: what the row engine says of each patient; a broken row stops nobody else; nothing hangs on chunks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from boosterwatch.engine.cohort.rows import by_rows
from boosterwatch.engine.cohort.run.chunk import Chunk, Evaluated, chunks_of
from boosterwatch.engine.cohort.run.duck import DuckStage, Limits, duckdb_session
from boosterwatch.engine.cohort.run.errors import RunFault
from boosterwatch.engine.cohort.run.evaluate import DuckWorker, results_of
from boosterwatch.engine.cohort.run.run import Done
from boosterwatch.engine.cohort.run.whole import Machine, Watched, digests_of, evaluate_to_file
from boosterwatch.engine.cohort.tables.errors import TablesError
from boosterwatch.engine.cohort.tables.opened import open_tables
from boosterwatch.tests.cohort.clinics import AS_OF, VERSION, Rows, clinic, first, people
from boosterwatch.tests.cohort.people import ready
from boosterwatch.tests.cohort.tables_made import opened

PATIENTS = 90
PACK = ready(VERSION)
DAY = AS_OF.toordinal()


def evaluated(place: Path, out: Path, size: int | None = None) -> Done:
    return evaluate_to_file(str(place), PACK, AS_OF, out, Machine(threads=2), size)


def told(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.with_name(f"{out.name}.refused.ndjson").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a clinic, and the file of its results."""
    folder = tmp_path_factory.mktemp("whole")
    place = clinic(folder / "tables", PATIENTS)
    evaluated(place, folder / "out.parquet")
    return place, folder / "out.parquet"


def test_the_file_is_what_the_row_engine_says(whole: tuple[Path, Path]) -> None:
    expected = by_rows(PACK, people(PATIENTS), DAY)
    found = pq.read_table(whole[1]).replace_schema_metadata()
    assert found.num_rows == PATIENTS
    assert found.equals(expected)
    assert len(set(found["recommendation"].to_pylist())) > 3
    assert told(whole[1]) == []


def test_chunks_change_no_byte(whole: tuple[Path, Path], tmp_path: Path) -> None:
    done = evaluated(whole[0], tmp_path / "chunks.parquet", size=45)
    assert (done.chunks, done.page["patients"]) == (2, PATIENTS)
    assert (tmp_path / "chunks.parquet").read_bytes() == whole[1].read_bytes()


def test_the_same_is_had_in_memory(whole: tuple[Path, Path]) -> None:
    assert results_of(whole[0], PACK, DAY).equals(pq.read_table(whole[1]).replace_schema_metadata())


def test_a_broken_row_refuses_its_patient_and_nobody_else(whole: tuple[Path, Path], tmp_path: Path) -> None:
    places: dict[str, tuple[str, int]] = {}

    def break_rows(rows: Rows) -> None:
        scored = sorted({row["patient"] for row in rows["assessments"]})
        treated = sorted({row["patient"] for row in rows["infusions"]} - set(scored[:3]))
        for table, patient, column, value in (
            ("assessments", scored[0], "instrument", "no_such_form"),
            ("assessments", scored[1], "total", "twelve"),
            ("assessments", scored[2], "date", "2026-02-30"),
            ("infusions", treated[-1], "date", None),
        ):
            number, row = first(rows, table, patient)
            row[column] = value
            places[patient] = (table, number)

    place = clinic(tmp_path / "tables", PATIENTS, break_rows)
    out = tmp_path / "out.parquet"
    done = evaluated(place, out)
    refused = told(out)
    assert {one["patient"]: (one["table"], one["row"]) for one in refused} == places
    scored = sorted(places)
    assert sorted((one["code"], one["column"], one["file"]) for one in refused) == [
        ("BW303", "date", "infusions.ndjson"),
        ("BW304", "total", "assessments.ndjson"),
        ("BW307", "date", "assessments.ndjson"),
        ("BW330", "instrument", "assessments.ndjson"),
    ]
    one = next(one for one in refused if one["code"] == "BW330")
    assert one["message"] == f"row {one['row']} of `assessments.ndjson`, column `instrument`: unknown instrument"
    assert (done.page["patients"], done.page["refused_rows"]) == (PATIENTS, 4)
    assert done.page["counts"]["status"] == {"decided": PATIENTS - 4, "refused": 4}
    expected = {row["patient"]: row for row in pq.read_table(whole[1]).to_pylist()}
    for row in pq.read_table(out).to_pylist():
        if row["patient"] in scored:
            known = {name: value for name, value in row.items() if value is not None}
            assert known == {"patient": row["patient"], "as_of": AS_OF, "status": "refused"}
        else:
            assert row == expected[row["patient"]]


def test_what_was_written_for_one_chunk_serves_others(whole: tuple[Path, Path], tmp_path: Path) -> None:
    worker = DuckWorker(opened(whole[0]), PACK, DAY, Limits("1GB", tmp_path))
    found = [worker.evaluate(Chunk(0, 1)).results for _ in range(3)]
    assert worker._work.plans.written == 1
    assert all(one.equals(pq.read_table(whole[1]).replace_schema_metadata()) for one in found)


def test_tables_that_change_meanwhile_give_no_result(tmp_path: Path) -> None:
    tables = opened(clinic(tmp_path / "tables", 3))
    file = tables.parts["patients"].files[0]

    class Slow:
        def cuts(self, size: int) -> list[str]:
            return []

        def evaluate(self, chunk: Chunk) -> Evaluated:
            file.write_bytes(file.read_bytes())
            return Evaluated(pa.table({}))

    watched = Watched(tables)
    watched.worker = Slow()
    with pytest.raises(RunFault) as raised:
        watched.evaluate(chunks_of(watched.cuts(1))[0])
    (problem,) = raised.value.diagnostics
    assert (problem.code, problem.message) == ("BW722", f"`{file.name}` changed while it was read")


def test_the_run_is_another_when_one_byte_of_the_tables_is(tmp_path: Path) -> None:
    place = clinic(tmp_path / "tables", 3)
    before = digests_of(open_tables(place, tmp_path / "a"))
    assert digests_of(open_tables(place, tmp_path / "b")) == before
    file = place / "patients.ndjson"
    file.write_text(file.read_text().replace("p-0002", "p-0009"))
    after = digests_of(open_tables(place, tmp_path / "c"))
    assert {name for name in before if before[name] != after[name]} == {"patients"}


def test_too_little_memory_is_told_with_what_helps(whole: tuple[Path, Path], tmp_path: Path) -> None:
    worker = DuckWorker(opened(whole[0]), PACK, DAY, Limits("1MB", Path("/dev/null/nowhere")))
    with pytest.raises(RunFault) as raised:
        worker.evaluate(Chunk(0, 1))
    (problem,) = raised.value.diagnostics
    assert problem.code == "BW724"
    assert problem.message.startswith("chunk 1 of 1 failed: ")
    assert problem.hint == "give DuckDB more with --memory, take less at once with --chunk, or make room on the disk"


def test_no_tables_leave_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(TablesError):
        evaluated(tmp_path / "nowhere", tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_statement_that_fails_is_raised_to_whoever_asks_next(tmp_path: Path) -> None:
    with duckdb_session(Limits("1GB", tmp_path)) as con:
        stage = DuckStage(con)
        con.raw_sql("CREATE TABLE one AS SELECT 'x' AS word")
        one = con.table("one")
        broken = stage.keep(one.select(number=one.word.cast("int64")), "broken")
        with pytest.raises(Exception, match="Could not convert string 'x'"):
            broken.to_pyarrow()

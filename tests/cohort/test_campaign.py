"""The agreement campaign, short: everybody agrees about messy patients, and whatever differs is found and told whole.

`make agreement` asks about 100,000 patients; here Spark is asked about those of the small pack, on one date.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from boosterwatch.engine.author.cases import find_cases
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.cohort.campaign.__main__ import main
from boosterwatch.tests.cohort.campaign.alone import evaluators, with_one
from boosterwatch.tests.cohort.campaign.compare import differing_places
from boosterwatch.tests.cohort.campaign.folk import rows_of_block
from boosterwatch.tests.cohort.campaign.plan import DATES, DUCKDB, DURABLE, SPARK, Cohort, Plan
from boosterwatch.tests.cohort.people import VERSIONS, ready
from boosterwatch.tests.cohort.sessions import local_spark, needs_spark

PATIENTS = 120
ALL = ",".join(map(str, DATES))
QUICK_TO_START = {  # few rows and many statements: less time to compile them is worth more than quick rows
    "spark_driver_extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark_sql_codegen_wholeStage": "false",
    "spark_sql_adaptive_enabled": "false",
    "spark_sql_shuffle_partitions": "1",
}


def campaign(folder: Path, *more: str, patients: int = PATIENTS, cohorts: str = "quick", dates: str = ALL) -> int:
    asked = ["--patients", str(patients), "--jobs", "1", "--folder", str(folder), "--cohorts", cohorts]
    return main([*asked, "--dates", dates, "--engines", DUCKDB, *more])


def reported(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "report.json").read_text())["compared"]
    return found


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a campaign with the small pack, compared on all dates."""
    folder = tmp_path_factory.mktemp("campaign") / "quick"
    assert campaign(folder) == 0
    return folder


@pytest.fixture
def copied(quick: Path, tmp_path: Path) -> Path:
    """Return a copy of it to change."""
    return Path(shutil.copytree(quick, tmp_path / "copied"))


def test_everybody_agrees_on_three_dates(quick: Path) -> None:
    found = reported(quick)
    others = [*evaluators()[1:], DUCKDB]
    assert [(one["date"], one["engine"]) for one in found] == [(str(day), name) for day in DATES for name in others]
    assert {one["differing"] for one in found} == {0}
    assert min(one["patients"] for one in found) > 400
    assert min(one["refused"] for one in found) > 0


def test_messy_tables_of_text_are_read_alike(tmp_path: Path) -> None:
    more = ("--kinds", "synthetic,random,checked")
    assert campaign(tmp_path, *more, patients=5_000, cohorts="loose", dates=str(DATES[0])) == 0
    found = next(one for one in reported(tmp_path) if one["engine"] == DUCKDB)
    assert found["patients"] > 200
    assert found["refused"] > 50


@needs_spark
@pytest.mark.filterwarnings("ignore")
def test_spark_agrees_as_well(quick: Path) -> None:
    more = ("--engines", SPARK, "--dates", str(DATES[0]))
    with local_spark(**QUICK_TO_START):
        assert campaign(quick, "--stage", SPARK, *more) == 0
    assert campaign(quick, "--stage", "compare", *more) == 0
    assert [(one["engine"], one["differing"]) for one in reported(quick)][-1] == (SPARK, 0)


# ---------------------------------------------------------------- it can fail


@contextmanager
def changed(path: Path) -> Iterator[dict[str, list[Any]]]:
    """Give the columns of a file to be changed, and write them again."""
    table = pq.read_table(path)
    columns = table.to_pydict()
    yield columns
    pq.write_table(pa.table(columns, schema=table.schema), path)


def out(folder: Path, day: date) -> Path:
    return next((folder / DUCKDB / "quick").glob(f"*-{day}.parquet"))


def differing(folder: Path) -> list[dict[str, Any]]:
    assert campaign(folder, "--stage", "compare") == 1
    return [one for one in reported(folder) if one["differing"] or one["fault"]]


def test_one_changed_answer_is_told_with_both_values(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with changed(out(copied, DATES[1])) as columns:
        at = columns["flags"].index(next(flags for flags in columns["flags"] if flags))
        patient, flags = columns["patient"][at], columns["flags"][at]
        columns["flags"][at] = [*flags, "made_up"]
    (found,) = differing(copied)
    assert (found["date"], found["engine"], found["differing"]) == (str(DATES[1]), DUCKDB, 1)
    assert found["columns"] == {"flags": 1}
    assert found["first"] == [[patient, "flags", flags, [*flags, "made_up"]]]
    line = f"  {patient}: flags is {flags!r} by the reference, {[*flags, 'made_up']!r} by duckdb\n"
    assert line in capsys.readouterr().out


def test_a_changed_answer_by_rows_is_told_too(copied: Path) -> None:
    if DURABLE not in evaluators():
        pytest.skip("durable_rules is not there")
    path = sorted((copied / "rows" / "quick").glob(f"*-{DATES[0]}/*.parquet"))[0]
    with changed(path) as columns:
        at = columns["evaluator"].index(DURABLE)
        columns["urgency"][at] = "someday"
    (found,) = differing(copied)
    assert (found["engine"], found["columns"]) == (DURABLE, {"urgency": 1})


def test_a_patient_too_few_and_one_too_many_are_named(copied: Path) -> None:
    with changed(out(copied, DATES[0])) as columns:
        columns["patient"][3], lost = "zz-nobody", columns["patient"][3]
    (found,) = differing(copied)
    assert [entry[:2] for entry in found["first"]] == [[lost, "patient"], ["zz-nobody", "patient"]]
    assert found["differing"] >= 2


def test_answers_that_are_not_there_are_no_agreement(copied: Path) -> None:
    out(copied, DATES[2]).unlink()
    (found,) = differing(copied)
    assert (found["patients"], found["fault"]) == (0, "no answers: FileNotFoundError")


def test_columns_differ_where_one_has_nothing() -> None:
    def places(one: list[Any], other: list[Any], type: pa.DataType) -> list[int]:
        return differing_places(pa.chunked_array([pa.array(one, type)]), pa.chunked_array([pa.array(other, type)]))

    assert places([1.0, None, None, 0.5], [1.0, None, 0.0, None], pa.float64()) == [2, 3]
    assert places([math.nan, 0.1 + 0.2], [math.nan, 0.3], pa.float64()) == [0, 1]
    words = pa.list_(pa.string())
    assert places([["a"], [], None, ["a", "b"], []], [["a"], [], [], ["b", "a"], [""]], words) == [2, 3, 4]


# ---------------------------------------------------------------- what it is about


def test_what_is_there_is_not_worked_out_again(copied: Path) -> None:
    files = sorted((copied / "rows").rglob("*.parquet"))
    lost, kept = files[0], {file: file.stat().st_mtime_ns for file in files[1:]}
    before = pq.read_table(lost)
    lost.unlink()
    assert campaign(copied, "--stage", "rows") == 0
    assert pq.read_table(lost).equals(before)
    assert {file: file.stat().st_mtime_ns for file in files[1:]} == kept
    with pytest.raises(ValueError, match=r"people\.json is of other people"):
        campaign(copied, "--stage", "rows", patients=PATIENTS + 1)


def test_every_case_of_every_version_is_among_the_patients(tmp_path: Path) -> None:
    cohorts = Plan(tmp_path, 10, 1, DATES, ("main", "loose", "quick")).cohorts()
    assert sorted(cohort.reference for cohort in cohorts) == sorted(VERSIONS)
    for cohort in cohorts:
        block = next(at for at, (kind, _) in enumerate(cohort.blocks()) if kind == "cases")
        patients = [row["patient"] for row in rows_of_block(cohort, 1, block)["patients"]]
        wanted = [f"{number:05d} {one.id}" for number, one in enumerate(find_cases(open_pack(cohort.reference)))]
        assert patients == wanted


def test_each_evaluator_is_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = ready(VERSIONS[0])
    asked: list[str] = []

    def noting(name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        def ask(*given: Any) -> Any:
            asked.append(name)
            return inner(*given)

        return ask

    for name in evaluators():
        one = with_one(pack, name)
        alone = one.evaluators
        monkeypatch.setattr(alone._evaluator, "evaluate", noting(name, alone._evaluator.evaluate), raising=False)  # type: ignore[attr-defined]
        evaluate(one, find_cases(open_pack(VERSIONS[0]))[0].record)
    assert asked == list(evaluators())


def test_a_block_has_as_many_patients_as_it_says() -> None:
    cohort = Cohort("main", VERSIONS[0], 2_100, ("synthetic", "random", "cases"))
    assert cohort.blocks() == [
        ("synthetic", 512),
        ("random", 512),
        ("synthetic", 512),
        ("random", 512),
        ("synthetic", 26),
        ("random", 26),
        ("cases", 0),
    ]

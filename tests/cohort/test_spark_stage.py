"""Steps on Spark: kept, named, read back as Arrow, and what of Spark differs from DuckDB unless it is told."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from boosterwatch.engine.cohort.run.duck import DuckStage, Limits, duckdb_session
from boosterwatch.engine.cohort.run.duck import arrow_of as duckdb_arrow
from boosterwatch.engine.cohort.tables.checks import is_no_number
from boosterwatch.tests.cohort.sessions import local_spark, needs_spark

pytestmark = [needs_spark, pytest.mark.filterwarnings("ignore")]

ROWS = pa.table(
    {
        "pid": pa.array([1, 2, 3, 4], pa.int64()),
        "value": pa.array([2.5, None, -1.0, 0.0], pa.float64()),
        "items": pa.array([[1.0, None, 3.0], None, [], [4.0]], pa.list_(pa.float64())),
        "names": pa.array([["a"], [], ["b", "c"], ["a", "c"]], pa.list_(pa.string())),
        "day": pa.array([None, 1, 2, 3], pa.date32()),
        "seen": pa.array([True, None, False, True]),
        "wide": pa.array([math.inf, math.nan, 1e308, -math.inf]),
    }
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spark") / "rows.parquet"
    pq.write_table(ROWS, path)
    return path


@pytest.fixture(scope="module")
def spark() -> Iterator[BaseBackend]:
    from boosterwatch.engine.cohort.run.spark import connect

    with local_spark() as session:
        yield connect(session)


def on_spark(con: BaseBackend, table: Table) -> dict[str, list[object]]:
    from boosterwatch.engine.cohort.run.spark import arrow_of

    rows: dict[str, list[object]] = arrow_of(con, table, table.schema().to_pyarrow()).to_pydict()
    return rows


def odd(rows: Table) -> Table:
    """Return what the two engines are most likely to differ in."""
    return rows.select(
        "pid",
        third=rows["items"][2],
        far=rows["items"][9],
        length=rows["items"].length().cast("int64"),
        share=rows.value / rows.value.nullif(0.0),
        half=rows.pid // 2,
        named=rows.names.contains("a"),
        ordinal=rows.day.delta(ibis.date("0001-01-01"), unit="day").cast("int64") + 1,
        stated=rows.seen.fill_null(False),
        words=ibis.array([ibis.ifelse(rows.seen, "x", ibis.null("string")), ibis.literal("y")]).filter(
            lambda word: word.notnull()
        ),
        same=(rows.value > 0) & rows.seen,
        endless=is_no_number(rows.wide),
        scaled=(rows.value * 1_000_000).round().cast("int64"),
    ).order_by("pid")


def test_both_engines_give_the_same_rows(file: Path, spark: BaseBackend, tmp_path: Path) -> None:
    with duckdb_session(Limits("1GB", tmp_path)) as duck:
        asked = odd(duck.read_parquet(file))
        expected = duckdb_arrow(asked, asked.schema().to_pyarrow()).to_pydict()
    assert expected["far"] == [None, None, None, None]
    assert expected["endless"] == [True, True, False, True]
    assert expected["length"] == [3, None, 0, 1]
    assert expected["ordinal"] == [None, 719164, 719165, 719166]
    assert on_spark(spark, odd(spark.read_parquet(file))) == expected


def test_steps_are_kept_and_named_under_fresh_names(file: Path, spark: BaseBackend, tmp_path: Path) -> None:
    from boosterwatch.engine.cohort.run.spark import SparkStage

    def steps(stage: DuckStage | SparkStage, rows: Table) -> Table:
        kept = stage.keep(rows.mutate(more=rows.pid + 1), "step")
        named = stage.name(kept.group_by("seen").agg(total=kept.more.sum()), "step")
        again = stage.keep(named.mutate(total=named.total * 2), "step")
        return again.order_by("total")

    with duckdb_session(Limits("1GB", tmp_path)) as duck:
        expected = steps(DuckStage(duck), duck.read_parquet(file)).to_pyarrow().to_pydict()
    stage = SparkStage(spark)
    assert on_spark(spark, steps(stage, spark.read_parquet(file))) == expected
    assert expected == {"seen": [None, False, True], "total": [6, 8, 14]}
    stage.forget()
    assert not [name for name in spark.list_tables() if name.startswith("step_")]


def test_small_constant_tables_can_be_joined(file: Path, spark: BaseBackend) -> None:
    rows = spark.read_parquet(file)
    words = ibis.memtable({"pid": [1, 3], "word": ["one", "three"]})
    joined = rows.join(words, "pid").select("pid", "word").order_by("pid")
    assert on_spark(spark, joined) == {"pid": [1, 3], "word": ["one", "three"]}


def test_the_callers_session_keeps_its_settings_and_names(file: Path, spark: BaseBackend) -> None:
    from pyspark.sql import SparkSession

    caller = SparkSession.builder.getOrCreate()
    before = dict(caller.conf.getAll)
    caller.conf.set("spark.sql.shuffle.partitions", "3")
    from boosterwatch.engine.cohort.run.spark import SparkStage, connect

    con = connect(caller)
    SparkStage(con).name(con.read_parquet(file), "mine")
    assert con._session.conf.get("spark.sql.shuffle.partitions") == "3"
    assert [name for name in caller.catalog.listTables() if name.name.startswith("mine")] == []
    assert dict(caller.conf.getAll) == before | {"spark.sql.shuffle.partitions": "3"}


def test_checkpoints_go_to_the_callers_directory_when_there_is_one(spark: BaseBackend, tmp_path: Path) -> None:
    from boosterwatch.engine.cohort.run.spark import SparkStage

    spark._session.sparkContext.setCheckpointDir(str(tmp_path))
    kept = SparkStage(spark).keep(spark.sql("SELECT 1 AS one"), "step")
    assert on_spark(spark, kept) == {"one": [1]}
    assert list(tmp_path.rglob("part-*"))

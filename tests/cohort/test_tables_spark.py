"""Tables loaded by Spark: the same patients refused for the same reasons, and the same cohort, as by DuckDB."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from boosterwatch.engine.cohort.fact_rows import fact_schemas
from boosterwatch.engine.cohort.run.spark import SparkStage, arrow_of, connect
from boosterwatch.engine.cohort.tables.chunks import cuts_of
from boosterwatch.engine.cohort.tables.load import load_cohort, told
from boosterwatch.engine.cohort.tables.opened import Tables
from boosterwatch.tests.cohort.sessions import local_spark, needs_spark
from boosterwatch.tests.cohort.tables_made import AS_OF, contents_of, database, loaded, made_up, ndjson_tables, opened
from boosterwatch.tests.cohort.test_tables_checks import CASES, DAY, pack

pytestmark = [needs_spark, pytest.mark.filterwarnings("ignore")]


def split(path: Path) -> None:
    """Make a folder of several files of one Parquet file."""
    table = pq.read_table(path)
    path.unlink()
    path.mkdir()
    half = table.num_rows // 2
    for number, part in enumerate((table.slice(0, half), table.slice(half))):
        pq.write_table(part, path / f"it's part +{number}%20.parquet")


def test_spark_loads_what_duckdb_loads(tmp_path: Path) -> None:
    records = [{"as_of": DAY, "patient": name, **facts} for name, facts in CASES.items()] + made_up(40, seed=8)
    tables = opened(ndjson_tables(tmp_path / "tables", records))
    folder = tmp_path / "again"
    folder.mkdir()
    for name, part in tables.parts.items():
        path = folder / f"{name}.parquet"
        part.files[0].rename(path)
        if name in ("assessments", "patients"):
            split(path)
    again = opened(folder)
    tables = Tables(
        tables.place,
        again.parts,
        tuple(fault._replace(file=again.parts[fault.table].shown[0]) for fault in tables.faults),
    )
    duck = database()
    expected = loaded(duck, tables, pack())
    by_duckdb = contents_of(expected.cohort, lambda table, _: table.to_pyarrow())
    faults = told(duck, tables, expected.refused, most=10_000)
    assert len(tables.parts["assessments"].files) == 2
    with local_spark() as session:
        con = connect(session)
        stage = SparkStage(con)
        found = load_cohort(con, tables, pack(), AS_OF.toordinal(), stage)
        schemas = fact_schemas(pack().ir)
        by_spark = contents_of(found.cohort, lambda table, name: arrow_of(con, table, schemas[name]))
        assert told(con, tables, found.refused, most=10_000) == faults
        assert found.refused.count == expected.refused.count
        assert by_spark == by_duckdb
        assert found.cohort.own == expected.cohort.own
        fresh = Tables(tables.place, tables.parts)
        assert cuts_of(con, fresh, 4) == cuts_of(database(), Tables(tables.place, tables.parts), 4)

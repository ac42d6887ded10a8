"""Tables in databases: a DuckDB file, and SQLite by its address."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import sqlalchemy as sa

from boosterwatch.engine.cohort.facts import cohort_of_records
from boosterwatch.engine.cohort.tables.errors import Fault, TablesError
from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.opened import open_tables
from boosterwatch.engine.cohort.tables.split import rows_of_record
from boosterwatch.engine.diagnostics import render
from boosterwatch.tests.cohort.tables_made import AS_OF, contents, database, loaded, made_up
from boosterwatch.tests.packs.files import default_pack

TYPES = {"text": "text", "number": "real", "truth": "boolean", "date": "text", "texts": "text", "numbers": "text"}


def fill(url: str, records: list[dict[str, object]]) -> None:
    """Write the tables of records into a database, lists as JSON."""
    import json

    engine = sa.create_engine(url)
    with engine.begin() as con:
        for layout in layouts().values():
            columns = ", ".join(f'"{column.name}" {TYPES[column.kind]}' for column in layout.columns)
            con.execute(sa.text(f"create table {layout.name} ({columns})"))
            table = sa.table(layout.name, *(sa.column(column.name) for column in layout.columns))
            rows = [row for record in records for row in rows_of_record(record)[layout.name]]
            for row in rows:
                flat = {key: json.dumps(value) if isinstance(value, list) else value for key, value in row.items()}
                con.execute(table.insert().values(**flat))
    engine.dispose()


def test_a_database_is_read_as_its_records(tmp_path: Path) -> None:
    records = made_up(30, seed=4)
    fill(f"sqlite:///{tmp_path}/clinic.db", records)
    tables = open_tables(f"sqlite:///{tmp_path}/clinic.db", tmp_path / "work")
    con = database()
    found = loaded(con, tables, default_pack())
    assert found.refused.count == 0
    assert contents(found.cohort) == contents(cohort_of_records(con, default_pack(), records, AS_OF.toordinal()))


def test_a_row_of_a_database_refuses_its_patient(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/clinic.db")
    with engine.begin() as con:
        con.execute(sa.text("create table patients (patient integer, birth_date)"))
        con.execute(sa.text("insert into patients values (1, '1980-01-01'), (2, 1980), (3, null)"))
        con.execute(
            sa.text("create view infusions as select patient, '2026-02-3' || (patient - 3) as date from patients")
        )
    engine.dispose()
    tables = open_tables(f"sqlite:///{tmp_path}/clinic.db", tmp_path / "work")
    assert tables.faults == (
        Fault("2", "patients", "patients", 2, "birth_date", "BW304"),
        Fault("1", "infusions", "infusions", 1, "date", "BW306"),
        Fault("2", "infusions", "infusions", 2, "date", "BW306"),
        Fault("3", "infusions", "infusions", 3, "date", "BW307"),
    )


def test_a_duckdb_file_is_read_with_its_types(tmp_path: Path) -> None:
    path = tmp_path / "clinic.duckdb"
    con = duckdb.connect(str(path))
    con.execute("create table patients as select 'p-' || i as patient, ['ptsd'] as indications from range(3) t(i)")
    con.execute(
        "create view assessments as select 'p-' || i as patient, 'phq9' as instrument, date '2026-01-01' + i::int as date,"
        " 9.5::decimal(4, 1) as total, [i::int, null] as items from range(3) t(i)"
    )
    con.close()
    found = loaded(database(), open_tables(path, tmp_path / "work"), default_pack())
    assert found.refused.count == 0
    assert contents(found.cohort)["forms"][0] == (
        "after=False",
        "day=739617",
        "extra__difficulty=None",
        "instrument='phq9'",
        "items=[0.0, None]",
        "method=None",
        "pid='p-0'",
        "total=9.5",
        "version=None",
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "sqlite:///{}/empty.db",
            "BW700 there is no table `patients` in `sqlite:///{}/empty.db`\n  hint: its rows are the patients\n",
        ),
        ("sqlite:///{}/no/such.db", "BW715 `the database` cannot be read: unable to open database file\n"),
        ("nosuch://x:secret@y", "BW715 `the database` cannot be read: Can't load plugin: sqlalchemy.dialects:nosuch\n"),
    ],
    ids=["empty", "nowhere", "unknown"],
)
def test_a_database_that_cannot_be_used(tmp_path: Path, url: str, expected: str) -> None:
    with pytest.raises(TablesError) as caught:
        open_tables(url.format(tmp_path), tmp_path / "work")
    assert render(caught.value.diagnostics, {}) == expected.format(tmp_path)


def test_columns_of_a_database_are_checked(tmp_path: Path) -> None:
    path = tmp_path / "clinic.duckdb"
    con = duckdb.connect(str(path))
    con.execute("create table patients (patient text, sexx text)")
    con.close()
    with pytest.raises(TablesError) as caught:
        open_tables(path, tmp_path / "work")
    assert render(caught.value.diagnostics, {}) == (
        "BW702 `patients` has a column `sexx`, which `patients` does not know\n"
        "  hint: did you mean `sex`?; a column that only groups patients begins with `group_`\n"
    )

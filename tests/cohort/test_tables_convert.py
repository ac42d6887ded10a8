"""Records to tables and back: the same records, whatever the format, or nothing at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boosterwatch.engine.cohort.rows import by_rows
from boosterwatch.engine.cohort.tables.convert import records_to_tables, tables_to_records, tables_to_tables
from boosterwatch.engine.cohort.tables.errors import TablesError
from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.source import Format
from boosterwatch.engine.cohort.tables.split import record_of_rows, rows_of_record
from boosterwatch.engine.diagnostics import RecordError, render
from boosterwatch.engine.terminal.commands.cohort_tables import convert
from boosterwatch.tests.cohort.tables_made import AS_OF, made_up, opened, write_lines
from boosterwatch.tests.packs.files import default_pack

Plain = dict[str, Any]
FULL: Plain = {
    "as_of": "2026-05-01",
    "patient": 'p "1", one; line\ntwo',
    "birth_date": "1980-02-29",
    "sex": "female",
    "indications": ["ptsd", "depression", "ptsd"],
    "induction": {"first": "2026-01-02", "last": "2026-01-12", "entered_in_error": False},
    "infusions": ["2026-03-01", "2026-01-02", "2026-01-02"],
    "booked": ["2026-06-01"],
    "prior_cycles": [
        {"infusion": "2025-01-02", "censored": True},
        {"infusion": "2025-02-02", "loss_of_benefit": "2025-03-02"},
    ],
    "assessments": [
        {
            "instrument": "phq9",
            "date": "2026-04-01",
            "total": 9.5,
            "items": [0, None, 3, 0.25],
            "difficulty": 1,
            "id": "=1+1",
        },
        {
            "instrument": "who5",
            "date": "2026-04-01",
            "total": 0.1,
            "scale": "raw",
            "items": [],
            "time": "after_infusion",
        },
        {"instrument": "isi", "date": "2026-04-02", "version": "a,b", "entered_in_error": True, "total": -1e-7},
    ],
    "safety": [
        {"type": "cssrs", "date": "2026-04-01", "q1": False, "q6_recent": True},
        {"type": "review", "date": "2026-04-01", "kind": "hold_cleared", "hold": "consent"},
        {"type": "lab", "date": "2026-04-01", "test": "alt", "value": 12.75, "upper_limit": 40},
    ],
    "overrides": [
        {"parameter": "phq9.delta", "value": 4, "reason": "r\n\u00e9\u201d", "by": " b ", "date": "2026-04-01"}
    ],
}


def normal(record: Plain) -> Plain:
    """Return a record without what tables do not keep apart: lists of no entries."""
    return {key: value for key, value in record.items() if value != [] or key == "indications"}


def as_files(folder: Path, records: list[Plain]) -> Path:
    folder.mkdir()
    for number, record in enumerate(records):
        (folder / f"{number:04d}.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


def lines(path: Path) -> list[Plain]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("format", ["parquet", "csv", "ndjson"])
def test_there_and_back(tmp_path: Path, format: Format) -> None:
    records = sorted([FULL, *made_up(60)], key=lambda record: str(record["patient"]))
    done = records_to_tables(as_files(tmp_path / "records", records), tmp_path / "tables", format)
    assert done.patients == 61
    assert done.rows["assessments"] == sum(len(record.get("assessments", ())) for record in records)
    tables_to_records(tmp_path / "tables", tmp_path / "back.ndjson")
    assert lines(tmp_path / "back.ndjson") == [normal(record) for record in records]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], include_characters="\t\n\r"),
    min_size=1,
    max_size=20,
)
NUMBER = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
FORM: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"instrument": st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True), "date": st.dates().map(str)},
    optional={
        "total": NUMBER,
        "items": st.lists(NUMBER | st.none(), max_size=4),
        "version": TEXT,
        "id": TEXT,
        "time": st.sampled_from(["before_infusion", "after_infusion"]),
        "entered_in_error": st.booleans(),
    },
).filter(lambda form: "1900" <= str(form["date"]) < "2200")
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"as_of": st.just("2026-05-01"), "patient": TEXT},
        optional={
            "indications": st.lists(st.sampled_from(["depression", "ptsd"]), max_size=3),
            "assessments": st.lists(FORM, min_size=1, max_size=4),
        },
    ),
    max_size=4,
    unique_by=lambda record: str(record["patient"]),
)


@pytest.mark.parametrize("format", ["parquet", "csv", "ndjson"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORDS)
def test_there_and_back_whatever_is_in_them(
    tmp_path_factory: pytest.TempPathFactory, format: Format, records: list[Plain]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    source = folder / "records.ndjson"
    source.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    if not records:
        return
    records_to_tables(source, folder / "tables", format)
    tables_to_records(folder / "tables", folder / "back.ndjson")
    expected = sorted(records, key=lambda record: str(record["patient"]).encode())
    assert lines(folder / "back.ndjson") == [normal(record) for record in expected]


def test_rows_make_the_record_again() -> None:
    for record in made_up(300, seed=9):
        assert record_of_rows(rows_of_record(record)) == normal(record)


def test_every_format_from_every_other(tmp_path: Path) -> None:
    records_to_tables(as_files(tmp_path / "records", [FULL, *made_up(5)]), tmp_path / "a", "csv")
    tables_to_tables(tmp_path / "a", tmp_path / "b", "parquet")
    tables_to_tables(tmp_path / "b", tmp_path / "c", "ndjson")
    tables_to_tables(tmp_path / "c", tmp_path / "d", "csv")
    for name in layouts():
        assert (tmp_path / "d" / f"{name}.csv").read_bytes() == (tmp_path / "a" / f"{name}.csv").read_bytes()
        assert pq.read_schema(tmp_path / "b" / f"{name}.parquet") == layouts()[name].schema()


def test_tables_decide_as_their_records(tmp_path: Path) -> None:
    records = made_up(30, seed=3)
    records_to_tables(as_files(tmp_path / "records", records), tmp_path / "tables", "parquet")
    tables = opened(tmp_path / "tables")
    assert by_rows(default_pack(), tables, AS_OF.toordinal()).equals(
        by_rows(default_pack(), records, AS_OF.toordinal())
    )


def test_groups_stay_in_tables_and_are_told_of(tmp_path: Path) -> None:
    write_lines(tmp_path / "a", {"patients": ["patient,group_site", "p-1,north", "p-2,"]}, ".csv")
    tables_to_tables(tmp_path / "a", tmp_path / "b", "ndjson")
    assert lines(tmp_path / "b" / "patients.ndjson") == [{"patient": "p-1", "group_site": "north"}, {"patient": "p-2"}]
    done = tables_to_records(tmp_path / "b", tmp_path / "c.ndjson", "2026-05-01")
    assert done.left_out == ("group_site",)
    assert lines(tmp_path / "c.ndjson") == [
        {"as_of": "2026-05-01", "patient": "p-1"},
        {"as_of": "2026-05-01", "patient": "p-2"},
    ]


def test_a_folder_of_records_is_named_by_patients(tmp_path: Path) -> None:
    patients = ["A/b", "a_b", "..", "p-1", "\u00e9", "x" * 150, "CON"]
    write_lines(tmp_path / "a", {"patients": [json.dumps({"patient": one}) for one in patients]})
    tables_to_records(tmp_path / "a", tmp_path / "b", "2026-05-01")
    files = {path.name: json.loads(path.read_bytes())["patient"] for path in (tmp_path / "b").iterdir()}
    assert sorted(files.values()) == sorted(patients)
    assert sorted(files) == sorted(
        ["A_b.json", "a_b-2.json", "patient...json", "p-1.json", "patient_.json", "x" * 100 + ".json", "CON.json"]
    )


# ---------------------------------------------------------------- all or nothing


def said(error: RecordError | TablesError) -> str:
    return render(error.diagnostics, {})


def test_wrong_records_are_all_told_and_nothing_is_written(tmp_path: Path) -> None:
    folder = as_files(
        tmp_path / "records",
        [FULL, FULL, {"as_of": "2026-05-01"}, {"as_of": "2026-05-01", "patient": "p", "sex": "other"}],
    )
    with pytest.raises(RecordError) as caught:
        records_to_tables(folder, tmp_path / "tables", "parquet")
    assert said(caught.value) == (
        "BW710 the record `0002` names no patient\n"
        "  hint: `--name-patients` calls them by their files\n"
        "BW711 the records `0000` and `0001` are of one patient\n"
        "  hint: a cohort has one record of each patient\n"
        f"{folder}/0003.json:1:48: BW305 `sex` cannot be `other`\n"
        "  hint: write one of `female`, `male`, `unknown`\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


@pytest.mark.parametrize(
    ("more", "column"),
    [
        ({"assessments": [{"instrument": "phq9", "date": "2026-04-01", "total": 2**53 + 1}]}, "total"),
        ({"assessments": [{"instrument": "phq9", "date": "2026-02-30", "entered_in_error": True}]}, "date"),
    ],
)
def test_what_no_table_holds_is_not_written(tmp_path: Path, more: Plain, column: str) -> None:
    folder = as_files(tmp_path / "records", [{"as_of": "2026-05-01", "patient": "p", **more}])
    with pytest.raises(TablesError) as caught:
        records_to_tables(folder, tmp_path / "tables", "csv")
    assert said(caught.value) == (
        f"BW712 `{column}` of a row of `assessments` is a value that no table holds as it is\n"
        "  hint: a number of more than 15 digits, or a day that no calendar has in a row entered in error\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["records"]


def test_a_place_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    folder = as_files(tmp_path / "records", [FULL])
    with pytest.raises(TablesError) as caught:
        records_to_tables(folder, folder, "csv")
    assert said(caught.value) == (f"BW713 `{folder}` is there already\n  hint: give a new place, or an empty folder\n")
    (tmp_path / "empty").mkdir()
    assert records_to_tables(folder, tmp_path / "empty", "csv").patients == 1


@pytest.mark.parametrize(
    ("tables", "as_of", "expected"),
    [
        (
            {"patients": ["patient,sex", "p-1,"]},
            None,
            "BW303 the tables state no `as_of`, which a record needs\n  hint: give `--as-of`\n",
        ),
        (
            {"patients": ["patient,birth_date", "p-1,1.2.1980"]},
            "2026-05-01",
            "BW306 row 1 of `patients.csv`, column `birth_date`: not a date\n",
        ),
        (
            {"patients": ["patient", "p-1"], "infusions": ["patient,date", "p-2,2026-01-01"]},
            "2026-05-01",
            "BW706 `p-2` has rows, but not one row in the table of patients\n  hint: each patient has one row there\n",
        ),
        (
            {"patients": ["patient", "p-1", "p-1"]},
            "2026-05-01",
            "BW706 `p-1` has rows, but not one row in the table of patients\n  hint: each patient has one row there\n",
        ),
    ],
    ids=["no date", "no type", "no patient", "two rows"],
)
def test_wrong_tables_are_no_records(
    tmp_path: Path, tables: dict[str, list[str]], as_of: str | None, expected: str
) -> None:
    write_lines(tmp_path / "tables", tables, ".csv")
    with pytest.raises(TablesError) as caught:
        tables_to_records(tmp_path / "tables", tmp_path / "out", as_of)
    assert said(caught.value) == expected
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


# ---------------------------------------------------------------- the command


def run(*args: object) -> Result:
    return CliRunner().invoke(convert, [str(arg) for arg in args])


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    folder = as_files(tmp_path / "records", [FULL])
    result = run(folder, tmp_path / "tables")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"1 patients in {tmp_path}/tables\n"
        "  infusions                  3 rows\n"
        "  booked                     1 rows\n"
        "  prior_cycles               2 rows\n"
        "  assessments                3 rows\n"
        "  safety                     3 rows\n"
        "  overrides                  1 rows\n"
    )
    result = run(tmp_path / "tables", tmp_path / "back.ndjson", "--format", "json")
    assert json.loads(result.stdout)["rows"]["assessments"] == 3
    assert lines(tmp_path / "back.ndjson") == [FULL]


def test_the_command_reads_yaml_and_names_patients_by_files(tmp_path: Path) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "p-7.yaml").write_text("as_of: 2026-05-01\nsex: male\n", encoding="utf-8")
    assert run(tmp_path / "records", tmp_path / "tables", "--to", "ndjson", "--name-patients").exit_code == 0
    assert lines(tmp_path / "tables" / "patients.ndjson") == [{"patient": "p-7", "sex": "male", "as_of": "2026-05-01"}]


def test_the_command_refuses_what_is_no_conversion(tmp_path: Path) -> None:
    folder = as_files(tmp_path / "records", [FULL])
    result = run(folder, tmp_path / "out", "--to", "records")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        f"BW700 `{folder}` holds records already\n  hint: give `--to parquet`, `csv` or `ndjson`\n"
    )
    result = run(tmp_path / "nowhere", tmp_path / "out")
    assert result.stderr == (
        f"BW700 there are no tables at `{tmp_path}/nowhere`\n"
        "  hint: TABLES is a folder of Parquet, CSV or NDJSON files, a DuckDB file, or the address of a database\n"
    )

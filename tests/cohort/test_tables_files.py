"""Tables in files of every format: what is read, what is refused as a whole, and what refuses one patient."""

from __future__ import annotations

import datetime
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from boosterwatch.engine.cohort.tables.errors import Fault, TablesError
from boosterwatch.engine.cohort.tables.layout import layouts
from boosterwatch.engine.cohort.tables.load import told
from boosterwatch.engine.cohort.tables.opened import Tables, open_tables
from boosterwatch.engine.cohort.tables.raw import FILE, ROW, raw_table
from boosterwatch.engine.diagnostics import render
from boosterwatch.tests.cohort.tables_made import contents, database, loaded, opened, write_lines
from boosterwatch.tests.packs.files import default_pack

PATIENTS = ["patient,birth_date,sex,indications", 'p-1,1980-02-29,female,"[""ptsd""]"', "p-2,,,"]
FORMS = ["patient,instrument,date,total,items", 'p-1,phq9,2026-01-02,9,"[1,null,2.0]"', "p-2,isi,2026-01-03,,"]


def problems(folder: Path) -> str:
    """Return what is said of tables that cannot be opened."""
    with pytest.raises(TablesError) as caught:
        opened(folder)
    return render(caught.value.diagnostics, {})


def rows(tables: Tables, name: str, *columns: str) -> list[tuple[Any, ...]]:
    """Return columns of a table as an engine reads it, in the order of the file."""
    con = database()
    found = raw_table(con, tables, name).order_by([FILE, ROW]).to_pyarrow().select(list(columns))
    return [tuple(row.values()) for row in found.to_pylist()]


# ---------------------------------------------------------------- formats


def test_text_is_read_by_its_column(tmp_path: Path) -> None:
    tables = opened(write_lines(tmp_path / "t", {"patients": PATIENTS, "assessments": FORMS}, ".csv"))
    assert rows(tables, "patients", "patient", "birth_date", "sex", "indications") == [
        ("p-1", datetime.date(1980, 2, 29), "female", ["ptsd"]),
        ("p-2", None, None, None),
    ]
    assert rows(tables, "assessments", "patient", "date", "total", "items", "scale") == [
        ("p-1", datetime.date(2026, 1, 2), 9.0, [1.0, None, 2.0], None),
        ("p-2", datetime.date(2026, 1, 3), None, None, None),
    ]
    assert rows(tables, "safety", "patient", "type") == []


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_files_are_read_packed_and_with_a_byte_order_mark(tmp_path: Path, suffix: str) -> None:
    text = ("\ufeff" + "\r\n".join(PATIENTS)).encode()
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / f"patients{suffix}").write_bytes(gzip.compress(text) if suffix.endswith("gz") else text)
    assert rows(opened(tmp_path / "t"), "patients", "patient", "sex") == [("p-1", "female"), ("p-2", None)]


def test_a_table_may_be_a_folder_of_files(tmp_path: Path) -> None:
    write_lines(tmp_path / "t", {"patients": PATIENTS}, ".csv")
    parts = tmp_path / "t" / "infusions.parquet"
    parts.mkdir()
    schema = layouts()["infusions"].schema()
    for number, patient in enumerate(["p-2", "p-1", "p-2"]):
        row = {"patient": patient, "date": datetime.date(2026, 1, 1 + number)}
        pq.write_table(pa.Table.from_pylist([row, row], schema=schema), parts / f"part-{number}.parquet")
    (parts / "_SUCCESS").touch()
    tables = opened(tmp_path / "t")
    assert tables.parts["infusions"].files == tuple(parts / f"part-{number}.parquet" for number in range(3))
    assert rows(tables, "infusions", "patient", FILE, ROW) == [
        ("p-2", 0, 0),
        ("p-2", 0, 1),
        ("p-1", 1, 0),
        ("p-1", 1, 1),
        ("p-2", 2, 0),
        ("p-2", 2, 1),
    ]


def test_parquet_of_the_right_types_stays_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    table = pa.table(
        {
            "patient": pa.array([1, 2]),
            "instrument": pa.array(["phq9", "isi"]).dictionary_encode(),
            "date": pa.array([datetime.date(2026, 1, 1)] * 2),
            "total": pa.array([9, None], pa.int16()),
            "items": pa.array([[1, None], None], pa.large_list(pa.int8())),
            "scale": pa.nulls(2),
        }
    )
    pq.write_table(table, folder / "assessments.parquet")
    pq.write_table(table.select(["patient"]), folder / "patients.parquet")
    tables = opened(folder)
    assert tables.parts["assessments"].files == (folder / "assessments.parquet",)
    assert rows(tables, "assessments", "patient", "instrument", "total", "items", "scale") == [
        ("1", "phq9", 9.0, [1.0, None], None),
        ("2", "isi", None, None, None),
    ]


def test_parquet_of_other_types_is_rewritten(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    table = pa.table(
        {
            "patient": ["a", "b", "c"],
            "instrument": ["phq9"] * 3,
            "date": pa.array([datetime.datetime(2026, 1, 1), datetime.datetime(2026, 1, 1, 9), None]),
            "total": pa.array(["9", "x", "1.5"]),
            "entered_in_error": pa.array([0, 1, 2]),
        }
    )
    pq.write_table(table, folder / "assessments.parquet")
    pq.write_table(pa.table({"patient": ["a", "b", "c"]}), folder / "patients.parquet")
    tables = opened(folder)
    assert rows(tables, "assessments", "date", "total", "entered_in_error") == [
        (datetime.date(2026, 1, 1), 9.0, False),
        (None, None, True),
        (None, 1.5, None),
    ]
    assert tables.faults == (
        Fault("b", "assessments", "assessments.parquet", 2, "date", "BW306"),
        Fault("c", "assessments", "assessments.parquet", 3, "entered_in_error", "BW304"),
    )


def test_numbers_of_parquet_are_those_of_a_record(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    pq.write_table(pa.table({"patient": ["a"]}), folder / "patients.parquet")
    forms = {"patient": ["a"], "instrument": ["phq9"], "date": [datetime.date(2026, 1, 1)]}
    pq.write_table(pa.table(forms | {"total": [Decimal("9.25")]}), folder / "assessments.parquet")
    assert rows(opened(folder), "assessments", "total") == [(9.25,)]


# ---------------------------------------------------------------- a row refuses its patient


def test_a_row_of_the_wrong_width_refuses_its_patient(tmp_path: Path) -> None:
    forms = [*FORMS, "p-1,phq9,2026-01-04", "p-3,phq9,2026-01-05,x,", '"p\n4",phq9,2026-01-05,1,,,', "p-2,phq9,,1,"]
    patients = [*PATIENTS, "p-3,,,", '"p\n4",,,']
    tables = opened(write_lines(tmp_path / "t", {"patients": patients, "assessments": forms}, ".csv"))
    con = database()
    found = loaded(con, tables, default_pack())
    assert told(con, tables, found.refused) == [
        Fault("p\n4", "assessments", "assessments.csv", 5, "row", "BW714"),
        Fault("p-1", "assessments", "assessments.csv", 3, "row", "BW714"),
        Fault("p-2", "assessments", "assessments.csv", 6, "date", "BW303"),
        Fault("p-3", "assessments", "assessments.csv", 4, "total", "BW304"),
    ]
    assert found.refused.count == 4
    assert contents(found.cohort)["patients"] == []


def test_without_the_patient_first_a_row_of_the_wrong_width_is_anybodys(tmp_path: Path) -> None:
    text = {"patients": PATIENTS, "infusions": ["date,patient", "2026-01-01,p-1", "2026-01-02"]}
    assert problems(write_lines(tmp_path / "t", text, ".csv")) == (
        "BW714 row 2 of `infusions.csv` has 1 values, not 2\n"
        "  hint: it cannot be told whose row it is; with the column `patient` first, only that patient is refused\n"
    )


def test_strangers_and_twins_are_refused(tmp_path: Path) -> None:
    text = {
        "patients": ["patient", "p-1", "p-2", "p-1", "p-1"],
        "infusions": ["patient,date", "p-2,2026-01-01", "p-3,2026-01-01", "p-3,2026-01-02"],
        "booked": ["patient,date", "P-2,2026-01-01"],
    }
    tables = opened(write_lines(tmp_path / "t", text, ".csv"))
    con = database()
    found = loaded(con, tables, default_pack())
    assert told(con, tables, found.refused) == [
        Fault("P-2", "booked", "booked.csv", 1, "patient", "BW706"),
        Fault("p-1", "patients", "patients.csv", 4, "patient", "BW707"),
        Fault("p-3", "infusions", "infusions.csv", 2, "patient", "BW706"),
    ]
    assert found.refused.patients.to_pyarrow()["patient"].to_pylist().sort() is None
    assert [row[-2] for row in contents(found.cohort)["patients"]] == ["pid='p-2'"]


@pytest.mark.parametrize("broken", [",2026-01-01", ",2026-02-30"])
def test_a_row_of_nobody_ends_the_run(tmp_path: Path, broken: str) -> None:
    text = {"patients": PATIENTS, "infusions": ["patient,date", "p-1,2026-01-01", broken]}
    tables = opened(write_lines(tmp_path / "t", text, ".csv"))
    for part in (None, (0, 2)):
        with pytest.raises(TablesError) as caught:
            loaded(database(), tables, default_pack(), part=part)
        assert render(caught.value.diagnostics, {}) == (
            "BW705 row 2 of `infusions.csv` has no patient\n"
            "  hint: a fact that may be anybody's leaves everybody's record in doubt; mend or remove it\n"
        )


def test_numbers_that_are_none_refuse_their_patient(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    names = ["nan", "inf", "item nan", "item inf", "none"]
    odd, day = [float("nan"), float("-inf")], datetime.date(2026, 1, 1)
    forms: list[dict[str, Any]] = [
        {"patient": "nan", "total": odd[0]},
        {"patient": "inf", "total": odd[1]},
        {"patient": "item nan", "items": [1.0, odd[0]]},
        {"patient": "item inf", "items": [None, odd[1]]},
        {"patient": "none", "items": [None]},
    ]
    filled = [{"instrument": "phq9", "date": day, **form} for form in forms]
    pq.write_table(pa.Table.from_pylist([{"patient": name} for name in names]), folder / "patients.parquet")
    pq.write_table(
        pa.Table.from_pylist(filled, schema=layouts()["assessments"].schema()), folder / "assessments.parquet"
    )
    con, tables = database(), opened(folder)
    found = loaded(con, tables, default_pack())
    assert [(fault.patient, fault.column, fault.code) for fault in told(con, tables, found.refused)] == [
        ("inf", "total", "BW308"),
        ("item inf", "items", "BW308"),
        ("item nan", "items", "BW308"),
        ("nan", "total", "BW308"),
    ]


# ---------------------------------------------------------------- tables refused as a whole


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"infusions.csv": "patient,date\n"},
            "BW700 there is no table `patients` in `t`\n"
            "  hint: write `patients.parquet`, `patients.csv` or `patients.ndjson`, one row for each patient\n",
        ),
        (
            {"patients.csv": "patient\n", "assesments.csv": "patient\n", "README.md": "x"},
            "BW701 `assesments.csv` is no table of a cohort\n  hint: did you mean `assessments`?\n",
        ),
        (
            {"patients.csv": "patient\n", "patients.ndjson": ""},
            "BW709 `patients` is there twice: `patients.csv` and `patients.ndjson`\n  hint: keep one\n",
        ),
        (
            {"patients.csv": "patient,sexx\n", "infusions.csv": "date,colour,date\n"},
            "BW702 `infusions.csv` has a column `colour`, which `infusions` does not know\n"
            "  hint: the columns are `patient`, `date`\n"
            "BW702 `infusions.csv` has the column `date` twice\n"
            "  hint: keep one\n"
            "BW702 `patients.csv` has a column `sexx`, which `patients` does not know\n"
            "  hint: did you mean `sex`?; a column that only groups patients begins with `group_`\n"
            "BW703 `infusions.csv` has no column `patient`\n"
            "  hint: every row needs it\n",
        ),
        ({"patients.csv": ""}, "BW708 `patients.csv` is empty\n  hint: its first line names its columns\n"),
        (
            {"patients.ndjson": '{"patient": "p-1"}\n\n[1]\n'},
            "BW708 line 2 of `patients.ndjson` is no JSON object\n"
            '  hint: each line is one row, such as {"patient": "p-0001", ...}\n',
        ),
    ],
    ids=["no patients", "misspelt", "twice", "columns", "empty", "no object"],
)
def test_what_is_wrong_with_whole_tables(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    (tmp_path / "t").mkdir()
    for name, text in files.items():
        (tmp_path / "t" / name).write_text(text, encoding="utf-8")
    assert problems(tmp_path / "t") == expected


def test_a_column_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    pq.write_table(pa.table({"patient": ["a"], "birth_date": [True]}), tmp_path / "t" / "patients.parquet")
    assert problems(tmp_path / "t") == (
        "BW704 the column `birth_date` of `patients.parquet` holds `bool`, not dates\n"
        "  hint: see docs/cohort-tables.md for what each column holds\n"
    )


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "patients.parquet").write_bytes(b"no parquet")
    assert problems(tmp_path / "t").startswith("BW708 `patients.parquet` cannot be read: ")


def test_text_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "patients.csv").write_bytes(b"patient\n\xff\n")
    assert problems(tmp_path / "t").startswith("BW708 `patients.csv` cannot be read: ")


def test_an_unknown_key_of_ndjson_refuses_its_patient(tmp_path: Path) -> None:
    text = {"patients": ['{"patient": 1, "group_site": "n"}', '{"patient": "b", "sexx": "male"}']}
    tables = opened(write_lines(tmp_path / "t", text))
    assert tables.faults == (Fault("b", "patients", "patients.ndjson", 2, "sexx", "BW302"),)
    assert tables.groups == ("group_site",)
    assert rows(tables, "patients", "patient", "group_site") == [("1", "n"), ("b", None)]


def test_there_are_no_tables_at_a_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x", encoding="utf-8")
    with pytest.raises(TablesError) as caught:
        open_tables(tmp_path / "x", tmp_path / "work")
    assert caught.value.diagnostics[0].code == "BW700"


# ---------------------------------------------------------------- chunks


def test_chunks_share_out_the_patients(tmp_path: Path) -> None:
    names = [f"p-{number}" for number in range(10)]
    text = {
        "patients": ["patient,sex", *(f"{name},{'x' if name == 'p-4' else ''}" for name in reversed(names))],
        "infusions": ["patient,date", *(f"{name},2026-01-0{1 + n % 9}" for n, name in enumerate([*names, "a", "z"]))],
    }
    tables = opened(write_lines(tmp_path / "t", text, ".csv"))
    chunks = [loaded(database(), tables, default_pack(), part=(number, 3)) for number in range(3)]
    left = [chunk.cohort.patients.order_by("pid").to_pyarrow()["patient"].to_pylist() for chunk in chunks]
    gone = [sorted(chunk.refused.patients.to_pyarrow()["patient"].to_pylist()) for chunk in chunks]
    assert left == [["p-0", "p-1", "p-2"], ["p-3", "p-5"], ["p-6", "p-7", "p-8", "p-9"]]
    assert gone == [["a"], ["p-4"], ["z"]]
    assert [chunk.cohort.infusions.count().to_pyarrow().as_py() for chunk in chunks] == [3, 2, 4]
    with pytest.raises(ValueError, match="no chunk 3 of 3"):
        loaded(database(), tables, default_pack(), part=(3, 3))


def test_more_chunks_than_patients_leave_some_empty(tmp_path: Path) -> None:
    tables = opened(write_lines(tmp_path / "t", {"patients": PATIENTS}, ".csv"))
    sizes = [
        loaded(database(), tables, default_pack(), part=(number, 5)).cohort.patients.count().to_pyarrow().as_py()
        for number in range(5)
    ]
    assert sum(sizes) == 2

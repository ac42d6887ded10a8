"""A backtest over tables: what happened as records and as tables tell it, page, JSON, HTML, calibration, the command."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from boosterwatch.engine.cohort.backtest.data import data_of
from boosterwatch.engine.cohort.backtest.html import backtest_html
from boosterwatch.engine.cohort.backtest.model import Backtest, Calibration, Series, Thing
from boosterwatch.engine.cohort.backtest.page import page_of
from boosterwatch.engine.cohort.backtest.past import Past, past_of_records
from boosterwatch.engine.cohort.backtest.past_tables import past_of_tables, read_outcomes
from boosterwatch.engine.cohort.backtest.run import backtest, calibrate
from boosterwatch.engine.cohort.impact.clinic import Means, open_clinic
from boosterwatch.engine.cohort.impact.results import ImpactError
from boosterwatch.engine.cohort.rows import by_rows
from boosterwatch.engine.cohort.tables.assemble import records_of
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.terminal.commands.cohort_backtest import backtest as command
from boosterwatch.engine.terminal.commands.cohort_synth import synth
from boosterwatch.tests.packs.files import default_pack

PACK = default_pack()
UNTIL = date(2026, 2, 1).toordinal()
INFUSIONS = ["2025-11-03", "2025-11-06", "2025-11-10", "2025-11-13"]


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def rows_of(past: Past) -> dict[str, list[tuple[Any, ...]]]:
    """Return the tables as sorted rows."""
    names = ("infusions", "reported", "recorded", "views")
    return {name: sorted(tuple(row.values()) for row in getattr(past, name).to_pylist()) for name in names}


# ---------------------------------------------------------------- what happened


def report(kind: str, on: str, **more: Any) -> dict[str, Any]:
    return {"type": "report", "by": "patient", "kind": kind, "date": on, **more}


def test_the_past_is_what_the_record_says_up_to_the_day() -> None:
    record = {
        "as_of": "2024-01-01",
        "infusions": [*INFUSIONS, "2026-03-01"],
        "assessments": [{"instrument": "phq9", "date": "2026-01-20", "total": 9}],
        "safety": [
            report("loss_of_benefit", "2025-12-20"),
            report("loss_of_benefit", "2025-12-28", entered_in_error=True),
            report("loss_of_benefit", "2026-02-02"),
            report("benefit", "2025-12-01"),
        ],
        "prior_cycles": [
            {"infusion": "2025-11-13", "loss_of_benefit": "2025-12-24"},
            {"infusion": "2025-11-10", "censored": True},
            {"infusion": "2025-11-06", "loss_of_benefit": "2026-02-02"},
        ],
    }
    untreated = {"as_of": "2024-01-01", "safety": [report("loss_of_benefit", "2025-12-20")]}
    broken = {"as_of": "2024-01-01", "assessments": [{"instrument": "nothing", "date": "2025-12-01", "total": 3}]}
    past = past_of_records(PACK, [("a", record), ("b", untreated), ("c", broken)], UNTIL)
    assert rows_of(past) == {
        "infusions": [("a", day(one)) for one in INFUSIONS],
        "reported": [("a", day("2025-12-20")), ("b", day("2025-12-20"))],
        "recorded": [("a", day("2025-11-10"), None), ("a", day("2025-11-13"), day("2025-12-24"))],
        "views": [("a", day("2025-11-03"), day("2026-01-20"))],
    }


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the tables of made-up patients, with all kinds of mistakes."""
    folder = tmp_path_factory.mktemp("backtest") / "tables"
    done = CliRunner().invoke(synth, [str(folder), "--patients", "120", "--seed", "3", "--mess", "much"])
    assert done.exit_code == 0, done.output
    return str(folder)


def test_tables_and_records_tell_the_same_past(tables: str) -> None:
    with open_clinic(tables, Means("rows")) as opened:
        records = [(id, one) for id, one in records_of(opened.tables) if one is not None]
        plain, read = past_of_records(PACK, records, UNTIL), past_of_tables(PACK, opened.tables, UNTIL)
    assert rows_of(plain) == rows_of(read)
    assert all(rows_of(read).values())


def test_a_clinics_own_outcomes_take_the_place_of_the_records(tables: str, tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    file.write_text("patient,date,who\nsynthetic-0000001,2026-01-05,x\nsynthetic-0000001,2026-02-05,x\n")
    with open_clinic(tables, Means("rows")) as opened:
        past = past_of_tables(PACK, opened.tables, UNTIL, file)
    assert rows_of(past)["reported"] == [("synthetic-0000001", day("2026-01-05"))]
    assert (rows_of(past)["recorded"], past.source) == ([], str(file))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("patient,day\na,2026-01-01\n", "it has no column `date`"),
        ("patient,date\na,\n", "row 1 lacks its date"),
        ("patient,date\na,2026-01-01\n,2026-01-01\n", "row 2 lacks its patient"),
    ],
)
def test_outcomes_that_cannot_be_used_are_refused(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "losses.csv"
    file.write_text(text)
    with pytest.raises(ImpactError) as refused:
        read_outcomes(file)
    assert [(one.code, one.message) for one in refused.value.diagnostics] == [
        ("BW658", f"`{file}` holds no outcomes: {fault}")
    ]


def test_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "losses.csv"
    file.write_text("patient,date\na,31.12.2025\n")
    with pytest.raises(ImpactError, match=r"BW658 .*losses.csv` holds no outcomes: .*31\.12\.2025"):
        read_outcomes(file)


# ---------------------------------------------------------------- one patient, by the real pack


RELAPSE = {
    "as_of": "2026-03-01",
    "patient": "a",
    "infusions": INFUSIONS,
    "assessments": [
        {"instrument": "phq9", "date": on, "total": total}
        for on, total in (
            ("2025-11-01", 20),
            ("2025-12-10", 4),
            ("2025-12-24", 8),
            ("2026-01-07", 11),
            ("2026-01-21", 16),
        )
    ],
    "safety": [report("loss_of_benefit", "2026-01-30")],
}
SERIES = Series(day("2025-12-01"), day("2026-01-26"), 7, 90)


def rows(pack: LoadedPack, as_of: int, name: str) -> Any:
    return by_rows(pack, [RELAPSE], as_of)


@pytest.fixture(scope="module")
def past() -> Past:
    return past_of_records(PACK, [("a", RELAPSE)], SERIES.until)


@pytest.fixture(scope="module")
def found(past: Past) -> Backtest:
    return backtest(rows, past, PACK, SERIES)


def test_the_lead_of_a_relapse_is_from_the_first_date_that_saw_it(found: Backtest) -> None:
    tallies = {one.thing: one for one in found.tallies}
    severity = tallies[Thing("sign", "symptom_severity", "positive")]
    # 11 on 2026-01-07 is worse by 7; the next date is 2026-01-12; the loss is 18 days later
    assert severity.lead.first == (18, 18, 18)
    assert (severity.starts.all, severity.starts.before_loss) == (1, 1)
    assert tallies[Thing("rule", "phq9_possible")].found == 1
    assert found.losses.source == "record"
    assert (found.patients, found.in_view) == (1, 1)


def test_at_another_value_the_sign_is_earlier(past: Past) -> None:
    found = calibrate(rows, past, PACK, SERIES, "phq9.delta", steps=1)
    leads = {
        setting.value: one.lead.first
        for setting in found.settings
        for one in setting.tallies
        if one.thing == Thing("sign", "symptom_severity", "positive")
    }
    # worse by 3 already with the 8 of 2025-12-24, seen on 2025-12-29; by 8 only with the 16 of 2026-01-21, on 01-26
    assert leads == {3: (32, 32, 32), 5: (18, 18, 18), 8: (4, 4, 4)}
    assert [setting.marks for setting in found.settings] == [(), ("current",), ()]
    assert not any(one.thing.what == "rule" for setting in found.settings for one in setting.tallies)
    _shown(found, backtest(rows, past, PACK, SERIES))


def _shown(calibration: Calibration, found: Backtest) -> None:
    text = to_text(page_of(found, PACK.ir, [calibration]))
    assert "Backtests over phq9.delta" in text
    assert re.search(r"Symptom severity +possible +1 of 1 +100 % \(21-100\) +18 \(18-18\)", text)
    html = backtest_html(found, PACK.ir, [calibration])
    assert (html.count("<svg "), "<script" in html) == (3, False)
    assert re.findall(r"(?:src|href)=['\"](?!#)[^'\"]*", html) == []
    data = json.loads(json.dumps(data_of(found, [calibration])))
    assert (data["schema"], data["losses"]["looked_at"], data["dates"]) == ("boosterwatch/backtest/1", 1, 9)
    assert [one["value"] for one in data["calibrations"][0]["values"]] == [3, 5, 8]


def test_nobody_in_view_is_told(past: Past) -> None:
    early = Series(day("2020-01-01"), day("2020-01-08"), 7, 30)
    with pytest.raises(ImpactError, match="BW659 nobody was in view at any of the dates"):
        backtest(rows, past, PACK, early)


# ---------------------------------------------------------------- the command


def run(*args: str) -> Result:
    return CliRunner().invoke(command, [*args, "--engine", "rows"])


def test_the_command_tells_a_clinics_backtest(tables: str, tmp_path: Path) -> None:
    options = ("--from", "2025-06-01", "--to", "2025-10-01", "--every", "8w", "--pictures", str(tmp_path / "drawn"))
    done = run(tables, *options, "--format", "json")
    assert done.exit_code == 0, done.stderr
    data = json.loads(done.stdout)
    assert (data["from"], data["to"], data["every_days"], data["dates"]) == ("2025-06-01", "2025-09-21", 56, 3)
    assert data["losses"]["all"] >= data["losses"]["looked_at"] > 0
    assert all(one["found"] <= one["losses"] for one in data["tallies"])
    assert sorted(file.name for file in (tmp_path / "drawn").iterdir()) == ["found-and-false.svg", "lead-times.svg"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ("--from", "2025-06-01", "--to", "2025-05-01"),
            "BW657 the series ends on 2025-05-01, before it begins on 2025-06-01",
        ),
        (("--from", "2025-06-01", "--to", "2025-07-01", "--every", "soon"), "BW657 `soon` is no span of days"),
        (("--from", "2025-06-01", "--to", "2025-07-01", "--sweep", "slope_days"), "BW649 `slope_days` cannot be swept"),
    ],
)
def test_what_makes_no_series_is_told(tables: str, options: tuple[str, ...], says: str) -> None:
    done = run(tables, *options)
    assert (done.exit_code, says in done.stderr) == (1, True)

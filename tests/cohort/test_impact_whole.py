"""`impact` over tables of made-up patients: both engines, examples, page, JSON, HTML, shadow and the command."""

from __future__ import annotations

import json
import random
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from boosterwatch.engine import load_pack
from boosterwatch.engine.cohort.impact.clinic import Means, open_clinic
from boosterwatch.engine.cohort.impact.data import data_of
from boosterwatch.engine.cohort.impact.html import impact_html, pictures
from boosterwatch.engine.cohort.impact.model import BudgetFrom, Impact
from boosterwatch.engine.cohort.impact.page import page_of
from boosterwatch.engine.cohort.impact.results import ImpactError
from boosterwatch.engine.cohort.impact.run import Asked, measure_impact
from boosterwatch.engine.explain.page import Text
from boosterwatch.engine.explain.plain import to_text
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.find import find_pack
from boosterwatch.engine.terminal.commands.cohort_synth import synth
from boosterwatch.engine.terminal.commands.impacting import impact

OLD, NEW = "ketamine-maintenance@1.0.0", "ketamine-maintenance@1.1.0"
DAY = date(2026, 2, 1)
PACKS = (load_pack(OLD, purpose="reading"), load_pack(NEW, purpose="reading"))


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the tables of made-up patients."""
    folder = tmp_path_factory.mktemp("impact") / "tables"
    done = CliRunner().invoke(synth, [str(folder), "--patients", "100", "--seed", "7"])
    assert done.exit_code == 0, done.output
    return str(folder)


@pytest.fixture(scope="module")
def found(tables: str) -> Impact:
    """Return an impact with everything in it, by the row engine."""
    asked = Asked(DAY.toordinal(), clinician="clinician", budget=2, sweeps=["phq9.delta"], steps=1)
    with open_clinic(tables, Means("rows")) as opened:
        return measure_impact(opened.clinic, PACKS, asked)


def test_the_examples_are_told_by_the_row_engine_and_agree(found: Impact, tables: str) -> None:
    assert 1 < len(found.examples) <= 12
    with open_clinic(tables, Means("rows")) as opened:
        records = dict(opened.clinic.records([one.patient for one in found.examples]))
    for one in found.examples:
        for side, pack in ((one.old, PACKS[0]), (one.new, PACKS[1])):
            decision = evaluate(pack, {**records[one.patient], "as_of": DAY.isoformat()})
            assert (side.recommendation, side.urgency, side.summary) == (
                decision.recommendation,
                decision.urgency,
                decision.summary,
            )
            assert {rule.rule for rule in side.fired} <= {rule.rule for rule in decision.trace}
            assert side.agrees
    shown = set().union(*(set(one.shows) for one in found.examples))
    kinds = {("gained", one.answer) for one in found.compared.effects if one.gained and one.answer.what != "rule"}
    kinds |= {("lost", one.answer) for one in found.compared.effects if one.lost and one.answer.what != "rule"}
    assert shown | set(found.unshown) == kinds


def test_the_files_of_the_columns_hold_what_the_rows_hold(tables: str) -> None:
    with open_clinic(tables, Means("rows")) as rows, open_clinic(tables, Means("duckdb")) as columns:
        file = columns.clinic.evaluate(PACKS[1], DAY.toordinal(), "new")
        assert isinstance(file, Path)
        assert pq.read_table(file).equals(rows.clinic.evaluate(PACKS[1], DAY.toordinal(), "new"))


def test_the_alerts_are_those_of_each_clinician(found: Impact) -> None:
    alerts = found.alerts
    assert alerts is not None
    assert (alerts.weeks, alerts.by, alerts.budget) == (1, "clinician", 2)
    assert alerts.new.per_week == pytest.approx(alerts.new.alerts / alerts.clinicians)
    assert alerts.new.alerts == sum(many for *_, many in alerts.new.by_recommendation)


@pytest.mark.parametrize(
    ("budget", "origin", "over", "says"),
    [
        (10, "option", 1, "Over the budget of 10 alerts for each clinician and week (`--budget`): 1 clinician."),
        (1.5, "option", 0, "Within the budget of 1.5 alerts for each clinician and week (`--budget`)."),
        (
            10,
            "pack",
            3,
            "Over the budget of 10 alerts for each clinician and week (`alerts_per_clinician_week` of the new pack): "
            "3 clinicians.",
        ),
        (None, None, 0, "No budget is stated: give `--budget`, or state `alerts_per_clinician_week` in the new pack."),
    ],
)
def test_the_page_says_where_the_budget_is_from(
    found: Impact, budget: float | None, origin: BudgetFrom | None, over: int, says: str
) -> None:
    alerts = found.alerts
    assert alerts is not None
    told = replace(alerts, budget=budget, budget_from=origin, new=replace(alerts.new, over=over))
    impact = replace(found, alerts=told)
    assert says in [block.text for block in page_of(impact, PACKS[0].ir, PACKS[1].ir) if isinstance(block, Text)]
    alerts_told: Any = data_of(impact)["alerts"]
    assert alerts_told["budget_from"] == origin


def test_a_results_row_that_the_row_engine_does_not_give_is_told(tables: str) -> None:
    with open_clinic(tables, Means("rows")) as opened:
        clinic = opened.clinic

        def wrong(pack: LoadedPack, as_of: int, name: str) -> Any:
            results = clinic.evaluate(pack, as_of, name)
            assert isinstance(results, pa.Table)
            if name == "old":
                return results
            rows = [{**row, "urgency": "now"} if row["status"] == "decided" else row for row in results.to_pylist()]
            return pa.Table.from_pylist(rows, schema=results.schema)

        found = measure_impact(replace(clinic, evaluate=wrong), PACKS, Asked(DAY.toordinal(), weeks=0, examples=2))
    assert [(one.old.agrees, one.new.agrees) for one in found.examples] == [(True, False)] * 2
    assert "BW655 the row engine decides otherwise" in to_text(page_of(found, PACKS[0].ir, PACKS[1].ir))


# ---------------------------------------------------------------- text, JSON, HTML


def test_the_page_tells_all_parts(found: Impact) -> None:
    text = to_text(page_of(found, PACKS[0].ir, PACKS[1].ir))
    heads = re.findall(r"^(Recommendations|Signs|By group|Alerts|Sweep of phq9.delta|Example patients)$", text, re.M)
    assert heads == ["Recommendations", "Signs", "By group", "Alerts", "Sweep of phq9.delta", "Example patients"]
    share = f"{100 * found.compared.differing / 100:.1f} %"
    assert f"{found.compared.differing} patients ({share}) get another answer." in text
    assert "5 points  current, proposed" in text
    assert "urgent safety review, now" in text


def test_the_data_are_json_and_hold_every_number(found: Impact) -> None:
    data = json.loads(json.dumps(data_of(found)))
    assert (data["schema"], data["patients"], data["as_of"]) == ("boosterwatch/impact/1", 100, "2026-02-01")
    assert data["old"]["version"] == "1.0.0"
    assert sum(one["patients"] for one in data["moves"]) <= data["differing"]
    assert [step["value"] for step in data["sweeps"][0]["values"]] == [3, 5, 8]
    assert data["examples"][0]["new"]["row_engine_agrees"] is True


def test_the_html_stands_alone_and_holds_the_pictures(found: Impact) -> None:
    html = impact_html(found, PACKS[0].ir, PACKS[1].ir)
    assert html.count("<svg ") == 2
    assert html.count('role="img" aria-label=') == 2
    assert re.findall(r"(?:src|href)=['\"](?!#)[^'\"]*", html) == []
    assert "<script" not in html
    ids = re.findall(r"\bid=['\"]([^'\"]+)", html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)


def test_the_pictures_are_the_same_whenever_they_are_drawn(found: Impact) -> None:
    drawn = pictures(found, PACKS[0].ir, PACKS[1].ir)
    assert list(drawn) == ["recommendations", "sweep-phq9-delta"]
    assert drawn == pictures(found, PACKS[0].ir, PACKS[1].ir)
    assert "current and proposed" in drawn["sweep-phq9-delta"][1]


def test_where_nobody_changes_there_is_a_page_and_an_empty_picture(found: Impact) -> None:
    effects = tuple(replace(one, new=one.old, gained=0, lost=0) for one in found.compared.effects)
    same = replace(found.compared, differing=0, only_rules=0, effects=effects, moves=())
    nothing = replace(found, compared=same, groups=(), examples=(), unshown=(), sweeps=(), alerts=None)
    assert "Nobody gets another answer." in to_text(page_of(nothing, PACKS[0].ir, PACKS[1].ir))
    assert impact_html(nothing, PACKS[0].ir, PACKS[1].ir).count("<svg ") == 1


# ---------------------------------------------------------------- the command


def run(*args: str) -> Result:
    return CliRunner().invoke(impact, [*args, "--as-of", "2026-02-01", "--engine", "rows"])


@pytest.fixture(scope="module")
def few(tables: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the tables of the first patients."""
    folder = tmp_path_factory.mktemp("few") / "tables"
    folder.mkdir()
    con = duckdb.connect()
    for file in Path(tables).glob("*.parquet"):
        con.sql(f"SELECT * FROM '{file}' WHERE patient <= 'synthetic-0000030'").write_parquet(str(folder / file.name))
    con.close()
    return str(folder)


def test_a_trial_in_the_shadow_leaves_its_differences(few: str, tmp_path: Path) -> None:
    for _ in range(2):
        done = run(
            OLD, NEW, few, "--weeks", "0", "--shadow", str(tmp_path / "kept"), "--html", str(tmp_path / "i.html")
        )
        assert done.exit_code == 0, done.output
    (file,) = (tmp_path / "kept").iterdir()
    assert file.name == f"2026-02-01-{PACKS[0].digest[:12]}-{PACKS[1].digest[:12]}.parquet"
    kept = pq.read_table(file)
    assert kept.column_names == ["patient", "what", "id", "active", "trial"]
    assert kept.schema.metadata[b"boosterwatch.trial_pack"] == NEW.encode()
    assert {
        "patient": "synthetic-0000005",
        "what": "recommendation",
        "id": None,
        "active": "reassess",
        "trial": "provider_check_in",
    } in kept.to_pylist()
    assert (tmp_path / "i.html").read_text().startswith("<!DOCTYPE html>")


def test_a_trial_may_not_be_what_decides(few: str, tmp_path: Path) -> None:
    done = run(NEW, NEW, few, "--shadow", str(tmp_path / "kept"))
    assert done.exit_code == 1
    assert f"BW142 `{NEW}` is a trial and may not decide" in done.stderr


def test_more_alerts_than_the_budget_can_fail_the_command(few: str, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    ids = pq.read_table(Path(few) / "patients.parquet")["patient"].to_pylist()
    groups.write_text("patient,team\n" + "".join(f"{id},{random.Random(id).choice('xy')}\n" for id in ids))
    done = run(
        OLD,
        NEW,
        few,
        "--groups",
        str(groups),
        "--clinician",
        "team",
        "--by",
        "team",
        "--weeks",
        "4",
        "--budget",
        "0",
        "--exit-code",
        "--format",
        "json",
    )
    data = json.loads(done.stdout)
    assert (data["alerts"]["by"], data["alerts"]["clinicians"]) == ("team", 2)
    assert done.exit_code == int(data["alerts"]["new"]["over_budget"] > 0) == 1
    assert {one["column"] for one in data["groups"]} == {"team"}
    assert sum(one["patients"] for one in data["groups"]) == data["patients"]


def test_the_budget_of_the_new_pack_can_fail_the_command(few: str, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    shutil.copytree(str(find_pack(NEW).folder), folder, ignore=shutil.ignore_patterns("*.json", "cases"))
    question = (OLD, str(folder), few, "--weeks", "4", "--examples", "0", "--exit-code")
    without = run(*question)
    assert without.exit_code == 1
    assert without.stderr == (
        "BW656 there is no budget to hold the alerts against\n"
        "  hint: give `--budget`, the alerts that a clinician can answer in a week, or state `alerts_per_clinician_week` in "
        "the new pack\n"
    )
    with (folder / "pack.yaml").open("a") as face:
        face.write("alerts_per_clinician_week: 0.01\n")
    beyond = run(*question)
    assert (beyond.exit_code, beyond.stderr) == (1, "")
    assert "Over the budget of 0.01 alerts for each clinician and week (`alerts_per_clinician_week` of" in beyond.stdout
    assert run(*question, "--budget", "1000").exit_code == 0


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("id,team\na,x\n", "it has no column `patient`"),
        ("patient\na\n", "it has no column besides `patient`"),
        ("patient,team\na,x\na,y\n", "a patient stands there twice"),
    ],
)
def test_groups_that_cannot_be_used_are_refused(few: str, tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "groups.csv"
    file.write_text(text)
    with pytest.raises(ImpactError) as refused, open_clinic(few, Means("rows"), file):
        pass
    assert [(one.code, one.message) for one in refused.value.diagnostics] == [
        ("BW654", f"`{file}` holds no groups: {fault}")
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--clinician", "a", "--clinicians", "2"), "--clinician names a column, --clinicians is a number"),
        (("--exit-code", "--weeks", "0"), "--exit-code is about alerts"),
    ],
)
def test_options_that_exclude_each_other_are_refused(options: tuple[str, ...], says: str) -> None:
    done = run(OLD, NEW, "nowhere", *options)
    assert (done.exit_code, says in done.stderr) == (2, True)


def test_a_parameter_or_column_that_is_not_there_is_told_before_anything_is_evaluated(few: str) -> None:
    done = run(OLD, NEW, few, "--sweep", "phq9.dleta")
    assert (done.exit_code, "BW649" in done.stderr, "did you mean `phq9.delta`?" in done.stderr) == (1, True, True)
    done = run(OLD, NEW, few, "--by", "county")
    assert (done.exit_code, "BW653 the patients have no column `county`" in done.stderr) == (1, True)

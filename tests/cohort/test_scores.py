"""Every measure of every scale: in columns as the row engine derives it, now and at earlier dates."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from ibis.backends.duckdb import Backend

from boosterwatch.engine import load_pack
from boosterwatch.engine.cohort.columns.scores import open_scores
from boosterwatch.engine.cohort.names import measure_column
from boosterwatch.tests.cohort.moments_rows import Look, case_records, moments_of, open_all, random_records
from boosterwatch.tests.cohort.scores_rows import differences, in_order, moments_table, score_names, scored
from boosterwatch.tests.packs.files import RULES

PACKS = ["ketamine-maintenance/1.1.0", "quick-screen/1.0.0"]


@pytest.mark.parametrize("name", PACKS)
def test_every_measure_of_every_case_and_of_random_patients(con: Backend, tmp_path: Path, name: str) -> None:
    """Now, and at dates on and beside what is recorded, before that day's infusions and after."""
    pack = load_pack(str(RULES / name), purpose="shadow")
    found = open_all(con, tmp_path, pack, [*case_records(pack), *random_records(pack.ir, 300, name)])
    looks = moments_of(found, random.Random(name), each=3)
    names = score_names(pack.ir)
    rows = scored(found, looks)
    wrong = list(differences(found, looks, rows, names))
    assert not wrong, (len(wrong), wrong[:8])
    assert {one for one in names if len({row[measure_column(one)] for row in rows}) < 2} == set()


def test_scores_opened_once_are_looked_at_now_and_at_earlier_dates_of_the_course(con: Backend, tmp_path: Path) -> None:
    """The quicker ways give the same: one course of each patient, and moments after everything recorded."""
    pack = load_pack(str(RULES / PACKS[0]), purpose="shadow")
    found = open_all(con, tmp_path, pack, random_records(pack.ir, 300, "opened once"))
    now = [Look(pid, patient.record.as_of, before=False) for pid, patient in enumerate(found.patients)]
    moments = moments_table(found, now)
    last = {row["pid"]: row["course_last"] for row in in_order(moments)}
    earlier = [
        Look(look.pid, look.at, look.before)
        for look in moments_of(found, random.Random(3), each=4)
        if last[look.pid] is not None and look.at - look.before >= last[look.pid]
    ]
    assert len(earlier) > 300
    scores = open_scores(pack.ir, found.forms, found.cohort, moments, found.parameters, None, found.stage)

    names = score_names(pack.ir)
    assert list(differences(found, now, in_order(scores.measures(moments, None)), names)) == []
    lookback = pack.ir.lookback
    assert lookback is not None
    slice_names = [one for one in names if one in lookback.measures]
    then = in_order(scores.measures(moments_table(found, earlier), slice_names))
    assert list(differences(found, earlier, then, slice_names)) == []


def test_few_measures_read_only_the_newest_value(con: Backend, tmp_path: Path) -> None:
    """A slice without references before the course or a preceding visit gives its columns and no others."""
    pack = load_pack(str(RULES / PACKS[0]), purpose="shadow")
    found = open_all(con, tmp_path, pack, random_records(pack.ir, 60, "few"))
    names = ["phq9.latest", "phq9.change_from_best", "gad7.assessable", "who5.reason", "phq9.newest_invalid"]
    looks = moments_of(found, random.Random(4), each=2)
    rows = scored(found, looks, names)
    assert sorted(rows[0]) == sorted(["mid", *map(measure_column, names)])
    assert list(differences(found, looks, rows, names)) == []
    assert scored(found, looks[:1], ["days_since_infusion"]) == [{"mid": 0}]

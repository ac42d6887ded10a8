"""Made-up patients: the same for the same seed, valid for the row engine, and as varied and as faulty as they should be."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from boosterwatch import load_pack
from boosterwatch.engine.cohort.synth.block import BLOCK, make_block
from boosterwatch.engine.cohort.synth.course import Infusions, level_at
from boosterwatch.engine.cohort.synth.make import NOTE, make_tables, plan_cohort, write_cohort
from boosterwatch.engine.cohort.synth.people import Crowd
from boosterwatch.engine.cohort.synth.recipe import recipes
from boosterwatch.engine.cohort.synth.sheets import _sum, paper_of
from boosterwatch.engine.cohort.synth.visits import plan
from boosterwatch.engine.cohort.tables.errors import TablesError
from boosterwatch.engine.cohort.tables.layout import ASSESSMENTS, PATIENTS, layouts
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.record.scoring import item_sum
from boosterwatch.tests.cohort.synth_made import making, records, tables
from boosterwatch.tests.packs.files import default_pack

PACK = default_pack()
UNTIL = "2026-03-02"


def decided(level: str, patients: int, recipe: str = "clinic") -> list[dict[str, Any]]:
    """Return what the row engine says of made-up patients: the parts of each decision that the tests look at."""
    found = []
    for record in records(tables(patients, recipe, 1, level), UNTIL):
        decision = evaluate(PACK, record)
        signs = {f"{id}:{sign.state}" for id, sign in decision.signs.items()}
        found.append(
            {
                "recommendation": decision.recommendation,
                "rejected": {one.code for one in decision.rejected},
                "seen": {decision.response, *signs, *decision.flags, *decision.holds},
            }
        )
    return found


# ---------------------------------------------------------------- the same again


def test_a_seed_and_a_block_say_everything() -> None:
    again = make_block(making(), 0, 300)
    assert {name: again[name].equals(table) for name, table in tables(300).items()} == dict.fromkeys(again, True)
    other = make_block(plan_cohort("clinic", 2), 0, 300)
    assert not other[ASSESSMENTS].equals(again[ASSESSMENTS])


def test_fewer_patients_are_the_first_of_more() -> None:
    few, many = tables(40), tables(300)
    last = few[PATIENTS]["patient"][-1]
    for name, table in many.items():
        assert few[name].equals(table.filter(pc.less_equal(table["patient"], last))), name


def test_blocks_follow_each_other() -> None:
    made = list(make_tables(making(), BLOCK + 2))
    assert [table[PATIENTS].num_rows for table in made] == [BLOCK, 2]
    assert made[1][PATIENTS]["patient"].to_pylist() == [f"synthetic-{BLOCK + 1:07d}", f"synthetic-{BLOCK + 2:07d}"]
    assert made[1][ASSESSMENTS].equals(make_block(making(), 1, 2)[ASSESSMENTS])


def test_every_table_is_there_in_its_layout_and_order() -> None:
    made = tables(300)
    groups = ["group_site", "group_clinician"]
    for name, layout in layouts().items():
        assert made[name].schema == layout.schema(groups if name == PATIENTS else ()), name
        assert made[name]["patient"].to_pylist() == sorted(made[name]["patient"].to_pylist()), name
        assert made[name].num_rows, name
        needed = [column.name for column in layout.columns if column.needed]
        assert [column for column in needed if made[name][column].null_count] == [], name


# ---------------------------------------------------------------- what the row engine makes of them


@pytest.mark.parametrize("recipe", recipes())
def test_without_mistakes_nothing_is_rejected_but_what_nobody_can_read(recipe: str) -> None:
    """A total whose method is not stated, as happens in the best clinic, can stay unclear."""
    rejected = set().union(*(one["rejected"] for one in decided("none", 250, recipe)))
    assert rejected <= {"unit_ambiguous"}


def test_mistakes_are_of_every_kind_and_no_record_is_refused() -> None:
    found = decided("much", 250)
    rejected = Counter(code for one in found for code in one["rejected"])
    assert rejected.keys() == {
        "invalid_score", "unit_ambiguous", "duplicate_conflict", "version_mismatch", "future_dated", "invalid_reading",
    }  # fmt: skip
    assert rejected["invalid_score"] > 100


def test_patients_are_as_different_as_those_of_a_clinic() -> None:
    found = decided("some", 600)
    said = Counter(one["recommendation"] for one in found)
    assert set(said) == {
        "urgent_safety_review", "provider_check_in", "consider_booster", "reassess", "continue",
    }  # fmt: skip
    assert min(said["provider_check_in"], said["reassess"], said["continue"]) > 60
    assert 6 < said["consider_booster"] < 120
    seen = Counter(word for one in found for word in one["seen"])
    signs = [f"{sign.id}:{state}" for sign in PACK.ir.signs for state in ("absent", "possible", "probable")]
    assert [sign for sign in signs if not seen[sign]] == []
    words = ("responder", "partial", "non_responder", "unknown", "settling", "stale", "contradictory", "blood_pressure")
    assert [word for word in words if not seen[word]] == []


def test_the_cohort_for_speed_has_twelve_scores_a_patient_and_no_items() -> None:
    made = tables(2_000, "totals")
    assert 11 < made[ASSESSMENTS].num_rows / 2_000 < 13
    assert made[ASSESSMENTS]["items"].null_count == made[ASSESSMENTS].num_rows


# ---------------------------------------------------------------- the parts


@pytest.mark.parametrize(
    "id", [one.id for one in PACK.ir.instruments if one.items and one.id in making().recipe["forms"]]
)
def test_a_total_is_what_the_record_checks_make_of_the_items(id: str) -> None:
    paper = paper_of(making().recipe, PACK.ir, id)
    spec = paper.instrument.items
    assert spec is not None
    items = np.random.default_rng(4).integers(spec.low, spec.high, (200, spec.count), dtype=np.int8, endpoint=True)
    times = next((method.times for method in paper.methods if method.name == spec.method), 1)
    expected = [item_sum(spec, tuple(row)) * times / paper.stated.times for row in items.tolist()]
    assert _sum(paper, items).tolist() == expected


def test_relief_builds_up_and_fades() -> None:
    """Two patients; the second is never treated. Half of the relief is gone after `relief_days`."""
    whole = np.array
    crowd = Crowd(
        size=2,
        until=1_000,
        birth_day=whole([0, 0]),
        age_stated=whole([True, True]),
        sex=whole([0, 0]),
        indications=np.zeros((2, 1), dtype=np.bool_),
        groups={},
        severity=whole([0.8, 0.6], dtype=np.float32),
        relief=whole([0.5, 0.5], dtype=np.float32),
        relief_days=whole([40, 40], dtype=np.float32),
        width=whole([0.1, 0.1], dtype=np.float32),
    )
    none, day = np.zeros(2, dtype=np.int64), np.array([100, 103])
    infusions = Infusions(whole([0, 0]), day, whole([1, 2]), none, none, whole([100, 0]), whole([103, 0]), none > 0)
    built = 1 - making().recipe["course"]["build_up"] ** 2

    def level(pid: int, on: int) -> float:
        return round(float(level_at(making().recipe, crowd, infusions, whole([pid]), whole([on]))[0]), 4)

    assert level(0, 100) == 0.8, "before the first infusion of that day"
    assert level(0, 143) == round(0.8 * (1 - 0.5 * 0.5 * built), 4)
    assert level(0, 104) < level(0, 140) < level(0, 160) <= 0.8
    assert level(1, 500) == 0.6


def test_visits_are_planned_step_by_step() -> None:
    assert plan(making().recipe, 120).tolist() == [7, 14, 21, 28, 42, 56, 70, 84, 112, 140]


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("format", ["parquet", "csv", "ndjson"])
def test_a_folder_says_that_nobody_in_it_exists(tmp_path: Path, format: Any) -> None:
    made = write_cohort(making(), 30, tmp_path / "new" / "made-up", format)
    assert made.patients == 30
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"made-up"}
    names = {f"{name}.{format}" for name in layouts()}
    assert {path.name for path in (tmp_path / "new" / "made-up").iterdir()} == {NOTE, *names}
    note = (tmp_path / "new" / "made-up" / NOTE).read_text(encoding="utf-8")
    assert note.splitlines()[:3] == [
        "# A made-up ketamine clinic",
        "",
        "These patients are made up. Nobody here exists, and nothing may be concluded about treatment from what is",
    ]
    assert "- seed: 1\n- until: 2026-03-02\n" in note


def test_parquet_holds_what_was_made(tmp_path: Path) -> None:
    write_cohort(making(), 30, tmp_path / "made-up")
    for name, table in tables(30).items():
        read = pq.read_table(tmp_path / "made-up" / f"{name}.parquet")
        assert read.schema.metadata[b"synthetic"].startswith(b'{"mistakes":1')
        assert read.replace_schema_metadata(None).equals(table), name


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_cohort(making(), 30, tmp_path / name)
    found = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("a", "b")]
    assert found[0] == found[1]


def test_a_folder_with_something_in_it_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "made-up").mkdir()
    (tmp_path / "made-up" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TablesError) as refused:
        write_cohort(making(), 5, tmp_path / "made-up")
    assert str(refused.value) == "BW713 `made-up` is already there and not empty\n  hint: name a new folder"
    assert [path.name for path in (tmp_path / "made-up").iterdir()] == ["mine.txt"]


def test_nothing_is_left_of_a_cohort_that_could_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        write_cohort(making(), 5, tmp_path / "made-up")
    assert list(tmp_path.iterdir()) == []


def test_another_last_day_moves_everyone(tmp_path: Path) -> None:
    later = make_block(plan_cohort("clinic", 1, until=date(2027, 3, 2)), 0, 30)
    moved = pc.days_between(tables(30)["infusions"]["date"], later["infusions"]["date"])
    assert set(moved.to_pylist()) == {365}
    assert isinstance(later["infusions"], pa.Table)


def test_the_recipes_fit_every_version_of_their_pack() -> None:
    for version in ("1.0.0", "1.1.0"):
        pack = load_pack(f"ketamine-maintenance@{version}", purpose="shadow" if version == "1.1.0" else "decisions").ir
        for recipe in recipes():
            assert plan_cohort(recipe, 1, pack).pack is pack

"""Two results tables compared: gains, losses, moves, groups and alerts, on rows written by hand."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from boosterwatch.engine.cohort.impact.alerts import choose_budget, count_alerts
from boosterwatch.engine.cohort.impact.choose import alike, choose
from boosterwatch.engine.cohort.impact.compare import compare, signs_of
from boosterwatch.engine.cohort.impact.groups import group_effects, prepare_groups
from boosterwatch.engine.cohort.impact.model import Alerts, Answer, Compared, Effect, Group, Load, Move
from boosterwatch.engine.cohort.impact.results import ImpactError, Results, open_results
from boosterwatch.engine.cohort.impact.shadow import differences
from boosterwatch.tests.cohort.impact_material import DAY, LISTS, SIGNS, results, row
from boosterwatch.tests.packs.files import compile_files
from boosterwatch.tests.packs.small import SMALL

TALK, CARRY_ON = Answer("recommendation", "talk", "soon"), Answer("recommendation", "carry_on")
Rows = list[dict[str, Any]]


def opened(old: Rows, new: Rows) -> tuple[duckdb.DuckDBPyConnection, Results, Results]:
    """Return a connection with both results on it."""
    con = duckdb.connect()
    return con, open_results(con, results(old), "old"), open_results(con, results(new), "new")


def compared(old: Rows, new: Rows) -> Compared:
    return compare(*opened(old, new))


def moved(found: Compared) -> dict[Answer, tuple[int, int]]:
    """Return what is gained and lost by somebody."""
    return {one.answer: (one.gained, one.lost) for one in found.effects if one.gained or one.lost}


# ---------------------------------------------------------------- gains and losses


def test_the_same_results_differ_in_nothing() -> None:
    rows = [row("a"), row("b", "talk", "soon", signs={"mood": "probable"}, holds=["x"]), row("c", status="refused")]
    found = compared(rows, rows)
    assert (found.patients, found.differing, found.only_rules, found.moves, moved(found)) == (3, 0, 0, (), {})
    assert Effect(Answer("refused", ""), 1, 1, 0, 0) in found.effects


def test_a_recommendation_is_gained_and_the_other_lost() -> None:
    found = compared([row("a"), row("b")], [row("a", "talk", "soon"), row("b")])
    assert moved(found) == {TALK: (1, 0), CARRY_ON: (0, 1)}
    assert [one for one in found.effects if one.answer.what == "recommendation"] == [
        Effect(CARRY_ON, 2, 1, 0, 1),
        Effect(TALK, 0, 1, 1, 0),
    ]
    assert found.moves == (Move(("carry_on", ""), ("talk", "soon"), 1),)


def test_an_urgency_alone_is_another_answer() -> None:
    found = compared([row("a", "talk", "soon")], [row("a", "talk", "now")])
    assert moved(found) == {TALK: (0, 1), Answer("recommendation", "talk", "now"): (1, 0)}


def test_gains_and_losses_that_cancel_out_are_told() -> None:
    old = [row("a", holds=["x"]), row("b")]
    new = [row("a"), row("b", holds=["x"])]
    found = compared(old, new)
    assert moved(found) == {Answer("hold", "x"): (1, 1)}
    assert found.differing == 2


def test_a_sign_goes_from_state_to_state() -> None:
    found = compared([row("a", signs={"mood": "possible"})], [row("a", signs={"mood": "probable"})])
    assert moved(found) == {Answer("sign", "mood", "probable"): (1, 0), Answer("sign", "mood", "possible"): (0, 1)}


def test_another_rule_for_the_same_answer_is_no_other_answer() -> None:
    found = compared([row("a", fired=["r1", "r2"])], [row("a", fired=["r1", "r3"])])
    assert (found.differing, found.only_rules) == (0, 1)
    assert moved(found) == {Answer("rule", "r3"): (1, 0), Answer("rule", "r2"): (0, 1)}


def test_who_is_refused_by_one_pack_loses_every_answer() -> None:
    found = compared([row("a", "talk", "soon", flags=["f"])], [row("a", status="refused")])
    assert moved(found)[Answer("refused", "")] == (1, 0)
    assert moved(found)[TALK] == (0, 1)
    assert moved(found)[Answer("flag", "f")] == (0, 1)
    assert found.moves == (Move(("talk", "soon"), None, 1),)


def test_a_sign_that_only_one_pack_has_is_gained_by_everybody() -> None:
    con = duckdb.connect()
    old = open_results(con, results([row("a")]), "old")
    wide = [{**row("a"), "sign_drive": "absent"}]
    new = open_results(con, results(wide, (*SIGNS, "drive")), "new")
    assert signs_of(old, new) == ("mood", "sleep", "drive")
    assert moved(compare(con, old, new)) == {Answer("sign", "drive", "absent"): (1, 0)}
    assert differences(con).to_pylist() == [
        {"patient": "a", "what": "sign", "id": "drive", "active": None, "trial": "absent"}
    ]


def test_results_of_other_patients_are_refused() -> None:
    with pytest.raises(ImpactError, match="BW647 1 rows beside 1, and 0 that belong together by their patient"):
        compared([row("a")], [row("b")])
    with pytest.raises(ImpactError, match="BW647 2 rows beside 1, and 1 that belong together by their patient"):
        compared([row("a"), row("b")], [row("b")])


def test_a_table_without_the_columns_of_results_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"patient": ["a"], "status": ["decided"]}), tmp_path / "x.parquet")
    with pytest.raises(ImpactError, match="BW648 the table has no column `recommendation`, so it holds no results"):
        open_results(duckdb.connect(), tmp_path / "x.parquet", "old")


def test_results_may_be_a_file_or_a_folder_of_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        pq.write_table(results([row(name)]), tmp_path / f"{name}.parquet")
    con = duckdb.connect()
    one, both = open_results(con, tmp_path / "a.parquet", "one"), open_results(con, tmp_path, "all_of_them")
    assert [con.sql(f"SELECT count(*) FROM {view.view}").fetchall() for view in (one, both)] == [[(1,)], [(2,)]]


# ---------------------------------------------------------------- against a plain count


def made_up(rng: random.Random, patient: str) -> dict[str, Any]:
    if rng.random() < 0.1:
        return row(patient, status="refused")
    recommendation, urgency = rng.choice([("carry_on", None), ("talk", "soon"), ("talk", "now"), ("look", None)])
    signs = {sign: rng.choice(["absent", "possible", "probable", "cannot_assess"]) for sign in SIGNS}
    lists = {name: rng.sample(["x", "y", "z"], rng.randrange(3)) for name in LISTS}
    return {**row(patient, recommendation, urgency, signs=signs), **lists}


def held(one: Mapping[str, Any]) -> set[Answer]:
    """Return the answers of a row, plainly."""
    if one["status"] == "refused":
        return {Answer("refused", "")}
    kinds = {"holds": "hold", "cautions": "caution", "flags": "flag", "fired": "rule"}
    found = {Answer("recommendation", one["recommendation"], one["urgency"] or ""), Answer("response", one["response"])}
    found |= {Answer("sign", sign, one[f"sign_{sign}"]) for sign in SIGNS}
    return found | {Answer(kinds[name], id) for name in LISTS for id in one[name]}  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_those_of_a_plain_count(seed: int) -> None:
    rng = random.Random(seed)
    patients = [f"p{number:03d}" for number in range(200)]
    old = [made_up(rng, one) for one in patients]
    new = [before if rng.random() < 0.6 else made_up(rng, before["patient"]) for before in old]
    con, *both = opened(old, new)
    found = compare(con, *both)
    counts: dict[Answer, Counter[str]] = {}
    for before, after in zip(old, new, strict=True):
        sides = held(before), held(after)
        for name, answers in (
            ("old", sides[0]),
            ("new", sides[1]),
            ("gained", sides[1] - sides[0]),
            ("lost", sides[0] - sides[1]),
        ):
            for answer in answers:
                counts.setdefault(answer, Counter())[name] += 1
    assert {one.answer: one for one in found.effects} == {
        answer: Effect(answer, many["old"], many["new"], many["gained"], many["lost"])
        for answer, many in counts.items()
    }
    _check_examples(con, old, new)
    _check_differences(con, old, new)


def _check_examples(con: duckdb.DuckDBPyConnection, old: Rows, new: Rows) -> None:
    ways = alike(con, 12)
    plain = {
        before["patient"]: frozenset(
            [("gained", one) for one in held(after) - held(before) if one.what != "rule"]
            + [("lost", one) for one in held(before) - held(after) if one.what != "rule"]
        )
        for before, after in zip(old, new, strict=True)
    }
    assert sum(one.many for one in ways) == sum(bool(kinds) for kinds in plain.values())
    assert all(plain[one.patient] == one.kinds for one in ways)
    chosen, unshown = choose(ways, 12)
    shown = set().union(*(one.kinds for one in chosen))
    assert len(chosen) == 12
    assert shown | unshown == set().union(*plain.values())
    assert not shown & unshown
    assert choose(list(reversed(ways)), 12) == (chosen, unshown)


def _check_differences(con: duckdb.DuckDBPyConnection, old: Rows, new: Rows) -> None:
    rows = differences(con).to_pylist()
    plain: set[tuple[Any, ...]] = set()
    for before, after in zip(old, new, strict=True):
        for name in ("status", "recommendation", "urgency", "response"):
            if before.get(name) != after.get(name):
                plain.add((before["patient"], name, None, before.get(name), after.get(name)))
        for sign in SIGNS:
            if before.get(f"sign_{sign}") != after.get(f"sign_{sign}"):
                plain.add((before["patient"], "sign", sign, before.get(f"sign_{sign}"), after.get(f"sign_{sign}")))
        for name, kind in (("holds", "hold"), ("cautions", "caution"), ("flags", "flag"), ("fired", "rule")):
            sides = set(before.get(name) or ()), set(after.get(name) or ())
            plain |= {(before["patient"], kind, id, "yes", "no") for id in sides[0] - sides[1]}
            plain |= {(before["patient"], kind, id, "no", "yes") for id in sides[1] - sides[0]}
    assert {tuple(one.values()) for one in rows} == plain
    assert len(rows) == len(plain)
    assert [one["patient"] for one in rows] == sorted(one["patient"] for one in rows)


# ---------------------------------------------------------------- examples


def test_few_patients_show_every_kind_and_the_first_id_stands_for_its_like() -> None:
    old = [row(id) for id in "abcde"]
    new = [
        row("a", holds=["x"]),
        row("b", holds=["x"]),
        row("c", "talk", "soon", holds=["x"]),
        row("d", signs={"mood": "possible"}),
        row("e"),
    ]
    con, *both = opened(old, new)
    compare(con, *both)
    chosen, unshown = choose(alike(con, 12), 2)
    assert [(one.patient, one.many) for one in chosen] == [("c", 1), ("d", 1)]
    assert unshown == frozenset()
    assert [one.patient for one in choose(alike(con, 12), 12)[0]] == ["c", "d", "a", "b"]
    assert choose(alike(con, 12), 1)[1] == {
        ("gained", Answer("sign", "mood", "possible")),
        ("lost", Answer("sign", "mood", "absent")),
    }
    assert choose([], 12) == ((), frozenset())


# ---------------------------------------------------------------- groups


PEOPLE = pa.table(
    {
        "patient": ["a", "b", "c"],
        "birth_date": pa.array([date(1990, 3, 1), date(1990, 3, 2), None], pa.date32()),
        "indications": pa.array([["x", "y"], ["x"], []], pa.list_(pa.string())),
        "group_site": ["north", "south", None],
        "name": ["A", "A", "A"],
    }
)


def grouped(columns: list[str] | None, as_of: date = DAY) -> tuple[tuple[str, ...], list[Group]]:
    con, old, new = opened(
        [row("a"), row("b"), row("c")], [row("a", "talk", "soon"), row("b"), row("c", "talk", "soon")]
    )
    names = prepare_groups(con, PEOPLE, columns, as_of.toordinal())
    compare(con, old, new)
    return names, group_effects(con, old, new, SIGNS)


def test_a_patient_counts_in_the_group_of_a_value_and_without_one_under_none() -> None:
    names, groups = grouped(["site"])
    assert names == ("site",)
    assert [(one.value, one.patients, one.differing) for one in groups] == [
        ("(none)", 1, 1),
        ("north", 1, 1),
        ("south", 1, 0),
    ]
    assert Effect(TALK, 0, 1, 1, 0) in groups[1].effects
    assert not any(one.gained or one.lost for one in groups[2].effects)


def test_of_a_list_a_patient_counts_under_each_value() -> None:
    _, groups = grouped(["indications"])
    assert [(one.value, one.patients) for one in groups] == [("(none)", 1), ("x", 2), ("y", 1)]


@pytest.mark.parametrize(
    ("day", "bands"),
    [
        (date(2030, 3, 1), {"40-49": 1, "30-39": 1, "(none)": 1}),
        (date(2030, 2, 28), {"30-39": 2, "(none)": 1}),
        (date(2030, 3, 2), {"40-49": 2, "(none)": 1}),
    ],
)
def test_an_age_band_changes_on_the_birthday(day: date, bands: dict[str, int]) -> None:
    _, groups = grouped(["age_band"], day)
    assert {one.value: one.patients for one in groups} == bands


def test_without_a_choice_columns_with_one_value_or_very_many_are_left_out() -> None:
    names, _ = grouped(None)
    assert names == ("age_band", "indications", "site")
    con = duckdb.connect()
    many = pa.table({"patient": [str(n) for n in range(30)], "group_id": [str(n) for n in range(30)]})
    assert prepare_groups(con, many, None, 1) == ()
    assert prepare_groups(con, many, ["id"], 1) == ("id",)


def test_a_column_that_is_not_there_is_named_with_the_closest() -> None:
    with pytest.raises(ImpactError, match=r"BW653 the patients have no column `sites`\n  hint: did you mean `site`\?"):
        grouped(["sites"])


# ---------------------------------------------------------------- alerts


def weeks(*rows: Rows) -> tuple[duckdb.DuckDBPyConnection, list[Results]]:
    con = duckdb.connect()
    return con, [open_results(con, results(one), f"week_{number}") for number, one in enumerate(rows)]


def test_an_alert_is_a_prompt_with_an_urgency_that_was_not_there_a_week_before() -> None:
    con, sides = weeks(
        [row("a"), row("b", "talk", "soon"), row("c"), row("d", "talk", "soon"), row("e", status="refused")],
        [row("a", "talk", "soon"), row("b", "talk", "soon"), row("c", "look"), row("d", "talk", "now"), row("e", "talk", "soon")],
    )  # fmt: skip
    found = count_alerts(con, sides, sides, by=None, clinicians=2, budget=1.5)
    assert found.old == Load(3, 4, 1.5, 2, None, 0, (("talk", "soon", 2), ("talk", "now", 1)))
    assert found.old == found.new
    assert count_alerts(con, sides, sides, by=None, clinicians=2, budget=1.4).new.over == 2


def test_alerts_are_counted_for_each_clinician_and_week() -> None:
    on, off = ("talk", "soon"), ("carry_on",)
    con, sides = weeks(
        [row("a", *off), row("b", *off), row("c", *off)],
        [row("a", *on), row("b", *on), row("c", *on)],
        [row("a", *off), row("b", *on), row("c", *off)],
        [row("a", *on), row("b", *on), row("c", *off)],
    )
    people = pa.table({"patient": ["a", "b", "c"], "group_doctor": ["x", "x", "y"]})
    prepare_groups(con, people, [], 1, also="doctor")
    found = count_alerts(con, sides, sides, by="doctor", clinicians=None, budget=0.5)
    assert found == Alerts(3, 2, "doctor", 0.5, found.old, found.old)
    assert found.old == Load(4, 2, 4 / 3 / 2, 2, "x", 1, (("talk", "soon", 4),))


def test_who_has_two_clinicians_alerts_both_and_who_has_none_alerts_nobody() -> None:
    con, sides = weeks([row("a"), row("b"), row("c")], [row(id, "talk", "soon") for id in "abc"])
    doctors = pa.array([["x", "y"], ["x"], None], pa.list_(pa.string()))
    prepare_groups(con, pa.table({"patient": ["a", "b", "c"], "group_doctor": doctors}), [], 1, also="doctor")
    found = count_alerts(con, sides, sides, by="doctor", clinicians=None, budget=1)
    assert found.clinicians == 2
    assert found.new == Load(3, 3, 1.5, 2, "x", 1, (("talk", "soon", 3),))


def test_without_a_week_there_are_no_alerts() -> None:
    con, sides = weeks([row("a")])
    with pytest.raises(ImpactError, match="BW656 there is no week to count alerts in"):
        count_alerts(con, sides, sides, by=None, clinicians=None, budget=None)


@pytest.mark.parametrize(
    ("asked", "stated", "budget"),
    [
        (None, "", (None, None)),
        (None, "alerts_per_clinician_week: 12\n", (12, "pack")),
        (3, "alerts_per_clinician_week: 12\n", (3, "option")),
        (0, "alerts_per_clinician_week: 12\n", (0, "option")),
        (3, "", (3, "option")),
    ],
)
def test_the_budget_is_the_option_or_that_of_the_pack(
    asked: float | None, stated: str, budget: tuple[float | None, str | None]
) -> None:
    pack = compile_files({**SMALL, "pack.yaml": SMALL["pack.yaml"] + stated})
    assert choose_budget(asked, pack) == budget


@pytest.mark.parametrize(("stated", "over"), [("1.49", 2), ("1.5", 0), ("1.51", 0)], ids=["above", "at", "below"])
def test_alerts_are_held_to_the_budget_of_the_pack(stated: str, over: int) -> None:
    con, sides = weeks([row("a"), row("b"), row("c")], [row(id, "talk", "soon") for id in "abc"])
    pack = compile_files({**SMALL, "pack.yaml": SMALL["pack.yaml"] + f"alerts_per_clinician_week: {stated}\n"})
    budget, origin = choose_budget(None, pack)
    found = count_alerts(con, sides, sides, by=None, clinicians=2, budget=budget, budget_from=origin)
    assert (found.budget, found.budget_from) == (float(stated), "pack")
    assert (found.new.per_week, found.new.over) == (1.5, over)

"""How far a difference reaches, which measures two versions work out differently, and a record moved in time."""

from __future__ import annotations

from datetime import date

import pytest

from boosterwatch.engine.author.diff.answers import answers_possible
from boosterwatch.engine.author.diff.examples import Pair
from boosterwatch.engine.author.diff.model import Answer
from boosterwatch.engine.author.diff.moved import same_numbers
from boosterwatch.engine.author.diff.search import search
from boosterwatch.engine.author.diff.touched import Reach
from boosterwatch.engine.author.diff.verdicts import Prover
from boosterwatch.engine.loaded import LoadedPack
from boosterwatch.engine.pack.layers import values_in_force
from boosterwatch.tests.author.diff.material import worked
from boosterwatch.tests.packs.files import Files, default_files, default_pack, edit, load_files, set_value
from boosterwatch.tests.packs.small import SMALL

ON = date(2026, 1, 1)


def values(pack: LoadedPack) -> dict[str, float]:
    return {name: one.value for name, one in values_in_force(pack.ir, ON.toordinal()).items()}


def reach(files: Files, *, of: LoadedPack | None = None) -> Reach:
    old, new = of or default_pack(), load_files(files)
    return Reach(old.ir, new.ir, values(old), values(new))


def test_a_pack_and_itself_reach_nothing() -> None:
    found = reach(default_files())
    assert (found.touched, found.unlike, found.moved) == (frozenset(), frozenset(), frozenset())
    assert not any(found.reaches(answer) for answer in answers_possible(default_pack().ir))


@pytest.mark.parametrize(
    ("parameter", "value", "measures"),
    [
        ("bp_hold_systolic", 150, set()),  # only compared with
        ("isi.fresh_days", 42, {"isi.assessable", "isi.reason"}),
        ("panic_free_days", 35, {"new_panic_attack", "new_panic_attack.date"}),
        ("short_window_days", 21, {"infusions_28d"}),
    ],
)
def test_measures_that_are_worked_out_differently_today(parameter: str, value: float, measures: set[str]) -> None:
    assert reach(set_value(default_files(), parameter, value)).unlike_today == measures


def test_the_look_back_hangs_on_what_its_signs_hang_on() -> None:
    found = reach(set_value(default_files(), "gad7.floor", 6))
    assert found.unlike_today == frozenset()
    assert "observed_cycles" in found.unlike
    assert found.reaches(Answer("flag", "review_due"))
    assert not found.reaches(Answer("sign", "sleep", "probable"))


def test_what_is_not_reached_is_proved_equal_by_the_solver_too() -> None:
    new = load_files(set_value(SMALL, "pressure", 140))
    old = load_files(SMALL)
    found = Reach(old.ir, new.ir, values(old), values(new))
    prover = Prover(found, values(old), values(new))
    apart = [answer for answer in answers_possible(new.ir) if prover.answer(answer) != ("never", "never")]
    assert apart == [Answer("caution", "pressure")]
    old_side, new_side = prover._sides
    same = [rule.id for rule in new.ir.rules if not found.reaches_rule(rule.id)]
    assert len(same) > 15
    assert {prover._pair(old_side.rule(id), new_side.rule(id)) for id in same} == {("never", "never")}


def test_nothing_is_concluded_of_a_measure_that_the_model_does_not_know() -> None:
    tilt = "  tilt: {kind: slope, points: least, span: span, settle: scale.settle, says: slope}\nmeasures:"
    files = edit(SMALL, "measures.yaml", "measures:\n  given", f"{tilt}\n  given")
    files = edit(
        files, "rules.yaml", "flags:\n", "flags:\n  - {id: t, title: T, when: glow.tilt is known, because: T.}\n"
    )
    old, new = load_files(files), load_files(set_value(files, "span", 21))
    found = Reach(old.ir, new.ir, values(old), values(new))
    prover = Prover(found, values(old), values(new))
    assert prover.answer(Answer("flag", "t")) == ("perhaps", "perhaps")
    assert prover.apart(["glow.tilt", "waited"]) == ("glow.tilt",)


# ---------------------------------------------------------------- moved in time and searched


def dated(old: float, new: float) -> Files:
    text = f"value: {old}, basis: published}}, {{from: 2030-05-01, value: {new}, basis: published}}"
    return edit(SMALL, "parameters.yaml", "value: 150, basis: published}", text)


def test_a_record_is_moved_to_the_day_whose_numbers_are_compared() -> None:
    pack = load_files(dated(150, 140)).ir
    record = {"as_of": "2026-03-14", "safety": [{"type": "bp", "date": "2026-03-10", "systolic": 145}]}
    moved = same_numbers(record, date(2030, 5, 1), pack)
    assert moved["as_of"] == "2030-05-01"
    assert moved["safety"] == [{"type": "bp", "date": "2030-04-27", "systolic": 145}]


@pytest.mark.parametrize(("day", "stays"), [("2030-04-30", False), ("2030-05-01", True), ("2031-01-01", True)])
def test_a_record_with_the_same_numbers_stays(day: str, stays: bool) -> None:
    pack = load_files(dated(150, 140)).ir
    assert (same_numbers({"as_of": day}, date(2030, 6, 1), pack)["as_of"] == day) is stays


def test_a_day_moved_beside_a_changed_window_is_found_by_trial() -> None:
    new = load_files(set_value(default_files(), "isi.fresh_days", 42))
    found = next(search(Pair(default_pack(), new), worked(), (35, 36, 42, 43)), None)
    assert found is not None
    record, lost, gained = found
    assert Pair(default_pack(), new).differ(record) == (lost, gained)
    assert lost | gained


def test_a_search_between_equal_packs_finds_nothing() -> None:
    pair = Pair(load_files(SMALL), load_files(SMALL))
    records = [
        {"as_of": "2026-03-14", "safety": [{"type": "bp", "date": "2026-03-10", "systolic": 145, "diastolic": 80}]}
    ]
    assert list(search(pair, records, (145, 150))) == []

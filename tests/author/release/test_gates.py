"""The gates themselves: what lets a pack pass, and what each of them says when it refuses."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from boosterwatch.engine.author.coverage.boundaries import Boundary
from boosterwatch.engine.author.new import new_pack, write
from boosterwatch.engine.author.release import Task, gates, run_gates
from boosterwatch.engine.author.release.dated import untried
from boosterwatch.engine.pack.manifest import Gate
from boosterwatch.engine.pack.open import open_pack
from boosterwatch.tests.author.release.stage import TODAY, refusal
from boosterwatch.tests.packs.files import compile_files, edit
from boosterwatch.tests.packs.small import SMALL

LINE = "# yaml-language-server: $schema={}/{}.schema.json\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The scaffold of a new pack: sound, with three cases, which do not test all of it."""
    made = new_pack(tmp_path / "my-policy" / "1.0.0", None, None, TODAY)
    write(made)
    return made.folder


def task(folder: Path, today: date = TODAY, jobs: int = 1) -> Task:
    opened = open_pack(str(folder))
    assert opened.pack is not None, opened.problems
    return Task(opened, opened.pack, today, jobs)


def add(folder: Path, name: str, text: str) -> None:
    """Write a file beside the policy, with the first line that its place asks for."""
    schemas = (folder / "pack.yaml").read_text().partition("\n")[0].partition("=")[2].removesuffix("/pack.schema.json")
    (folder / name).write_text(LINE.format(schemas, name.removesuffix(".yaml")) + text)


def figures(gate: Gate) -> dict[str, int]:
    return dict(gate.figures)


# ---------------------------------------------------------------- check and test


def test_a_sound_pack_passes_check(folder: Path) -> None:
    assert figures(gates.check(task(folder))) == {"errors": 0, "notes": 0, "waived": 0, "warnings": 0}


def test_a_warning_refuses_the_release(folder: Path, tmp_path: Path) -> None:
    soon = task(folder, date(2027, 11, 20))  # three days before the review of the scaffold is due
    assert refusal(tmp_path, lambda: gates.check(soon)) == (
        "BW460 `check` refuses the release: 0 errors, 1 warning\n"
        "  hint: see `boosterwatch check ROOT/my-policy/1.0.0 --strict`\n"
        "ROOT/my-policy/1.0.0/pack.yaml:11:12: BW615 warning: `review_by` is 2027-11-23, in 3 days\n"
        "  hint: review the policy, then move the date\n"
    )


def test_cases_that_pass_pass_and_are_counted(folder: Path) -> None:
    assert figures(gates.test(task(folder))) == {"cases": 3, "passed": 3, "todo": 0}


def test_a_case_that_does_not_pass_refuses_the_release(folder: Path, tmp_path: Path) -> None:
    cases = folder / "cases" / "first_scale.yaml"
    text = cases.read_text()
    cases.write_text(text.replace(": absent", ": probable", 1))
    assert refusal(tmp_path, lambda: gates.test(task(folder))) == (
        "BW460 `test` refuses the release: 1 case does not pass\n"
        "  hint: see `boosterwatch test ROOT/my-policy/1.0.0`\n"
        "ROOT/my-policy/1.0.0/cases/first_scale.yaml:6:11: BW423 case `first_scale_delta_below` does not pass\n"
    )


WINDOW = (
    "window: {says: window, unit: days, allowed: 5 to 60, values: [{from: 2000-01-01, value: 28, basis: published}]}"
)
DATED = WINDOW.replace("}]}", "}, {from: 2027-01-01, value: 30, basis: published}]}")


@pytest.mark.parametrize(
    ("at", "effective", "found"),
    [
        (["2026-12-31", "2027-01-01"], "2000-01-01", []),
        (["2026-12-31"], "2000-01-01", ["at `window` while it is 30, from 2027-01-01 on"]),
        (["2027-01-01"], "2000-01-01", ["at `window` while it is 28, from 2000-01-01 on"]),
        (["2027-01-01"], "2026-12-31", ["at `window` while it is 28, from 2000-01-01 on"]),
        (["2027-01-01"], "2027-01-01", []),  # the earlier value never answers under this version
        ([], "2000-01-01", []),  # a hole of every value: coverage itself tells it
    ],
)
def test_each_dated_value_that_will_decide_needs_cases_of_its_own(
    at: list[str], effective: str, found: list[str]
) -> None:
    pack = compile_files(edit(SMALL, "parameters.yaml", WINDOW, DATED))
    parameter = next(one for one in pack.parameters if one.name == "window")
    days = {"below": "2026-01-01", "above": "2027-02-01", "both": "2027-02-01"} | {day: day for day in at}
    around = Boundary(parameter, "from", 1, ("below", "both"), tuple(at), ("above", "below"), None)
    assert [one.message for one in untried([around], days, effective)] == [f"no case lies {one}" for one in found]


def test_numbers_of_one_value_are_left_to_coverage() -> None:
    pack = compile_files(SMALL)
    parameter = next(one for one in pack.parameters if one.name == "window")
    around = Boundary(parameter, "from", 1, ("case",), (), (), None)
    assert list(untried([around], {"case": "1999-01-01"}, "2000-01-01")) == []


# ---------------------------------------------------------------- coverage and mutate


def test_holes_refuse_the_release_and_no_case_is_sought_for_them(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seek(*args: object) -> None:
        raise AssertionError("a case is sought")

    for name in ("closing_case", "case_of_rule"):
        monkeypatch.setattr(f"boosterwatch.engine.author.coverage.report.{name}", seek)
    said = refusal(tmp_path, lambda: gates.cover(task(folder)))
    first, hint, *findings = said.splitlines()
    assert first == f"BW460 `coverage` refuses the release: {len(findings)} holes without a waiver"
    assert hint == "  hint: see `boosterwatch test ROOT/my-policy/1.0.0 --coverage`"
    assert all(": BW421 " in line or ": BW422 " in line for line in findings)


def test_survivors_refuse_the_release_alone_and_in_processes(folder: Path, tmp_path: Path) -> None:
    said = refusal(tmp_path, lambda: gates.mutate(task(folder)))
    first, hint, *findings = said.splitlines()
    assert first == f"BW460 `mutate` refuses the release: {len(findings)} changes of the policy that no case notices"
    assert hint == "  hint: see `boosterwatch mutate ROOT/my-policy/1.0.0`"
    assert all(": BW420 nothing fails when " in line for line in findings)
    assert refusal(tmp_path, lambda: gates.mutate(task(folder, jobs=2))) == said


# ---------------------------------------------------------------- prove


def test_a_pack_that_promises_nothing_is_not_released(folder: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path, lambda: gates.prove(task(folder))) == (
        "BW460 `prove` refuses the release: the pack has no `properties.yaml`\n"
        "  hint: add it beside `pack.yaml`: what must hold for every patient\n"
    )


ONE_ROW = "properties:\n  - {id: one_row, says: Exactly one row wins., exactly_one: recommendation}\n"
BROKEN = "properties:\n  - {id: never_said, says: Nobody has the first sign., never: first_sign is probable}\n"


def test_promises_are_proved_on_every_day_with_new_numbers(folder: Path) -> None:
    add(folder, "properties.yaml", ONE_ROW)
    assert figures(gates.prove(task(folder))) == {"days": 1, "promises": 1, "proved": 1}
    scale = folder / "instruments" / "first_scale.yaml"
    entry = "      - {from: 2000-01-01, value: 5, basis: clinic_policy, cite: own-policy, note: a placeholder}\n"
    later = entry.replace("2000-01-01", "2039-01-01").replace("5", "6")
    scale.write_text(scale.read_text().replace(entry, entry + later, 1))
    assert figures(gates.prove(task(folder))) == {"days": 2, "promises": 1, "proved": 1}


def test_a_broken_promise_refuses_the_release(folder: Path, tmp_path: Path) -> None:
    add(folder, "properties.yaml", BROKEN)
    day = task(folder).pack.effective
    assert refusal(tmp_path, lambda: gates.prove(task(folder))) == (
        "BW460 `prove` refuses the release: 1 promise is not proved\n"
        "  hint: see `boosterwatch prove ROOT/my-policy/1.0.0`\n"
        f"ROOT/my-policy/1.0.0/properties.yaml:3:10: BW460 property `never_said` is broken at the numbers of {day}\n"
    )


def test_a_promise_that_cannot_be_read_refuses_the_release(folder: Path, tmp_path: Path) -> None:
    add(folder, "properties.yaml", BROKEN.replace("first_sign", "first_sgin"))
    assert refusal(tmp_path, lambda: gates.prove(task(folder))) == (
        "BW460 `prove` refuses the release: 1 promise cannot be read\n"
        "  hint: see `boosterwatch prove ROOT/my-policy/1.0.0`\n"
        "ROOT/my-policy/1.0.0/properties.yaml:3:63: BW201 unknown name `first_sgin`\n"
        "  hint: did you mean `first_sign`?\n"
    )


def test_without_z3_nothing_is_released(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boosterwatch.engine.author.release.gates.find_spec", lambda name: None)
    assert refusal(tmp_path, lambda: gates.prove(task(folder))) == (
        "BW430 proofs need z3, which is not installed\n  hint: pip install 'boosterwatch[prove]'\n"
    )


def test_the_first_gate_that_refuses_is_the_last_that_is_run(folder: Path, tmp_path: Path) -> None:
    cases = folder / "cases" / "first_scale.yaml"
    cases.write_text(cases.read_text().replace(": absent", ": probable", 1))
    said = refusal(tmp_path, lambda: run_gates(task(folder)))  # it has no promises, and many holes, too
    assert [line for line in said.splitlines() if "refuses" in line] == [
        "BW460 `test` refuses the release: 1 case does not pass"
    ]


def test_the_gates_are_the_five_of_a_manifest() -> None:
    assert [one.__name__ for one in gates.GATES] == ["check", "test", "cover", "mutate", "prove"]

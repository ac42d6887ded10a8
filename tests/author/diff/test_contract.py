"""What breaks the contract: each with its reason, and the version it asks for. No solver is needed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from boosterwatch.engine.author.diff import bump
from boosterwatch.engine.author.diff.inputs import required_inputs
from boosterwatch.engine.author.diff.model import Change, Difference, Face
from boosterwatch.engine.author.diff.rename import renamed
from boosterwatch.engine.author.diff.structure import changes
from boosterwatch.engine.pack import ir
from boosterwatch.tests.author.diff.material import edited
from boosterwatch.tests.packs.files import Files, compile_files, default_files, default_pack, edit
from boosterwatch.tests.packs.small import SMALL

RECOMMEND, HOLDS, GAD = "recommendations.yaml", "holds.yaml", "instruments/gad7.yaml"
HEPATIC = "  - id: hypersensitivity\n"


def every_change(old: ir.Pack, new: ir.Pack) -> list[Change]:
    """Return the changes as the comparison finds them."""
    before, renames = renamed(old, new)
    return [*renames, *changes(before, new)]


def asked(found: list[Change], old: ir.Pack, new: ir.Pack) -> str:
    """Return the bump that these changes ask for."""
    faces = [Face(one.id, one.version, one.status, one.digest) for one in (old, new)]
    return bump(Difference(faces[0], faces[1], "2026-01-01", tuple(found), (), (), False))


def replaced(files: Files, find: str, write: str) -> Files:
    """Return the files with every `find` replaced."""
    return {name: text.replace(find, write) for name, text in files.items()}


def without_hold(files: Files) -> Files:
    text = files[HOLDS]
    start = text.index("  - id: psychosis\n")
    return {**files, HOLDS: text[:start] + text[text.index("  - id: mania\n", start) :]}


BROKEN: list[tuple[str, Callable[[], Files], tuple[str, str], str]] = [
    (
        "range_narrowed",
        lambda: edited(GAD, "allowed: 4 to 6", "allowed: 4 to 5"),
        ("parameter", "gad7.delta"),
        "values that a clinic or a patient's override could set are refused",
    ),
    (
        "range_gone",
        lambda: edited(GAD, "    allowed: 4 to 6\n", ""),
        ("parameter", "gad7.delta"),
        "a clinic or a patient's override may no longer set it",
    ),
    (
        "measure_not_reported",
        lambda: edited("measures.yaml", "of: last_infusion, report: true,", "of: last_infusion,"),
        ("measure", "days_since_infusion"),
        "the decision no longer reports it",
    ),
    (
        "code_changed",
        lambda: edited("instruments/phq9.yaml", "total: LOINC 44261-6", "total: local phq9-total/2"),
        ("instrument", "phq9"),
        "the code of its total is another or gone",
    ),
    ("hold_removed", lambda: without_hold(default_files()), ("notice", "hold:psychosis"), "the notice is gone"),
    ("rule_removed", lambda: without_hold(default_files()), ("rule", "hold_psychosis"), "the rule is gone"),
    (
        "recommendation_renamed",
        lambda: edited(RECOMMEND, "recommend: consider_booster", "recommend: discuss_booster"),
        ("recommendation", "recommend_consider_booster"),
        "what is recommended is called `discuss_booster` instead of `consider_booster`",
    ),
]


@pytest.mark.parametrize(("files", "about", "reason"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_contract(files: Callable[[], Files], about: tuple[str, str], reason: str) -> None:
    old, new = default_pack().ir, compile_files(files())
    found = every_change(old, new)
    assert [change.contract for change in found if (change.part, change.id) == about] == [reason]
    assert asked(found, old, new) == "major"


MINOR = [
    ("range_widened", GAD, "allowed: 4 to 6", "allowed: 3 to 7"),
    ("more_reported", "measures.yaml", "of: assessment_due, says", "of: assessment_due, report: true, says"),
    ("urgency", RECOMMEND, "    recommend: reassess\n", "    recommend: reassess\n    urgency: within_7_days\n"),
    ("one_more_source", "signs/6-sleep.yaml", "  - ess   ", "  - ess\n  - pss10   "),
]


@pytest.mark.parametrize(("name", "find", "write"), [row[1:] for row in MINOR], ids=[row[0] for row in MINOR])
def test_what_nobody_relied_on_is_minor(name: str, find: str, write: str) -> None:
    old, new = default_pack().ir, compile_files(edited(name, find, write))
    assert asked(every_change(old, new), old, new) == "minor"
    assert list(required_inputs(old, new)) == []


# ---------------------------------------------------------------- renamed


def test_a_renamed_number_is_recognised_wherever_it_stands() -> None:
    old, new = default_pack().ir, compile_files(replaced(default_files(), "gain_lost_probable", "share_lost"))
    found = every_change(old, new)
    renames = [(one.part, one.id, one.contract) for one in found if one.how == "renamed"]
    assert renames == [("parameter", "share_lost", "it was called `gain_lost_probable`")]
    assert {one.how for one in found} <= {"renamed", "wording"}
    assert asked(found, old, new) == "major"


def test_a_renamed_sign_takes_its_rules_with_it() -> None:
    files = replaced(default_files(), "negative_thinking", "gloomy_thinking")
    new = compile_files({name.replace("negative-thinking", "gloomy-thinking"): text for name, text in files.items()})
    found = every_change(default_pack().ir, new)
    renames = {(one.part, one.id) for one in found if one.how == "renamed"}
    assert {("sign", "gloomy_thinking"), ("rule", "gloomy_thinking_probable_by_ptq")} <= renames
    assert {one.how for one in found} <= {"renamed", "wording"}


def test_a_renamed_hold_is_recognised() -> None:
    files = {**default_files()}
    files[HOLDS] = files[HOLDS].replace("  - id: psychosis\n", "  - id: active_psychosis\n")
    renames = {(one.part, one.id) for one in every_change(default_pack().ir, compile_files(files)) if one.contract}
    assert renames == {("notice", "active_psychosis"), ("rule", "hold_active_psychosis")}


def test_renamed_and_changed_is_gone_and_new() -> None:
    files = replaced(SMALL, "pressure:", "force:")
    files = replaced(files, ">= pressure", ">= force")
    files = edit(files, "parameters.yaml", "value: 150", "value: 160")
    found = every_change(compile_files(SMALL), compile_files(files))
    assert {(one.id, one.how) for one in found if one.part == "parameter"} == {
        ("pressure", "removed"),
        ("force", "added"),
    }


# ---------------------------------------------------------------- inputs


def test_a_clause_on_a_scale_that_no_rule_read_requires_it() -> None:
    new = compile_files(edited(RECOMMEND, "{all: [pcl5 is probable, ptsd_relevant]}", CADSS))
    assert list(required_inputs(default_pack().ir, new)) == [("scale cadss", "anchor_trauma")]


def test_the_same_scale_as_an_alternative_is_not_required() -> None:
    new = compile_files(edited(RECOMMEND, "{all: [pcl5 is probable, ptsd_relevant]}", CADSS.replace("all", "any")))
    assert list(required_inputs(default_pack().ir, new)) == []


CADSS = "{all: [pcl5 is probable, ptsd_relevant, cadss.latest is known]}"

"""The corpus: each edit is classified as reasoned, and its patient differs as stated; words alone change nothing."""

from __future__ import annotations

import pytest

from boosterwatch.engine.author.diff import bump, bump_reasons, compare
from boosterwatch.engine.author.diff.direction import read_off
from boosterwatch.tests.author.diff.edits import EDITS, NUMBERS, WORDINGS, Edit, Wording
from boosterwatch.tests.author.diff.material import against_default, check_example, edited
from boosterwatch.tests.packs.files import default_files, default_pack, load_files, set_value


def test_the_corpus_is_large_enough() -> None:
    assert len({one.id for one in EDITS}) == len(EDITS) >= 40
    assert sum(not one.nobody for one in EDITS) >= 30
    assert {one.effect for one in EDITS} == {"tighter", "looser", "mixed"}
    assert len({one.id for one in WORDINGS}) == len(WORDINGS) >= 10


@pytest.mark.parametrize("one", EDITS, ids=[one.id for one in EDITS])
def test_an_edit_is_classified_and_shown(one: Edit) -> None:
    new, difference = against_default(one.made(default_files()), most=1)
    assert [change.effect for change in difference.changes if (change.part, change.id) == one.about] == [one.effect]
    assert (bump(difference), difference.proved, difference.problems) == ("minor", True, ())
    assert bool(difference.examples) is not one.nobody
    for example in difference.examples:
        check_example(default_pack(), new, example)
        shifts = {shift.answer: shift for shift in difference.shifts}
        assert all(shifts[answer].gained == "some" for answer in example.gained)
        assert all(shifts[answer].lost == "some" for answer in example.lost)


@pytest.mark.parametrize("one", WORDINGS, ids=[one.id for one in WORDINGS])
def test_words_alone_change_nothing(one: Wording) -> None:
    _, difference = against_default(edited(one.name, one.find, one.write))
    assert {change.how for change in difference.changes} <= {"wording"}
    assert (bump(difference), difference.proved, difference.shifts) == ("patch", True, ())


def test_comments_alone_are_a_patch_that_says_so() -> None:
    _, difference = against_default(edited("parameters.yaml", "  # confirming\n", "  # confirming\n  # a change\n"))
    assert (difference.changes, bump(difference)) == ((), "patch")
    assert bump_reasons(difference) == ("only comments, layout or the order of things differ",)


def test_a_pack_and_itself() -> None:
    difference = compare(default_pack(), default_pack())
    assert (difference.changes, difference.shifts, difference.examples) == ((), (), ())
    assert (bump(difference), bump_reasons(difference)) == ("none", ("the two packs are the same",))


def test_a_text_that_is_not_compiled_is_no_difference() -> None:
    _, difference = against_default(edited("readings.yaml", "and reaches {scale.floor}", "and has {scale.floor}"))
    assert bump(difference) == "none"


@pytest.mark.parametrize("one", NUMBERS, ids=[one.id for one in NUMBERS])
def test_what_is_read_off_without_a_solver_agrees(one: Edit) -> None:
    name, value = one.value or ("", 0)
    pack = default_pack().ir
    before = next(each.values[-1].value for each in pack.parameters if each.name == name)
    assert read_off(pack, name, before, value) in (one.effect, None)


def test_most_plain_thresholds_can_be_read_off() -> None:
    pack = default_pack().ir
    read = [one for one in NUMBERS if one.value and read_off(pack, one.value[0], 0, 1) is not None]
    assert len(read) >= 12


def test_two_edits_are_weighed_apart() -> None:
    files = set_value(set_value(default_files(), "isi.floor", 9), "isi.cut", 14)
    difference = compare(default_pack(), load_files(files), most=0)
    effects = {change.id: change.effect for change in difference.changes}
    assert effects == {"isi.floor": "tighter", "isi.cut": "looser"}
    assert difference.examples == ()

"""The quick answers are those of a full evaluation, for every worked patient at hand and under an edited pack too."""

from __future__ import annotations

from boosterwatch.engine.author.diff.answers import answers_given
from boosterwatch.engine.author.diff.quick import Quick
from boosterwatch.engine.flow import evaluate
from boosterwatch.engine.record.read import record_from_mapping
from boosterwatch.tests.author.diff.edits import EDITS
from boosterwatch.tests.author.diff.material import worked
from boosterwatch.tests.packs.files import default_files, default_pack, load_files


def test_quick_answers_are_those_of_the_flow() -> None:
    swapped = next(one for one in EDITS if one.id == "often_before_soon")
    for pack in (default_pack(), load_files(swapped.made(default_files()))):
        quick = Quick(pack)
        for record in worked():
            assert quick.answers(record_from_mapping(record)) == answers_given(evaluate(pack, record), pack.ir)


def test_the_patients_at_hand_are_many_and_differ() -> None:
    quick = Quick(default_pack())
    given = {quick.answers(record_from_mapping(record)) for record in worked()}
    assert len(worked()) >= 100
    assert len(given) >= 30
